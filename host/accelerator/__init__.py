"""Networks as integers in, integers out: the same numbers on every backend.

Nothing here knows pictures or keypoints.
"""

from __future__ import annotations

from pathlib import Path

from host.accelerator.emulation import Emulation
from host.accelerator.self_test import check_golden
from host.accelerator.types import AUTO, BACKENDS, Accelerator, AcceleratorSettings, Counters
from host.codes import ErrorCode
from host.errors import FootfallError, InputError, MachineError
from model_zoo.package import PackageError, ReleasedModel, UnknownModelError, load_released

__all__ = [
    "Accelerator",
    "AcceleratorSettings",
    "Counters",
    "FootfallError",
    "load_model",
    "open",
]


def load_model(name_or_folder: str | Path) -> ReleasedModel:
    """Read and verify a released model.

    Raises
    ------
    InputError
        When there is no such model.
    MachineError
        When its files are missing or damaged.
    """
    try:
        model = load_released(name_or_folder)
        model.verify()
    except UnknownModelError as error:
        raise InputError(
            ErrorCode.MODEL_UNKNOWN, name=name_or_folder, known=", ".join(error.known) or "–"
        ) from error
    except PackageError as error:
        raise MachineError(
            ErrorCode.MODEL_DAMAGED, name=name_or_folder, reason=str(error)
        ) from error
    return model


def open(
    model: ReleasedModel | str | Path, settings: AcceleratorSettings | None = None
) -> Accelerator:
    """Open a network on a backend and prove it with the golden pair.

    Parameters
    ----------
    model
        A released model, its name or its folder.
    settings
        Backend and its options; by default the best that this machine has.

    Raises
    ------
    InputError
        When the model is not known.
    MachineError
        When the model is damaged, the backend is not available here, or its integers differ.
    """
    settings = settings or AcceleratorSettings()
    backend = "emulation" if settings.backend == AUTO else settings.backend
    if backend not in BACKENDS:
        raise InputError(
            ErrorCode.OPTION_INVALID,
            option="--backend",
            value=backend,
            reason=", ".join((AUTO, *BACKENDS)),
        )
    if backend != "emulation":
        from host.text import sentence  # late: the texts are read only when somebody is told

        raise MachineError(
            ErrorCode.BACKEND_UNAVAILABLE,
            name=backend,
            reason=sentence(f"backend_reason.{backend}"),
        )
    loaded = load_model(model.folder if isinstance(model, ReleasedModel) else model)
    accelerator = Emulation(loaded, settings)
    try:
        check_golden(accelerator, backend)
    except PackageError as error:
        raise MachineError(ErrorCode.MODEL_DAMAGED, name=loaded.name, reason=str(error)) from error
    accelerator.clear_counters()
    return accelerator
