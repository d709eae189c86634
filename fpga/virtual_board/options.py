"""How a virtual board is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fpga.virtual_board.faults import Fault

PORT = 7967
"""Of every PYNQ.remote board; the client cannot be told another one."""
EMULATION, RTL = "emulation", "rtl"
COMPUTES = (EMULATION, RTL)
"""The golden form on this machine's processor; the generated circuit in simulation."""


@dataclass(frozen=True)
class BoardOptions:
    """How a virtual board is run.

    Attributes
    ----------
    address, port
        Where it listens. Any address of 127.0.0.0/8 works on Linux without being set up, so
        several boards live side by side.
    compute
        One of :data:`COMPUTES`.
    models
        Folders of models that are not released.
    faults
        Armed from the start.
    real_time
        Whether runs last as long as the circuit's cycles.
    log
        File for every call.
    """

    address: str = "127.0.0.1"
    port: int = PORT
    compute: str = EMULATION
    models: tuple[Path, ...] = ()
    faults: tuple[Fault, ...] = ()
    real_time: bool = False
    log: Path | None = None
