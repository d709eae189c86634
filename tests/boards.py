"""pynq clients that a test steers, and what tests of the virtual board compare them with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from fpga.virtual_board.client import client_environment
from host.accelerator.emulation import Emulation
from host.accelerator.types import AcceleratorSettings
from model_zoo.package import ReleasedModel

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = {"3.1.2": Path(sys.executable), "4.0.0": ROOT / ".venv-board4/bin/python"}
"""Interpreter with each version of pynq; these tests run in the first."""
LIMIT_S = 60.0


class Client:
    """A process of ``pynq_client.py``; :meth:`ask` sends one command."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, do: str, *, limit_s: float = LIMIT_S, **values: object) -> dict[str, Any]:
        """The answer, whatever it is."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        values = {k: str(v) if isinstance(v, Path) else v for k, v in values.items()}
        self.process.stdin.write(json.dumps({"do": do, "limit_s": limit_s, **values}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the client died: {self.process.wait(10)}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def do(self, do: str, **values: object) -> dict[str, Any]:
        """The answer of a command that must succeed."""
        answer = self.ask(do, **values)
        assert not answer["hangs"]
        assert "error" not in answer, answer
        return answer


StartClient = Callable[[str, str], Client]
"""Of a pynq version, against an address."""


@contextmanager
def running_client(folder: Path, version: str, address: str) -> Iterator[Client]:
    """A client with a state of its own in the new ``folder``, ended with the block."""
    python = PYTHONS[version]
    assert python.is_file(), f"{python} is missing: make setup-board"
    process = subprocess.Popen(
        [str(python), str(ROOT / "tests/fpga/virtual_board/pynq_client.py")],
        env=client_environment(folder, python, address),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Client(process)
    finally:
        process.kill()
        process.communicate(timeout=10)


def options(*models: ReleasedModel) -> list[str | Path]:
    """Tells the board where models of random weights lie."""
    return [word for model in models for word in ("--model", model.folder)]


def expected(model: ReleasedModel, x: np.ndarray) -> np.ndarray:
    """The emulation's integers."""
    return Emulation(model, AcceleratorSettings()).run(x)


def inputs(model: ReleasedModel, n: int, seed: int = 1) -> np.ndarray:
    """Noise over the whole range of the input's type."""
    info = np.iinfo(model.input.dtype)
    rng = np.random.default_rng(seed)
    return rng.integers(info.min, info.max + 1, (n, *model.input.shape), dtype=info.dtype)


def calls(log: Path) -> list[dict[str, Any]]:
    """The board's journal."""
    return [json.loads(line) for line in log.read_text().splitlines()]
