"""The pynq backend when anything fails at any moment: no input is lost or gets another's answer."""

import contextlib

import numpy as np
from hypothesis import HealthCheck, example, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from host import accelerator
from host.accelerator.pynq import MOST_ITEMS
from tests.fake_pynq import Fault
from tests.networks import random_pictures


@example(sizes=[3, 3, 2], kind="raise", at=1, loadings=6)
@example(sizes=[1, 4, 2, 2, 2, 18, 1, 1], kind="error", at=7, loadings=2)
@given(
    sizes=st.lists(st.integers(1, MOST_ITEMS + 2), min_size=1, max_size=12),
    kind=st.sampled_from(["error", "raise", "slow"]),
    at=st.integers(0, 14),
    loadings=st.integers(0, 6),
)
@settings_of_hypothesis(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_fails_whenever_every_batch_gets_its_own_answer(
    board, settings, two_models, expected, sizes, kind, at, loadings
):
    board.fault = None
    x = random_pictures(sum(sizes), seed=at)
    ends = np.cumsum(sizes)
    batches = [x[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    # Closed whatever happens, or the next example meets a board in use.
    with contextlib.closing(accelerator.open(two_models[0], settings)) as opened:
        board.fault = Fault(kind, board.starts + at, heals=len(board.loads) + loadings)
        answers = list(opened.stream(batches))
        assert [len(y) for y in answers] == sizes
        assert np.array_equal(np.concatenate(answers), expected(x))
        assert opened.counters.items == len(x)
