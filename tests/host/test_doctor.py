"""The doctor measures; each test breaks one thing and looks whether it is told."""

import re
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from host import doctor
from host.accelerator import pynq_device
from host.codes import DoctorCode
from host.doctor import (
    Check,
    check_board,
    check_camera,
    check_disk,
    check_encoder,
    check_models,
    check_packages,
)
from host.report.overlay import encoder
from host.settings import AcceleratorTable
from model_zoo import package
from tests.bundles import write_bundle
from tests.fake_pynq import FakeBoard, computing
from tests.networks import write_random_release

ROOT = Path(__file__).resolve().parents[2]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of one released model of random weights."""
    monkeypatch.setattr(package, "RELEASED", tmp_path)
    write_random_release(tmp_path / "tiny-pose")
    return tmp_path / "tiny-pose"


def by_code(checks: list[Check]) -> dict[DoctorCode, Check]:
    return {check.code: check for check in checks}


def test_the_packages_are_those_that_the_project_requires() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    required = text.split("dependencies = [")[1].split("]")[0]
    assert set(doctor.PACKAGES) == set(re.findall(r'"([\w-]+)>=[^;"]*"', required))


def test_packages_that_work_are_named_with_their_versions() -> None:
    [check] = check_packages({"numpy": "numpy"})
    assert check.state == "ok"
    assert f"numpy {np.__version__}" in check.found


def test_a_package_that_does_not_import_fails_and_the_rest_is_still_listed() -> None:
    checks = by_code(list(check_packages({"gone-package": "no_such_module", "numpy": "numpy"})))
    broken = checks[DoctorCode.PACKAGE_BROKEN]
    assert broken.state == "fail"
    assert "gone-package" in broken.found
    assert broken.advice
    assert checks[DoctorCode.PACKAGES].found.startswith("1 packages")


@pytest.mark.usefixtures("released")
def test_a_released_model_is_verified_and_timed() -> None:
    checks = by_code(list(check_models()))
    assert checks[DoctorCode.MODEL].state == "ok"
    assert "tiny-pose 0.0.1" in checks[DoctorCode.MODEL].found
    rate = re.search(r"(\d+) pictures per second", checks[DoctorCode.SPEED].found)
    assert rate is not None
    assert int(rate[1]) > 10


@pytest.mark.usefixtures("released")
def test_a_slow_machine_is_told_but_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SLOW_PER_S", 1e9)
    speed = by_code(list(check_models()))[DoctorCode.SPEED]
    assert speed.state == "warn"
    assert speed.advice


def test_a_damaged_model_fails(released: Path) -> None:
    golden_form = released / package.GOLDEN_FORM
    content = bytearray(golden_form.read_bytes())
    content[len(content) // 2] ^= 1
    golden_form.write_bytes(content)
    [check] = check_models()
    assert check.state == "fail"
    assert "tiny-pose" in check.found


def test_a_model_whose_integers_differ_fails(released: Path) -> None:
    pair = released / package.GOLDEN_PAIR
    with np.load(pair) as stored:
        x, y = stored["input"], stored["output"]
    y[0].flat[0] += 1
    np.savez(pair, input=x, output=y)
    description = released / package.DESCRIPTION
    old = package.load_released(released).files[package.GOLDEN_PAIR]
    description.write_text(description.read_text().replace(old, package.sha256(pair)))
    [check] = check_models()
    assert check.state == "fail"
    assert "3 numbers differ" in check.found


def test_no_model_at_all_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "RELEASED", tmp_path)
    [check] = check_models()
    assert (check.code, check.state) == (DoctorCode.MODEL_NONE, "fail")


@pytest.fixture
def on_a_board(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[AcceleratorTable, FakeBoard]:
    """Settings for a bundle of the released model, and the board inside the process."""
    model = package.load_released(released)
    manifest = write_bundle(tmp_path / "bundles" / "tiny", [model])
    board = FakeBoard([(manifest.networks[0], computing(model))])
    monkeypatch.setitem(sys.modules, "pynq", board.module())
    monkeypatch.delenv("PYNQ_REMOTE_DEVICES", raising=False)
    manager = tmp_path / "firmware"
    manager.touch()
    monkeypatch.setattr(pynq_device, "FPGA_MANAGER", manager)
    monkeypatch.setattr(pynq_device, "local_board", lambda: "pynq-z2")
    return AcceleratorTable(bundle=str(manifest.folder), deadline_s=2.0), board


def test_a_board_is_measured_part_by_part(
    on_a_board: tuple[AcceleratorTable, FakeBoard],
) -> None:
    [check] = check_board(on_a_board[0])
    assert (check.code, check.state) == (DoctorCode.BOARD, "ok")
    told = re.search(r"packing ([\d.]+), transfer ([\d.]+), computing ([\d.]+)", check.found)
    assert told is not None
    assert float(told[2]) > 0
    assert "pynq-z2" in check.found


def test_a_board_that_cannot_be_used_is_told_with_the_reason(
    on_a_board: tuple[AcceleratorTable, FakeBoard],
) -> None:
    on_a_board[1].refuse_loading = True
    [check] = check_board(on_a_board[0])
    assert (check.code, check.state) == (DoctorCode.BOARD_REFUSED, "warn")
    assert "configuration port" in check.found
    assert check.advice


def test_no_board_is_no_fault() -> None:
    [check] = check_board(None)
    assert (check.code, check.state) == (DoctorCode.BOARD_NONE, "warn")


def test_the_encoder_is_tried_for_real() -> None:
    check = check_encoder()
    assert check.state == "ok"
    assert check.found.startswith("12 pictures")


def test_a_missing_encoder_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "CODEC", "libx999")
    check = check_encoder()
    assert check.state == "fail"
    assert "H.264" in check.found


def test_an_encoder_that_spoils_the_picture_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    write = encoder.Encoder.write

    def spoil(self: encoder.Encoder, frame: object, time_s: float) -> None:
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))  # type: ignore[attr-defined]
        write(self, frame, time_s)  # type: ignore[arg-type]

    monkeypatch.setattr(encoder.Encoder, "write", spoil)
    check = check_encoder()
    assert (check.code, check.state) == (DoctorCode.ENCODER_WRONG, "fail")


def test_the_disk_is_written_and_left_clean(tmp_path: Path) -> None:
    check = check_disk(tmp_path / "not" / "yet" / "there")
    assert check.state == "ok"
    assert "GB free" in check.found
    assert list(tmp_path.iterdir()) == []


def test_a_nearly_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 5_000_000))
    check = check_disk(tmp_path)
    assert check.state == "warn"
    assert check.found.startswith("0.0 GB free")


def test_a_place_that_cannot_be_written_fails() -> None:
    check = check_disk(Path("/proc/footfall"))
    assert (check.code, check.state) == (DoctorCode.DISK_REFUSED, "fail")
    assert check.advice


def test_cameras_are_listed_or_missed(tmp_path: Path) -> None:
    none = check_camera(tmp_path)
    assert (none.code, none.state) == (DoctorCode.CAMERA_NONE, "warn")
    (tmp_path / "video0").touch()
    (tmp_path / "video2").touch()
    some = check_camera(tmp_path)
    assert some.state == "ok"
    assert f"{tmp_path / 'video0'}, {tmp_path / 'video2'}" == some.found


def test_a_camera_of_others_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video0").touch()
    monkeypatch.setattr("os.access", lambda *_: False)
    check = check_camera(tmp_path)
    assert (check.code, check.state) == (DoctorCode.CAMERA_REFUSED, "warn")
    assert "group video" in str(check.advice)
