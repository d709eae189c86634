"""Words of clinicians as plain files: one per word, written once and never again.

::

    recordings/<id>/confirmations/<diagnosis id>/000001.json

A file is there whole or not at all. A name that is taken is never written again, so that the
history cannot change; what cannot be read is left untouched and told.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, replace
from pathlib import Path

from host import durable
from host.diagnosis.scales.confirm import Confirmation
from model_zoo.skeleton import Side

FOLDER = "confirmations"
SCHEMA_VERSION = 1
_DIGITS = 6
_NAME = _DIGITS * "[0-9]" + ".json"
log = logging.getLogger(__name__)


def keep(recording: Path, diagnosis_id: str, word: Confirmation) -> Confirmation:
    """Write one word under the next free number; on return it is on the disk.

    Parameters
    ----------
    recording
        Folder of the recording.
    diagnosis_id, word
        About which run, and what; its ``number`` is given here.

    Returns
    -------
    The word with its number.

    Raises
    ------
    OSError
        When the disk refuses; nothing is kept.
    """
    folder = recording / FOLDER / diagnosis_id
    if not folder.is_dir():
        folder.mkdir(parents=True)
        durable.sync(folder.parent)
        durable.sync(recording)
    taken = (int(path.stem) for path in folder.glob(_NAME))
    kept = replace(word, number=1 + max(taken, default=0))
    path = folder / f"{kept.number:0{_DIGITS}d}.json"
    document = {"schema_version": SCHEMA_VERSION, "diagnosis_id": diagnosis_id, **asdict(kept)}
    durable.write_atomically(path, json.dumps(document, indent=1, ensure_ascii=False).encode())
    return kept


def load(recording: Path) -> tuple[dict[str, list[Confirmation]], list[str]]:
    """All words of one recording by run, in order, and the names of files that cannot be read."""
    words: dict[str, list[Confirmation]] = {}
    damaged = []
    for path in sorted((recording / FOLDER).glob(f"*/{_NAME}")):
        try:
            words.setdefault(path.parent.name, []).append(_word(path))
        except (OSError, ValueError, KeyError, TypeError):
            log.exception("%s cannot be read", path)
            damaged.append(path.relative_to(recording.parent).as_posix())
    return words, damaged


def _word(path: Path) -> Confirmation:
    document = json.loads(path.read_bytes())
    if document.pop("schema_version") != SCHEMA_VERSION:
        raise ValueError("confirmation of another schema")
    if document.pop("diagnosis_id") != path.parent.name or document["number"] != int(path.stem):
        raise ValueError("confirmation in the wrong place")
    side = document.pop("side")
    return Confirmation(side=None if side is None else Side(side), **document)
