"""The synthetic pair: what pynq needs to find in it, and names that never come twice."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from fpga.errors import FpgaError
from fpga.virtual_board.bitfile import synthetic_bit
from fpga.virtual_board.hwh import address_map
from fpga.virtual_board.pair import ensure_pair
from host.accelerator.bundle import MANIFEST, Bitstream, Manifest, load_manifest
from host.accelerator.pynq_bitstream import firmware
from model_zoo.package import PackageError, ReleasedModel
from tests.bundles import write_bundle

BOARDS = ("pynq-z2", "pynq-z1", "kv260", "zcu104", "ultra96-v2")


def names(manifest: Manifest) -> Bitstream:
    assert manifest.bitstream is not None
    return manifest.bitstream


@pytest.mark.parametrize("board", BOARDS)
def test_the_manifest_lists_the_pair_by_hash(
    board: str, tiny: ReleasedModel, tmp_path: Path
) -> None:
    folder = write_bundle(tmp_path, [tiny], board=board, bitstream=False).folder
    manifest = ensure_pair(folder)
    assert load_manifest(folder) == manifest
    pair = names(manifest)
    assert pair.synthetic
    for name in (pair.bit, pair.hwh):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == manifest.files[name]
    assert Path(pair.bit).stem == Path(pair.hwh).stem
    assert manifest.files[pair.bit][:12] in pair.bit
    assert manifest.status == "rtl-verified"  # nothing was built


def test_a_second_time_nothing_changes(bundle: Manifest) -> None:
    first = ensure_pair(bundle.folder)
    times = {path: path.stat().st_mtime_ns for path in bundle.folder.iterdir()}
    assert ensure_pair(bundle.folder) == first
    assert {path: path.stat().st_mtime_ns for path in bundle.folder.iterdir()} == times


def test_a_real_bitstream_is_left_alone(tiny: ReleasedModel, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, [tiny])
    assert ensure_pair(bundle.folder) == bundle


def test_every_description_has_a_bitstream_of_its_own(
    models: tuple[ReleasedModel, ReleasedModel], tmp_path: Path
) -> None:
    tiny, other = models
    made = {
        "one": write_bundle(tmp_path / "one", [tiny], bitstream=False),
        "two": write_bundle(tmp_path / "two", [tiny, other], bitstream=False),
        "turned": write_bundle(tmp_path / "turned", [other, tiny], bitstream=False),
        "board": write_bundle(tmp_path / "board", [tiny], board="kv260", bitstream=False),
    }
    changed = replace(made["one"].networks[0], golden_form_sha256="0" * 64)
    newer = replace(made["one"], folder=tmp_path / "newer", networks=(changed,))
    newer.folder.mkdir()
    (newer.folder / MANIFEST).write_text(newer.to_json())
    pairs = [ensure_pair(m.folder) for m in (*made.values(), newer)]
    assert len({m.files[names(m).bit] for m in pairs}) == len(pairs)
    assert len({names(m).bit for m in pairs}) == len(pairs)


def test_every_engine_has_its_own_addresses(
    models: tuple[ReleasedModel, ReleasedModel], tmp_path: Path
) -> None:
    for board, first in (("pynq-z2", 0x40000000), ("kv260", 0xA0000000)):
        bundle = write_bundle(tmp_path / board, models, board=board, bitstream=False)
        pair = names(ensure_pair(bundle.folder, gpio=True))
        blocks = address_map((bundle.folder / pair.hwh).read_text())
        assert list(blocks) == ["idma0", "odma0", "idma1", "odma1", "axi_gpio_0"]
        assert [b.base for b in blocks.values()] == [first + i * 0x10000 for i in range(5)]
        assert all(b.size == 0x10000 for b in blocks.values())


def test_the_address_map_of_a_real_design_leaves_memories_out() -> None:
    text = """<EDKSYSTEM><MODULES><MODULE INSTANCE="ps"><MEMORYMAP>
      <MEMRANGE INSTANCE="ps" MEMTYPE="MEMORY" BASEVALUE="0x0" HIGHVALUE="0x1FFFFFFF"/>
      <MEMRANGE INSTANCE="odma0" MEMTYPE="REGISTER" BASEVALUE="0x43C10000" HIGHVALUE="0x43C1FFFF"/>
    </MEMORYMAP></MODULE></MODULES></EDKSYSTEM>"""
    (block,) = address_map(text).values()
    assert (block.instance, block.base, block.size) == ("odma0", 0x43C10000, 0x10000)


@pytest.mark.parametrize("text", ["no xml", '<A><MEMRANGE MEMTYPE="REGISTER"/></A>'])
def test_a_description_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(FpgaError, match="hardware description cannot be read"):
        address_map(text)


def test_the_bitstream_has_the_header_that_pynq_reads() -> None:
    bit = synthetic_bit("top", "7z020clg400", b"a description")
    data = firmware(bit)
    assert len(data) % 4 == 0
    assert data[:4] == b"\xff" * 4
    assert (
        bytes.fromhex("aa995566")[::-1] in data
    )  # synchronisation, as it reaches the fpga manager
    assert firmware(synthetic_bit("top", "7z020clg400", b"another")) != data


def test_a_changed_file_is_told(bundle: Manifest) -> None:
    manifest = ensure_pair(bundle.folder)
    (bundle.folder / names(manifest).hwh).write_text("<A/>")
    with pytest.raises(PackageError, match=r"hwh differs from its hash"):
        ensure_pair(bundle.folder)


def test_an_unknown_board_is_told(bundle: Manifest) -> None:
    text = replace(bundle, board="pynq-z9").to_json()
    (bundle.folder / MANIFEST).write_text(text)
    with pytest.raises(FpgaError, match="pynq-z9"):
        ensure_pair(bundle.folder)
