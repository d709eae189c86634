"""An environment for a pynq client that shares nothing with other clients.

pynq writes what it last loaded into its own install folder (``pl_server/global_pl_state_*.json``
and ``_current_metadata.pkl``), whichever board and process that was for. A client that finds a tree
of links to the installed package first on its path uses the same code, but has these files to
itself, and the install folder may be read-only.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from fpga.errors import FpgaError

_STATE_FOLDER = "pl_server"
_STATE_FILES = ("global_pl_state_*.json", "_current_metadata.pkl")
_PATH, _REMOTES = "PYTHONPATH", "PYNQ_REMOTE_DEVICES"
_LIMIT_S = 60.0
_WHERE = "import importlib.util; print(importlib.util.find_spec('pynq').origin)"


def client_environment(folder: Path, python: Path, address: str = "") -> dict[str, str]:
    """Environment variables for one client process.

    Parameters
    ----------
    folder
        Empty or new; gets the links. Kept by the caller as long as the client runs.
    python
        Interpreter of the client, which has pynq.
    address
        Of the board; empty names none.

    Raises
    ------
    FpgaError
        When that interpreter has no pynq.
    """
    environment = {k: v for k, v in os.environ.items() if k not in (_PATH, _REMOTES)}
    found = subprocess.run(
        [str(python), "-c", _WHERE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if found.returncode:
        raise FpgaError(f"{python} has no pynq: {found.stderr.strip()[-200:]}")
    link_package(Path(found.stdout.strip()).parent, folder)
    environment[_PATH] = os.pathsep.join(filter(None, (str(folder), os.environ.get(_PATH))))
    if address:
        environment[_REMOTES] = address
    return environment


def link_package(installed: Path, folder: Path) -> None:
    """Make ``folder/pynq``, which is the installed package but for a state folder of its own."""
    package = folder / installed.name
    state = package / _STATE_FOLDER
    state.mkdir(parents=True)
    for source in installed.iterdir():
        if source.name != _STATE_FOLDER:
            (package / source.name).symlink_to(source)
    for source in (installed / _STATE_FOLDER).iterdir():
        if not any(source.match(pattern) for pattern in _STATE_FILES):
            (state / source.name).symlink_to(source)
