"""Writing a released model: all its files, proven before they take their place."""

from __future__ import annotations

import dataclasses
import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.accelerator.numpy_executor import NumpyExecutor
from model_zoo.package import (
    CARD,
    DESCRIPTION,
    GOLDEN_FORM,
    GOLDEN_PAIR,
    OUTPUT_BITS,
    QONNX_FORM,
    RELEASED,
    DataSet,
    Head,
    InputSpec,
    Layer,
    Metric,
    OutputSpec,
    Recipe,
    ReleasedModel,
    load_released,
    sha256,
)
from quantize.card import card_text
from quantize.forms import golden_form, qonnx_form
from quantize.integers import ExportError, IntegerNetwork
from quantize.leaderboard import record_run
from quantize.rules import broken_rules


@dataclass(frozen=True)
class HeadPlan:
    """How the output channels of a network are to be read.

    Attributes
    ----------
    name, kind, sub_cells
        As in :class:`model_zoo.package.Head`.
    gains, biases
        Of each channel, or one of all: the head reads ``raw output * gain + bias``.
    """

    name: str
    kind: str
    sub_cells: int = 1
    gains: tuple[float, ...] = (1.0,)
    biases: tuple[float, ...] = (0.0,)

    def scale(self, output_scale: float) -> tuple[float, ...]:
        """Factor of each channel behind the integer, with the output's own scale."""
        return tuple(output_scale * gain for gain in self.gains)

    def integer_bias(self, output_scale: float) -> tuple[int, ...]:
        """Biases in steps of the integer output."""
        scale = np.broadcast_to(self.scale(output_scale), len(self.biases))
        return tuple(int(b) for b in np.rint(np.array(self.biases) / scale))


@dataclass(frozen=True)
class Origin:
    """What the integers do not tell about a model; ``rate_hz`` of a sequence, else None."""

    name: str
    role: str
    version: str
    keypoints: tuple[str, ...]
    head: HeadPlan
    recipe: Recipe
    data: tuple[DataSet, ...]
    rate_hz: float | None = None


def write_release(
    folder: Path,
    network: IntegerNetwork,
    origin: Origin,
    golden_input: NDArray[np.uint8] | NDArray[np.int8],
    other_files: dict[str, bytes],
) -> ReleasedModel:
    """Write a released model and open it once on every executor before it replaces an older one.

    Parameters
    ----------
    folder
        Where it shall lie; replaced as a whole.
    network
        The integers.
    origin
        Names, recipe, data.
    golden_input
        uint8 or int8[G, H, W, C].
    other_files
        Content of files made elsewhere (QCDQ form, weights), by name.

    Raises
    ------
    ExportError
        When no circuit can be built from the network.
    MachineError
        When onnxruntime and numpy differ on the golden pair.
    """
    circuit = qonnx_form(network)
    if broken := broken_rules(circuit):
        raise ExportError("; ".join(broken))
    fresh = folder.parent / f".{folder.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        (fresh / GOLDEN_FORM).write_bytes(golden_form(network).SerializeToString())
        (fresh / QONNX_FORM).write_bytes(circuit.SerializeToString())
        for name, content in other_files.items():
            (fresh / name).write_bytes(content)
        output = NumpyExecutor(fresh / GOLDEN_FORM).execute(golden_input)
        (fresh / GOLDEN_PAIR).write_bytes(_npz(input=golden_input, output=output))
        names = (GOLDEN_FORM, QONNX_FORM, *other_files, GOLDEN_PAIR)
        files = {name: sha256(fresh / name) for name in names}
        _describe(_model(fresh, network, origin, {**files, CARD: ""}))
        for executor in ("onnxruntime", "numpy"):
            accelerator.open(fresh, AcceleratorSettings("emulation", executor=executor)).close()
        _replace(folder, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return load_released(folder)


def add_metric(model: ReleasedModel, metric: Metric) -> ReleasedModel:
    """Enter measured figures (replacing those of the same set) in ``model.json`` and the card.

    A run of a network of ours is also noted for the leaderboard.
    """
    others = tuple(m for m in model.metrics if m.dataset != metric.dataset)
    metrics = tuple(sorted((*others, metric), key=lambda m: m.dataset))
    if model.folder.resolve().parent == RELEASED.resolve():
        record_run(model, metric)
    return _describe(dataclasses.replace(model, metrics=metrics))


def _describe(model: ReleasedModel) -> ReleasedModel:
    """Write card and ``model.json`` into the model's folder."""
    (model.folder / CARD).write_text(card_text(model), encoding="utf-8")
    files = {**model.files, CARD: sha256(model.folder / CARD)}
    described = dataclasses.replace(model, files=files)
    (model.folder / DESCRIPTION).write_text(described.to_json(), encoding="utf-8")
    return described


def _replace(folder: Path, fresh: Path) -> None:
    old = folder.parent / f".{folder.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _model(
    folder: Path, network: IntegerNetwork, origin: Origin, files: dict[str, str]
) -> ReleasedModel:
    layers = _layers(network)
    rows, columns = network.sizes()[-1]
    channels = network.layers[-1].weight.shape[0]
    head = Head(
        name=origin.head.name,
        kind=origin.head.kind,
        channels=(0, channels),
        scale=origin.head.scale(network.output_scale),
        bias=origin.head.integer_bias(network.output_scale),
        sub_cells=origin.head.sub_cells,
    )
    first = network.layers[0]
    shape = (network.height, network.width, first.weight.shape[1])
    taken = (
        InputSpec(shape, "int8", "HWC", rate_hz=origin.rate_hz)
        if first.signed_input
        else InputSpec(shape, "uint8", "HWC", "RGB")
    )
    return ReleasedModel(
        folder=folder,
        name=origin.name,
        role=origin.role,
        version=origin.version,
        input=taken,
        output=OutputSpec(
            (rows, columns, channels), output_dtype(layers[-1].accumulator), "HWC", (head,)
        ),
        keypoints=origin.keypoints,
        layers=layers,
        macs=sum(layer.macs for layer in layers),
        weights=sum(layer.weights for layer in layers),
        files=files,
        recipe=origin.recipe,
        data=origin.data,
    )


def _layers(network: IntegerNetwork) -> tuple[Layer, ...]:
    layers = []
    for layer, (rows, columns) in zip(network.layers, network.sizes(), strict=True):
        outputs, inputs, high, wide = layer.weight.shape
        low, top = layer.sum_range()
        layers.append(
            Layer(
                name=layer.name,
                kernel=(high, wide),
                stride=layer.stride,
                channels_in=inputs,
                channels_out=outputs,
                input_bits=layer.input_bits,
                weight_bits=layer.weight_bits,
                output_bits=layer.output_bits,
                accumulator=(int(low.min()), int(top.max())),
                macs=rows * columns * layer.weight.size,
                weights=layer.weight.size,
            )
        )
    return tuple(layers)


def output_dtype(accumulator: tuple[int, int]) -> str:
    """Narrowest output type of a circuit that holds every possible sum."""
    for name, bits in OUTPUT_BITS.items():
        if -(2 ** (bits - 1)) <= accumulator[0] and accumulator[1] < 2 ** (bits - 1):
            return name
    raise ExportError(f"sums {accumulator} exceed 24 bits")


def _npz(**arrays: NDArray[np.generic]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()
