"""Registers and files of the processor system that pynq looks at."""

from __future__ import annotations

from fpga.boards import Board

VIRTUAL_MARK = "/etc/footfall-virtual-board"
STATE = "/sys/class/fpga_manager/fpga0/state"
FLAGS = "/sys/class/fpga_manager/fpga0/flags"
FIRMWARE_NAME = "/sys/class/fpga_manager/fpga0/firmware"
FIRMWARE_FOLDER = "/lib/firmware/"

# As a boot leaves them. Zynq-7000 (Xilinx UG585, SLCR): 50 MHz crystal times 26, 21 and 20, which
# gives 1300, 1050 and 1000 MHz; PL clocks are 1000 MHz through 5 and 2.
_ZYNQ_7000 = {
    0xF8000100: 26 << 12,
    0xF8000104: 21 << 12,
    0xF8000108: 20 << 12,
    0xF8000120: 2 << 8,
    **{0xF8000170 + 16 * clock: 2 << 20 | 5 << 8 for clock in range(4)},
}
# Zynq UltraScale+ (UG1087, CRL_APB and CRF_APB): 33.333 MHz times 90 or 72, halved; PL clocks are
# the IO PLL's 1500 MHz through 15.
_ULTRASCALE = {
    0xFF5E0020: 1 << 16 | 90 << 8,
    0xFF5E0030: 1 << 16 | 90 << 8,
    **{0xFF5E00C0 + 4 * clock: 1 << 24 | 1 << 16 | 15 << 8 for clock in range(4)},
    0xFD1A0020: 1 << 16 | 72 << 8,
    0xFD1A002C: 1 << 16 | 72 << 8,
    0xFD1A0038: 1 << 16 | 90 << 8,
    0xFD1A0060: 1 << 8,
}
_RANGES = {"armhf": (0xF8000000, 0xF8001000), "arm64": (0xFD000000, 1 << 32)}


class ProcessorRegisters:
    """Clocks, port widths and the like: they keep what is written.

    Parameters
    ----------
    board
        Which decides the family.
    """

    def __init__(self, board: Board) -> None:
        armhf = board.image.architecture == "armhf"
        self._values = dict(_ZYNQ_7000 if armhf else _ULTRASCALE)
        self._first, self._end = _RANGES[board.image.architecture]

    def holds(self, address: int) -> bool:
        """Whether the address belongs to the processor system."""
        return self._first <= address < self._end

    def read(self, address: int) -> int:
        """Value of the register; 0 where nothing was written."""
        return self._values.get(address, 0)

    def write(self, address: int, value: int) -> None:
        """Set the register."""
        self._values[address] = value


def board_name(board: Board) -> str:
    """Name that the board's own system tells."""
    return board.vendor_flow_name.removesuffix("_SOM")


def boot_files(board: Board) -> dict[str, bytes]:
    """Files that a client reads, as after booting."""
    kernel = "armv7l" if board.image.architecture == "armhf" else "aarch64"
    return {
        "/proc/version": f"Linux version 6.6.0-xilinx ({kernel})\n".encode(),
        "/proc/device-tree/chosen/pynq_board": board_name(board).encode() + b"\0",
        STATE: b"unknown\n",
        FLAGS: b"0\n",
        VIRTUAL_MARK: b"This board is simulated.\n",
    }
