"""``footfall serve`` says clearly why it does not start."""

import socket
from pathlib import Path

import pytest

from host.codes import ErrorCode
from host.errors import FootfallError
from host.service.cli import serve
from host.service.file_records import FileRecords
from host.service.folders import default_data_dir


def refusal(**options: object) -> ErrorCode:
    with pytest.raises(FootfallError) as caught:
        serve(**options)  # type: ignore[arg-type]
    assert str(caught.value)
    return caught.value.code


def test_an_address_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refusal(port=port, data_dir=tmp_path) is ErrorCode.ADDRESS_UNAVAILABLE


def test_a_name_that_nobody_has(tmp_path: Path) -> None:
    code = refusal(host="no-such-host.invalid", data_dir=tmp_path)
    assert code is ErrorCode.ADDRESS_UNAVAILABLE


def test_an_address_of_somebody_else(tmp_path: Path) -> None:
    assert refusal(host="192.0.2.1", data_dir=tmp_path) is ErrorCode.ADDRESS_UNAVAILABLE


def test_a_data_folder_in_use(tmp_path: Path) -> None:
    records = FileRecords(tmp_path)
    assert refusal(port=0, data_dir=tmp_path) is ErrorCode.DATA_DIR_IN_USE
    records.close()


def test_a_data_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(port=0, data_dir=tmp_path / "file") is ErrorCode.OUTPUT_NOT_WRITABLE


def test_a_mistake_in_the_settings(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[output]\noverlai = false\n")
    assert refusal(port=0, data_dir=tmp_path, settings=settings) is ErrorCode.SETTING_UNKNOWN


def test_the_usual_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_data_dir() == tmp_path / "footfall"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_data_dir() == tmp_path / ".local" / "share" / "footfall"
