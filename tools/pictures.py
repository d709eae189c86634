"""Make the pictures of the product in ``docs/images`` again, from its own demonstration walk.

    python -m tools.pictures --out docs/images

``report.png`` is the head of the report as a browser shows it, ``overlay.jpg`` a frame of the
overlay video. Needs Chromium (``apt install chromium``) beside the core environment.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import cv2

from host.capture.file import FileSource
from host.demo.run import run_demo
from host.report.write import OVERLAY, REPORT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH_PX, HEIGHT_PX = 820, 1420
"""Page width as printed; down to the interpretation."""
SHOWN_S = 3.6
"""Moment of the demonstration walk at which both feet and all points are seen."""
_DEADLINE_S = 120.0
_QUALITY = 90


def main() -> None:
    """Analyse the walk and photograph what comes out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        results = Path(made) / "demo"
        run_demo(results)
        photograph(results / REPORT, options.out / "report.png", find_browser())
        frame_at(results / OVERLAY, SHOWN_S, options.out / "overlay.jpg")


def find_browser() -> str:
    """Path of the first known browser.

    Raises
    ------
    SystemExit
        When there is none.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit(f"No browser is installed ({', '.join(BROWSERS)}): apt install chromium")
    return found


def photograph(page: Path, out: Path, browser: str) -> None:
    """The upper part of a page as a PNG.

    Raises
    ------
    subprocess.SubprocessError
        When the browser fails or does not end in time.
    FileNotFoundError
        When it wrote nothing.
    """
    with tempfile.TemporaryDirectory() as profile:
        shot = Path(profile) / "page.png"
        command = [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={profile}/user",
            f"--window-size={WIDTH_PX},{HEIGHT_PX}",
            f"--screenshot={shot}",
            page.resolve().as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=_DEADLINE_S)
        shutil.copyfile(shot, out)


def frame_at(video: Path, time_s: float, out: Path) -> None:
    """The first frame at or after a moment, as a JPEG.

    Raises
    ------
    ValueError
        When the video ends before.
    """
    source = FileSource(video)
    try:
        for frame in source.open():
            if frame.time_s >= time_s:
                seen = frame.image
                rgb = seen.rgb(0, 0, seen.width, seen.height)
                bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
                cv2.imwrite(str(out), bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
                return
    finally:
        source.close()
    raise ValueError(f"{video} ends before {time_s} s")


if __name__ == "__main__":
    main()
