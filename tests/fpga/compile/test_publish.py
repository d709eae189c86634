"""What stays of a bundle: the folding always, the manifest where the integers are released ones."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from fpga.__main__ import main
from fpga.boards import load_board
from fpga.compile.folding_choice import COMMITTED
from fpga.compile.publish import publish
from fpga.errors import FpgaError
from fpga.fold.folding import read_folding
from fpga.fold.geometry import chain
from host.accelerator.bundle import MANIFEST, Bitstream, Circuit, Manifest, Stream, load_manifest
from model_zoo.package import GOLDEN_FORM, PackageError, load_released, released_names, sha256
from tests.fpga.foldings import plain_folding


@pytest.fixture
def built(tmp_path: Path) -> Manifest:
    """The manifest of a released network, as a build leaves it."""
    model, board = load_released("gait-pose-s"), load_board("pynq-z2")
    folder = tmp_path / "built"
    path = plain_folding([model], board).write(folder)
    height, width, channels = model.output.shape
    circuit = Circuit(
        model=model.name,
        version=model.version,
        golden_form_sha256=model.files[GOLDEN_FORM],
        top="top",
        input=Stream("idma0", model.input.shape, model.input.shape, 8, False, 24),
        output=Stream("odma0", model.output.shape, (height, width, channels // 4, 4), 16, True, 64),
        simulator="gait-pose-s/simulator",
    )
    manifest = Manifest(
        folder=folder,
        bundle=model.name,
        board=board.name,
        part=board.part,
        clock_mhz=board.clock_mhz,
        status="rtl-verified",
        networks=(circuit,),
        files={"folding.json": sha256(path)},
    )
    (folder / MANIFEST).write_text(manifest.to_json())
    return manifest


def test_a_released_network_keeps_its_manifest(built: Manifest, tmp_path: Path) -> None:
    assert main(["publish", str(built.folder), "--out", str(tmp_path / "kept")]) == 0
    kept = load_manifest(tmp_path / "kept")
    kept.verify()
    assert kept.networks[0].simulator is None
    assert dataclasses.replace(kept.networks[0], simulator="x") == dataclasses.replace(
        built.networks[0], simulator="x"
    )


def test_other_integers_keep_the_folding_alone(built: Manifest, tmp_path: Path) -> None:
    other = dataclasses.replace(built.networks[0], golden_form_sha256="0" * 64)
    assert publish(dataclasses.replace(built, networks=(other,)), tmp_path / "kept") == (
        "folding.json",
    )
    assert [p.name for p in (tmp_path / "kept").iterdir()] == ["folding.json"]


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_bitstream_goes_along_unless_it_is_made_up(
    synthetic: bool, built: Manifest, tmp_path: Path
) -> None:
    pair = ("s-1.bit", "s-1.hwh")
    for name in pair:
        (built.folder / name).write_text(name)
    with_pair = dataclasses.replace(
        built,
        bitstream=Bitstream(*pair, synthetic=synthetic),
        files={**built.files, **{name: sha256(built.folder / name) for name in pair}},
    )
    names = publish(with_pair, tmp_path / "kept")
    assert set(pair).isdisjoint(names) == synthetic
    kept = load_manifest(tmp_path / "kept")
    kept.verify()
    assert (kept.bitstream is None) == synthetic


def test_what_was_not_proven_is_not_kept(built: Manifest, tmp_path: Path) -> None:
    with pytest.raises(FpgaError, match="was not simulated"):
        publish(dataclasses.replace(built, status="generated"), tmp_path / "kept")
    (built.folder / "folding.json").write_text("{}")
    with pytest.raises(PackageError, match=r"folding\.json differs from its hash"):
        publish(built, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_folder_of_something_else_is_left_alone(built: Manifest, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "thesis.txt").write_text("years of work")
    with pytest.raises(FpgaError, match="holds no bundle"):
        publish(built, tmp_path / "kept")
    assert (tmp_path / "kept" / "thesis.txt").read_text() == "years of work"


def test_a_failure_while_copying_leaves_what_was_there(
    built: Manifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(built, tmp_path / "kept")
    before = (tmp_path / "kept" / MANIFEST).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        publish(built, tmp_path / "kept")
    assert (tmp_path / "kept" / MANIFEST).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built", "kept"]


COMMITTED_BUNDLES = sorted(path.parent.name for path in COMMITTED.glob("*/folding.json"))


@pytest.mark.parametrize("name", COMMITTED_BUNDLES)
def test_committed_foldings_fit_the_released_networks(name: str) -> None:
    folding = read_folding(COMMITTED / name)
    assert name == f"{'+'.join(folding.networks)}-{folding.board}"
    assert folding.clock_mhz == load_board(folding.board).clock_mhz
    for model in set(folding.networks) & set(released_names()):
        folding.networks[model].check(chain(load_released(model)))


@pytest.mark.parametrize(
    "name", [n for n in COMMITTED_BUNDLES if (COMMITTED / n / MANIFEST).exists()]
)
def test_committed_manifests_are_those_of_the_released_networks(name: str) -> None:
    manifest = load_manifest(COMMITTED / name)
    manifest.verify()
    for circuit in manifest.networks:
        model = load_released(circuit.model)
        assert (circuit.version, circuit.golden_form_sha256) == (
            model.version,
            model.files[GOLDEN_FORM],
        )
        assert (circuit.input.shape, circuit.output.shape) == (
            model.input.shape,
            model.output.shape,
        )
