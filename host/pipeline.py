"""The way of the data, from a walk to its report: :func:`analyze_file` reads like the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.capture.file import FileSource
from host.capture.floor_finder import FloorSheetFinder
from host.capture.types import SourceInfo
from host.codes import ErrorCode, ViewKind
from host.diagnosis.diagnose import diagnose
from host.errors import InputError, MachineError
from host.gait.analyse import analyse_gait
from host.gait.events import Lead, LearnedEvents
from host.gait.scale.types import WALKWAY_FORM, ScaleOptions, SheetSighting, parse_walkway
from host.gait.types import CaptureFacts, GaitResult, Person, Silhouette, Trajectories
from host.person.finder import PersonFinder
from host.person.network import NetworkFinder
from host.person.tracker import Tracker
from host.person.types import SILHOUETTE_NAMES
from host.pose.collect import Collector, trace_sides
from host.pose.estimate import PoseEstimator
from host.pose.follow import Follower
from host.pose.foot_edges import swing_sharpness
from host.pose.lift import Lifter, Picture, along_walk, lift_track
from host.pose.recording import (
    Recording,
    load_recording,
    points_used_percent,
    save_recording,
    sided,
)
from host.pose.trajectories import empty_trajectories, to_trajectories
from host.report import write
from host.report.assess import assess
from host.report.assessment import Assessment
from host.settings import OUTLINES, ScaleSettings, Settings
from host.subject.choose import SubjectChooser
from host.text import speaking
from model_zoo.package import GOLDEN_FORM, ReleasedModel

KEYPOINTS_SUFFIX = ".npz"
LIFT_MODEL = "gait-lift"
"""Released network that puts keypoints into space."""
EVENTS_MODEL = "gait-events"
"""Released network of the learned event method."""


class Progress(Protocol):
    """Told of long work: ``stage`` is a key of ``[progress]`` in the texts."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``total`` is 0 where it is not known."""


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def analyze_file(
    source: Path,
    out: Path,
    settings: Settings | None = None,
    person: Person | None = None,
    progress: Progress = silent,
) -> Assessment:
    """Analyse one recording and write everything about it into a new folder.

    Parameters
    ----------
    source
        A video, or the ``keypoints.npz`` of an earlier analysis: both give the same assessment.
    out
        Folder to write; it appears whole at the end, or not at all.
    settings
        An operator's settings; the defaults when None.
    person
        What is known of the person: height gives metres, age and sex give norms.
    progress
        Called every few frames.

    Returns
    -------
    What also stands in ``out/assessment.json``. A recording without a gait to report is no error:
    its grade is ``unusable`` and says why.

    Raises
    ------
    InputError
        The input cannot be read or an option is wrong; nothing was written.
    MachineError
        The machine fell short; nothing was written.
    """
    settings, person = settings or Settings(), person or Person()
    scale = scale_options(settings.scale)
    with write.output_folder(out) as folder:
        if source.suffix.lower() == KEYPOINTS_SUFFIX:
            recording, video = load_recording(source), None
        else:
            recording, video = record(source, settings, progress), source
        recording, trajectories = choose_subject(trace_sides(recording))
        facts = capture_facts(recording)
        with event_method(settings) as (lead, models):
            gait = analyse_gait(trajectories, person, facts, lead=lead, scale=scale)
            if facts.picture_px and _to_lift(settings.pose.lift, gait.view.kind):
                trajectories, network = _lift(trajectories, facts.picture_px, person, settings)
                lifted = analyse_gait(trajectories, person, facts, lead=lead, scale=scale)
                gait, models = replace(lifted, view=gait.view), [*models, network]
        meta = {**recording.meta, "models": [*recording.meta["models"], *models]}
        assessment = assess(gait, meta, person, diagnose(gait))
        _write(folder, settings, assessment, recording, trajectories, gait)
        if video is None:
            write.keep_overlay(out, folder, recording.meta["source"].get("sha256"))
        elif settings.output.overlay:
            _write_overlay(folder, video, settings, assessment, recording, progress)
    return assessment


def record(video: Path, settings: Settings, progress: Progress = silent) -> Recording:
    """Find and follow the people of a video and let the network name their points.

    Returns
    -------
    The recording with all tracks, sides not yet told apart, no subject chosen.
    """
    with ExitStack() as opened:
        source = FileSource(video, settings.capture.decode_threads)
        opened.callback(source.close)
        network = opened.enter_context(_network(settings.pose.model, settings))
        looker = _open_finder(settings)
        if looker is not None:
            opened.callback(looker.close)
        finder = PersonFinder(
            settings.person.smallest_share,
            Tracker(most=settings.person.most, return_s=settings.person.return_s),
            None if looker is None else _whole_pictures(looker),
            outlines=settings.person.keep_outlines,
        )
        with _read_by_setting("pose.model", network):
            estimator = PoseEstimator(network, mirror=settings.pose.mirror)
        sheets = FloorSheetFinder()
        finder.prime(sheets.watch(frame.image.luma() for frame in source.survey()))
        collector = Collector()
        follower = Follower(finder, estimator, collector)
        expected = source.expected_frames
        for frame in source.open():
            follower.look(frame)
            progress("find", frame.sequence + 1, expected)
        meta = _meta(source.info(), [network] if looker is None else [network, looker], finder)
        meta["capture"]["floor_sheets"] = [sheet.as_json() for sheet in sheets.seen()]
    return collector.recording(finder.tracker.identity, meta)


