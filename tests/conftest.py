"""Shared fixtures, and the rule about skipped tests.

``../shared`` (recordings and labels that may not be part of the project) stands beside the
checkout on some machines only; tests that judge on it ask for the fixture ``shared``.
With ``CI`` set in the environment only an absent ``../shared``, Vivado or a board may skip a test.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_SKIPS = ("../shared", "Vivado", "board")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the shared recordings (``FOOTFALL_SHARED`` overrides ``../shared``)."""
    folder = Path(os.environ.get("FOOTFALL_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("../shared is absent")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tally", type=Path, help="write the counts of this run to a JSON file")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a report says skipped, without pytest's prefix."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return told.removeprefix("Skipped: ")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip for a reason that is not allowed in CI into a failure."""
    if not report.skipped or hasattr(report, "wasxfail") or not os.environ.get("CI"):
        return
    reason = _reason(report)
    if not reason.startswith(ALLOWED_SKIPS):
        report.outcome = "failed"
        allowed = ", ".join(ALLOWED_SKIPS)
        report.longrepr = f"skipped in CI: {reason!r}; a skip's reason must begin with {allowed}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    target: Path | None = config.getoption("--tally")
    if target is None:
        return
    stats = terminalreporter.stats
    skipped = stats.get("skipped", [])
    expected = stats.get("xfailed", [])
    tally = {
        "passed": len(stats.get("passed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "skipped": len(skipped) + len(expected),
        "reasons": Counter([*map(_reason, skipped), *("expected failure" for _ in expected)]),
    }
    target.write_text(json.dumps(tally))
