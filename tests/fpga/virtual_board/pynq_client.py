"""A pynq client that a test steers: one JSON command a line in, one JSON answer a line out.

Runs in a process of its own, since pynq binds a process to one board and one version. Nothing of
pynq or of the driver is changed. A command that lasts longer than its ``limit_s`` is left behind in
its thread and answered with ``{"hangs": true}``, because pynq itself has no deadline.
"""

import json
import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
warnings.simplefilter("ignore")
import numpy as np  # noqa: E402
import pynq  # noqa: E402

from fpga.virtual_board.driver import io_shape_dict  # noqa: E402
from host.accelerator.bundle import Manifest, load_manifest  # noqa: E402

Command = dict[str, Any]
overlays: dict[str, Any] = {}
drivers: dict[str, Any] = {}
threads = ThreadPoolExecutor(32)


def device(_: Command) -> Command:
    """Who answers."""
    active = pynq.Device.active_device
    return {"version": pynq.__version__, "name": active.name, "arch": active.arch}


def load(command: Command) -> Command:
    """Load an overlay; ``ip_dict`` addresses."""
    overlay = pynq.Overlay(command["bit"], download=command.get("download", True))
    overlays[command["as"]] = overlay
    return {
        "addresses": {k: v["phys_addr"] for k, v in overlay.ip_dict.items() if "phys_addr" in v},
        "fclk0_mhz": pynq.ps.Clocks.fclk0_mhz,
    }


def load_without_clocks(command: Command) -> Command:
    """Load a bitstream without setting its clocks first: the way round pynq 4.0 on Zynq-7000."""
    loaded = load({**command, "download": False})
    active = pynq.Device.active_device
    pynq.Bitstream(command["bit"]).download(active.get_bitfile_metadata(command["bit"]))
    return loaded


def read(command: Command) -> Command:
    """One register."""
    block = getattr(overlays[command["overlay"]], command["block"])
    return {"value": block.read(command["offset"])}


def write(command: Command) -> Command:
    """One register, or several words at once."""
    block = getattr(overlays[command["overlay"]], command["block"])
    data = bytes.fromhex(command["data"]) if "data" in command else command["value"]
    block.mmio.write(command["offset"], data)
    return {}


def start_at(command: Command) -> Command:
    """Start an engine at an address of choice."""
    block = getattr(overlays[command["overlay"]], command["block"])
    for offset, value in ((0x10, command["address"]), (0x14, 0), (0x1C, command["items"]), (0, 1)):
        block.write(offset, value)
    return {}


def buffer(command: Command) -> Command:
    """Send and fetch a buffer of counting bytes."""
    one = pynq.allocate(command["bytes"], dtype=np.uint8)
    one[:] = np.arange(command["bytes"]).astype(np.uint8)
    one.sync_to_device()
    expected = one.tobytes()
    one[:] = 0
    one.sync_from_device()
    return {"same": one.tobytes() == expected, "address": one.device_address}


def view_of_view(_: Command) -> Command:
    """Slice a slice of a buffer."""
    return {"shape": list(pynq.allocate((4, 4), dtype=np.uint8)[1:][1:].shape)}


def driver(command: Command) -> Command:
    """FINN's own driver over one network of a bundle."""
    from finn_plus_driver import FINNDMAOverlay

    manifest = load_manifest(Path(command["bundle"]))
    made = FINNDMAOverlay(
        bit_of(manifest),
        "zynq-iodma",
        io_shape_dict(manifest.circuit(command["model"])),
        batch_size=command.get("batch", 1),
        download=command.get("download", True),
    )
    if command.get("plain_outputs", pynq.__version__ == "3.1.2"):
        # pynq 3.1.2 cannot make a view of a view of a remote buffer.
        made.obuf_packed = [np.empty(b.shape, np.uint8) for b in made.obuf_packed_device]
    drivers[command["as"]] = overlays[command["as"]] = made
    return {"fclk_mhz": made.fclk_mhz_actual}


def bit_of(manifest: Manifest) -> str:
    """Absolute path of the bundle's bitstream."""
    if manifest.bitstream is None:
        raise ValueError("no bitstream")
    return str((manifest.folder / manifest.bitstream.bit).resolve())


def execute(command: Command) -> Command:
    """Run a driver over the items of one file into another, a batch a call."""
    x, made = np.load(command["x"]), drivers[command["driver"]]
    n = made.batch_size
    parts = [made.execute(x[at : at + n]) for at in range(0, len(x), n)]
    np.save(command["y"], np.concatenate(parts))
    return {}


def interleave(command: Command) -> Command:
    """Start all drivers before waiting for any, for each item in turn."""
    made = [drivers[name] for name in command["drivers"]]
    inputs = [np.load(x) for x in command["x"]]
    outputs: list[list[Any]] = [[] for _ in made]
    for item in zip(*inputs, strict=True):
        for one, x in zip(made, item, strict=True):
            one.copy_input_data_to_device(one.pack_input(one.fold_input(x[None])))
            one.execute_on_buffers(asynch=True)
        for one, y in reversed(list(zip(made, outputs, strict=True))):
            one.wait_until_finished()
            one.copy_output_data_from_device(one.obuf_packed[0])
            y.append(one.unfold_output(one.unpack_output(one.obuf_packed[0])))
    for y, path in zip(outputs, command["y"], strict=True):
        np.save(path, np.concatenate(y))
    return {}


def pins(command: Command) -> Command:
    """Put a level out on a pin of the processor and read it back (pynq 4.0)."""
    gpio = pynq.GPIO
    active = pynq.Device.active_device
    number = gpio.get_gpio_pin(command["pin"], device=active)
    gpio(number, "out", device=active).write(1)
    other = gpio(gpio.get_gpio_pin(command["pin"] + 1, device=active), "in", device=active)
    return {
        "number": number,
        "written": gpio(number, "in", device=active).read(),
        "other": other.read(),
    }


COMMANDS = (
    device, load, load_without_clocks, read, write, start_at, buffer, view_of_view, driver, execute,
    interleave, pins,
)  # fmt: skip


def answer(command: Command) -> Command:
    """Carry out one command in a thread, for as long as it may last."""
    known = {one.__name__: one for one in COMMANDS}
    future = threads.submit(known[command["do"]], command)
    try:
        error = future.exception(command["limit_s"])
    except FutureTimeoutError:
        return {"hangs": True}
    if error is None:
        return {**future.result(), "hangs": False}
    found = {"hangs": False, "error": type(error).__name__, "text": str(error)}
    code = getattr(error, "code", None)
    return {**found, "code": code().name} if callable(code) else found


def main() -> None:
    """Obey until standard input ends; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        out.write(json.dumps(answer(json.loads(line))) + "\n")
        out.flush()
    os._exit(0)  # threads may hang in a call


if __name__ == "__main__":
    main()
