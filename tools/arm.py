"""Run `host` on the processors of boards, in emulation (``make arm``).

Debian 12 roots for 32-bit and 64-bit ARM are made with debootstrap and entered through qemu-user:
not a board, not its speed, but its instruction set, its byte layout and its Python with the
packages that exist there. In each root every module of `host` is imported, the tests of the rooms
that a board runs pass, a released network gives its golden integers, and a second of video is
analysed and compared with this machine.

Every step leaves a mark, so that an interrupted run goes on where it stopped; machines may be
examined one at a time, and the page tells the last result of each. Where the machine forbids it
(no root rights, no debootstrap, no binfmt) nothing is written and the reason is told.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from tools.arm_root import MACHINES, ROOT, ArmRoot, ForbiddenError, demand_machine

SHOWN = ("python", "numpy", "scipy", "cv2", "av", "pydantic", "onnxruntime")
BOARD_ROOMS = (
    "tests/host/accelerator",
    "--ignore=tests/host/accelerator/board",
    "tests/host/pose",
    "tests/host/subject",
)
WITHOUT_MAKER = (
    "tests/host/accelerator/test_packing.py",
    "tests/host/accelerator/test_deadline.py",
    "tests/host/pose",
    "--ignore=tests/host/pose/test_estimate.py",
    "--deselect=tests/host/pose/test_decode.py::test_the_model_chooses_its_decoder",
    "tests/host/subject",
)
"""A network of random weights is proven on onnxruntime before it is written."""
NEAR_PX, LEAST_NEAR = 3.0, 0.9
"""OpenCV rounds some resizings and float filters differently there, so that a borderline decision
of the finder may fall otherwise and move the crop. The integers for a crop may not differ."""
SECOND_S = 1.0
KINDS = (*MACHINES, "x86-64")
X86 = {"Nehalem": "SSE4.2, no AVX", "Haswell": "AVX2, no VNNI"}
"""Processors of qemu-x86_64, and what they have."""


@dataclass
class Result:
    """What one machine showed, and when."""

    day: str = field(default_factory=lambda: date.today().isoformat())
    versions: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    passed: bool = True


VERSIONS = f"""
import importlib, platform
print("python", platform.python_version(), platform.machine())
for name in {SHOWN[1:]!r}:
    try:
        print(name, importlib.import_module(name).__version__)
    except ImportError:
        print(name, "absent")
"""

IMPORT_ALL = """
import importlib, importlib.util, pkgutil, host
bare = importlib.util.find_spec("onnxruntime") is None
SPARED = ["host.accelerator.ort_executor"] if bare else []  # numpy runs there
absent = []
names = [m.name for m in pkgutil.walk_packages(host.__path__, "host.")]
for name in names:
    try:
        importlib.import_module(name)
    except ImportError as error:
        if name not in SPARED:
            absent.append(f"{name} ({error})")
print(len(names) - len(absent), len(names), "; ".join(absent))
"""

INTEGERS = """
import zlib
import numpy as np
from host import accelerator
from host.accelerator import AcceleratorSettings
rng = np.random.default_rng(0)
for executor in ("onnxruntime", "numpy"):
    settings = AcceleratorSettings("emulation", executor=executor)
    try:
        network = accelerator.open("gait-pose-s", settings)
    except ImportError:
        continue
    x = np.random.default_rng(0).integers(0, 256, (4, *network.model.input.shape), dtype=np.uint8)
    print(executor, zlib.crc32(network.run(x).tobytes()))
