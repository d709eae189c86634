"""Silence on real recordings without a gait to judge, from the stored points."""

import pytest

from host.diagnosis.diagnose import diagnose
from tests.validation.gait import analyse_clip
from tests.validation.test_gait_bars import NO_GAIT, NOT_FROM_THE_SIDE


@pytest.mark.parametrize("clip", [*NO_GAIT, *NOT_FROM_THE_SIDE])
def test_no_gait_from_the_side_no_pattern(shared, clip):
    said = diagnose(analyse_clip(shared / "data", clip))
    assert said.abstained
    assert said.findings == ()
    assert said.not_observable == ()
