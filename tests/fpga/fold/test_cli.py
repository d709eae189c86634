import pytest

from fpga.__main__ import main
from fpga.fold.estimate import efficiency, estimate_network, interval_cycles, network_cost
from fpga.fold.folding import read_folding
from fpga.fold.geometry import chain
from model_zoo.package import load_released


def test_gait_pose_s_reaches_600_frames_on_three_quarters_of_a_pynq(tmp_path, capsys):
    words = ["fold", "gait-pose-s", "--board", "pynq-z2", "--rate", "600"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "bottleneck trunk" in said
    layers = chain(load_released("gait-pose-s"))
    network = read_folding(tmp_path).networks["gait-pose-s"]
    network.check(layers)
    estimates = estimate_network(layers, network, "DSP48E1")
    cycles, cost = interval_cycles(estimates), network_cost(estimates)
    assert 100e6 / cycles / 1.01 >= 600
    assert efficiency(sum(x.macs for x in layers), cycles, cost.dsp) >= 0.90
    assert cost.dsp <= 165
    assert cost.bram18 <= 210
    assert cost.lut_sites <= 39900


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--rate", "1e9"], "frames/s leave"),
        (["--share", "1.5"], "between 0 and 1"),
        (["--share", "0.05", "--rate", "600"], "does not fit pynq-z2"),
        (["--rate", "person-s=5"], "not in the bundle"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path, capsys, more, said):
    words = ["fold", "gait-pose-s", "--board", "pynq-z2", "--out", str(tmp_path / "x")]
    assert main([*words, *more]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert not (tmp_path / "x").exists()