"""
"""Opens each executor, which proves the golden pair, and hashes the integers of four noises."""


def integers_here() -> dict[str, str]:
    """The hash that each executor gives on this machine."""
    return _hashes(_python_here([sys.executable]))


def _python_here(words: list[str]) -> str:
    done = subprocess.run(
        [*words, "-c", INTEGERS],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # qemu names each feature that it lacks
        text=True,
        check=True,
        timeout=1200,
    )
    return done.stdout


def _hashes(told: str) -> dict[str, str]:
    """Executor and hash of the last lines of a run of :data:`INTEGERS`."""
    lines = [line.split() for line in told.splitlines()]
    return {words[0]: words[1] for words in lines if len(words) == 2}


def examine_x86(expected: str) -> Result:
    """The golden form on older processors of the same kind as this one."""
    result = Result()
    for name, has in X86.items():
        qemu = ["qemu-x86_64-static", "-cpu", name, str(Path(sys.executable).resolve())]
        _tell_integers(result, _hashes(_python_here(qemu)), expected, f"{name} ({has}): ")
    return result


def _tell_integers(result: Result, found: dict[str, str], expected: str, where: str) -> None:
    equal = bool(found) and set(found.values()) == {expected}
    result.passed &= equal
    told = "as on this machine" if equal else "**not** as on this machine"
    executors = " and ".join(found) or "nothing"
    result.lines.append(
        f"{where}golden pair of gait-pose-s proven, integers of four noises {told}, on {executors}"
    )


def examine(root: ArmRoot, clip: Path, expected: str, limit_s: float) -> Result:
    """Everything that is told about one root."""
    result = Result()
    for line in root.python(f"-c {shlex.quote(VERSIONS)}", 300).splitlines():
        name, _, version = line.partition(" ")
        if name in SHOWN:
            result.versions[name] = version
    imported = root.python(f"-c {shlex.quote(IMPORT_ALL)}", limit_s).splitlines()[-1]
    done, total, absent = imported.split(" ", 2)
    result.lines.append(f"{done} of {total} modules of host can be used. {absent}".strip())
    result.passed &= not absent
    found = _hashes(root.python(f"-c {shlex.quote(INTEGERS)}", limit_s))
    _tell_integers(result, found, expected, "")
    _analyse(root, clip, limit_s, result)
    options = "-q -p no:cacheprovider -o timeout=1800 -W ignore"
    if result.versions["onnxruntime"] == "absent":
        rooms, what = " ".join(WITHOUT_MAKER), "those that need no network made on the spot"
    else:
        rooms, what = " ".join(BOARD_ROOMS), "all"
    began_s = time.monotonic()
    told = root.python(f"-m pytest {options} {rooms} || true", limit_s)
    summary = next((x.strip("= ") for x in reversed(told.splitlines()) if " in " in x), "nothing")
    result.passed &= "passed" in summary and "failed" not in summary and "error" not in summary
    result.lines.append(f"tests of accelerator, pose, subject ({what}): {summary}")
    print(f"{root.machine.name}: tests took {time.monotonic() - began_s:.0f} s", flush=True)
    return result


def _analyse(root: ArmRoot, clip: Path, limit_s: float, result: Result) -> None:
    """Analyse the clip there and here, and compare the keypoints."""
    shutil.copy(clip, root.folder / "tmp/second.mp4")
    shutil.rmtree(root.folder / "tmp/out", ignore_errors=True)
    plain = "--no-overlay --no-report"
    command = f"analyze /tmp/second.mp4 --out /tmp/out {plain}"
    root.python(f"-m host.cli {command}", limit_s)
    here = root.folder.with_suffix(".here")
    shutil.rmtree(here, ignore_errors=True)
    words = [sys.executable, "-m", "host.cli", "analyze", str(clip), "--out", str(here)]
    subprocess.run([*words, *plain.split()], cwd=ROOT, check=True, timeout=300, capture_output=True)
    there = np.load(root.folder / "tmp/out/keypoints.npz")
    mine = np.load(here / "keypoints.npz")
    frames = len(there["time_s"])
    if there["xy_px"].shape != mine["xy_px"].shape:
        result.passed = False
        shapes = f"{there['xy_px'].shape[0]} and {mine['xy_px'].shape[0]}"
        result.lines.append(f"a second of video: {shapes} persons in {frames} frames, not the same")
        return
    boxes = float(np.abs(there["box_px"] - mine["box_px"]).max(initial=0.0))
    apart = np.linalg.norm(there["xy_px"] - mine["xy_px"], axis=-1)
    apart = apart[~np.isnan(apart)]
    near = float(np.mean(apart <= NEAR_PX)) if apart.size else 0.0
    result.lines.append(
        f"a second of video ({frames} frames, {mine['xy_px'].shape[1]} person, {plain}) against "
        f"this machine: keypoints {np.median(apart):.4f} px apart in the median, {near:.1%} within "
        f"{NEAR_PX:.0f} px, at most {apart.max():.1f} px; boxes at most {boxes:.1f} px"
    )
    result.passed &= near >= LEAST_NEAR


def cut_second(clip: Path, target: Path) -> None:
    """Copy the coded pictures of the second in the middle of ``clip``, from a key picture on."""
    import av

    target.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
        stream = source.streams.video[0]
        copied = sink.add_stream_from_template(stream)
        if stream.duration is None or stream.time_base is None:
            raise ValueError(f"{clip} does not say how long it is")
        source.seek(stream.duration // 2, stream=stream)
        first = None
        for packet in source.demux(stream):
            if packet.dts is None or packet.pts is None:
                break
            first = packet.dts if first is None else first
            if (packet.dts - first) * stream.time_base >= SECOND_S:
                break
            packet.pts, packet.dts = packet.pts - first, packet.dts - first
            packet.stream = copied
            sink.mux(packet)


def page(results: dict[str, Result], clip: Path) -> str:
    """The page of the last run."""
    names = list(results)
    rows = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for package in SHOWN:
        cells = (results[n].versions.get(package, "as here") for n in names)
        rows.append(f"| {package} | {' | '.join(cells)} |")
    parts = []
    for name, result in results.items():
        state = "passed" if result.passed else "**failed**"
        parts += [
            "",
            f"## {name}: {state} ({result.day})",
            "",
            *(f"- {line}" for line in result.lines),
        ]
    table, text = "\n".join(rows), "\n".join(parts)
    return f"""# Footfall on ARM

