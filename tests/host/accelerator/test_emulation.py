"""Emulation: the same integers on onnxruntime and numpy, and nothing damaged opens."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.accelerator.emulation import Emulation
from host.accelerator.onnx_file import read_graph
from host.codes import ErrorCode
from host.errors import InputError, MachineError
from model_zoo.package import GOLDEN_FORM, GOLDEN_PAIR, ReleasedModel, sha256
from tests.networks import random_pictures

ORT = AcceleratorSettings("emulation", executor="onnxruntime")
NUMPY = AcceleratorSettings("emulation", executor="numpy")


def copy_of(model: ReleasedModel, folder: Path) -> Path:
    return Path(shutil.copytree(model.folder, folder / model.name))


def test_onnxruntime_and_numpy_give_the_same_integers(tiny_pose: ReleasedModel) -> None:
    x = random_pictures(200)
    fast, slow = accelerator.open(tiny_pose, ORT), accelerator.open(tiny_pose, NUMPY)
    expected = np.concatenate([slow.run(x[i : i + 20]) for i in range(0, 200, 20)])
    assert np.array_equal(fast.run(x), expected)
    assert all(
        np.array_equal(fast.run(one[None])[0], y) for one, y in zip(x, expected, strict=True)
    )
    assert expected.dtype == np.int32
    assert expected.shape == (200, *tiny_pose.output.shape)
    assert len(np.unique(expected)) > 500, "a network that says nothing proves nothing"


def test_several_threads_change_nothing(tiny_pose: ReleasedModel) -> None:
    x = random_pictures(8)
    many = accelerator.open(tiny_pose, dataclasses.replace(ORT, threads=3))
    assert np.array_equal(many.run(x), accelerator.open(tiny_pose, ORT).run(x))


def test_numpy_runs_where_onnxruntime_is_absent(
    tiny_pose: ReleasedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.delitem(sys.modules, "host.accelerator.ort_executor", raising=False)
    opened = accelerator.open(tiny_pose)
    assert "numpy" in opened.description
    with pytest.raises(ImportError):
        accelerator.open(tiny_pose, ORT)


def test_stream_keeps_the_order_and_fetches_ahead(tiny_pose: ReleasedModel) -> None:
    x = random_pictures(5)
    opened = accelerator.open(tiny_pose, ORT)
    fetched: list[int] = []

    def source():
        for i in range(5):
            fetched.append(i)
            yield x[i : i + 1]

    results = opened.stream(source())
    first = next(results)
    assert fetched == [0, 1], "the second batch is fetched before the first result is handed out"
    assert np.array_equal(np.concatenate([first, *results]), opened.run(x))
    assert list(opened.stream([])) == []


def test_stream_gives_up_at_the_deadline(
    tiny_pose: ReleasedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Emulation(tiny_pose, dataclasses.replace(ORT, deadline_s=0.05))
    release = threading.Event()
    monkeypatch.setattr(slow._executor, "execute", lambda _: release.wait(30))
    with pytest.raises(MachineError) as told:
        list(slow.stream([random_pictures(1)]))
    left = [thread for thread in threading.enumerate() if thread.name == "emulation"]
    release.set()
    assert left, "the computation itself cannot be stopped"
    assert all(thread.daemon for thread in left), "it would keep the program from ending"
    assert told.value.code is ErrorCode.ACCELERATOR_TIMEOUT
    assert "0 seconds" in str(told.value)


def test_counters_count_items_and_not_the_self_test(tiny_pose: ReleasedModel) -> None:
    opened = accelerator.open(tiny_pose)
    assert opened.counters.items == 0
    opened.run(random_pictures(3))
    opened.run(random_pictures(2))
    assert (opened.counters.items, opened.counters.runs) == (5, 2)
    assert 0 < opened.counters.busy_s < 5
    opened.close()


@pytest.mark.parametrize(
    "x",
    [
        random_pictures(1).astype(np.float32),
        random_pictures(1)[0],
        random_pictures(1)[:, :-1],
        random_pictures(1)[:0],
    ],
    ids=["dtype", "no item axis", "height", "empty"],
)
def test_input_must_have_exactly_the_shape_and_type(tiny_pose: ReleasedModel, x) -> None:
    with pytest.raises(ValueError, match="uint8"):
        accelerator.open(tiny_pose).run(x)


def test_one_flipped_weight_is_refused(tiny_pose: ReleasedModel, tmp_path: Path) -> None:
    """A file that matches its hash, but not its golden pair."""
    folder = copy_of(tiny_pose, tmp_path)
    network = onnx.load(folder / GOLDEN_FORM)
    weight = next(c for c in network.graph.initializer if c.name == "trunk.2.weight")
    values = onnx.numpy_helper.to_array(weight).copy()
    values.flat[np.argmax(np.abs(values))] *= -1
    weight.CopyFrom(onnx.numpy_helper.from_array(values, weight.name))
    onnx.save(network, folder / GOLDEN_FORM)
    text = (folder / "model.json").read_text()
    text = text.replace(tiny_pose.files[GOLDEN_FORM], sha256(folder / GOLDEN_FORM))
    (folder / "model.json").write_text(text)
    with pytest.raises(MachineError) as told:
        accelerator.open(folder)
    assert told.value.code is ErrorCode.GOLDEN_MISMATCH
    assert told.value.values["mismatches"] > 0
    assert tiny_pose.name in str(told.value)


def test_whatever_stops_the_proof_the_backend_is_closed(
    tiny_pose: ReleasedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(accelerator, "check_golden", broken)
    monkeypatch.setattr(Emulation, "close", lambda _: closed.append("emulation"))
    with pytest.raises(KeyboardInterrupt):
        accelerator.open(tiny_pose, ORT)
    assert closed == ["emulation"]


def test_state_left_over_from_the_run_before_is_refused(
    tiny_pose: ReleasedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An executor that answers with the previous picture passes no single comparison."""
    from host.accelerator.ort_executor import OnnxruntimeExecutor

    honest = OnnxruntimeExecutor.execute
    kept: list[np.ndarray] = []

    def late(self, x):
        kept.append(honest(self, x))
        return kept[-2] if len(kept) > 1 and kept[-2].shape == kept[-1].shape else kept[-1]

    monkeypatch.setattr(OnnxruntimeExecutor, "execute", late)
    with pytest.raises(MachineError) as told:
        accelerator.open(tiny_pose, ORT)
    assert told.value.code is ErrorCode.GOLDEN_MISMATCH


