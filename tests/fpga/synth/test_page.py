"""docs/hardware.md says what the committed counts say, and nothing that was typed."""

import json
import shutil
import xml.etree.ElementTree as ET

import pytest

from fpga.errors import FpgaError
from host.accelerator.bundle import FOLDING
from tools.hardware import BUNDLES, PAGE, PLOT, bar, errors, networks, parts, read_bundles
from tools.hardware_plot import draw


def test_the_page_is_made_from_the_committed_counts():
    page = PAGE.read_text(encoding="utf-8")
    bundles = read_bundles(BUNDLES)
    assert bundles
    unseen, seen = errors(bundles, fitted=False), errors(bundles, fitted=True)
    for table in (networks(bundles), parts(bundles), seen, unseen):
        assert table in page
    for bundle in bundles:
        assert bundle.synthesis.command in page


def test_the_plot_is_drawing_of_the_same_counts():
    committed = (PAGE.parent / PLOT).read_text(encoding="utf-8")
    drawn = draw([bar(bundle) for bundle in read_bundles(BUNDLES)], 0.75)
    assert committed == drawn
    assert ET.fromstring(drawn).tag.endswith("svg")


def test_counts_of_another_folding_are_refused(tmp_path):
    shutil.copytree(BUNDLES / "gait-pose-s-pynq-z2", tmp_path / "gait-pose-s-pynq-z2")
    assert len(read_bundles(tmp_path)) == 1
    path = tmp_path / "gait-pose-s-pynq-z2" / FOLDING
    table = json.loads(path.read_text())
    table["networks"]["gait-pose-s"]["fifos"]["head_matrix"] = 31
    path.write_text(json.dumps(table))
    with pytest.raises(FpgaError, match="another folding"):
        read_bundles(tmp_path)


def test_committed_counts_fit_three_quarters_of_the_part():
    bundles = read_bundles(BUNDLES)
    assert bundles
    for bundle in bundles:
        counted, have = bundle.synthesis.counted(), bundle.board.resources
        assert counted.lut_sites <= 0.75 * have.lut, bundle.name
        assert counted.bram18 <= 0.75 * have.bram18, bundle.name
        assert counted.dsp <= 0.75 * have.dsp, bundle.name
