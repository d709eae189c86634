"""Key points of videos, kept beside the project so that what follows them is judged in seconds.

    python -m tests.validation.recorded --model gait-pose-s FOLDER ...

Every ``*.mp4`` of the folders is looked at by the network once; the files lie in ``CACHE`` under
the name and version of the network. What stands in them is the network's own: sides, subject and
everything after are made anew. ``--check`` looks again at two videos of each folder and drops the
folder's files where they have changed, as after work on the finder or the cropper.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import numpy as np
from rich.console import Console

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.gait.events import NAMES, Lead, LearnedEvents
from host.gait.types import Trajectories
from host.pipeline import EVENTS_MODEL, choose_subject, record
from host.pose.collect import trace_sides
from host.pose.recording import Recording, load_recording, save_recording
from host.settings import OUTLINES, GaitSettings, PersonSettings, PoseSettings, Settings
from model_zoo.package import load_released

CACHE = Path(".cache/validate/keypoints")


def recorded(video: Path, model: str, cache: Path = CACHE) -> tuple[Recording, Trajectories]:
    """Subject and trajectories of a video as the released network sees them."""
    path = keypoints_file(video, model, cache=cache)
    return choose_subject(trace_sides(load_recording(path)))


def keypoints_file(video: Path, model: str, finder: str = OUTLINES, *, cache: Path = CACHE) -> Path:
    """The kept key points of a video, made where they are not there yet."""
    path = _folder(cache, model, finder) / video.parent.name / f"{video.stem}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        _look(video, model, finder, part)
        part.replace(path)
    return path


def _folder(cache: Path, model: str, finder: str) -> Path:
    networks = [model] if finder == OUTLINES else [model, finder]
    return cache / "+".join(f"{name}-{load_released(name).version}" for name in networks)


def _look(video: Path, model: str, finder: str, path: Path) -> None:
    settings = Settings(pose=PoseSettings(model=model), person=PersonSettings(finder=finder))
    save_recording(record(video, settings), path)


def check(folder: Path, model: str, finder: str = OUTLINES, *, cache: Path = CACHE) -> bool:
    """Whether what is kept of a folder's videos is what the network sees today.

    The first and the last video are looked at again; where an array differs, all kept files of the
    folder are deleted.
    """
    kept = sorted((_folder(cache, model, finder) / folder.name).glob("*.npz"))
    videos = [v for v in (folder / f"{path.stem}.mp4" for path in kept) if v.exists()]
    same = True
    for video in {*videos[:1], *videos[-1:]}:
        with tempfile.TemporaryDirectory() as scratch:
            fresh = Path(scratch) / "again.npz"
            _look(video, model, finder, fresh)
            same &= _alike(fresh, keypoints_file(video, model, finder, cache=cache))
    if not same:
        for path in kept:
            path.unlink()
    return same


def _alike(one: Path, other: Path) -> bool:
    first, second = load_recording(one), load_recording(other)  # what a file lacks is empty
    return all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in ((getattr(r, f.name) for r in (first, second)) for f in fields(Recording))
        if isinstance(a, np.ndarray)
    )


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
    parser.add_argument("--finder", default=OUTLINES, help="outlines, or a network")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--check", action="store_true", help="drop what has changed")
    options = parser.parse_args()
    console = Console()
    for folder in options.folders:
        videos = sorted(folder.glob("*.mp4"))
        same = not options.check or check(
            folder, options.model, options.finder, cache=options.cache
        )
        console.print(f"{options.model} {folder}: {len(videos)} videos{'' if same else ', anew'}")
        for video in videos:
            keypoints_file(video, options.model, options.finder, cache=options.cache)


if __name__ == "__main__":
    main()
