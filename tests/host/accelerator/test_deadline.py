"""Calls that hang are left behind; those behind them never begin."""

import threading
import time

import pytest

from host.accelerator.deadline import AbandonedError, Caller, CallTimeoutError


def test_calls_are_made_in_order_and_give_results_and_errors():
    caller, seen = Caller("test"), []
    futures = [caller.submit(lambda i=i: seen.append(i) or i) for i in range(5)]
    assert [caller.result(f, 5) for f in futures] == list(range(5)) == seen
    with pytest.raises(ZeroDivisionError):
        caller.call(lambda: 1 / 0, 5)
    with pytest.raises(TimeoutError):  # one that the call raised is not the caller's own
        caller.call(_raise_timeout, 5)
    assert caller.call(lambda: 7, 5) == 7
    caller.abandon()


def _raise_timeout():
    raise TimeoutError("of the call")


def test_a_hanging_call_is_left_behind_within_the_limit():
    caller, release, begun = Caller("test"), threading.Event(), []
    hanging = caller.submit(lambda: release.wait(30))
    behind = caller.submit(lambda: begun.append(1))
    start = time.monotonic()
    with pytest.raises(CallTimeoutError):
        caller.result(hanging, 0.2)
    assert 0.2 <= time.monotonic() - start < 2
    with pytest.raises(AbandonedError):
        caller.result(behind, 5)
    with pytest.raises(AbandonedError):
        caller.submit(lambda: None)
    release.set()
    with pytest.raises(AbandonedError):
        behind.result(timeout=5)
    assert not begun, "a call behind the one that hung was made after all"


def test_the_limit_is_that_of_one_call_not_of_the_queue():
    caller, start = Caller("test"), time.monotonic()
    futures = [caller.submit(lambda i=i: time.sleep(0.15) or i) for i in range(4)]
    assert caller.result(futures[-1], 0.4) == 3
    assert time.monotonic() - start >= 0.6, "the queue took no longer than one call may"
    assert not caller.abandoned
    caller.abandon()
