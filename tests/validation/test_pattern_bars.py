"""Silence on real recordings without a gait to judge, from the stored points."""

import pytest

from host.diagnosis.diagnose import diagnose
from tests.validation.clips import TIMING_OR_UNUSABLE, UNUSABLE
from tests.validation.gait import analyse_clip


@pytest.mark.parametrize("clip", [*UNUSABLE, *TIMING_OR_UNUSABLE])
def test_no_gait_from_the_side_no_pattern(shared, clip):
    said = diagnose(analyse_clip(shared / "data", clip))
    assert said.abstained
    assert said.findings == ()
    assert said.not_observable == ()
