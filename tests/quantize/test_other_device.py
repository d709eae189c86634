"""A training step on another device, as far as a machine without one can tell.

Tensors of the device ``meta`` have a place and a shape but no content; every operation that is
given tensors of two places is caught. Half precision is tried on the CPU.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from model_zoo.package import RELEASED, WEIGHTS
from quantize import train
from quantize.data.mixture import Mixture
from quantize.stage import Average
from tests.frames import write_frames
from tests.labelled_people import write_sets

_TERMS = "[loss]\nmirror = 0.1\nrival = 0.1\nexchange = 0.1\n"
_OFFSETS = "[network]\noffsets = true\nsub_cells = 1\n"
CASES = {
    "all terms": ("gait-pose-s", "float", _TERMS),
    "offsets": ("gait-pose-s", "float", _OFFSETS),
    "guided": ("gait-pose-s", "qat", ""),
    "finder": ("person-s", "float", "[mixture]\nmosaics = 0.0\nempty = 0.0\n"),
}


class OneDevice(TorchDispatchMode):
    """Fails where an operation is given tensors of two devices, but for copies and indices."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        name = func.name()
        given = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor) and t.dim()]
        if "copy" not in name and not name.startswith(("aten::index", "aten::_index_put")):
            places = {t.device.type for t in given}
            assert len(places) <= 1, f"{name} is given tensors of {places}"
        return func(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_sets(folder)
    write_frames(folder / "frames", 24)
    return folder


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ranges of the activations are collected from few pictures."""
    real = Mixture.batch
    monkeypatch.setattr(Mixture, "batch", lambda self, n: real(self, min(n, 4)))


def trainer(data: Path, case: str, out: Path, device: str) -> train.Trainer:
    name, stage, text = CASES[case]
    variant = out / "variant.toml"
    variant.write_text(f"{text}[{stage}]\nbatch = 4\nwarmup_steps = 4\n")
    renders = data / ("frames" if case == "finder" else "renders")
    words = [name, "--data", str(data), "--renders", str(renders), "--stage", stage]
    words += ["--variant", str(variant), "--out", str(out), "--device", device]
    if stage == "qat":
        words += ["--init", str(RELEASED / name / WEIGHTS)]
    if case == "guided":
        words += ["--guide", str(RELEASED / name / WEIGHTS)]
    return train.trainer_of(name)(train.parser().parse_args(words), 0)


def test_two_places_in_one_operation_are_caught() -> None:
    with pytest.raises(AssertionError, match="conv"), OneDevice():
        torch.conv2d(torch.zeros(1, 3, 8, 8), torch.zeros(4, 3, 3, 3, device="meta"))


@pytest.mark.parametrize("case", CASES)
def test_a_step_stays_on_its_device(
    data: Path, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There is no half precision on this device.
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    with OneDevice():
        one = trainer(data, case, tmp_path, "meta")
        optimiser = torch.optim.AdamW([p for p in one.net.parameters() if p.requires_grad])
        loss = one._batch_loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(one.net.parameters(), 5.0)
        optimiser.step()
        average = Average(one.net, 0.9)
        average.update(one.net)
    tensors = {**one.net.state_dict(), **average.state, "loss": loss}
    assert {t.device.type for t in tensors.values()} == {"meta"}


@pytest.mark.parametrize("case", CASES)
def test_a_step_in_half_precision_learns_in_full(
    data: Path, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trainer(data, case, tmp_path, "cpu")
    batch = one.mixture.batch(4)
    monkeypatch.setattr(one.mixture, "batch", lambda _: batch)
    one.bf16 = False
    full = float(one._batch_loss().detach())
    one.bf16 = True
    loss = one._batch_loss()
    assert float(loss.detach()) == pytest.approx(full, rel=0.03)
    loss.backward()
    gradients = [p.grad for p in one.net.parameters() if p.grad is not None]
    assert gradients
    assert {g.dtype for g in gradients} == {torch.float32}
    assert all(bool(g.isfinite().all()) for g in gradients)
