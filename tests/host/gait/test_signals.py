import numpy as np
import pytest

from host.gait.signals import (
    RATE_HZ,
    bridged,
    extremum_offset,
    low_pass,
    running_median,
    runs,
)


def test_runs_are_half_open():
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, bool)) == []


def test_bridged_fills_holes_and_leaves_unseen_columns():
    values = np.array([[np.nan, np.nan], [1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    np.testing.assert_array_equal(bridged(values)[:, 0], [1, 1, 2, 3])
    assert np.isnan(bridged(values)[:, 1]).all()


@pytest.mark.parametrize("cutoff_hz", [2.0, 6.0])
def test_low_pass_is_three_decibel_down_at_its_cutoff(cutoff_hz):
    time_s = np.arange(0, 20, 1 / RATE_HZ)
    wave = np.sin(2 * np.pi * cutoff_hz * time_s)
    middle = slice(500, 1500)
    smooth = low_pass(wave, cutoff_hz)[middle]
    assert smooth.std() / wave[middle].std() == pytest.approx(np.sqrt(0.5), rel=0.02)


def test_low_pass_moves_nothing_in_time_and_keeps_holes():
    time_s = np.arange(0, 5, 1 / RATE_HZ)
    wave = np.cos(2 * np.pi * (time_s - 2.5))
    wave[100:120] = np.nan
    smooth = low_pass(wave, 6.0)
    assert np.isnan(smooth[100:120]).all()
    assert np.isfinite(smooth[120:]).all()
    assert time_s[np.nanargmax(smooth[200:300]) + 200] == pytest.approx(2.5, abs=0.01)


def test_running_median_ignores_what_is_missing():
    values = np.array([1.0, np.nan, 1.0, 100.0, 1.0, 1.0])
    assert running_median(values, 0.04)[3] == 1.0
    assert np.isnan(running_median(np.full(10, np.nan), 0.04)).all()


def test_extremum_lies_between_samples():
    parabola = [-((x - 0.3) ** 2) for x in (-1.0, 0.0, 1.0)]
    assert extremum_offset(*parabola) == pytest.approx(0.3)
    assert extremum_offset(1.0, 1.0, 1.0) == 0.0
