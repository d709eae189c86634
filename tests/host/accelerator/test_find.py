"""Which bundle is taken, and why none."""

import json
import sys
from dataclasses import replace

import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings, find, pynq_device
from host.accelerator.bundle import MANIFEST, load_manifest
from host.accelerator.find import find_bundles, load_bundle
from host.codes import AlertCode, ErrorCode
from host.errors import MachineError
from model_zoo.package import PackageError
from tests.bundles import write_bundle
from tests.fake_pynq import FakeBoard, computing


@pytest.fixture
def places(tmp_path, monkeypatch):
    built, shipped = tmp_path / "build", tmp_path / "bitstreams"
    monkeypatch.setattr(find, "PLACES", (built, shipped))
    return built, shipped


def test_built_before_shipped_and_by_name_or_folder(places, tiny_pose):
    built, shipped = places
    write_bundle(shipped / "a-pynq-z2", [tiny_pose])
    write_bundle(built / "z-pynq-z2", [tiny_pose])
    assert find_bundles(tiny_pose, "pynq")[0].folder == built / "z-pynq-z2"
    assert find_bundles(tiny_pose, "pynq", "a-pynq-z2")[0].folder == shipped / "a-pynq-z2"
    assert find_bundles(tiny_pose, "pynq", str(built / "z-pynq-z2"))[0].folder.name == "z-pynq-z2"
    assert load_bundle("a-pynq-z2").board == "pynq-z2"


def test_a_build_that_has_not_ended_is_not_found(places, tiny_pose):
    write_bundle(places[0] / ".a-pynq-z2.x1y2", [tiny_pose])
    with pytest.raises(MachineError, match="no bundle holds"):
        find_bundles(tiny_pose, "pynq")


@pytest.mark.parametrize(
    ("backend", "change", "told"),
    [
        ("pynq", {"bitstream": None, "files": {}}, "no bitstream"),
        ("rtl", {}, "simulator"),
        ("pynq", {"golden_form_sha256": "0" * 64}, "another version"),
        ("pynq", {"model": "other"}, "no bundle holds"),
    ],
)
def test_a_bundle_that_does_not_fit_is_not_taken(places, tiny_pose, backend, change, told):
    folder = places[0] / "bundle"
    manifest = write_bundle(folder, [tiny_pose])
    whole = {k: v for k, v in change.items() if k in ("bitstream", "files")}
    part = {k: v for k, v in change.items() if k not in whole}
    network = replace(manifest.networks[0], **part)
    (folder / MANIFEST).write_text(replace(manifest, networks=(network,), **whole).to_json())
    with pytest.raises(MachineError, match=told) as error:
        find_bundles(tiny_pose, backend)
    assert error.value.code is ErrorCode.BUNDLE_UNKNOWN


def test_on_a_board_only_its_own_bundles_count(places, tiny_pose, tmp_path, monkeypatch):
    write_bundle(places[0] / "a", [tiny_pose], board="kv260")
    (tmp_path / "name").write_text("Pynq-Z2\0")
    monkeypatch.setattr(find, "BOARD_NAME", tmp_path / "name")
    with pytest.raises(MachineError, match="kv260"):
        find_bundles(tiny_pose, "pynq")
    write_bundle(places[0] / "b", [tiny_pose], board="pynq-z2", synthetic=True)
    with pytest.raises(MachineError, match="virtual board"):
        find_bundles(tiny_pose, "pynq")
    write_bundle(places[0] / "c", [tiny_pose], board="pynq-z2")
    assert find_bundles(tiny_pose, "pynq")[0].folder.name == "c"


def test_damaged_and_unknown_bundles_are_told(places, tiny_pose):
    write_bundle(places[0] / "bundle", [tiny_pose])
    with pytest.raises(MachineError, match="nothing-here") as told:
        load_bundle("nothing-here")
    assert told.value.code is ErrorCode.BUNDLE_UNKNOWN
    (places[0] / "bundle" / MANIFEST).write_text("{")
    with pytest.raises(MachineError) as told:
        find_bundles(tiny_pose, "pynq", "bundle")
    assert told.value.code is ErrorCode.BUNDLE_DAMAGED


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": 1, "networks": [{}]}'])
def test_a_damaged_bundle_stops_no_search(places, tiny_pose, text):
    write_bundle(places[0] / "a", [tiny_pose])
    (places[0] / "a" / MANIFEST).write_text(text)
    with pytest.raises(MachineError, match="bundle a is damaged") as told:
        find_bundles(tiny_pose, "pynq")
    assert told.value.code is ErrorCode.BUNDLE_UNKNOWN
    write_bundle(places[0] / "b", [tiny_pose])
    assert [m.folder.name for m in find_bundles(tiny_pose, "pynq")] == ["b"]


