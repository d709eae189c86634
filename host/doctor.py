"""Looks at this machine: what of it works for Footfall, measured and not assumed.

Packages are imported inside the checks that need them: a machine without them gets its table too.
"""

from __future__ import annotations

import importlib
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from operator import sub
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from host.codes import DoctorCode, ErrorCode
from host.errors import FootfallError
from host.text import sentence, sentences

if TYPE_CHECKING:
    from host.accelerator import Accelerator
    from host.settings import AcceleratorTable

State = Literal["ok", "warn", "fail"]

PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "av": "av",
    "opencv-python-headless": "cv2",
    "onnxruntime": "onnxruntime",
    "pydantic": "pydantic",
    "typer": "typer",
    "rich": "rich",
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
    "jinja2": "jinja2",
    "markupsafe": "markupsafe",
    "python-multipart": "python_multipart",
}
"""Distribution and import names of what ``pyproject.toml`` requires."""

PYTHONS = ((3, 10), (3, 12))
SPEED_MEASURED_S = 0.5
SLOW_PER_S = 25.0
"""One person at the rate of an ordinary camera."""
LITTLE_FREE_BYTES = 1_000_000_000
"""What ``footfall serve`` keeps in reserve."""
ENCODED_FRAMES = 12
BRIGHTNESS_ERROR = 8.0
"""Levels of 255; the encoder's own loss on a flat picture is below 2."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    code
        What was found.
    state
        ``ok``; ``warn``: works without it; ``fail``: needed and does not work.
    found
        The measured fact, as a sentence.
    advice
        What to do about it; None where all is well.
    """

    code: DoctorCode
    state: State
    found: str
    advice: str | None

    @property
    def name(self) -> str:
        """Short name for a table."""
        return sentence(f"doctor_name.{self.code.value.split('.')[1]}")


def examine(data_dir: Path, table: AcceleratorTable | None = None) -> Iterator[Check]:
    """All checks, one after the other, as they are done (a few seconds in all).

    Parameters
    ----------
    data_dir
        Where the service keeps recordings.
    table
        ``[accelerator]`` of the settings file: address and bundle of a board.
    """
    yield check_python()
    yield from check_packages(PACKAGES)
    yield from check_models()
    yield check_encoder()
    yield check_disk(data_dir)
    yield check_camera(Path("/dev"))
    yield from check_board(table)


