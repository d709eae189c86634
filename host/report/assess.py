"""From the results of the rooms to the assessment.

What is known of the recording stands in ``Recording.meta`` (JSON-able), under these keys:

``source``
    The fields of :class:`host.capture.types.SourceInfo`.
``models``
    List of ``role, name, version, sha256`` (``sha256`` may be None).
``backend``
    ``name, version`` (both may be None).
``alerts``
    List of ``code, message, values``; may be absent, and ``values`` in it (recordings of version
    0.1).
``subject``
    ``track, why`` (``why`` a :class:`host.codes.SubjectReason`).

Further keys of these tables are ignored, so that a newer recorder may add some.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from host.diagnosis.types import Diagnosis
from host.gait.types import Bout, Curve, GaitResult, Parameter, Person, QualityCheck
from host.report.assessment import (
    SCHEMA_VERSION,
    Assessment,
    Backend,
    MachineAlert,
    Model,
    Source,
)
from host.text import sentence

DISTRIBUTION = "footfall"


def assess(
    gait: GaitResult, meta: Mapping[str, Any], person: Person, diagnosis: Diagnosis
) -> Assessment:
    """Put together what the rooms found.

    Parameters
    ----------
    gait
        Result of the gait room.
    meta
        ``Recording.meta``, with the keys named in the module's text.
    person
        What the operator told.
    diagnosis
        Findings or abstention.

    Raises
    ------
    KeyError, pydantic.ValidationError
        When a room breaks its contract.
    """
    return Assessment.model_validate(
        {
            "schema_version": SCHEMA_VERSION,
            "software": {"name": DISTRIBUTION, "version": version(DISTRIBUTION)},
            "models": [_known(Model, model) for model in meta["models"]],
            "backend": _known(Backend, meta["backend"]),
            "alerts": [_alert(alert) for alert in meta.get("alerts", ())],
            "source": _known(Source, meta["source"]),
            "subject": {
                "track": meta["subject"]["track"],
                "why": meta["subject"]["why"],
                **_plain(person),
            },
            "view": {**_plain(gait.view), "bouts": [_bout(bout) for bout in gait.bouts]},
            "quality": {"grade": gait.quality_grade, "checks": [_check(c) for c in gait.checks]},
            "activities": _plain(gait.activities),
            "events": _plain(gait.events),
            "strides": _plain(gait.strides),
            "parameters": {name: _parameter(entry) for name, entry in gait.parameters.items()},
            "curves": [_curve(curve) for curve in gait.curves],
            "diagnosis": _plain(diagnosis),
        }
    )


def _alert(told: Mapping[str, Any]) -> dict[str, Any]:
    return _known(MachineAlert, {"values": None, **told})


def _known(model: type[Any], table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: table[name] for name in model.model_fields}


def _plain(value: Any) -> Any:
    """Dataclasses as dictionaries, sequences as lists, NaN and infinity as None."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _bout(bout: Bout) -> dict[str, Any]:
    table: dict[str, Any] = _plain(bout)
    table["bout"] = table.pop("index")
    return table


def _check(check: QualityCheck) -> dict[str, Any]:
    table: dict[str, Any] = _plain(check)
    del table["severity"]
    advice = sentence("advice." + check.code.value.removeprefix("quality."))
    return {**table, "advice": None if check.passed else advice}


def _parameter(entry: Parameter) -> dict[str, Any]:
    table: dict[str, Any] = _plain(entry)
    del table["name"]
    return {**table, "definition": sentence(entry.definition)}


def _curve(curve: Curve) -> dict[str, Any]:
    return {**_plain(curve), "definition": sentence(curve.definition)}
