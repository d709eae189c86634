import numpy as np
import pytest

from host.gait.leg_chain import LegChain

THIGH, SHANK = 0.24, 0.26


def leg(seconds=4.0):
    """Angles (degrees) of a leg that walks at 1 Hz, and its knee and ankle from the hip."""
    time_s = np.arange(0, seconds, 0.01)
    phase = 2 * np.pi * time_s
    angle_deg = np.stack((5 + 20 * np.sin(phase), -20 + 30 * np.sin(phase - 0.9)))
    angle = np.radians(angle_deg)
    links = np.array([THIGH, SHANK])[:, None, None] * np.stack(
        (np.sin(angle), -np.cos(angle)), axis=-1
    )
    return time_s, angle_deg, np.cumsum(links, axis=0)


def test_exact_points_give_angles_and_lengths_back():
    _, true_deg, joints = leg()
    found = LegChain().fit(joints)
    np.testing.assert_allclose(found.length, [THIGH, SHANK], rtol=2e-3)
    np.testing.assert_allclose(found.angle_deg[:, 30:-30], true_deg[:, 30:-30], atol=0.3)


def test_a_knee_drawn_on_the_other_leg_for_a_moment_is_put_right():
    time_s, true_deg, joints = leg()
    wrong = np.mod(time_s, 1.0) < 0.15
    joints[0, wrong] += [0.08, 0.02]
    found = LegChain().fit(joints)
    error = np.abs(found.angle_deg - true_deg)[:, wrong][:, 30:-30]
    plain = np.degrees(np.arctan2(joints[0, :, 0], -joints[0, :, 1])) - true_deg[0]
    assert np.abs(plain[wrong]).mean() > 15
    assert error.mean() < 4


def test_noise_is_smoothed():
    _, true_deg, joints = leg()
    rng = np.random.default_rng(1)
    found = LegChain().fit(joints + 0.01 * rng.standard_normal(joints.shape))
    assert np.abs(found.angle_deg - true_deg).mean() < 1.5


def test_an_unseen_knee_is_placed_by_hip_and_ankle():
    _, true_deg, joints = leg()
    joints[0, 150:165] = np.nan
    found = LegChain().fit(joints)
    assert np.isfinite(found.angle_deg).all()
    assert np.abs(found.angle_deg - true_deg)[:, 150:165].max() < 3


def test_what_hangs_on_no_seen_joint_is_unknown():
    _, _, joints = leg()
    joints[1, 100:120] = np.nan
    angle_deg = LegChain().fit(joints).angle_deg
    assert np.isfinite(angle_deg[0]).all()
    assert np.isnan(angle_deg[1, 100:120]).all()
    assert np.isfinite(np.delete(angle_deg[1], np.arange(100, 120))).all()


@pytest.mark.parametrize("size", [1.0, 0.8])
def test_one_link_alone(size):
    _, true_deg, joints = leg()
    found = LegChain((0.012,)).fit(size * joints[:1])
    assert found.length[0] == pytest.approx(size * THIGH, rel=2e-3)
    np.testing.assert_allclose(found.angle_deg[0, 30:-30], true_deg[0, 30:-30], atol=0.3)


def test_a_mirrored_leg_has_the_opposite_angles():
    _, _, joints = leg()
    joints += 0.01 * np.random.default_rng(2).standard_normal(joints.shape)
    one, two = (LegChain().fit(joints * np.array(sign)) for sign in ([1, 1], [-1, 1]))
    np.testing.assert_allclose(one.angle_deg, -two.angle_deg, atol=1e-3)


def test_too_little_gives_nothing():
    _, _, joints = leg()
    joints[1, 7:] = np.nan
    assert LegChain().fit(joints) is None
    with pytest.raises(ValueError, match="2 joints for 1 links"):
        LegChain((0.01,)).fit(leg()[2])
