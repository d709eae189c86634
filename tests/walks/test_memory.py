"""Ten minutes of video in bounded memory."""

import json
import subprocess
import sys

import pytest

from tests.videos import loop_video, walk_pictures, write_video

LIMIT_MB = 400
MINUTES = 10

ANALYSE = """
import resource, sys
from pathlib import Path
from host.pipeline import analyze_file
from host.settings import OutputSettings, Settings
source, out, overlay = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "overlay"
assessment = analyze_file(source, out, Settings(output=OutputSettings(overlay=overlay)))
print(assessment.source.frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _peak_mb(source, out, overlay):
    ended = subprocess.run(
        [sys.executable, "-c", ANALYSE, str(source), str(out), overlay],
        capture_output=True,
        text=True,
        check=True,
        timeout=1500,
    )
    frames, peak = ended.stdout.split()
    return int(frames), float(peak)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_ten_minutes_stay_below_400_mb(tmp_path):
    walk = write_video(
        tmp_path / "walk.mp4", walk_pictures(150, 1280, 720, speed_px=9.0, person_px=420)
    )
    video = loop_video(walk, tmp_path / "long.mp4", MINUTES * 12)
    frames, peak = _peak_mb(video, tmp_path / "out", "no")
    assert frames == MINUTES * 60 * 30
    assert peak < LIMIT_MB
    assert json.loads((tmp_path / "out" / "assessment.json").read_text())["source"]["frames"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_overlay(tmp_path):
    walk = write_video(tmp_path / "walk.mp4", walk_pictures(150, speed_px=3.0))
    short = loop_video(walk, tmp_path / "short.mp4", 2)
    long = loop_video(walk, tmp_path / "long.mp4", 12)
    _, before = _peak_mb(short, tmp_path / "a", "overlay")
    frames, after = _peak_mb(long, tmp_path / "b", "overlay")
    assert frames == 1800
    assert after < before + 40
