"""The chain keeps the limits it is meant for, in float and quantised, with the same names."""

import pytest
import torch

from model_zoo.blocks import Chain, ChainSpec, collect_activation_ranges, freeze_batch_norm
from model_zoo.pose import gait_pose_m, gait_pose_s
from model_zoo.pose.gait_pose_s import SPEC, STRIDE, SUB_CELLS


@pytest.mark.parametrize(
    ("spec", "macs", "weights"),
    [(gait_pose_s.SPEC, 60e6, 450_000), (gait_pose_m.SPEC, 350e6, 600_000)],
    ids=["gait-pose-s", "gait-pose-m"],
)
def test_a_network_keeps_its_budget(spec: ChainSpec, macs: float, weights: int) -> None:
    assert spec.macs() <= macs
    assert spec.weights() <= weights
    net = Chain(spec, quantised=False)
    assert sum(p.numel() for p in net.parameters() if p.dim() == 4) == spec.weights()


def test_one_output_of_the_larger_network_sees_the_whole_crop() -> None:
    net = Chain(gait_pose_m.SPEC, quantised=False).eval()
    picture = torch.zeros(1, 3, 256, 192, requires_grad=True)
    # A shift keeps every ReLU open, so that the gradient reaches all that the output may see.
    for stage in net.trunk:
        stage.norm.bias.data.fill_(10.0)
        stage.conv.weight.data.fill_(1e-3)
    net(picture)[0, 0, 8, 6].backward()
    seen = picture.grad[0].abs().sum(0) > 0
    assert seen.all()


def test_head_has_one_logit_for_each_sub_cell() -> None:
    out = Chain(SPEC, quantised=False).eval()(torch.zeros(1, 3, 128, 96))
    assert out.shape == (1, 23 * SUB_CELLS**2, 128 // STRIDE, 96 // STRIDE)


def test_float_weights_load_into_the_quantised_network() -> None:
    plain, quantised = Chain(SPEC, quantised=False), Chain(SPEC, quantised=True)
    missing, unexpected = quantised.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected
    assert all("quant" in name for name in missing)


def test_ranges_are_collected_without_touching_batch_norm() -> None:
    torch.manual_seed(0)
    net = Chain(SPEC, quantised=True).train()
    mean = net.trunk[0].norm.running_mean.clone()
    collect_activation_ranges(net, [torch.rand(4, 3, 128, 96) * 255 for _ in range(3)])
    assert torch.equal(net.trunk[0].norm.running_mean, mean)
    assert net.trunk[0].norm.momentum == 0.1


def test_frozen_batch_norm_no_longer_learns_statistics() -> None:
    net = Chain(SPEC, quantised=False).train()
    freeze_batch_norm(net)
    mean = net.trunk[0].norm.running_mean.clone()
    net(torch.rand(2, 3, 128, 96) * 255)
    assert torch.equal(net.trunk[0].norm.running_mean, mean)
