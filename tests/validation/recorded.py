"""Key points of videos, kept beside the project so that what follows them is judged in seconds.

    python -m tests.validation.recorded --model gait-pose-s FOLDER ...

Every ``*.mp4`` of the folders is looked at by the network once; the files lie in ``CACHE`` under
the name and version of the network. Delete them after a change of the finder or of the cropper.
"""

from __future__ import annotations

import argparse
from functools import lru_cache
from pathlib import Path

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.gait.events import NAMES, Lead, LearnedEvents
from host.gait.types import Trajectories
from host.pipeline import EVENTS_MODEL, choose_subject, record
from host.pose.collect import trace_sides
from host.pose.recording import Recording, load_recording, save_recording
from host.settings import GaitSettings, PoseSettings, Settings
from model_zoo.package import load_released

CACHE = Path(".cache/validate/keypoints")


def recorded(video: Path, model: str, cache: Path = CACHE) -> tuple[Recording, Trajectories]:
    """Subject and trajectories of a video as the released network sees them."""
    path = (
        cache / f"{model}-{load_released(model).version}" / video.parent.name / f"{video.stem}.npz"
    )
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found = record(video, Settings(pose=PoseSettings(model=model)))
        part = path.with_suffix(".part.npz")
        save_recording(found, part)
        part.replace(path)
    return choose_subject(trace_sides(load_recording(path)))


@lru_cache(maxsize=len(NAMES))
def lead_named(events: str = GaitSettings().events) -> Lead:
    """The event method of a setting, the product's default where none is named.

    A network stays open (emulated) as long as the process.
    """
    if events != LearnedEvents.name:
        return events
    return LearnedEvents(accelerator.open(EVENTS_MODEL, AcceleratorSettings("emulation")))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", default="gait-pose-s")
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    for video in (v for folder in options.folders for v in sorted(folder.glob("*.mp4"))):
        recorded(video, options.model, options.cache)


if __name__ == "__main__":
    main()
