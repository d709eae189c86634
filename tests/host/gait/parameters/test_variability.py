import numpy as np
import pytest

from host.codes import Absence
from host.gait.parameters.samples import Samples
from host.gait.parameters.variability import CoefficientOfVariation, Spread, timing_noise_s
from model_zoo.skeleton import Side


def samples(values):
    return Samples.of([(v, list(Side)[i % 2]) for i, v in enumerate(values)])


def drawn(sd, n=40, seed=1, mean=1.1):
    return samples(np.random.default_rng(seed).normal(mean, sd, n))


@pytest.mark.parametrize(
    ("n", "rate_hz", "reason"),
    [(19, 60.0, Absence.TOO_FEW_STRIDES), (40, 30.0, Absence.FRAME_RATE_LOW)],
)
def test_withheld_until_it_means_something(n, rate_hz, reason):
    assert CoefficientOfVariation(0.0, rate_hz).measure(drawn(0.02, n)) is reason


def test_a_rate_that_is_not_known_is_too_low():
    assert CoefficientOfVariation(0.0, float("nan")).measure(drawn(0.02)) is Absence.FRAME_RATE_LOW


def test_noise_is_taken_off_the_variance():
    """Rounding events to frames adds dt^2 / 6 to the variance of a time; what is left is true."""
    true_sd_s, rate_hz = 0.020, 60.0
    random = np.random.default_rng(3)
    found, plain = [], []
    for _ in range(200):
        contacts = np.cumsum(random.normal(1.1, true_sd_s, 41)) + random.random()
        times = samples(np.diff(np.round(contacts * rate_hz) / rate_hz))
        noise = timing_noise_s(float("nan"), rate_hz)
        found.append(CoefficientOfVariation(noise, rate_hz).measure(times).value)
        plain.append(CoefficientOfVariation(0.0, rate_hz).measure(times).value)
    truth = 100 * true_sd_s / 1.1
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(truth, rel=0.03)
    assert np.sqrt(np.mean(np.square(plain))) > 1.04 * truth


def test_what_could_be_noise_alone_is_withheld():
    noise = timing_noise_s(0.0187, 60.0)
    assert noise == pytest.approx(0.0264, abs=1e-4)
    assert CoefficientOfVariation(noise, 60.0).measure(drawn(0.02)) is Absence.BELOW_NOISE
    assert isinstance(CoefficientOfVariation(noise, 60.0).measure(drawn(0.06)), Spread)


def test_the_interval_covers_as_often_as_it_says():
    covered = 0
    for seed in range(300):
        low, high = CoefficientOfVariation(0.0, 60.0).measure(drawn(0.03, 30, seed)).interval_95
        covered += low <= 100 * 0.03 / 1.1 <= high
    assert 275 <= covered <= 297


def test_the_sides_difference_is_no_variability():
    values = [v + 0.3 * (i % 2) for i, v in enumerate(np.linspace(1.0, 1.02, 40))]
    assert CoefficientOfVariation(0.0, 60.0).measure(samples(values)).value < 1
