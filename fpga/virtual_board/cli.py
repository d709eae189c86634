"""``python -m fpga virtual-board BUNDLE_FOLDER``: a board without a board."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from fpga.errors import FpgaError
from fpga.virtual_board.faults import FAULTS, FaultPlan, parse_fault
from fpga.virtual_board.options import COMPUTES, EMULATION, PORT, BoardOptions

LISTENING = "listening at "
ARMED = "armed "
REFUSED = "refused "
# pynq would look for boards of its own while its messages are imported.
_NOT_FOR_THE_SERVER = ("PYNQ_REMOTE_DEVICES", "XILINX_XRT")
_LOOK_S = 0.5


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of this command."""
    faults = "\n".join(f"  {name:20s} {what}" for name, what in FAULTS.items())
    parser = subparsers.add_parser(
        "virtual-board",
        description="Serve a bundle as a PYNQ.remote board for unmodified pynq clients. A bundle "
        "without bitstream gets a synthetic one, written into its folder.",
        epilog=f"faults:\n{faults}\n\nfault options: after=N runs before it strikes, times=N "
        "runs that it strikes (0: for ever), delay_ms=T for slow-network",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", type=Path, help="folder with manifest.json")
    parser.add_argument("--compute", default=EMULATION, choices=COMPUTES)
    parser.add_argument(
        "--board", help="refuse a bundle that was built for another board (pynq-z2, kv260, ...)"
    )
    parser.add_argument(
        "--model",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="model that is not released (may be repeated)",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[:after=N,...]",
        help="break on purpose (may be repeated)",
    )
    parser.add_argument(
        "--address", default="127.0.0.1", help="default 127.0.0.1; any 127.x.y.z works on Linux"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"pynq's own clients use {PORT} only"
    )
    parser.add_argument(
        "--real-time", action="store_true", help="let runs last as long as the circuit's cycles"
    )
    parser.add_argument("--gpio", action="store_true", help="a synthetic design has an axi_gpio")
    parser.add_argument("--log", type=Path, metavar="FILE", help="every call, one JSON a line")
    parser.add_argument(
        "--control",
        action="store_true",
        help="read faults from standard input, one a line, and stop at its end",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; raises FpgaError and PackageError for what a user can mend."""
    for name in _NOT_FOR_THE_SERVER:
        os.environ.pop(name, None)
    try:
        from fpga.virtual_board.server import BoardServer
    except ImportError as error:
        raise FpgaError(
            f"the virtual board needs pynq's message classes ({error}); make setup-board and call "
            "it with .venv-board/bin/python"
        ) from error
    from fpga.virtual_board.pair import ensure_pair

    manifest = ensure_pair(args.bundle, gpio=args.gpio)
    if args.board not in (None, manifest.board):
        raise FpgaError(f"{manifest.bundle} was built for {manifest.board}, not {args.board}")
    options = BoardOptions(
        address=args.address,
        port=args.port,
        compute=args.compute,
        models=tuple(args.model),
        faults=tuple(parse_fault(text) for text in args.fault),
        real_time=args.real_time,
        log=args.log,
    )
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    server = BoardServer(manifest, options)
    server.start()
    for circuit in manifest.networks:
        _say(f"{circuit.model} {circuit.version} by {options.compute}, as on {manifest.board}")
    _say(f"{LISTENING}{server.endpoint}")
    try:
        if args.control:
            threading.Thread(target=_obey, args=(server.faults, ended), daemon=True).start()
        while not ended.wait(_LOOK_S):
            pass
    finally:
        server.stop()
    return 0


def _obey(plan: FaultPlan, ended: threading.Event) -> None:
    """Arm each fault that is written to standard input; its end switches the board off."""
    for line in sys.stdin:
        try:
            plan.add(parse_fault(line))
        except FpgaError as error:
            _say(f"{REFUSED}{error}")
        else:
            _say(f"{ARMED}{line.strip()}")
    ended.set()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
