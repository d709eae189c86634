"""A released model: the folder that training hands to the clinic and to the circuit builder.

``model_zoo/released/<name>/`` holds ``model.json`` (read here into frozen dataclasses), the integer
network in its forms, a golden pair and a card. Only the standard library and numpy are needed, so
that a board reads it too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.table import read_table

SCHEMA_VERSION = 1
RELEASED = Path(__file__).parent / "released"
DESCRIPTION = "model.json"
GOLDEN_FORM = "model.int.onnx"
QONNX_FORM = "model.qonnx.onnx"
QCDQ_FORM = "model.qcdq.onnx"
GOLDEN_PAIR = "golden.npz"
CARD = "card.md"
WEIGHTS = "weights.safetensors"
REQUIRED_FILES = (GOLDEN_FORM, QONNX_FORM, QCDQ_FORM, GOLDEN_PAIR, CARD)

ROLES = ("pose", "person", "lift", "gait", "pattern")
INPUT_DTYPES = ("uint8", "int8")
OUTPUT_BITS = {"int8": 8, "int16": 16, "int24": 24}
"""Output types of a circuit and their width in bits; on the host every output is int32."""

HEAD_KINDS = ("cells", "heatmap_offset", "box_centre", "vector", "event_odds")


class PackageError(ValueError):
    """A released model is missing, incomplete, damaged or contradicts itself."""


class UnknownModelError(PackageError):
    """No released model has this name and no folder holds one.

    Attributes
    ----------
    known
        Names of the released models.
    """

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no released model {name!r}; known: {', '.join(known) or 'none'}")
        self.known = known


def _demand(condition: bool, message: str) -> None:
    if not condition:
        raise PackageError(message)


@dataclass(frozen=True)
class InputSpec:
    """What one item of the input is.

    Attributes
    ----------
    shape
        Without the leading item axis, for example (128, 96, 3).
    dtype
        ``uint8`` or ``int8``.
    layout
        Names of the axes, for example ``HWC``.
    colour
        Order of the colour channels (``RGB``), or None where the input is no picture.
    rate_hz
        Moments per second along the width of a sequence, or None where the input is no sequence.
    """

    shape: tuple[int, ...]
    dtype: str
    layout: str
    colour: str | None = None
    rate_hz: float | None = None

    def __post_init__(self) -> None:
        _demand(bool(self.shape) and min(self.shape) > 0, f"input shape {self.shape} is no shape")
        _demand(self.dtype in INPUT_DTYPES, f"input dtype {self.dtype!r} is not known")
        _demand(len(self.layout) == len(self.shape), f"layout {self.layout!r} against {self.shape}")
        _demand(self.rate_hz is None or self.rate_hz > 0, f"input rate {self.rate_hz} is not > 0")


@dataclass(frozen=True)
class Head:
    """A range of output channels and how to read it: ``(integer + bias) * scale``.

    Attributes
    ----------
    name
        What it tells, for example ``keypoints``.
    kind
        Which decoder reads it, one of :data:`HEAD_KINDS`.
    channels
        First channel and the one behind the last.
    scale
        One factor per channel, or a single one for all.
    bias
        One integer per channel, or a single one for all; added before scaling.
    sub_cells
        Sub-cells along each side of an output cell (pixel shuffle factor); 1 where there are none.
    """

    name: str
    kind: str
    channels: tuple[int, int]
    scale: tuple[float, ...]
    bias: tuple[int, ...]
    sub_cells: int = 1

    def __post_init__(self) -> None:
        n = self.channels[1] - self.channels[0]
        _demand(self.kind in HEAD_KINDS, f"head {self.name}: kind {self.kind!r} is not known")
        _demand(self.channels[0] >= 0 and n > 0, f"head {self.name}: channels {self.channels}")
        for what, values in (("scale", self.scale), ("bias", self.bias)):
            _demand(len(values) in (1, n), f"head {self.name}: {len(values)} values of {what}")
        _demand(
            all(np.isfinite(s) and s > 0 for s in self.scale), f"head {self.name}: scale not > 0"
        )
        _demand(
            self.sub_cells >= 1 and n % self.sub_cells**2 == 0,
            f"head {self.name}: {n} channels, {self.sub_cells} sub-cells a side",
        )


@dataclass(frozen=True)
class OutputSpec:
    """What one item of the output is: integers, channels last.

    Attributes
    ----------
    shape
        Without the leading item axis, for example (8, 6, 368).
    dtype
        Type of the circuit's output stream, which holds the exact bound; the host sees int32.
    layout
        Names of the axes, for example ``HWC``.
    heads
        Ranges of channels and how to read them.
    """

    shape: tuple[int, ...]
    dtype: str
    layout: str
    heads: tuple[Head, ...]

    def __post_init__(self) -> None:
        _demand(bool(self.shape) and min(self.shape) > 0, f"output shape {self.shape} is no shape")
        _demand(self.dtype in OUTPUT_BITS, f"output dtype {self.dtype!r} is not known")
        _demand(len(self.layout) == len(self.shape), f"layout {self.layout!r} against {self.shape}")
        _demand(bool(self.heads), "no head")
        for head in self.heads:
            _demand(
                head.channels[1] <= self.shape[-1],
                f"head {head.name} ends at channel {head.channels[1]} of {self.shape[-1]}",
            )


@dataclass(frozen=True)
class Layer:
    """One convolution as the circuit sees it.

    Attributes
    ----------
    output_bits
        Width of the unsigned activation behind it; None behind the last layer (raw sums).
    accumulator
        Exact lowest and highest sum over all possible inputs.
    """

    name: str
    kernel: tuple[int, int]
    stride: tuple[int, int]
    channels_in: int
    channels_out: int
    input_bits: int
    weight_bits: int
    output_bits: int | None
    accumulator: tuple[int, int]
    macs: int
    weights: int

    def __post_init__(self) -> None:
        counted = self.kernel[0] * self.kernel[1] * self.channels_in * self.channels_out
        _demand(self.weights == counted, f"layer {self.name}: weights are not {counted}")
        _demand(
            self.accumulator[0] <= 0 <= self.accumulator[1], f"layer {self.name}: accumulator range"
        )


@dataclass(frozen=True)
class Recipe:
    """How the weights came about.

    Attributes
    ----------
    file
        The committed recipe, relative to the repository.
    commit
        Commit of the training code.
    samples
        Pictures seen in training, float and quantised together.
    settings
        The recipe's content at that time.
    """

    file: str
    commit: str
    samples: int
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSet:
    """A set that was used, for what, and its terms."""

    name: str
    use: str
    terms: str


@dataclass(frozen=True)
class Metric:
    """Measured figures of one test set (None: not measurable) and the command that printed them."""

    dataset: str
    values: dict[str, float | None]
    command: str
    labels_sha256: str | None = None


@dataclass(frozen=True)
class ReleasedModel:
    """Everything ``model.json`` says; the constructor refuses contradictions.

    Attributes
    ----------
    folder
        Where the files lie (not part of ``model.json``).
    files
        SHA-256 of each file, by name.
    """

    folder: Path
    name: str
    role: str
    version: str
    input: InputSpec
    output: OutputSpec
    keypoints: tuple[str, ...]
    layers: tuple[Layer, ...]
    macs: int
    weights: int
    files: dict[str, str]
    recipe: Recipe
    data: tuple[DataSet, ...] = ()
    metrics: tuple[Metric, ...] = ()

    def __post_init__(self) -> None:
        _demand(self.role in ROLES, f"role {self.role!r} is not known")
        _demand(bool(self.layers), "no layers")
        _demand(self.macs == sum(x.macs for x in self.layers), "macs is not the layers' sum")
        _demand(
            self.weights == sum(x.weights for x in self.layers), "weights is not the layers' sum"
        )
        for before, after in zip(self.layers[:-1], self.layers[1:], strict=True):
            fits = before.channels_out == after.channels_in and before.output_bits is not None
            _demand(fits, f"layer {after.name} does not take what {before.name} gives")
        low, high = self.layers[-1].accumulator
        bound = 2 ** (OUTPUT_BITS[self.output.dtype] - 1)
        _demand(-bound <= low and high < bound, f"sums {low}..{high} exceed {self.output.dtype}")
        for head in self.output.heads:
            if head.kind in ("cells", "heatmap_offset") and self.keypoints:
                n = (head.channels[1] - head.channels[0]) // head.sub_cells**2
                _demand(n % len(self.keypoints) == 0, f"head {head.name} against the keypoints")
        for name in REQUIRED_FILES:
            _demand(name in self.files, f"{name} is not listed")
        for name in self.files:
            _demand(Path(name).name == name and name != DESCRIPTION, f"{name!r} is no file name")

    def path(self, name: str) -> Path:
        """Path of one listed file."""
        _demand(name in self.files, f"{name} is not listed")
        return self.folder / name

    def verify(self) -> None:
        """Compare every listed file with its hash.

        Raises
        ------
        PackageError
            Naming the first file that is missing or differs.
        """
        for name, expected in self.files.items():
            _demand((self.folder / name).is_file(), f"{name} is missing")
            _demand(sha256(self.folder / name) == expected, f"{name} differs from its hash")

    def golden(self) -> tuple[NDArray[Any], NDArray[np.int32]]:
        """Golden inputs [G, *input.shape] and their output integers, int32[G, *output.shape]."""
        try:
            with (
                self.path(GOLDEN_PAIR).open("rb") as stream,
                np.load(stream, allow_pickle=False) as stored,
            ):
                x, y = stored["input"], stored["output"].astype(np.int32)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise PackageError(f"{GOLDEN_PAIR} cannot be read: {error}") from error
        _demand(
            str(x.dtype) == self.input.dtype
            and x.shape[1:] == self.input.shape
            and y.shape == (len(x), *self.output.shape)
            and len(x) > 0,
            f"{GOLDEN_PAIR}: {x.dtype}{list(x.shape)} to {list(y.shape)}",
        )
        return x, y

    def to_json(self) -> str:
        """Text of ``model.json``."""
        table = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(self)}
        del table["folder"]
        return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def sha256(path: Path) -> str:
    """SHA-256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def released_names() -> tuple[str, ...]:
    """Names of all models that this version ships, in alphabetical order."""
    return tuple(sorted(p.parent.name for p in RELEASED.glob(f"*/{DESCRIPTION}")))


def load_released(name_or_folder: str | Path) -> ReleasedModel:
    """Read the description of a released model; the files' hashes are checked by ``verify()``.

    Parameters
    ----------
    name_or_folder
        A name below ``model_zoo/released`` or a folder that holds a ``model.json``.

    Raises
    ------
    UnknownModelError
        When there is no such model.
    PackageError
        When ``model.json`` cannot be read or contradicts itself.
    """
    folder = Path(name_or_folder)
    if not (folder / DESCRIPTION).is_file():
        is_name = folder.name == str(name_or_folder)
        if not is_name or not (RELEASED / folder / DESCRIPTION).is_file():
            raise UnknownModelError(str(name_or_folder), released_names())
        folder = RELEASED / folder
    try:
        table = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackageError(f"{DESCRIPTION} cannot be read: {error}") from error
    _demand(isinstance(table, dict), f"{DESCRIPTION} is no table")
    version = table.pop("schema_version", None)
    _demand(version == SCHEMA_VERSION, f"{DESCRIPTION} has schema {version}, not {SCHEMA_VERSION}")
    try:
        return read_table(ReleasedModel, {**table, "folder": folder}, DESCRIPTION)
    except TypeError as error:
        raise PackageError(str(error)) from error
