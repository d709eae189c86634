"""Readers of recordings with truth, as trajectories. The data are described beside themselves."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.gait.types import CaptureFacts, Trajectories
from model_zoo.skeleton import INDEX, N_KEYPOINTS, from_convention
from quantize.event_cases import in_pixels

Array = NDArray[np.float64]


def capture_facts(time_s: Array) -> CaptureFacts:
    """Rate and missing frames as the time stamps tell them."""
    steps = np.diff(time_s)
    usual = float(np.median(steps))
    return CaptureFacts(
        frame_rate_hz=float((len(time_s) - 1) / (time_s[-1] - time_s[0])),
        dropped_frames=int(np.sum(np.round(steps / usual) - 1)),
        variable_frame_rate=bool(steps.max() > 1.5 * usual),
    )


def stored_points(data: Path, clip: str) -> Trajectories:
    """Machine-made BlazePose Full points of one clip; what lies outside the picture is missing."""
    with np.load(data / "video" / "blazepose_full.npz") as store:
        time_s = store[f"{clip}__time_s"].astype(float)
        quantised = store[f"{clip}__xy_q"]
        score = store[f"{clip}__vis_q"].astype(float) / 255.0
    xy = quantised / 16.0 - 1024.0
    index = json.loads((data / "video" / "index.json").read_text(encoding="utf-8"))
    size = {entry["file"].removesuffix(".mp4"): entry for entry in index}
    entry = size[clip.removesuffix("_cropped")]
    inside = (xy >= 0).all(axis=-1) & (xy < [entry["width"], entry["height"]]).all(axis=-1)
    xy[(quantised == 0).all(axis=-1) | ~inside] = np.nan
    return in_pixels(
        time_s,
        from_convention(xy, "blazepose_33"),
        np.nan_to_num(from_convention(score[..., None], "blazepose_33")[..., 0]),
        "blazepose-full",
    )


@dataclass(frozen=True)
class SensorWalk:
    """One walk with body-worn sensors as reference; ``sensor`` is the row of the source's table."""

    name: str
    trajectories: Trajectories
    sensor: dict[str, str]


_SENSOR_JOINTS = {
    f"{short}{joint}": f"{side}_{name}"
    for short, side in (("l", "left"), ("r", "right"))
    for joint, name in (
        ("sho", "shoulder"),
        ("elb", "elbow"),
        ("wri", "wrist"),
        ("hip", "hip"),
        ("kne", "knee"),
        ("ank", "ankle"),
    )
}


def sensor_walks(data: Path) -> Iterator[SensorWalk]:
    """135 walks, 3D points of a large network at 60/s, turned into the line of the walk."""
    folder = data / "gait" / "video_vs_imu"
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["trial_name"]: row for row in csv.DictReader(file)}
    with np.load(folder / "keypoints3d.npz") as store:
        xyz_m = store["xyz_mm"].astype(float) / 1000.0
        offset, trials, joints = store["offset"], store["trial"], list(store["joint"])
    for i, name in enumerate(trials):
        points = xyz_m[offset[i] : offset[i + 1]]
        yield SensorWalk(str(name), _along_the_walk(points, joints), rows[str(name)])


def _along_the_walk(points: Array, joints: list[str]) -> Trajectories:
    """Camera axes (x right, y down, z away) to x along first-to-last pelvis, y lateral, z up."""
    pelvis = points[:, joints.index("pelv")][:, [0, 2]]
    along = (pelvis[-1] - pelvis[0]) / np.hypot(*(pelvis[-1] - pelvis[0]))
    across = np.array([-along[1], along[0]])
    xyz = np.full((len(points), N_KEYPOINTS, 3), np.nan)
    for short, name in _SENSOR_JOINTS.items():
        joint = points[:, joints.index(short)]
        floor = joint[:, [0, 2]]
        xyz[:, INDEX[name]] = np.stack((floor @ along, floor @ across, -joint[:, 1]), axis=1)
    score = np.isfinite(xyz[..., 0]).astype(float)
    return Trajectories(np.arange(len(points)) / 60.0, xyz, "m", score, "metrabs-3d")


@dataclass(frozen=True)
class PlateWalk:
    """One walk with markers and force plates; ``contacts`` as in the source's file."""

    name: str
    trajectories: Trajectories
    contacts: list[dict[str, Any]]


_FULL_MARKERS = {
    "shoulder": ["SHO"],
    "elbow": ["ELB"],
    "wrist": ["WRI"],
    "hip": ["ASI"],
    "knee": ["KNE"],
    "ankle": ["ANK"],
    "heel": ["HEE"],
    "big_toe": ["TOE"],
}
_LEG_MARKERS = {
    "hip": ["GTR"],
    "knee": ["Knee"],
    "ankle": ["Ankle"],
    "heel": ["Heel"],
    "big_toe": ["MT2"],
}


def plate_walks(data: Path) -> Iterator[PlateWalk]:
    """Three walks of three people, markers at 100 to 150 Hz, metres."""
    for name in ("walk1", "walk2", "gait_full"):
        path = data / "mocap" / "bmc" / f"{name}.contacts.json"
        contacts = json.loads(path.read_text(encoding="utf-8"))["contacts"]
        with np.load(path.with_name(f"{name}.npz")) as store:
            markers = store["markers_mm"].astype(float) / 1000.0
            names = [str(n) for n in store["marker_names"]]
            rate = float(store["marker_rate_hz"]) if "marker_rate_hz" in store else 100.0
        full = name == "gait_full"
        if not full:
            markers = markers[..., [0, 2, 1]]  # the source has y up
        table, joiner = (_FULL_MARKERS, "") if full else (_LEG_MARKERS, ".")
        xyz = np.full((len(markers), N_KEYPOINTS, 3), np.nan)
        for point, parts in table.items():
            for side in ("left", "right"):
                columns = [names.index(f"{side[0].upper()}{joiner}{p}") for p in parts]
                xyz[:, INDEX[f"{side}_{point}"]] = markers[:, columns].mean(axis=1)
        score = np.isfinite(xyz).all(axis=-1).astype(float)
        time_s = np.arange(len(markers)) / rate
        yield PlateWalk(name, Trajectories(time_s, xyz, "m", score, "markers"), contacts)


def plate_truth(walk: PlateWalk) -> dict[str, list[tuple[float, str]]]:
    """Contacts and lift-offs that are not cut by the recording."""
    feet = {"L": "left", "R": "right"}
    return {
        kind: [(c[f"{key}_s"], feet[c["foot"]]) for c in walk.contacts if not c[f"{key}_cut"]]
        for kind, key in (("initial_contact", "ic"), ("foot_off", "to"))
    }


def clip_truth(path: Path) -> dict[str, list[tuple[float, str]]]:
    """Events of a rendered clip at which the whole walker is in the picture, by kind."""
    events = json.loads(path.read_text(encoding="utf-8"))["events"]
    return {
        kind: [(e["time_s"], e["foot"]) for e in events if e["kind"] == kind and e["inside"]]
        for kind in ("initial_contact", "foot_off")
    }
