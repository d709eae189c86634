"""Signals end long work at its next picture, and never one that was told to be ignored."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from host.cli import at_work


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C and hang-ups as a terminal gives them, whatever this run was started by."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGHUP: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_ctrl_c_waits_for_the_next_picture() -> None:
    with at_work() as tell:
        tell("pose", 1, 9)
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(SystemExit) as ended:
            tell("pose", 2, 9)
    assert ended.value.code == 128 + signal.SIGINT
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_a_second_time_does_not_wait() -> None:
    with at_work():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_what_nohup_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with at_work() as tell:
        os.kill(os.getpid(), signal.SIGHUP)
        tell("pose", 1, 9)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
