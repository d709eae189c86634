"""Settings of an operator: one TOML file, few keys, each with an effect.

Constants of the algorithms are not settings.
"""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from host.accelerator.types import AUTO, BACKENDS, EXECUTORS
from host.codes import ErrorCode
from host.errors import InputError
from host.text import ENGLISH, LANGUAGES, sentence

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10: the board
    import tomli as tomllib

OUTLINES = "outlines"
"""``person.finder`` without a network."""


def _number(default: Any, low: float, high: float) -> Any:
    return field(default=default, metadata={"range": (low, high)})


def _choice(default: str, *known: str) -> Any:
    return field(default=default, metadata={"known": known})


@dataclass(frozen=True)
class CaptureSettings:
    """``[capture]``."""

    decode_threads: int = _number(1, 1, 64)
    """Threads that decode a video file."""


@dataclass(frozen=True)
class PersonSettings:
    """``[person]``."""

    finder: str = OUTLINES
    """How people are found: ``outlines`` (background and outlines), or a released network of role
    person, by name or folder."""
    smallest_share: float = _number(0.2, 0.05, 0.9)
    """Least height of a person as a share of the picture's height."""
    most: int = _number(3, 1, 10)
    """Largest number of people followed at a time."""
    return_s: float = _number(6.0, 0.0, 60.0)
    """Who comes back within this time keeps the number."""
    keep_outlines: bool = False
    """Keep small shapes of the people, so that ``footfall compare`` can ask whether two walks are
    of the same person; never used to search for anybody."""


@dataclass(frozen=True)
class PoseSettings:
    """``[pose]``."""

    model: str = "gait-pose-s"
    """Released network, by name or folder."""
    mirror: bool = True
    """Show each crop a second time, mirrored: slower, surer, and fair to both sides."""
    lift: str = _choice("off", "off", "oblique", "always")
    """Which walks are put into space by ``gait-lift``: those not seen from the side, or all.
    Lengths along the line of sight need ``scale.field_deg``."""


@dataclass(frozen=True)
class AcceleratorTable:
    """``[accelerator]``."""

    backend: str = _choice(AUTO, AUTO, *BACKENDS)
    """What runs the networks."""
    threads: int = _number(1, 1, 64)
    """Threads of one network run in emulation."""
    executor: str = _choice(AUTO, AUTO, *EXECUTORS)
    """What runs the golden form in emulation."""
    deadline_s: float = _number(30.0, 0.1, 3600.0)
    """Longest wait for one result."""
    bundle: str = ""
    """What a board loads: folder, or name below ``build/fpga`` or ``bitstreams``; empty: found."""
    remote: str = ""
    """Address of a board on the network; empty: this machine's own."""


@dataclass(frozen=True)
class GaitSettings:
    """``[gait]``."""

    events: str = _choice("learned", "zeni", "heel_speed", "foot_velocity", "learned")
    """Method whose times of contact and foot off count: a published one, or the learned model
    (``zeni`` stands in for it where the points have no heels and toes)."""


@dataclass(frozen=True)
class ScaleSettings:
    """``[scale]``: what gives metres beside the body height."""

    source: str = _choice("auto", "auto", "height", "walkway", "sheet")
    """What gives metres; ``auto`` takes all that is there together."""
    walkway: str = ""
    """Two marks on the floor in pixels and their distance: ``x0,y0,x1,y1,metres``."""
    field_deg: float = _number(0.0, 0.0, 150.0)
    """Angle of view of the camera along the picture's longer side, degrees; 0: not known."""


@dataclass(frozen=True)
class OutputSettings:
    """``[output]``: what is written beside ``assessment.json`` and ``keypoints.npz``."""

    report: bool = True
    """``report.html``, ``parameters.csv`` and ``keypoints.trc``."""
    overlay: bool = True
    """``overlay.mp4``."""
    openpose: bool = False
    """``openpose.zip``."""
    language: str = _choice(ENGLISH, *LANGUAGES)
    """Language of ``report.html``."""


@dataclass(frozen=True)
class Settings:
    """All tables of the settings file."""

    capture: CaptureSettings = field(default_factory=CaptureSettings)
    person: PersonSettings = field(default_factory=PersonSettings)
    pose: PoseSettings = field(default_factory=PoseSettings)
    accelerator: AcceleratorTable = field(default_factory=AcceleratorTable)
    gait: GaitSettings = field(default_factory=GaitSettings)
    scale: ScaleSettings = field(default_factory=ScaleSettings)
    output: OutputSettings = field(default_factory=OutputSettings)


def load_settings(path: Path | None) -> Settings:
    """Settings of a file; the defaults without one.

    Raises
    ------
    InputError
        ``FILE_MISSING``, ``FILE_IS_FOLDER``; ``SETTING_UNKNOWN`` for a key that does not exist
        (names the nearest); ``SETTING_INVALID`` for a value of the wrong kind or outside its range;
        ``SETTINGS_MALFORMED`` for bad TOML.
    """
    if path is None:
        return Settings()
    if path.is_dir():
        raise InputError(ErrorCode.FILE_IS_FOLDER, file=path)
    if not path.is_file():
        raise InputError(ErrorCode.FILE_MISSING, file=path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(ErrorCode.SETTINGS_MALFORMED, file=path.name, reason=str(error)) from error
    return parse_settings(tables)


def parse_settings(tables: dict[str, Any]) -> Settings:
    """Settings of parsed TOML tables; raises as :func:`load_settings`."""
    settings: Settings = _fill(Settings, tables, "")
    return settings


def setting_names() -> list[str]:
    """Every key, as ``table.key``."""
    defaults = Settings()
    return [
        f"{table.name}.{key.name}"
        for table in fields(Settings)
        for key in fields(getattr(defaults, table.name))
    ]


def _fill(kind: Any, given: dict[str, Any], table: str) -> Any:
    known = {f.name: f for f in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in given.items():
        name = f"{table}.{key}" if table else key
        if key not in known:
            raise InputError(ErrorCode.SETTING_UNKNOWN, name=name, nearest=_nearest(name))
        if not table:
            if not isinstance(value, dict):
                raise InputError(ErrorCode.SETTING_UNKNOWN, name=name, nearest=f"[{key}]")
            values[key] = _fill(type(getattr(Settings(), key)), value, key)
        else:
            values[key] = _checked(known[key], name, value)
    return kind(**values)


def _checked(key: Any, name: str, value: Any) -> Any:
    """The value, when it is of the default's kind and in its range."""
    wanted = type(key.default)
    if wanted is float and type(value) is int:
        value = float(value)
    reason = ""
    if type(value) is not wanted:
        reason = sentence(f"setting_takes.{wanted.__name__}")
    elif "range" in key.metadata:
        low, high = key.metadata["range"]
        if not low <= value <= high:
            reason = sentence("setting_takes.range", low=f"{low:g}", high=f"{high:g}")
    elif "known" in key.metadata and value not in key.metadata["known"]:
        reason = sentence("setting_takes.choice", known=", ".join(key.metadata["known"]))
    if reason:
        raise InputError(ErrorCode.SETTING_INVALID, name=name, value=value, reason=reason)
    return value


def _nearest(name: str) -> str:
    tables = [f.name for f in fields(Settings)]
    names = [*setting_names(), *tables]
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    return found[0]
