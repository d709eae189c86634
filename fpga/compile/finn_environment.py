"""Where FINN may write and speak: everything below one folder, nothing in the home directory.

FINN (finn-plus 1.6.1) wants its settings from the environment before it generates code and reports
much on standard output. Every call of it stands inside :func:`finn_environment`.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from fpga.errors import FpgaError

FINN = "finn-plus"
PROVEN_VERSION = "1.6.1"


def check_finn() -> None:
    """Refuse to compile with another FINN than the one that everything was proven with.

    Raises
    ------
    FpgaError
        When finn-plus is not installed in this environment or has another version.
    """
    try:
        found = importlib.metadata.version(FINN)
    except importlib.metadata.PackageNotFoundError:
        raise FpgaError(
            f"{FINN} is not installed in this environment; run this from the one that "
            "`make setup-fpga` makes"
        ) from None
    if found != PROVEN_VERSION:
        raise FpgaError(
            f"{FINN} {found} is installed, circuits were proven with {PROVEN_VERSION}; run `make "
            "setup-fpga`, or enter the new version in fpga/compile/finn_environment.py and run "
            "`make parity`"
        )


@contextlib.contextmanager
def finn_environment(log: Path | None = None, dependencies: Path | None = None) -> Iterator[Path]:
    """Give FINN a temporary folder and catch what it prints.

    Parameters
    ----------
    log
        File that takes FINN's output, appended; the temporary folder lies beside it. None drops
        the output and uses the system's place for temporary files.
    dependencies
        What ``finn deps update`` filled; only the flow with Vivado needs it.

    Yields
    ------
    The folder for generated code; it is removed in the end.
    """
    check_finn()
    kept = dict(os.environ)
    beside = log.parent.resolve() if log else None
    folder = Path(tempfile.mkdtemp(prefix="footfall-finn-", dir=beside))
    os.environ.update(
        FINN_BUILD_DIR=str(folder),
        FINN_SETTINGS=str(folder / "settings.yaml"),
        FINN_DEPS=str(dependencies or folder / "deps"),
        NUM_DEFAULT_WORKERS="1",
    )
    logger = logging.getLogger("finn_logger")
    propagated, handler = logger.propagate, logging.StreamHandler()
    try:
        with (
            (log or Path(os.devnull)).open("a", encoding="utf-8") as stream,
            contextlib.redirect_stdout(stream),
            contextlib.redirect_stderr(stream),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            logger.propagate = False
            logger.addHandler(handler)
            handler.setStream(stream)
            from finn.util.settings import initialize_dummy_settings

            initialize_dummy_settings()
            yield folder
    finally:
        logger.propagate = propagated
        logger.removeHandler(handler)
        os.environ.clear()  # FINN sets more than it was given
        os.environ.update(kept)
        shutil.rmtree(folder, ignore_errors=True)
