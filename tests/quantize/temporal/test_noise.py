"""The errors of pose networks: what was put in is measured again."""

from __future__ import annotations

import numpy as np
import pytest

from model_zoo.skeleton import INDEX, MIRROR, N_KEYPOINTS
from quantize.temporal.noise import Measured, NoiseModel, Runs, _exchanged, fit, read_noise

KNOWN = NoiseModel(
    bias_sd=tuple((0.01, 0.02) for _ in range(N_KEYPOINTS)),
    core_sd=tuple((0.015, 0.01) for _ in range(N_KEYPOINTS)),
    correlation=0.6,
    gross=Runs(0.02, 3.0),
    gross_share=tuple(0.02 for _ in range(N_KEYPOINTS)),
    gross_sd=tuple(0.3 for _ in range(N_KEYPOINTS)),
    missing=Runs(0.03, 5.0),
    exchanged=Runs(0.04, 4.0),
    clips=1,
    moments=1,
)


def exact(n: int, t: int) -> np.ndarray:
    """Points far enough apart that an exchange of legs is seen."""
    base = np.random.default_rng(0).normal(0, 0.3, (N_KEYPOINTS, 2))
    return np.broadcast_to(base, (n, t, N_KEYPOINTS, 2)).copy()


@pytest.fixture(scope="module")
def model() -> NoiseModel:
    """Fitted to 40 clips of 400 moments made by KNOWN."""
    truth = exact(40, 400)
    made = KNOWN.apply(np.random.default_rng(1), truth, np.ones(40))
    measured = []
    for one, true in zip(made, truth, strict=True):
        turned = _exchanged(one, true)
        legs = [i for i in range(N_KEYPOINTS) if i >= INDEX["left_hip"]]
        right = one.copy()
        right[np.ix_(turned, legs)] = one[turned][:, MIRROR][:, legs]
        measured.append(Measured(right - true, true, turned))
    return fit(measured)


def test_spreads_are_found_again(model: NoiseModel) -> None:
    assert np.mean(model.core_sd, axis=0) == pytest.approx([0.015, 0.01], rel=0.1)
    assert np.mean(model.bias_sd, axis=0) == pytest.approx([0.01, 0.02], rel=0.2)
    assert model.correlation == pytest.approx(0.6, abs=0.05)


def test_rare_errors_are_found_again(model: NoiseModel) -> None:
    # Gross errors below the limit pass for small ones.
    assert 0.6 * 0.02 < model.gross.share < 1.1 * 0.02
    assert model.missing.share == pytest.approx(0.03, rel=0.15)
    assert model.missing.moments == pytest.approx(5.0, rel=0.2)
    assert model.exchanged.share == pytest.approx(0.04, rel=0.35)


def test_no_strength_gives_the_exact_points() -> None:
    truth = exact(3, 20)
    assert np.array_equal(KNOWN.apply(np.random.default_rng(0), truth, np.zeros(3)), truth)


def test_runs_have_their_share_and_length() -> None:
    drawn = Runs(0.2, 6.0).draw(np.random.default_rng(0), (3000,), 60)
    assert drawn.mean() == pytest.approx(0.2, abs=0.01)
    starts = (drawn[:, 1:] & ~drawn[:, :-1]).sum()
    assert drawn[:, 1:].sum() / starts == pytest.approx(6.0, rel=0.15)
    assert not Runs(0.0, 1.0).draw(np.random.default_rng(0), (50,), 20).any()


def test_the_measured_models_are_symmetric_and_plausible() -> None:
    models = read_noise()
    assert {"gait-pose-s.side", "gait-pose-m.side"} <= set(models)
    for noise in models.values():
        core = np.array(noise.core_sd)
        assert np.array_equal(core, core[MIRROR])
        assert 0.003 < core.min() < core.max() < 0.06
        assert 0.2 < noise.correlation < 0.95
        assert noise.moments > 500