@pytest.mark.parametrize("name", [GOLDEN_FORM, GOLDEN_PAIR])
def test_damaged_files_are_refused(tiny_pose: ReleasedModel, tmp_path: Path, name: str) -> None:
    folder = copy_of(tiny_pose, tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(MachineError) as told:
        accelerator.open(folder)
    assert told.value.code is ErrorCode.MODEL_DAMAGED
    assert name in str(told.value)


def test_unknown_model_names_the_known_ones() -> None:
    with pytest.raises(InputError) as told:
        accelerator.open("gait-pose-xxl")
    assert told.value.code is ErrorCode.MODEL_UNKNOWN
    assert "gait-pose-xxl" in str(told.value)


@pytest.mark.parametrize("backend", ["rtl", "pynq"])
def test_circuits_need_a_bundle(tiny_pose: ReleasedModel, backend: str) -> None:
    with pytest.raises(MachineError, match="python -m fpga build") as told:
        accelerator.open(tiny_pose, AcceleratorSettings(backend))
    assert told.value.code is ErrorCode.BUNDLE_UNKNOWN


def test_unknown_backend_and_executor_are_refused(tiny_pose: ReleasedModel) -> None:
    with pytest.raises(InputError, match="abacus"):
        accelerator.open(tiny_pose, AcceleratorSettings("abacus"))
    with pytest.raises(InputError, match="abacus"):
        accelerator.open(tiny_pose, AcceleratorSettings(executor="abacus"))


def test_reader_finds_what_the_onnx_package_finds(tiny_pose: ReleasedModel) -> None:
    path = tiny_pose.path(GOLDEN_FORM)
    ours, theirs = read_graph(path), onnx.load(path).graph
    assert [n.kind for n in ours.nodes] == [n.op_type for n in theirs.node]
    for mine, other in zip(ours.nodes, theirs.node, strict=True):
        assert (mine.inputs, mine.outputs) == (tuple(other.input), tuple(other.output))
        wanted = {a.name: onnx.helper.get_attribute_value(a) for a in other.attribute}
        assert {k: list(v) if isinstance(v, tuple) else v for k, v in mine.attributes.items()} == {
            k: list(v) if isinstance(v, (list, tuple)) else v for k, v in wanted.items()
        }
    assert set(ours.constants) == {c.name for c in theirs.initializer}
    for constant in theirs.initializer:
        expected = onnx.numpy_helper.to_array(constant)
        assert ours.constants[constant.name].dtype == expected.dtype
        assert np.array_equal(ours.constants[constant.name], expected)


@pytest.mark.parametrize("content", [b"", b"plain text, no network", b"\x08\x0a\x3a\xff\xff\x7f"])
def test_reader_refuses_other_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.onnx"):
        read_graph(tmp_path / "x.onnx")
