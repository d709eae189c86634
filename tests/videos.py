"""Small synthetic videos for tests: written by PyAV, known to the pixel."""

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import INDEX, KEYPOINTS, N_KEYPOINTS

Image = NDArray[np.uint8]


def write_video(
    path: Path,
    pictures: Iterable[Image],
    times_s: Iterable[float] | None = None,
    rate_hz: float = 30.0,
    key_every: int = 250,
    faststart: bool = False,
) -> Path:
    """H.264 in MP4 of RGB pictures, at ``times_s`` (milliseconds kept) or at an even rate."""
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=round(rate_hz))
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90000)
        stream.options = {"crf": "18", "preset": "ultrafast", "g": str(key_every)}
        clock = None if times_s is None else iter(times_s)
        for number, picture in enumerate(pictures):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            time_s = number / rate_hz if clock is None else next(clock)
            frame.pts, frame.time_base = round(time_s * 90000), Fraction(1, 90000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def set_rotation(path: Path, clockwise_deg: int) -> Path:
    """Give an MP4 the display matrix of a phone that was held turned by ``clockwise_deg``."""
    data = bytearray(path.read_bytes())
    turn = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[clockwise_deg]
    a, b, c, d = (v * 65536 for v in turn)
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    start = data.find(b"tkhd") + 4
    at = start + 4 + (20 if data[start] == 0 else 32) + 16
    data[at : at + 36] = matrix
    path.write_bytes(data)
    return path


def draw_walker(
    picture: Image, hip_x: float, floor_y: float, height: float, phase: float, grey: int = 40
) -> None:
    """Draw a walking silhouette: head, trunk and two legs that swing; ``phase`` in strides."""
    hip = np.array([hip_x, floor_y - 0.5 * height])
    neck = hip - np.array([0, 0.32 * height])
    colour = (grey, grey, grey)
    thick = max(int(0.11 * height), 1)

    def line(a: NDArray[np.float64], b: NDArray[np.float64], width: int) -> None:
        ends = [tuple(np.rint(p).astype(int).tolist()) for p in (a, b)]
        cv2.line(picture, ends[0], ends[1], colour, width)

    line(hip, neck, int(1.7 * thick))
    head = tuple(np.rint(neck - np.array([0, 0.09 * height])).astype(int).tolist())
    cv2.circle(picture, head, int(0.07 * height), colour, -1)
    for side in (0.0, 0.5):
        swing = 0.42 * np.sin(2 * np.pi * (phase + side))
        knee = hip + 0.25 * height * np.array([np.sin(swing), np.cos(swing)])
        foot = hip + 0.49 * height * np.array([np.sin(swing), np.cos(swing)])
        line(hip, knee, thick)
        line(knee, foot, int(0.8 * thick))
        line(foot, foot + np.array([0.1 * height, 0]), max(int(0.5 * thick), 1))


def textured_room(width: int = 320, height: int = 240, seed: int = 0) -> Image:
    """An empty room with a soft texture, uint8[H, W, 3]."""
    noise = np.random.default_rng(seed).normal(0, 1, (height // 8, width // 8)).astype(np.float32)
    soft = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    grey = np.clip(170 + 12 * soft, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def walk_pictures(
    frames: int = 90,
    width: int = 320,
    height: int = 240,
    start_x: float = -20.0,
    speed_px: float = 4.0,
    person_px: float = 130.0,
) -> Iterable[Image]:
    """A silhouette walks through a room from left to right: hip at ``start_x + n * speed_px``."""
    room = textured_room(width, height)
    for number in range(frames):
        picture = room.copy()
        draw_walker(picture, start_x + number * speed_px, 0.92 * height, person_px, number / 32)
        yield picture


def walker_points(hip_x: float, floor_y: float, height: float, phase: float) -> NDArray[np.float64]:
    """The 23 keypoints of :func:`draw_walker`, float64[23, 2] in pixels (faces right)."""
    hip = np.array([hip_x, floor_y - 0.5 * height])
    neck = hip - np.array([0, 0.32 * height])
    head = neck - np.array([0, 0.09 * height])
    points = {"nose": head, "hip": hip, "shoulder": neck, "eye": head, "ear": head}
    points["elbow"] = neck + np.array([0, 0.17 * height])
    points["wrist"] = hip
    out = np.empty((N_KEYPOINTS, 2))
    for index, name in enumerate(KEYPOINTS):
        out[index] = points.get(name.removeprefix("left_").removeprefix("right_"), hip)
    for side, offset in (("left", 0.0), ("right", 0.5)):
        swing = 0.42 * np.sin(2 * np.pi * (phase + offset))
        along = np.array([np.sin(swing), np.cos(swing)])
        foot = hip + 0.49 * height * along
        out[INDEX[f"{side}_knee"]] = hip + 0.25 * height * along
        out[INDEX[f"{side}_ankle"]] = out[INDEX[f"{side}_heel"]] = foot
        toe = foot + np.array([0.1 * height, 0])
        out[INDEX[f"{side}_big_toe"]] = out[INDEX[f"{side}_small_toe"]] = toe
    return out


def loop_video(source: Path, target: Path, times: int) -> Path:
    """Play a video again and again without coding it anew."""
    with av.open(str(source)) as once, av.open(str(target), "w") as container:
        stream = container.add_stream_from_template(once.streams.video[0])
        packets = [p for p in once.demux(video=0) if p.pts is not None]
        length = max(p.pts for p in packets) + (packets[0].duration or 0)
        data = [(bytes(p), p.pts, p.dts, p.is_keyframe, p.time_base) for p in packets]
        for turn in range(times):
            for content, pts, dts, is_key, time_base in data:
                packet = av.Packet(content)
                packet.pts, packet.dts = pts + turn * length, (dts or 0) + turn * length
                packet.is_keyframe, packet.time_base, packet.stream = is_key, time_base, stream
                container.mux(packet)
    return target
