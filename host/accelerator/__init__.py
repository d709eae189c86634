"""Networks as integers in, integers out: the same numbers on every backend.

Nothing here knows pictures or keypoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from host.accelerator.bundle import Manifest
from host.accelerator.emulation import Emulation
from host.accelerator.find import find_bundles, load_bundle
from host.accelerator.pynq import Pynq, open_pynq
from host.accelerator.pynq_device import is_configured
from host.accelerator.self_test import check_golden
from host.accelerator.steady import Steady
from host.accelerator.types import (
    AUTO,
    BACKENDS,
    Accelerator,
    AcceleratorSettings,
    Alert,
    Counters,
)
from host.codes import AlertCode, BoardReason, Code, ErrorCode
from host.errors import FootfallError, InputError, MachineError, Reason
from model_zoo.package import PackageError, ReleasedModel, UnknownModelError, load_released

__all__ = [
    "Accelerator",
    "AcceleratorSettings",
    "Alert",
    "Counters",
    "FootfallError",
    "load_model",
    "open",
    "open_bundle",
]

_A = TypeVar("_A", bound=Accelerator)


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

    Networks of one bundle share the board that it is loaded on; :func:`open_bundle` opens all of
    them.

    Parameters
    ----------
    model
        A released model, its name or its folder.
    settings
        Backend and its options; by default the best that this machine has: a board where there is
        one and a bundle for it, else the emulation.

    Raises
    ------
    InputError
        When the model or the backend is not known.
    MachineError
        When the model is damaged, the backend is not available here, or its integers differ.
    """
    settings = settings or AcceleratorSettings()
    if settings.backend not in (AUTO, *BACKENDS):
        raise InputError(
            ErrorCode.OPTION_INVALID,
            option="--backend",
            value=settings.backend,
            reason=", ".join((AUTO, *BACKENDS)),
        )
    loaded = load_model(model.folder if isinstance(model, ReleasedModel) else model)
    if settings.backend == AUTO:
        return _open_best(loaded, settings)
    return _open(loaded, settings)


def open_bundle(
    bundle: str | Path,
    settings: AcceleratorSettings | None = None,
    folders: Mapping[str, Path] | None = None,
) -> tuple[Accelerator, ...]:
    """Open all networks of a bundle, in the manifest's order, on one board; raises as :func:`open`.

    Parameters
    ----------
    bundle
        A folder, or a name below ``build/fpga`` or ``bitstreams``.
    settings
        Backend and its options.
    folders
        Where models lie that are not among the released ones, by name.
    """
    settings = replace(settings or AcceleratorSettings(), bundle=str(bundle))
    known = folders or {}
    with ExitStack() as opened:
        networks = []
        for circuit in load_bundle(str(bundle)).networks:
            networks.append(open(known.get(circuit.model, circuit.model), settings))
            opened.callback(networks[-1].close)
        opened.pop_all()
    return tuple(networks)


def _open_best(model: ReleasedModel, settings: AcceleratorSettings) -> Accelerator:
    """A board, where there is one and a bundle for it; else the emulation, and why."""
    alerts: tuple[Alert, ...] = ()
    if is_configured(settings.remote):
        try:
            return _open(model, replace(settings, backend="pynq"))
        except MachineError as error:
            if settings.bundle or not _was_never_built(error):
                alerts = (Alert(AlertCode.BOARD_NOT_USED, error, {"name": model.name}),)
    return _proven(Emulation(model, settings, alerts), "emulation")


def _open(model: ReleasedModel, settings: AcceleratorSettings) -> Accelerator:
    if settings.backend == "emulation":
        return _proven(Emulation(model, settings), settings.backend)
    bundles = find_bundles(model, settings.backend, settings.bundle)
    if settings.backend == "rtl":
        from host.accelerator.rtl import Rtl

        return _proven(Rtl(model, bundles[0], settings), settings.backend)
    return Steady(_proven(_open_board(model, bundles, settings), settings.backend), settings)


_NOT_THIS_ONE = (BoardReason.OTHER_BOARD, BoardReason.SYNTHETIC, BoardReason.OTHER_BUNDLE)
"""Why the board takes another bundle, perhaps."""


def _open_board(
    model: ReleasedModel, bundles: tuple[Manifest, ...], settings: AcceleratorSettings
) -> Pynq:
    """The first bundle that the connected board takes; raises what it says of the last."""
    for manifest in bundles[:-1]:
        try:
            return open_pynq(model, manifest, settings)
        except MachineError as error:
            if _why(error) not in _NOT_THIS_ONE:
                raise
    return open_pynq(model, bundles[-1], settings)


def _was_never_built(error: MachineError) -> bool:
    """Whether no bundle was ever made for the model, as far as can be seen."""
    return error.code is ErrorCode.BUNDLE_UNKNOWN and _why(error) is not BoardReason.DAMAGED


def _why(error: MachineError) -> Code | None:
    reason = error.values.get("reason")
    return reason.code if isinstance(reason, Reason) else None


def _proven(accelerator: _A, backend: str) -> _A:
    """The same accelerator, after the golden pair; closed when it fails."""
    with ExitStack() as opened:
        opened.callback(accelerator.close)
        try:
            check_golden(accelerator, backend)
        except PackageError as error:
            name = accelerator.model.name
            raise MachineError(ErrorCode.MODEL_DAMAGED, name=name, reason=str(error)) from error
        opened.pop_all()
    accelerator.clear_counters()
    return accelerator
