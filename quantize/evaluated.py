"""What evaluations share: how a set is read, its groups, what is said of network and command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.accelerator import Accelerator
from model_zoo.package import GOLDEN_FORM, Metric


@dataclass(frozen=True)
class Reading:
    """How a set is to be read; not every role knows every way.

    Attributes
    ----------
    mirror
        Show every crop a second time, mirrored, as the host does.
    validation
        Only the part of a training set that decides between trainings.
    keypoints
        Folder of what a pose network gave of the clips, where exact points are not to be read.
    """

    mirror: bool = False
    validation: bool = False
    keypoints: Path | None = None

    def only(self, role: str, *known: str) -> None:
        """Refuse what networks of a role cannot be measured with.

        Raises
        ------
        ValueError
            When something else than the ``known`` ways is asked for.
        """
        for way in fields(self):
            if way.name not in known and getattr(self, way.name):
                raise ValueError(f"--{way.name} is nothing for a network of the role {role}")


def evaluated(network: Accelerator) -> dict[str, Any]:
    """The entries ``model`` and ``backend`` of an evaluation's JSON."""
    released = network.model
    return {
        "model": {
            "name": released.name,
            "version": released.version,
            "sha256": released.files[GOLDEN_FORM],
        },
        "backend": network.description,
    }


def groups(values: Sequence[str | None]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each value of a tag in the order of its name, and which items have it; None is no value."""
    for value in sorted({v for v in values if v is not None}):
        yield value, np.array([v == value for v in values])


def command_of(result: dict[str, Any], part: str = "") -> str:
    """The command that measures again; ``part`` ends the name of a set's validation part."""
    of_set = str(result["set"]).removesuffix(part)
    command = f"python -m quantize evaluate {result['model']['name']} --data {of_set}"
    return command if of_set == result["set"] else f"{command} --validation"


def metric_of_walks(result: dict[str, Any], values: dict[str, float | None]) -> Metric:
    """Figures of walks whose points are exact, or those that a pose network gave."""
    name, points = result["set"], result["points"]
    if points == "exact":
        return Metric(f"{name}, exact points", values, command_of(result))
    return Metric(f"{name} through {points}", values, f"{command_of(result)} --keypoints {points}")


def figure(value: float | None) -> float | None:
    """A figure of a result as a card holds it."""
    return None if value is None else float(value)
