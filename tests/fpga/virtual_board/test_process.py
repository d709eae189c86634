"""``python -m fpga virtual-board``: what it tells, and that it surely ends."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fpga.errors import FpgaError
from fpga.virtual_board import VirtualBoard
from fpga.virtual_board.client import client_environment, link_package
from fpga.virtual_board.options import PORT
from fpga.virtual_board.pair import ensure_pair
from host.accelerator.bundle import MANIFEST, Manifest
from model_zoo.package import ReleasedModel
from tests.boards import PYTHONS, StartClient, expected, inputs, options
from tests.bundles import write_bundle
from tests.fake_simulator import write_fake_simulator

LIMIT_S = 20.0
_HOLDER = """
import os, sys, time
from pathlib import Path
from fpga.virtual_board import VirtualBoard
with VirtualBoard(Path(sys.argv[1]), sys.argv[2:]) as board:
    print(board.address, flush=True)
    time.sleep(600)
"""


def listens(address: str) -> bool:
    with socket.socket() as one:
        one.settimeout(1.0)
        return one.connect_ex((address, PORT)) == 0


def silent(address: str) -> bool:
    """Whether it stops listening in time."""
    until_s = time.monotonic() + LIMIT_S
    while listens(address):
        if time.monotonic() > until_s:
            return False
        time.sleep(0.05)
    return True


def test_boards_live_side_by_side_and_end_with_their_blocks(
    bundle: Manifest, tiny: ReleasedModel
) -> None:
    words = options(tiny)
    with VirtualBoard(bundle.folder, words) as one:
        with VirtualBoard(bundle.folder, words) as two:
            assert one.address != two.address
            assert listens(one.address)
            assert listens(two.address)
        assert silent(two.address)
        assert listens(one.address)
        one.freeze()  # even then
    assert silent(one.address)


def test_an_address_in_use_is_told(bundle: Manifest, tiny: ReleasedModel) -> None:
    with VirtualBoard(bundle.folder, options(tiny)) as one:
        words = [str(w) for w in options(tiny)]
        found = subprocess.run(
            [sys.executable, "-m", "fpga", "virtual-board", str(bundle.folder), *words,
             "--address", one.address],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert found.returncode == 2
    assert f"{one.address}:7967 is in use; choose another --address\n" in found.stderr


def test_the_board_ends_when_its_starter_dies(bundle: Manifest, tiny: ReleasedModel) -> None:
    words = [str(word) for word in options(tiny)]
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(bundle.folder), *words],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.curdir},
    )  # fmt: skip
    assert holder.stdout is not None
    address = holder.stdout.readline().strip()
    assert listens(address)
    holder.kill()
    holder.communicate(timeout=10)
    assert silent(address)


def test_an_interrupt_ends_it_in_order(bundle: Manifest, tiny: ReleasedModel) -> None:
    words = [str(word) for word in options(tiny)]
    board = subprocess.Popen(
        [sys.executable, "-m", "fpga", "virtual-board", str(bundle.folder), *words,
         "--address", "127.9.8.7"],
        stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert board.stdout is not None
    assert board.stdout.readline() == "tiny 0.0.0 by emulation, as on pynq-z2\n"
    assert board.stdout.readline() == "listening at 127.9.8.7:7967\n"
    board.terminate()
    board.communicate(timeout=LIMIT_S)
    assert board.returncode == 0


def one_line(folder: Path, *words: str) -> str:
    """What a call that cannot be served says."""
    found = subprocess.run(
        [sys.executable, "-m", "fpga", "virtual-board", str(folder), *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert found.returncode == 2
    (line,) = found.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--board", "kv260"], "tiny was built for pynq-z2, not kv260"),
        (["--fault", "sulk"], "no fault 'sulk'; known: never-done"),
        (["--compute", "rtl"], "tiny holds no simulator of tiny; build it without"),
        (["--model", "nowhere"], "nowhere holds no model.json"),
        ([], "tiny 0.0.0 is not released; give its folder with --model"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    words: list[str], told: str, bundle: Manifest
) -> None:
    assert told in one_line(bundle.folder, *words)


def test_a_folder_without_manifest_is_told(tmp_path: Path) -> None:
    assert "manifest.json cannot be read" in one_line(tmp_path)


def test_an_older_model_than_the_bundles_is_told(tiny: ReleasedModel, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, [tiny], bitstream=False)
    renamed = replace(bundle.networks[0], model="gait-pose-s")
    (tmp_path / MANIFEST).write_text(replace(bundle, networks=(renamed,)).to_json())
    with pytest.raises(FpgaError, match="whose integers differ from the released"):
        VirtualBoard(tmp_path).__enter__()


def test_a_board_that_cannot_start_tells_why(bundle: Manifest) -> None:
    with pytest.raises(FpgaError, match=r"the virtual board ended.*give its folder with --model"):
        VirtualBoard(bundle.folder).__enter__()


def test_the_simulated_circuit_gives_its_integers(
    bundle: Manifest, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    x = inputs(tiny, 5)
    program = write_fake_simulator(bundle, tiny, x)
    simulated = replace(bundle.networks[0], simulator=str(program))
    (bundle.folder / MANIFEST).write_text(replace(bundle, networks=(simulated,)).to_json())
    np.save(tmp_path / "x.npy", x)
    files = {"x": tmp_path / "x.npy", "y": tmp_path / "y.npy"}
    with VirtualBoard(bundle.folder, ["--compute", "rtl"]) as board:
        one = client("3.1.2", board.address)
        asked = {"as": "d", "bundle": bundle.folder, "model": "tiny"}
        for batch in (1, 5):
            one.do("driver", **asked, batch=batch)
            one.do("execute", driver="d", **files)
            np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected(tiny, x))
        (bundle.folder / "tiny" / "fault").write_text("dies")  # a deadlock
        assert one.ask("execute", driver="d", **files, limit_s=3.0)["hangs"]
        assert one.do("read", overlay="d", block="odma0", offset=0)["value"] & 0x10
        board.inject("wrong-integers")  # what the failure wrote is not taken for the answer


def test_a_simulator_that_does_not_start_is_told_to_the_client(
    bundle: Manifest, client: StartClient
) -> None:
    program = bundle.folder / "simulator"
    program.write_text("no program")
    simulated = replace(bundle.networks[0], simulator=program.name)
    (bundle.folder / MANIFEST).write_text(replace(bundle, networks=(simulated,)).to_json())
    with VirtualBoard(bundle.folder, ["--compute", "rtl"]) as board:
        bitstream = ensure_pair(bundle.folder).bitstream
        assert bitstream is not None
        refused = client("3.1.2", board.address).ask(
            "load", **{"as": "o"}, bit=bundle.folder / bitstream.bit
        )
    assert refused["code"] == "FAILED_PRECONDITION"
    assert "the simulator of tiny: [Errno 13] Permission denied" in refused["text"]


def test_pynqs_own_selftest_passes(tiny: ReleasedModel, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    python = PYTHONS["4.0.0"]
    with VirtualBoard(bundle.folder, ["--gpio", *options(tiny)], python) as board:
        bitstream = ensure_pair(bundle.folder).bitstream
        assert bitstream is not None
        found = subprocess.run(
            [str(python.with_name("pynq-remote-selftest")), "--ip", board.address,
             "--bitstream", str(bundle.folder / bitstream.bit)],
            env=client_environment(tmp_path / "client", python),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert " summary: 11 passed, 0 failed" in found.stdout, found.stdout + found.stderr
    assert found.returncode == 0


def test_a_clients_state_is_not_that_of_the_installed_pynq(tmp_path: Path) -> None:
    installed = tmp_path / "site" / "pynq"
    (installed / "pl_server").mkdir(parents=True)
    (installed / "lib").mkdir()
    for name in ("__init__.py", "pl_server/device.py", "pl_server/_current_metadata.pkl"):
        (installed / name).write_text(name)
    (installed / "pl_server/global_pl_state_.json").write_text("{}")
    link_package(installed, tmp_path / "own")
    own = tmp_path / "own" / "pynq"
    assert sorted(path.name for path in own.iterdir()) == ["__init__.py", "lib", "pl_server"]
    assert [path.name for path in (own / "pl_server").iterdir()] == ["device.py"]
    (own / "pl_server/global_pl_state_.json").write_text("other")
    assert (installed / "pl_server/global_pl_state_.json").read_text() == "{}"


def test_an_interpreter_without_pynq_is_told(tmp_path: Path) -> None:
    other = Path("/usr/bin/python3")
    if not other.is_file():
        other = Path(sys.base_prefix) / "bin/python3"
    with pytest.raises(FpgaError, match="has no pynq"):
        client_environment(tmp_path, other)
