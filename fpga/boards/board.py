"""A board as data: part, clock, resources, and the system image that runs on it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from fpga.errors import FpgaError
from model_zoo.table import read_table

FOLDER = Path(__file__).parent
DSP_TYPES = ("DSP48E1", "DSP48E2")


@dataclass(frozen=True)
class Resources:
    """What the whole part holds.

    Attributes
    ----------
    lut
        6-input look-up tables.
    lutram
        Those of them that can be memory or shift register.
    ff
        Flip-flops.
    bram18
        Block memories of 18 kbit.
    dsp
        Multipliers of the board's ``dsp_type``.
    uram
        UltraRAM blocks of 288 kbit.
    """

    lut: int
    lutram: int
    ff: int
    bram18: int
    dsp: int
    uram: int


@dataclass(frozen=True)
class Image:
    """System image of the board.

    Attributes
    ----------
    name
        Newest known.
    architecture
        ``armhf`` or ``arm64``.
    python, pynq
        Versions on it.
    """

    name: str
    architecture: str
    python: str
    pynq: str


@dataclass(frozen=True)
class Board:
    """One board; the constructor refuses what no circuit could be built for.

    Attributes
    ----------
    name
        As in ``--board``.
    title
        As its maker writes it.
    vendor_flow_name
        Its name in FINN's own build flow.
    part
        Full name of the part, with package and speed grade.
    dsp_type
        ``DSP48E1`` (7-series) or ``DSP48E2`` (UltraScale+).
    clock_mhz
        Clock of the circuits.
    port_bits
        Width of the memory ports that the DMA engines use.
    """

    name: str
    title: str
    vendor_flow_name: str
    part: str
    dsp_type: str
    clock_mhz: float
    port_bits: int
    resources: Resources
    image: Image

    def __post_init__(self) -> None:
        if self.dsp_type not in DSP_TYPES:
            raise FpgaError(
                f"{self.name}: DSP type {self.dsp_type!r}, not {' or '.join(DSP_TYPES)}"
            )
        if self.clock_mhz <= 0:
            raise FpgaError(f"{self.name}: clock of {self.clock_mhz} MHz")

    @property
    def clock_period_ns(self) -> float:
        """Length of a clock cycle."""
        return 1000 / self.clock_mhz


def board_names() -> tuple[str, ...]:
    """Names of all boards, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_board(name: str) -> Board:
    """Read one board.

    Raises
    ------
    FpgaError
        When there is no such board or its file contradicts itself.
    """
    path = FOLDER / f"{name}.toml"
    if name not in board_names():
        raise FpgaError(f"no board {name!r}; known: {', '.join(board_names())}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return read_table(Board, {"name": name, **table}, path.name)
    except (TypeError, ValueError) as error:
        raise FpgaError(f"{path.name}: {error}") from error
