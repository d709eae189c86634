"""Bitstreams are marked with their description, and read as pynq reads them."""

import struct
from types import SimpleNamespace

import numpy as np
import pytest

from host.accelerator.pynq_bitstream import description_addresses, firmware, mark, stage
from host.accelerator.pynq_device import not_another
from host.codes import ErrorCode
from host.errors import MachineError
from model_zoo.package import PackageError
from tests.bundles import bit_file, hwh_file, write_bundle

DATA = bytes(range(64))


def fields(bit):
    """Header fields and data, read by the rules of pynq 3.1.2 (``parse_bit_header``)."""
    at = 2 + struct.unpack_from(">h", bit)[0] + 2
    found = {}
    while bit[at : at + 1] != b"e":
        (length,) = struct.unpack_from(">h", bit, at + 1)
        found[bit[at : at + 1]] = bit[at + 3 : at + 3 + length].decode("ascii")
        at += 3 + length
    (length,) = struct.unpack_from(">i", bit, at + 1)
    assert at + 5 + length == len(bit)
    return found, bit[at + 5 :]


@pytest.mark.parametrize("design", ["top", "top_wrapper;UserID=0XFFFFFFFF;Version=2022.2"])
def test_the_mark_changes_the_header_and_nothing_else(design):
    plain = bit_file(DATA, design)
    marked = mark(plain, "0123abcd")
    before, after = fields(plain), fields(marked)
    assert after[1] == before[1] == DATA
    name, *rest = after[0][b"a"].rstrip("\0").split(";")
    assert name == design.split(";")[0]
    assert rest[0] == "FOOTFALL=0123abcd"
    assert rest[1:] == design.split(";")[1:]
    assert after[0][b"a"].endswith("\0")
    assert {k: v for k, v in after[0].items() if k != b"a"} == {
        k: v for k, v in before[0].items() if k != b"a"
    }
    assert firmware(marked) == firmware(plain)


def test_firmware_is_the_data_with_its_words_turned_round():
    words = np.frombuffer(DATA, ">u4")
    assert np.array_equal(np.frombuffer(firmware(bit_file(DATA)), "<u4"), words)


@pytest.mark.parametrize("content", [b"", b"\0", b"no bitstream at all", bit_file(DATA)[:12]])
def test_other_files_are_refused(content):
    for read in (firmware, lambda bit: mark(bit, "x")):
        with pytest.raises(PackageError):
            read(content)


def test_data_that_is_no_whole_number_of_words_is_refused():
    with pytest.raises(PackageError, match="words"):
        firmware(bit_file(DATA[:-1]))


def test_names_follow_the_content_of_both_files(tmp_path, tiny_pose):
    names = []
    for number, (seed, base) in enumerate([(0, 0x40000000), (1, 0x40000000), (0, 0x43C00000)]):
        manifest = write_bundle(tmp_path / str(number), [tiny_pose], seed=seed, base=base)
        staged = stage(manifest, tmp_path)
        assert staged.suffix == ".bit"
        assert staged.with_suffix(".hwh").is_file()
        assert stage(manifest, tmp_path) == staged
        names.append(staged.name)
        assert description_addresses(staged.with_suffix(".hwh"))["idma0"] == base
    assert len(set(names)) == 3


def test_addresses_come_from_the_description(tmp_path):
    (tmp_path / "x.hwh").write_bytes(hwh_file(["idma0", "odma0"], 0x40000000))
    assert description_addresses(tmp_path / "x.hwh") == {
        "idma0": 0x40000000,
        "odma0": 0x40010000,
    }


def test_a_bundle_without_bitstream_has_nothing_to_send(tmp_path, tiny_pose):
    manifest = write_bundle(tmp_path, [tiny_pose], bitstream=False)
    with pytest.raises(MachineError, match="no bitstream") as told:
        stage(manifest, tmp_path)
    assert told.value.code is ErrorCode.BITSTREAM_REFUSED


class Stored:
    """Files of a remote board, as pynq's device shows them."""

    def __init__(self, files):
        self.files = files

    def exists_file(self, path):
        return SimpleNamespace(exists=path in self.files)

    def read_file(self, path):
        return self.files[path]


def test_what_lies_on_the_board_under_our_name_is_not_trusted(tmp_path, tiny_pose):
    """pynq would load the half that an interrupted transfer left."""
    bit = stage(write_bundle(tmp_path / "bundle", [tiny_pose]), tmp_path)
    sent = firmware(bit.read_bytes())
    fresh = not_another(Stored({}), bit)
    assert fresh == bit
    same = f"/lib/firmware/{bit.stem}.bin"
    assert not_another(Stored({same: sent}), bit) == bit
    other = not_another(Stored({same: sent[: len(sent) // 2]}), bit)
    assert other.stem == f"{bit.stem}-2"
    assert firmware(other.read_bytes()) == sent
    assert other.with_suffix(".hwh").is_file()
    assert not bit.exists()


def test_a_board_whose_names_are_all_taken_is_refused(tmp_path, tiny_pose):
    bit = stage(write_bundle(tmp_path / "bundle", [tiny_pose]), tmp_path)
    names = [bit.stem, *(f"{bit.stem}-{number}" for number in range(2, 10))]
    full = Stored({f"/lib/firmware/{name}.bin": b"" for name in names})
    with pytest.raises(OSError, match=bit.stem):
        not_another(full, bit)