@contextmanager
def _network(name: str, settings: Settings) -> Iterator[accelerator.Accelerator]:
    """A released network, open on the backend of the settings."""
    opened = accelerator.open(name, accelerator.AcceleratorSettings(**asdict(settings.accelerator)))
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def event_method(settings: Settings) -> Iterator[tuple[Lead, list[dict[str, str]]]]:
    """The event method of the settings, and the networks that it runs.

    They are always emulated: a minute of walking is some fifty windows, a few milliseconds.
    """
    if settings.gait.events != LearnedEvents.name:
        yield settings.gait.events, []
        return
    emulated = replace(settings.accelerator, backend="emulation", bundle="", remote="")
    with _network(EVENTS_MODEL, replace(settings, accelerator=emulated)) as network:
        yield LearnedEvents(network), [_model(network.model)]


def _to_lift(wish: str, view: ViewKind) -> bool:
    """Whether a walk seen so is put into space."""
    return wish == "always" or (wish == "oblique" and view in (ViewKind.OBLIQUE, ViewKind.FRONTAL))


def _lift(
    trajectories: Trajectories, picture_px: tuple[int, int], person: Person, settings: Settings
) -> tuple[Trajectories, dict[str, str]]:
    """The track in space, x along the walk, and the network (emulated: 1 ms a frame)."""
    focal = None
    if settings.scale.field_deg:
        focal = max(picture_px) / 2 / np.tan(np.deg2rad(settings.scale.field_deg) / 2)
    emulated = replace(settings.accelerator, backend="emulation", bundle="", remote="")
    with _network(LIFT_MODEL, replace(settings, accelerator=emulated)) as network:
        picture = Picture(*picture_px, focal)
        lifted = lift_track(trajectories, Lifter(network), picture, person.height_m)
        return along_walk(lifted), _model(network.model)


def _open_finder(settings: Settings) -> accelerator.Accelerator | None:
    """The finder of the settings, emulated where no bundle holds it; None: outlines."""
    name = settings.person.finder
    if name == OUTLINES:
        return None
    table = accelerator.AcceleratorSettings(**asdict(settings.accelerator))
    try:
        return accelerator.open(name, table)
    except MachineError as error:
        if error.code is not ErrorCode.BUNDLE_UNKNOWN:
            raise
        return accelerator.open(name, replace(table, backend="emulation", bundle="", remote=""))


def _whole_pictures(network: accelerator.Accelerator) -> NetworkFinder:
    with _read_by_setting("person.finder", network):
        return NetworkFinder(network)


@contextmanager
def _read_by_setting(name: str, network: accelerator.Accelerator) -> Iterator[None]:
    """A network whose answers cannot be read here was named by the wrong setting."""
    try:
        yield
    except ValueError as error:
        raise InputError(
            ErrorCode.SETTING_INVALID, name=name, value=network.model.name, reason=str(error)
        ) from error


def choose_subject(recording: Recording) -> tuple[Recording, Trajectories]:
    """Decide who is the patient; the choice and its reason go into the recording's meta."""
    choice = SubjectChooser().choose(recording)
    subject = {
        "track": choice.track,
        "why": choice.why.value,
        "candidates": [asdict(candidate) for candidate in choice.candidates],
    }
    chosen = replace(recording, meta={**recording.meta, "subject": subject})
    model = next(m["name"] for m in recording.meta["models"] if m["role"] == "pose")
    if choice.track is None:
        return chosen, empty_trajectories(recording.time_s, model)
    return chosen, to_trajectories(recording, choice.track, model)


def capture_facts(recording: Recording) -> CaptureFacts:
    """What the gait room must know of the capture."""
    source, capture = recording.meta["source"], recording.meta["capture"]
    luma = _silhouette(recording, "luma")
    pan = capture["camera_motion_px_s"]
    rate = float(source["frame_rate_hz"])
    cut_off = int(source.get("cut_off_frames", 0))  # absent from files of earlier versions
    return CaptureFacts(
        picture_px=(int(source["width_px"]), int(source["height_px"])),
        floor_sheets=tuple(
            SheetSighting(
                sheet["name"],
                np.array(sheet["points_px"]),
                np.array(sheet["points_m"]),
                float(sheet["sd_px"]),
            )
            for sheet in capture.get("floor_sheets", ())  # absent from files of version 0.1
        ),
        swing_sharpness=_sharpness(recording),
        points_used_percent=points_used_percent(recording, recording.meta["subject"]["track"]),
        frame_rate_hz=rate,
        # What cannot be decoded is missing as much as what was never stored.
        dropped_frames=int(source["dropped_frames"]) + int(source["unreadable_frames"]) - cut_off,
        cut_off_percent=100 * cut_off / (len(recording.time_s) + cut_off)
        if cut_off
        else float("nan"),
        variable_frame_rate=bool(source["variable_frame_rate"]),
        camera_motion_px=float("nan") if pan is None or not rate else float(pan) / rate,
        luma_mean=float(np.nanmedian(luma)) if np.isfinite(luma).any() else float("nan"),
        silhouette=Silhouette(
            recording.time_s, _silhouette(recording, "width"), _silhouette(recording, "height")
        ),
    )