def check_python() -> Check:
    """Version of the interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    fits = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    return _check(DoctorCode.PYTHON, "ok" if fits else "fail", version=version)


def check_packages(packages: dict[str, str]) -> Iterator[Check]:
    """Import every package; one check for all that work and one for each that does not."""
    working = []
    for distribution, name in packages.items():
        try:
            importlib.import_module(name)
            working.append(f"{distribution} {metadata.version(distribution)}")
        except (ImportError, OSError) as error:  # OSError: a shared library is missing
            yield _check(DoctorCode.PACKAGE_BROKEN, "fail", name=distribution, reason=str(error))
    yield _check(DoctorCode.PACKAGES, "ok", count=len(working), names=", ".join(working))


def check_models() -> Iterator[Check]:
    """Open every released model, which verifies hashes and golden pair, and measure its speed."""
    try:
        from host import accelerator
        from model_zoo.package import released_names
    except ImportError as error:
        yield _check(DoctorCode.PACKAGE_BROKEN, "fail", name="host.accelerator", reason=str(error))
        return
    names = released_names()
    if not names:
        yield _check(DoctorCode.MODEL_NONE, "fail")
    for name in names:
        try:
            opened = accelerator.open(name, accelerator.AcceleratorSettings("emulation"))
        except FootfallError as error:
            yield Check(DoctorCode.MODEL, "fail", str(error), None)
            continue
        backend = opened.description
        version = opened.model.version
        yield _check(DoctorCode.MODEL, "ok", name=name, version=version, backend=backend)
        rate = _rate_per_s(opened)
        state: State = "ok" if rate >= SLOW_PER_S else "warn"
        yield _check(DoctorCode.SPEED, state, name=name, rate=rate, backend=backend)
        opened.close()


def check_board(table: AcceleratorTable | None) -> Iterator[Check]:
    """Open every released model that a bundle holds on the board, and measure where time goes."""
    from host import accelerator
    from host.accelerator.pynq_device import is_configured
    from model_zoo.package import released_names

    given = asdict(table) if table else {}
    settings = accelerator.AcceleratorSettings(**{**given, "backend": "pynq"})
    if not is_configured(settings.remote):
        yield _check(DoctorCode.BOARD_NONE, "warn")
        return
    for name in released_names():
        try:
            opened = accelerator.open(name, settings)
        except FootfallError as error:
            yield _check(DoctorCode.BOARD_REFUSED, "warn", reason=str(error))
            continue
        rate = _rate_per_s(opened)
        spent, backend = opened.counters, opened.description
        each = {
            f"{part}_ms": 1000 * getattr(spent, f"{part}_s") / spent.items
            for part in ("busy", "pack", "transfer", "compute", "unpack")
        }
        yield _check(DoctorCode.BOARD, "ok", name=name, backend=backend, rate=rate, **each)
        yield from (
            _check(DoctorCode.BOARD_REFUSED, "warn", reason=str(alert)) for alert in opened.alerts
        )
        opened.close()


def _rate_per_s(opened: Accelerator) -> float:
    x, _ = opened.model.golden()
    before = opened.counters
    end_s = time.perf_counter() + SPEED_MEASURED_S
    while time.perf_counter() < end_s:
        opened.run(x[:1])
    after = opened.counters
    return (after.items - before.items) / (after.busy_s - before.busy_s)


def check_encoder() -> Check:
    """Write a real H.264 file of grey steps, read it back and compare the brightness."""
    begun_s = time.perf_counter()
    levels = [40 + 10 * number for number in range(ENCODED_FRAMES)]
    try:
        from host.capture.file import FileSource
        from host.report.overlay.encoder import Encoder

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "steps.mp4"
            with Encoder(path, 64, 48, 25.0) as encoder:
                for number, level in enumerate(levels):
                    frame, canvas = encoder.new_frame()
                    canvas.y[:], canvas.u[:], canvas.v[:] = level, 128, 128
                    encoder.write(frame, number / 25.0)
            read = [float(frame.image.luma().mean()) for frame in FileSource(path).open()]
    except FootfallError as error:
        return Check(DoctorCode.ENCODER, "fail", str(error), None)
    except ImportError:
        return Check(DoctorCode.ENCODER, "fail", sentence(ErrorCode.ENCODER_MISSING.value), None)
    took_ms = 1000 * (time.perf_counter() - begun_s)
    whole = len(read) == ENCODED_FRAMES
    wrong = max(map(abs, map(sub, read, levels))) if whole else math.nan
    if wrong < BRIGHTNESS_ERROR:
        return _check(DoctorCode.ENCODER, "ok", frames=ENCODED_FRAMES, time_ms=took_ms)
    return _check(
        DoctorCode.ENCODER_WRONG, "fail", read=len(read), frames=ENCODED_FRAMES, error=wrong
    )


def check_disk(folder: Path) -> Check:
    """Write, sync and remove 1 MB where recordings are kept (or would be made)."""
    place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    begun_s = time.perf_counter()
    try:
        with tempfile.TemporaryFile(dir=place) as trial:
            trial.write(os.urandom(1_000_000))
            trial.flush()
            os.fsync(trial.fileno())
        free = shutil.disk_usage(place).free
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _check(DoctorCode.DISK_REFUSED, "fail", folder=folder, reason=reason)
    took_ms = 1000 * (time.perf_counter() - begun_s)
    state: State = "ok" if free >= LITTLE_FREE_BYTES else "warn"
    return _check(DoctorCode.DISK, state, folder=folder, free_gb=free / 1e9, time_ms=took_ms)


def check_camera(devices: Path) -> Check:
    """Cameras that the system knows, and whether this user may open them."""
    cameras = sorted(devices.glob("video*"))
    if not cameras:
        return _check(DoctorCode.CAMERA_NONE, "warn")
    readable = [camera for camera in cameras if os.access(camera, os.R_OK | os.W_OK)]
    shown = ", ".join(_camera_name(camera) for camera in readable or cameras)
    code = DoctorCode.CAMERA if readable else DoctorCode.CAMERA_REFUSED
    return _check(code, "ok" if readable else "warn", names=shown)


def _camera_name(device: Path) -> str:
    described = Path("/sys/class/video4linux") / device.name / "name"
    try:
        return f"{device} ({described.read_text(encoding='utf-8').strip()})"
    except OSError:
        return str(device)


def _check(code: DoctorCode, state: State, **values: object) -> Check:
    advice = None if state == "ok" else sentences()[f"doctor_advice.{code.value.split('.')[1]}"]
    return Check(code, state, sentence(code.value, **values), advice)
