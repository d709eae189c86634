"""What every evaluation says of the network that it measured."""

from __future__ import annotations

from typing import Any

from host.accelerator import Accelerator
from model_zoo.package import GOLDEN_FORM


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
