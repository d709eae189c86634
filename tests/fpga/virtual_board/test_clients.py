"""Unmodified pynq and FINN drivers against the virtual board: the emulation's integers, exactly."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fpga.virtual_board import VirtualBoard
from fpga.virtual_board.client import client_environment
from fpga.virtual_board.driver import driver_settings
from fpga.virtual_board.pair import ensure_pair
from host.accelerator.bundle import Manifest
from model_zoo.package import ReleasedModel, load_released
from tests.boards import PYTHONS, Client, StartClient, calls, expected, inputs, options
from tests.bundles import write_bundle

PAIRS = [("pynq-z2", "3.1.2"), ("kv260", "3.1.2"), ("kv260", "4.0.0")]
"""Boards and clients that go together: pynq 4.0 dropped the PYNQ-Z2 (see test_traps)."""


def run(
    client: Client, name: str, x: np.ndarray, folder: Path, model: ReleasedModel
) -> tuple[np.ndarray, np.ndarray]:
    """The driver's integers and the emulation's."""
    np.save(folder / "x.npy", x)
    client.do("execute", driver=name, x=folder / "x.npy", y=folder / "y.npy")
    return np.load(folder / "y.npy"), expected(model, x)


@pytest.mark.parametrize(("board", "version"), PAIRS)
def test_the_driver_gives_the_emulations_integers(
    board: str, version: str, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board=board, bitstream=False)
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        one = client(version, virtual.address)
        told = one.do("device")
        assert told["version"] == version
        assert told["name"].lower() == board
        assert told["arch"] == {"pynq-z2": "armv7l", "kv260": "aarch64"}[board]
        for batch in (1, 3):
            one.do("driver", **{"as": "tiny"}, bundle=bundle.folder, model="tiny", batch=batch)
            y, wanted = run(one, "tiny", inputs(tiny, 6), tmp_path, tiny)
            np.testing.assert_array_equal(y, wanted)


@pytest.mark.parametrize("version", ["3.1.2", "4.0.0"])
def test_the_released_network_gives_its_golden_integers(
    version: str, client: StartClient, tmp_path: Path
) -> None:
    model = load_released("gait-pose-s")
    x, golden = model.golden()
    bundle = write_bundle(tmp_path / "b", [model], board="kv260", bitstream=False)
    with VirtualBoard(bundle.folder) as virtual:
        one = client(version, virtual.address)
        one.do("driver", **{"as": "s"}, bundle=bundle.folder, model=model.name, batch=1)
        y, _ = run(one, "s", x, tmp_path, model)
        np.testing.assert_array_equal(y, golden)


@pytest.mark.parametrize(("board", "version"), PAIRS)
def test_two_networks_of_a_bundle_interleave(
    board: str,
    version: str,
    models: tuple[ReleasedModel, ReleasedModel],
    client: StartClient,
    tmp_path: Path,
) -> None:
    bundle = write_bundle(tmp_path / "b", models, board=board, bitstream=False)
    with VirtualBoard(bundle.folder, options(*models)) as virtual:
        one = client(version, virtual.address)
        xs = []
        for model, download in zip(models, (True, False), strict=True):
            one.do(
                "driver", **{"as": model.name}, bundle=bundle.folder, model=model.name,
                download=download,
            )  # fmt: skip
            xs.append(inputs(model, 4))
            np.save(tmp_path / f"{model.name}-x.npy", xs[-1])
        names = [model.name for model in models]
        one.do(
            "interleave",
            drivers=names,
            x=[str(tmp_path / f"{name}-x.npy") for name in names],
            y=[str(tmp_path / f"{name}-y.npy") for name in names],
        )
        for model, x in zip(models, xs, strict=True):
            y = np.load(tmp_path / f"{model.name}-y.npy")
            np.testing.assert_array_equal(y, expected(model, x))


def test_what_an_overlay_does_on_the_board(
    bundle: Manifest, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with VirtualBoard(bundle.folder, [*options(tiny), "--log", log]) as virtual:
        one = client("3.1.2", virtual.address)
        bit = bundle.folder / ensure_pair(bundle.folder).bitstream.bit
        loaded = one.do("load", **{"as": "o"}, bit=bit)
        assert loaded["addresses"]["idma0"] == 0x40000000
        assert loaded["addresses"]["odma0"] == 0x40010000
        assert loaded["fclk0_mhz"] == pytest.approx(100)
        assert one.do("read", overlay="o", block="odma0", offset=0)["value"] == 4  # idle
        sent = one.do("buffer", bytes=5 << 20)  # more than one chunk each way
        assert sent["same"]
        assert sent["address"] % 4096 == 0
    done = calls(log)
    written = [c["path"] for c in done if c["call"] == "writefile"]
    assert written == [
        f"/lib/firmware/{bit.stem}.bin",
        "/sys/class/fpga_manager/fpga0/flags",
        "/sys/class/fpga_manager/fpga0/firmware",
    ]
    clock = [c for c in done if c["call"] == "write" and c["address"] == "0xf8000170"]
    firmware = next(c for c in done if c["call"] == "writefile")
    assert clock[0]["time_s"] < firmware["time_s"]  # pynq sets clocks before the bitstream


def test_the_pins_of_pynq_4(tiny: ReleasedModel, client: StartClient, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    with VirtualBoard(bundle.folder, options(tiny), PYTHONS["4.0.0"]) as virtual:
        found = client("4.0.0", virtual.address).do("pins", pin=2)
        assert found == {"number": 906 + 78 + 2, "written": 1, "other": 0, "hangs": False}


def test_the_drivers_own_command_measures_a_network(tiny: ReleasedModel, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    settings, python = tmp_path / "settings.json", PYTHONS["4.0.0"]
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        manifest = ensure_pair(bundle.folder)
        settings.write_text(json.dumps(driver_settings(manifest, manifest.networks[0])))
        assert manifest.bitstream is not None
        found = subprocess.run(
            [python.with_name("finn-plus-driver"), "-b", bundle.folder / manifest.bitstream.bit,
             "-s", settings, "-f", "throughput_test", "-ck", "batch_size=2", "Int"],
            env=client_environment(tmp_path / "client", python, virtual.address),
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert "'throughput[images/s]'" in found.stdout
