"""What evaluations of all roles share: how a set is read, and what is said of the network."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from host.accelerator import Accelerator
from model_zoo.package import GOLDEN_FORM


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