Written by `make arm`: Debian 12 roots entered through qemu-user on an x86-64 machine. Not a board
and not its speed; but its instructions, and the Python and packages that exist there. 32-bit ARM
takes numpy, scipy and OpenCV from Debian and runs the networks on numpy; 64-bit ARM takes
everything from the same lock as a PC. The video is {SECOND_S:.0f} s of `{clip.name}`. "x86-64" are
older processors than this machine's (qemu cannot show VNNI).

{table}
{text}
"""


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    p = argparse.ArgumentParser(prog="python -m tools.arm", description=__doc__)
    p.add_argument("--machine", nargs="*", choices=KINDS, default=KINDS)
    p.add_argument("--folder", type=Path, default=ROOT / "build/arm", help="roots, marks, logs")
    p.add_argument("--clip", type=Path, default=ROOT / "host/demo/walk.mp4")
    p.add_argument("--limit-s", type=float, default=3600, help="for one step in a root")
    p.add_argument("--out", type=Path, help="page to write")
    return p


def main() -> int:
    """Prepare and examine the roots; exit status 1 when one of them failed."""
    options = parser().parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    second = options.folder / "second.mp4"
    cut_second(options.clip, second)
    expected = integers_here()["numpy"]
    for name in options.machine:
        try:
            result = _examine(name, options, second, expected)
        except ForbiddenError as reason:
            print(f"skipped {name}: {reason}")
            continue
        stored = json.dumps(dataclasses.asdict(result), indent=1)
        (options.folder / f"{name}.json").write_text(stored)
        print("\n".join(f"{name}: {line}" for line in result.lines), flush=True)
    results = {
        name: Result(**json.loads((options.folder / f"{name}.json").read_text()))
        for name in KINDS
        if (options.folder / f"{name}.json").exists()
    }
    if results and options.out:
        options.out.write_text(page(results, options.clip), encoding="utf-8")
    return 0 if all(result.passed for result in results.values()) else 1


def _examine(name: str, options: argparse.Namespace, second: Path, expected: str) -> Result:
    if name not in MACHINES:
        if shutil.which("qemu-x86_64-static") is None:
            raise ForbiddenError("qemu-x86_64-static is not installed (qemu-user-static)")
        return examine_x86(expected)
    root = ArmRoot(MACHINES[name], options.folder / name)
    demand_machine(root.machine)
    root.prepare()
    return examine(root, second, expected, options.limit_s)


if __name__ == "__main__":
    sys.exit(main())