def _sharpness(recording: Recording) -> float:
    """What the swinging foot keeps of its sharpness; NaN where no picture or subject was seen."""
    rows = np.flatnonzero(recording.track == recording.meta["subject"]["track"])
    if not len(rows) or not recording.foot_edges.size:
        return float("nan")
    right, one = sided(recording), rows[0]
    box = recording.box_px[:, one].astype(np.float64)
    return swing_sharpness(
        recording.time_s,
        right.xy_px[:, one].astype(np.float64),
        right.foot_edges[:, one].astype(np.float64),
        float(np.nanmedian(box[:, 3] - box[:, 1])),
    )


def scale_options(settings: ScaleSettings) -> ScaleOptions:
    """The operator's ``[scale]`` for the gait room.

    Raises
    ------
    InputError
        ``SETTING_INVALID`` for a walkway that is none.
    """
    try:
        walkway = parse_walkway(settings.walkway)
    except ValueError as error:
        raise InputError(
            ErrorCode.SETTING_INVALID,
            name="scale.walkway",
            value=settings.walkway,
            reason=WALKWAY_FORM,
        ) from error
    return ScaleOptions(settings.source, walkway, settings.field_deg or None)


def _silhouette(recording: Recording, name: str) -> NDArray[np.float64]:
    """float64[T]: one signal of the subject's outline; NaN where there is no subject or outline."""
    names = recording.meta.get("silhouette_names", SILHOUETTE_NAMES)
    rows = np.flatnonzero(recording.track == recording.meta["subject"]["track"])
    if not len(rows) or name not in names or names.index(name) >= recording.silhouette.shape[2]:
        return np.full(len(recording.time_s), np.nan)
    return recording.silhouette[:, rows[0], names.index(name)].astype(np.float64)


def _model(model: ReleasedModel) -> dict[str, str]:
    """What an assessment tells of a network."""
    return {
        "role": model.role,
        "name": model.name,
        "version": model.version,
        "sha256": model.files[GOLDEN_FORM],
    }


def _meta(
    info: SourceInfo, networks: list[accelerator.Accelerator], finder: PersonFinder
) -> dict[str, Any]:
    backend, _, version = networks[0].description.partition(" on ")
    pan = finder.camera.motion_px_s
    return {
        "source": asdict(info),
        "models": [_model(network.model) for network in networks],
        "backend": {"name": backend, "version": version or None},
        "alerts": [alert.document() for network in networks for alert in network.alerts],
        "capture": {"camera_motion_px_s": pan if np.isfinite(pan) else None},
    }


def _write(
    folder: Path,
    settings: Settings,
    assessment: Assessment,
    recording: Recording,
    trajectories: Trajectories,
    gait: GaitResult,
) -> None:
    from host.report.exports.openpose import write_openpose
    from host.report.exports.parameters_csv import write_parameters_csv
    from host.report.exports.trc import write_trc

    (folder / write.ASSESSMENT).write_text(assessment.to_json(), encoding="utf-8")
    save_recording(recording, folder / write.KEYPOINTS)
    rate = assessment.source.frame_rate_hz
    if settings.output.report:
        from host.report.page.html import render_html

        with speaking(settings.output.language):
            page = render_html(assessment, datetime.now().astimezone())
        (folder / write.REPORT).write_text(page, encoding="utf-8")
        write_parameters_csv(folder / write.PARAMETERS, assessment)
        write_trc(folder / write.TRAJECTORIES, trajectories, gait.scale_m_per_unit, rate)
    if settings.output.openpose:
        write_openpose(folder / write.OPENPOSE, recording, Path(assessment.source.file).stem)


def _write_overlay(
    folder: Path,
    video: Path,
    settings: Settings,
    assessment: Assessment,
    recording: Recording,
    progress: Progress,
) -> None:
    from host.report.overlay.writer import write_overlay

    frames = FileSource(video, settings.capture.decode_threads).open()
    total, done = len(recording.time_s), iter(range(1, 1 << 62))
    tell: Callable[[], None] = lambda: progress("overlay", next(done), total)  # noqa: E731
    write_overlay(folder / write.OVERLAY, frames, recording, assessment, tell)
