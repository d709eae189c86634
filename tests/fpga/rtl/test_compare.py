"""The comparison over a program in Python that can be spoiled; needs neither FINN nor Verilator."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fpga.errors import FpgaError
from fpga.rtl.cli import find_model
from fpga.rtl.compare import Comparison, compare_arrays, save_cycles
from host.accelerator.bundle import MANIFEST, Manifest, Resources, load_manifest
from host.accelerator.emulation import Emulation
from host.accelerator.types import AcceleratorSettings
from model_zoo.package import ReleasedModel, UnknownModelError
from tests.bundles import circuit, write_bundle
from tests.fake_simulator import write_fake_simulator
from tests.networks import random_pictures, write_random_release

PICTURES = random_pictures(3, seed=4)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ReleasedModel:
    return write_random_release(tmp_path_factory.mktemp("released") / "tiny-pose")


@pytest.fixture
def manifest(model: ReleasedModel, tmp_path: Path) -> Manifest:
    plain = write_bundle(tmp_path / "bundle", [model])
    program = write_fake_simulator(plain, model, PICTURES)
    return replace(plain, networks=(replace(plain.networks[0], simulator=str(program)),))


@pytest.fixture
def comparison(manifest: Manifest, model: ReleasedModel) -> Comparison:
    expected = Emulation(model, AcceleratorSettings(executor="numpy")).run(PICTURES)
    return Comparison(manifest, manifest.networks[0], PICTURES, expected)


def test_equal_integers_and_cycles(comparison: Comparison, manifest: Manifest) -> None:
    row = comparison.batch("all", repeats=2)
    assert (row.items, row.differing) == (6, 0)
    assert row.integers == 2 * comparison.expected.size
    assert (row.latency_cycles, row.interval_cycles) == (25, 10)  # as the program says
    assert comparison.interleaved("alone").items == 9
    assert (manifest.folder / "tiny-pose" / "ended").read_text() == "9"  # ended in order


def test_every_difference_is_counted(comparison: Comparison) -> None:
    comparison.expected = comparison.expected.copy()
    comparison.expected[1].flat[:5] += 1
    assert comparison.batch("all", repeats=2).differing == 10
    assert comparison.interleaved("alone").differing == 3 * 5
    y = comparison.expected.copy()
    y[0].flat[7] -= 3
    assert compare_arrays("FINN", y, comparison.expected).differing == 1


@pytest.mark.parametrize("fault", ["dies", "short", "counts"])
def test_a_simulation_that_fails_is_told(
    comparison: Comparison, manifest: Manifest, fault: str
) -> None:
    (manifest.folder / "tiny-pose" / "fault").write_text(fault)
    with pytest.raises(FpgaError, match="tiny-pose: the simulation failed"):
        comparison.batch("all")


def test_a_bundle_without_a_program_is_told(manifest: Manifest, comparison: Comparison) -> None:
    bare = replace(manifest.networks[0], simulator=None)
    with pytest.raises(FpgaError, match="without its simulator"):
        Comparison(manifest, bare, PICTURES, comparison.expected)


def test_cycles_are_entered_in_the_manifest(comparison: Comparison, manifest: Manifest) -> None:
    row = comparison.batch("all")
    counted = Resources(lut=7)  # entered while the simulation ran
    replace(manifest, resources=counted).write(manifest.folder)
    save_cycles(manifest.folder, {"tiny-pose": row})
    stored = load_manifest(manifest.folder)
    network = stored.networks[0]
    assert (network.latency_cycles, network.interval_cycles) == (25, 10)
    assert stored.resources == counted
    assert [p.name for p in manifest.folder.glob(f"*{MANIFEST}*")] == [MANIFEST]


def test_the_model_must_be_the_one_that_was_built(model: ReleasedModel, tmp_path: Path) -> None:
    built = circuit(model)
    assert find_model(built, model.folder.parent).name == model.name
    with pytest.raises(FpgaError, match="other integers"):
        find_model(replace(built, golden_form_sha256="0" * 64), model.folder.parent)
    shutil.copytree(model.folder, tmp_path / "other")
    with pytest.raises(FpgaError, match="other integers"):
        find_model(replace(built, model="other"), tmp_path)
    with pytest.raises(UnknownModelError):
        find_model(built, tmp_path)
