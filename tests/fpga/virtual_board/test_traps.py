"""What unmodified pynq does that a program beside it must know: each bites on real boards too."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fpga.virtual_board import VirtualBoard
from fpga.virtual_board.pair import ensure_pair
from host.accelerator.bundle import Manifest
from host.accelerator.pynq_bitstream import mark
from model_zoo.package import ReleasedModel
from tests.boards import PYTHONS, Client, StartClient, calls, inputs, options
from tests.bundles import write_bundle


def pair(manifest: Manifest) -> Path:
    """The ``.bit`` of a bundle, whose ``.hwh`` stands beside it."""
    bitstream = ensure_pair(manifest.folder).bitstream
    assert bitstream is not None
    return manifest.folder / bitstream.bit


def copied(bit: Path, folder: Path, stem: str) -> Path:
    """The pair under another name."""
    folder.mkdir(exist_ok=True)
    for suffix in (".bit", ".hwh"):
        shutil.copy(bit.with_suffix(suffix), folder / f"{stem}{suffix}")
    return folder / f"{stem}.bit"


def tampered(bit: Path) -> Path:
    """The last configuration word is another one."""
    data = bytearray(bit.read_bytes())
    data[-1] ^= 1
    bit.write_bytes(data)
    return bit


def uploads(log: Path) -> list[str]:
    paths = [c["path"] for c in calls(log) if c["call"] == "writefile"]
    return [path for path in paths if path.startswith("/lib/firmware/")]


def ready(client: Client, bit: Path, name: str = "o") -> Client:
    client.do("load", **{"as": name}, bit=bit)
    return client


@pytest.mark.parametrize("version", ["3.1.2", "4.0.0"])
def test_equal_bits_with_other_descriptions_are_taken_for_the_same(
    version: str, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        first = pair(bundle)
        second = copied(first, tmp_path / "other", "moved")
        text = second.with_suffix(".hwh").read_text().replace("0xA001", "0xA0F1")
        second.with_suffix(".hwh").write_text(text)
        one = ready(client(version, virtual.address), first)
        found = one.do("load", **{"as": "second"}, bit=second, download=False)
        assert found["addresses"]["odma0"] == 0xA0010000  # of the first: not what its file says
        # A mark in the header, which is not part of the configuration, tells them apart.
        second.write_bytes(mark(second.read_bytes(), "moved"))
        found = one.do("load", **{"as": "third"}, bit=second, download=False)
        assert found["addresses"]["odma0"] == 0xA0F10000


@pytest.mark.parametrize("version", ["3.1.2", "4.0.0"])
def test_a_known_name_is_never_sent_again(
    version: str, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle, log = (
        write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False),
        tmp_path / "l",
    )
    with VirtualBoard(bundle.folder, [*options(tiny), "--log", log]) as virtual:
        good = copied(pair(bundle), tmp_path / "one", "finn-accel")
        rebuilt = tampered(copied(good, tmp_path / "two", "finn-accel"))
        one = ready(client(version, virtual.address), good)
        one.do("load", **{"as": "rebuilt"}, bit=rebuilt)  # believes to have loaded it
        assert uploads(log) == ["/lib/firmware/finn-accel.bin"]
        assert one.do("read", overlay="rebuilt", block="odma0", offset=0)["value"] == 4
        named = copied(rebuilt, tmp_path / "two", "finn-accel-4711")
        refused = one.ask("load", **{"as": "rebuilt"}, bit=named)
        assert refused["code"] == "FAILED_PRECONDITION"
        assert (
            "bitstream refused: the firmware of finn-accel-4711.bin has the hash" in refused["text"]
        )


@pytest.mark.parametrize("version", ["3.1.2", "4.0.0"])
def test_a_tampered_bitstream_is_refused_and_the_client_is_told(
    version: str, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle, log = (
        write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False),
        tmp_path / "l",
    )
    with VirtualBoard(bundle.folder, [*options(tiny), "--log", log]) as virtual:
        bit = pair(bundle)
        one = client(version, virtual.address)
        refused = one.ask("load", **{"as": "o"}, bit=tampered(copied(bit, tmp_path / "c", "x")))
        assert refused["code"] == "FAILED_PRECONDITION"
        assert "send the files of the bundle unchanged" in refused["text"]
        # It was not kept: the good one is sent under the same name and loads.
        ready(one, copied(bit, tmp_path / "d", "x"))
        assert uploads(log) == ["/lib/firmware/x.bin"] * 2


@pytest.mark.parametrize("version", ["3.1.2", "4.0.0"])
def test_the_client_has_no_deadline(
    version: str, tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        one = ready(client(version, virtual.address), pair(bundle))
        virtual.freeze()
        assert one.ask("read", limit_s=5.0, overlay="o", block="odma0", offset=0)["hangs"]
        virtual.thaw()
        assert one.do("read", overlay="o", block="odma0", offset=0)["value"] == 4


def test_pynq_3_reads_large_values_as_negative(
    tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    for version, found in (("3.1.2", 0x89ABCDEF - (1 << 32)), ("4.0.0", 0x89ABCDEF)):
        with VirtualBoard(bundle.folder, options(tiny), PYTHONS[version]) as virtual:
            one = ready(client(version, virtual.address), pair(bundle))
            one.do("write", overlay="o", block="odma0", offset=0x10, value=0x89ABCDEF)
            assert one.do("read", overlay="o", block="odma0", offset=0x10)["value"] == found


def test_of_a_long_write_only_the_first_word_arrives(
    bundle: Manifest, tiny: ReleasedModel, client: StartClient
) -> None:
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        one = ready(client("3.1.2", virtual.address), pair(bundle))
        words = "01000000" + "02000000" + "03000000" + "04000000"
        one.do("write", overlay="o", block="odma0", offset=0x10, data=words)
        assert one.do("read", overlay="o", block="odma0", offset=0x10)["value"] == 1
        assert one.do("read", overlay="o", block="odma0", offset=0x1C)["value"] == 0


def test_pynq_3_cannot_view_a_view_and_so_breaks_the_driver(
    tiny: ReleasedModel, client: StartClient, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path / "b", [tiny], board="kv260", bitstream=False)
    np.save(tmp_path / "x.npy", inputs(tiny, 1))
    files = {"x": tmp_path / "x.npy", "y": tmp_path / "y.npy"}
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        asked = {"as": "d", "bundle": bundle.folder, "model": "tiny", "plain_outputs": False}
        old = client("3.1.2", virtual.address)
        old.do("driver", **asked)
        for broken in (old.ask("view_of_view"), old.ask("execute", driver="d", **files)):
            assert broken["error"] == "AttributeError"
            assert "device" in broken["text"]
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        new = client("4.0.0", virtual.address)
        new.do("driver", **asked)
        assert new.do("view_of_view")["shape"] == [2, 4]
        new.do("execute", driver="d", **files)


def test_pynq_4_does_not_load_a_zynq_7000_unless_its_clocks_are_left_alone(
    bundle: Manifest, tiny: ReleasedModel, client: StartClient
) -> None:
    with VirtualBoard(bundle.folder, options(tiny)) as virtual:
        one = client("4.0.0", virtual.address)
        bit = pair(bundle)
        assert one.ask("load", **{"as": "o"}, bit=bit)["error"] == "TypeError"
        loaded = one.do("load_without_clocks", **{"as": "o"}, bit=bit)
        assert loaded["fclk0_mhz"] == pytest.approx(100)
        assert one.do("read", overlay="o", block="odma0", offset=0)["value"] == 4


def test_clients_do_not_share_what_they_loaded(
    models: tuple[ReleasedModel, ReleasedModel], client: StartClient, tmp_path: Path
) -> None:
    """pynq keeps its state in its install folder; each of these clients has a folder of its own."""
    tiny, other = models
    first = write_bundle(tmp_path / "b", [tiny], bitstream=False)
    second = write_bundle(tmp_path / "c", [other, tiny], bitstream=False)
    with (
        VirtualBoard(first.folder, options(tiny)) as a,
        VirtualBoard(second.folder, options(tiny, other)) as b,
    ):
        one, two = client("3.1.2", a.address), client("3.1.2", b.address)
        ready(one, pair(first))
        ready(two, pair(second))
        states = [
            (tmp_path / f"client-{board.address}" / "pynq/pl_server/global_pl_state_.json")
            for board in (a, b)
        ]
        texts = [state.read_text() for state in states]
        assert str(pair(first)) in texts[0]
        assert str(pair(second)) in texts[1]
        assert one.do("read", overlay="o", block="odma0", offset=0)["value"] == 4
