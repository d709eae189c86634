"""What ``make parity`` compares: inputs, environments, and bundles built by the real commands."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.accelerator.bundle import FOLDING, load_manifest
from host.capture.file import FileSource
from host.pose.crop import Cropper
from host.pose.decode import keypoint_decoder
from model_zoo.package import GOLDEN_FORM, ReleasedModel, load_released

ROOT = Path(__file__).resolve().parents[2]
BOARD_PYTHON = ROOT / ".venv-board/bin/python"
DEMO = ROOT / "host/demo/walk.mp4"
SMALL = ("tiny", "tiny-temporal")
SMALL_RATE_FPS = 2000
SLOW_S = 1800.0
NEAR_PX = 0.5
Integers = NDArray[np.int32]


@dataclass(frozen=True)
class Pythons:
    """Interpreters of the environments."""

    train: Path
    fpga: Path
    board: Path = BOARD_PYTHON


def call(words: Sequence[str], environment: dict[str, str] | None = None) -> None:
    """Run a command in the checkout; its output is shown only when it fails."""
    done = subprocess.run(
        list(words),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SLOW_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}"
        )


def pictures(model: ReleasedModel, n: int) -> NDArray[np.uint8]:
    """Golden pictures, black, white, noise, crops of the rendered walk: uint8[n, H, W, 3]."""
    golden, _ = model.golden()
    height, width = model.input.shape[:2]
    flat = [np.full(model.input.shape, level, np.uint8) for level in (0, 255)]
    found = [*golden, *flat, noise(model, 1)[0]][:n]
    cropper, source = Cropper(height, width), FileSource(DEMO)
    try:
        frames = list(source.open())
        for frame in frames[:: max(1, len(frames) // (n - len(found) + 1))][: n - len(found)]:
            rows, columns = frame.image.luma().shape
            box = (columns * 0.3, rows * 0.1, columns * 0.6, rows * 0.9)
            found.append(cropper.cut(frame.image, cropper.window(box)))
    finally:
        source.close()
    return np.stack(found)


def noise(model: ReleasedModel, n: int) -> NDArray[Any]:
    """Noise over the whole range of the input's type, always the same."""
    limits = np.iinfo(model.input.dtype)
    rng = np.random.default_rng(0)
    shape = (n, *model.input.shape)
    return rng.integers(limits.min, limits.max + 1, shape, dtype=model.input.dtype)


def share_near(model: ReleasedModel, y: Integers, expected: Integers) -> float:
    """Share of keypoints within :data:`NEAR_PX` of the golden form's."""
    decoder = keypoint_decoder(model)
    found, wanted = decoder.decode(y).xy_px, decoder.decode(expected).xy_px
    return float(np.mean(np.linalg.norm(found - wanted, axis=2) <= NEAR_PX))


def small_bundle(pythons: Pythons, board: str, folder: Path) -> tuple[Path, list[ReleasedModel]]:
    """Two small networks of random weights and the bundle of both, built by the real commands."""
    for name in SMALL:
        if not (folder / name).is_dir():
            words = ["-m", "quantize", "random", name, "--out", str(folder / name)]
            call([str(pythons.fpga), *words])
    models = [load_released(folder / name) for name in SMALL]
    bundle = folder / f"{'+'.join(SMALL)}-{board}"
    if not fits(bundle, models):
        words = ["-m", "fpga", "build", *(str(model.folder) for model in models)]
        rate = ["--rate", str(SMALL_RATE_FPS)]
        call([str(pythons.fpga), *words, "--board", board, *rate, "--out", str(bundle)])
    return bundle, models


def built_bundle(pythons: Pythons, model: ReleasedModel, board: str) -> Path:
    """The bundle of the model alone, built now unless an up-to-date one lies there."""
    name = f"{model.name}-{board}"
    bundle, committed = ROOT / "build/fpga" / name, ROOT / "bitstreams" / name / FOLDING
    stale = committed.is_file() and (
        not (bundle / FOLDING).is_file()
        or committed.read_bytes() != (bundle / FOLDING).read_bytes()
    )
    if stale or not fits(bundle, [model]):
        call([str(pythons.fpga), "-m", "fpga", "build", model.name, "--board", board])
    return bundle


def fits(bundle: Path, models: Sequence[ReleasedModel]) -> bool:
    """Whether a bundle holds simulators of exactly these integers."""
    if not (bundle / "manifest.json").is_file():
        return False
    circuits = load_manifest(bundle).networks
    wanted = {(m.name, m.files[GOLDEN_FORM]) for m in models}
    return all(c.simulator for c in circuits) and wanted == {
        (c.model, c.golden_form_sha256) for c in circuits
    }
