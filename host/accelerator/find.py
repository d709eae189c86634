"""Which bundle holds a network for a backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from host.accelerator.bundle import MANIFEST, Manifest, load_manifest
from host.codes import BoardReason, ErrorCode
from host.errors import MachineError, Reason
from model_zoo.package import GOLDEN_FORM, PackageError, ReleasedModel

_ROOT = Path(__file__).resolve().parents[2]
PLACES = (_ROOT / "build" / "fpga", _ROOT / "bitstreams")
"""Where bundles lie: freshly built ones first."""
BOARD_NAME = Path("/proc/device-tree/chosen/pynq_board")
"""Where a board's own system tells its name."""


def find_bundles(model: ReleasedModel, backend: str, named: str = "") -> tuple[Manifest, ...]:
    """The bundles that run ``model`` on ``backend``, the best first; at least one.

    Parameters
    ----------
    model
        Whose integers the circuit must give.
    backend
        ``rtl`` (needs the simulator) or ``pynq`` (needs a bitstream).
    named
        A folder, or a name below one of :data:`PLACES`; empty: all there that fit, a damaged one
        passed over. On a board only bundles made for it count; which board a remote one is shows
        only when it is connected.

    Raises
    ------
    MachineError
        ``BUNDLE_UNKNOWN`` with the reason why the last candidate does not fit, or
        ``BUNDLE_DAMAGED`` for the one that was named.
    """
    found: list[Manifest] = []
    reason = Reason(BoardReason.NO_BUNDLE)
    board = None if named else local_board()
    for folder in _folders(named):
        try:
            manifest = _load(folder)
        except MachineError as error:
            if named:
                raise
            if reason.code is BoardReason.NO_BUNDLE:  # whose it was nobody knows
                reason = Reason(BoardReason.DAMAGED, **error.values)
            continue
        unfit = _unfit(manifest, model, backend)
        if unfit is None and backend == "pynq" and board is not None:
            unfit = _unfit_here(manifest, board)
        if unfit is None:
            found.append(manifest)
        elif unfit.code is not BoardReason.NO_BUNDLE:
            reason = unfit
    if not found:
        raise MachineError(
            ErrorCode.BUNDLE_UNKNOWN, name=model.name, backend=backend, reason=reason
        )
    return tuple(found)


def load_bundle(named: str) -> Manifest:
    """The bundle in a folder, or of a name below one of :data:`PLACES`.

    Raises
    ------
    MachineError
        ``BUNDLE_UNKNOWN`` or ``BUNDLE_DAMAGED``.
    """
    for folder in _folders(named):
        return _load(folder)
    reason = Reason(BoardReason.NO_FOLDER, bundle=named)
    raise MachineError(ErrorCode.BUNDLE_UNKNOWN, name=named, backend="–", reason=reason)


def local_board() -> str | None:
    """Name of the board that this program runs on, as bundles call it; None elsewhere."""
    try:
        return BOARD_NAME.read_text(encoding="ascii").strip("\0\n ").lower()
    except (OSError, ValueError):
        return None


def _folders(named: str) -> Iterator[Path]:
    if named:
        candidates = [Path(named), *(place / named for place in PLACES)]
        yield from (c for c in candidates if (c / MANIFEST).is_file())
    else:
        for place in PLACES:
            # Hidden folders are those of a build that has not ended.
            yield from sorted(path.parent for path in place.glob(f"[!.]*/{MANIFEST}"))


def _load(folder: Path) -> Manifest:
    try:
        return load_manifest(folder)
    except PackageError as error:
        raise MachineError(ErrorCode.BUNDLE_DAMAGED, name=folder.name, reason=str(error)) from error


def _unfit_here(manifest: Manifest, board: str) -> Reason | None:
    """Why the bundle does not do for the board that this program runs on."""
    if manifest.board != board:
        return Reason(BoardReason.OTHER_BOARD, built_for=manifest.board)
    if manifest.bitstream is not None and manifest.bitstream.synthetic:
        return Reason(BoardReason.SYNTHETIC)
    return None


def _unfit(manifest: Manifest, model: ReleasedModel, backend: str) -> Reason | None:
    """Why the bundle does not do; None when it does."""
    circuits = [c for c in manifest.networks if c.model == model.name]
    if not circuits:
        return Reason(BoardReason.NO_BUNDLE)
    if circuits[0].golden_form_sha256 != model.files[GOLDEN_FORM]:
        return Reason(BoardReason.OTHER_INTEGERS, bundle=manifest.folder.name)
    if backend == "pynq" and manifest.bitstream is None:
        return Reason(BoardReason.NO_BITSTREAM, bundle=manifest.folder.name)
    if backend == "rtl":
        program = circuits[0].simulator
        if program is None or not (manifest.folder / program).is_file():
            return Reason(BoardReason.NO_SIMULATOR, bundle=manifest.folder.name)
    return None
