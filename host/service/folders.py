"""Where the service keeps its data unless it is told otherwise."""

from __future__ import annotations

import os
from pathlib import Path


def default_data_dir() -> Path:
    """Return ``$XDG_DATA_HOME/footfall``, or its usual place in the home folder."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "footfall"