def test_a_connected_board_gets_the_bundle_made_for_it(places, tiny_pose, monkeypatch):
    write_bundle(places[0] / "a-kv260", [tiny_pose], board="kv260")
    fitting = write_bundle(places[0] / "b-pynq-z2", [tiny_pose])
    write_bundle(places[0] / "c-zcu104", [tiny_pose], board="zcu104")
    fake = FakeBoard([(fitting.networks[0], computing(tiny_pose))])
    monkeypatch.setitem(sys.modules, "pynq", fake.module())
    monkeypatch.setattr(pynq_device, "local_board", lambda: "pynq-z2")
    opened = accelerator.open(tiny_pose, AcceleratorSettings("pynq", deadline_s=1.0))
    assert len(fake.loads) == 1, "nothing is sent that was made for another board"
    assert opened.description.startswith("pynq on pynq-z2 with ")
    opened.close()
    monkeypatch.setattr(pynq_device, "local_board", lambda: "ultra96-v2")
    with pytest.raises(MachineError, match="zcu104") as told:
        accelerator.open(tiny_pose, AcceleratorSettings("pynq", deadline_s=1.0))
    assert told.value.code is ErrorCode.BITSTREAM_REFUSED


def test_the_bundle_in_use_is_shared_when_it_holds_the_network(places, tiny_pose, monkeypatch):
    first = write_bundle(places[0] / "a", [tiny_pose], seed=3)
    second = write_bundle(places[0] / "b", [tiny_pose])
    assert first.files != second.files
    fake = FakeBoard([(second.networks[0], computing(tiny_pose))])
    monkeypatch.setitem(sys.modules, "pynq", fake.module())
    monkeypatch.setattr(pynq_device, "local_board", lambda: "pynq-z2")
    settings = AcceleratorSettings("pynq", deadline_s=1.0)
    one = accelerator.open(tiny_pose, replace(settings, bundle="b"))
    two = accelerator.open(tiny_pose, settings)
    assert len(fake.loads) == 1
    one.close()
    two.close()


def test_manifest_reads_as_it_was_written_and_refuses_contradictions(tmp_path, tiny_pose):
    manifest = write_bundle(tmp_path, [tiny_pose])
    assert load_manifest(tmp_path) == manifest
    manifest.verify()
    for change in (
        {"status": "perfect"},
        {"networks": []},
        {"files": {}},
        {"files": {"../x": "0"}},
        {"clock": 5},
        {"schema_version": 2},
    ):
        table = {**json.loads(manifest.to_json()), **change}
        (tmp_path / MANIFEST).write_text(json.dumps(table))
        with pytest.raises(PackageError):
            load_manifest(tmp_path)
    with pytest.raises(PackageError, match="tiny-pose"):
        manifest.circuit("another")
    (tmp_path / "finn-accel.bit").unlink()
    with pytest.raises(PackageError, match=r"finn-accel\.bit"):
        manifest.verify()


def test_auto_is_emulation_without_a_board(places, tiny_pose, monkeypatch):
    monkeypatch.delenv("PYNQ_REMOTE_DEVICES", raising=False)
    write_bundle(places[0] / "bundle", [tiny_pose])
    opened = accelerator.open(tiny_pose)
    assert opened.description.startswith("emulation")
    assert opened.alerts == ()


def test_auto_tells_why_a_configured_board_is_not_used(places, tiny_pose, monkeypatch):
    monkeypatch.setattr(accelerator, "is_configured", lambda _: True)
    write_bundle(places[0] / "bundle", [tiny_pose])
    (places[0] / "bundle" / "finn-accel.bit").write_bytes(b"something else")
    monkeypatch.setitem(sys.modules, "pynq", FakeBoard([]).module())
    opened = accelerator.open(tiny_pose, AcceleratorSettings(deadline_s=1.0))
    assert opened.description.startswith("emulation")
    (alert,) = opened.alerts
    assert alert.code is AlertCode.BOARD_NOT_USED
    assert alert.cause.code is ErrorCode.BUNDLE_DAMAGED
    assert "differs from its hash" in str(alert)


@pytest.mark.usefixtures("places")
def test_auto_keeps_silent_where_no_bundle_was_ever_built(tiny_pose, monkeypatch):
    monkeypatch.setattr(accelerator, "is_configured", lambda _: True)
    assert accelerator.open(tiny_pose).alerts == ()


def test_auto_tells_of_a_damaged_bundle(places, tiny_pose, monkeypatch):
    monkeypatch.setattr(accelerator, "is_configured", lambda _: True)
    write_bundle(places[0] / "bundle", [tiny_pose])
    (places[0] / "bundle" / MANIFEST).write_text("{")
    opened = accelerator.open(tiny_pose)
    assert [alert.code for alert in opened.alerts] == [AlertCode.BOARD_NOT_USED]
    assert "bundle bundle is damaged" in str(opened.alerts[0])
