"""Resolve ``requirements/*.in`` into hash-locked files without torch and its CUDA children.

Run by ``make lock``. torch is installed from ``requirements/torch.txt``, unhashed: the wheel
differs between PyPI, PyTorch's CPU index and a local wheel folder, and so do its hashes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
# Each is constrained by the locks that its .in file names, so they come before it.
ORDER = ("core", "dev", "train", "fpga", "finn", "board", "board4", "peer")
ALONE = {"finn": ["--no-deps"]}
LEFT_OUT = re.compile(r"^(torch|nvidia|cuda|triton)\b")
# requirements/torch.txt installs it together with torch.
WITH_TORCH = ("setuptools",)
BESIDE_TORCH = ("train", "fpga")


def without(lines: list[str]) -> list[str]:
    """Drop each requirement of :data:`LEFT_OUT` with its indented hash and comment lines."""
    kept: list[str] = []
    dropping = False
    for line in lines:
        if not line.startswith(" "):
            dropping = bool(LEFT_OUT.match(line))
        if not dropping:
            kept.append(line)
    return kept


def environment() -> dict[str, str]:
    """uv reads no pip configuration: hand pip's wheel folders on; never let it fetch a Python."""
    found = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.find-links"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    links = " ".join(found.stdout.split())
    return {"UV_FIND_LINKS": links, **os.environ, "UV_PYTHON_DOWNLOADS": "never"}


def main() -> None:
    """Write the locks; an existing lock keeps its versions unless ``--upgrade`` is given."""
    compiler = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes"]
    options = ["--python-version", "3.11", "--custom-compile-command", "make lock"]
    for name in ORDER:
        files = [f"{name}.in", "--output-file", f"{name}.lock"]
        skipped = [f"--no-emit-package={p}" for p in WITH_TORCH if name in BESIDE_TORCH]
        subprocess.run(
            [*compiler, *options, *skipped, *ALONE.get(name, []), *sys.argv[1:], *files],
            cwd=REQUIREMENTS,
            env=environment(),
            check=True,
            timeout=600,
        )
        lock = REQUIREMENTS / f"{name}.lock"
        lock.write_text("\n".join(without(lock.read_text().splitlines())) + "\n")


if __name__ == "__main__":
    main()
