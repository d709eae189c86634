"""A Debian root for a kind of ARM, entered through qemu-user: what ``tools.arm`` runs in."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
BINFMT = Path("/proc/sys/fs/binfmt_misc")
INSIDE = "/footfall"
PACKAGES = "/packages"
TESTS = ("pytest", "pytest-timeout", "hypothesis", "iniconfig", "pluggy", "packaging", "attrs")
TESTS += ("sortedcontainers", "pygments", "httpx", "httpcore", "certifi", "onnx", "protobuf")
TESTS += ("ml-dtypes", "typing-extensions")
# PyPI has no wheels of these for 32-bit ARM.
FROM_DEBIAN = ("python3-numpy", "python3-scipy", "python3-opencv", "python3-onnx")
NOT_FROM_PYPI = re.compile(r"^(numpy|scipy|opencv-python-headless|onnxruntime|onnx|ml-dtypes)==")


@dataclass(frozen=True)
class Machine:
    """One kind of ARM.

    Attributes
    ----------
    name, qemu
        Debian's name, and the name of its entry in binfmt_misc.
    cpu, cpuinfo
        The processor that qemu is to be, that of the boards, and what Linux tells of it.
    platforms
        Wheel tags that run there.
    debian
        Debian packages beside Python.
    """

    name: str
    qemu: str
    cpu: str
    cpuinfo: str
    platforms: tuple[str, ...]
    debian: tuple[str, ...] = ()


def _told(features: str, architecture: int, part: str) -> str:
    """One processor in ``/proc/cpuinfo``, of ARM (implementer 0x41)."""
    return (
        f"processor\t: 0\nFeatures\t: {features}\nCPU implementer\t: 0x41\n"
        f"CPU architecture: {architecture}\nCPU variant\t: 0x0\nCPU part\t: {part}\n"
        "CPU revision\t: 4\n"
    )


MACHINES = {
    "armhf": Machine(
        "armhf",
        "qemu-arm",
        "cortex-a9",
        _told("half thumb fastmult vfp edsp neon vfpv3", 7, "0xc09"),
        ("manylinux_2_31_armv7l", "manylinux_2_17_armv7l", "manylinux2014_armv7l"),
        FROM_DEBIAN,
    ),
    "arm64": Machine(
        "arm64",
        "qemu-aarch64",
        "cortex-a53",
        _told("fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid", 8, "0xd03"),
        ("manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"),
        ("libgomp1",),
    ),
}


class ForbiddenError(Exception):
    """What this machine cannot do; the message says why."""


def demand_machine(machine: Machine) -> None:
    """Raise :class:`ForbiddenError` when the root cannot be made or entered here."""
    if os.geteuid():
        raise ForbiddenError("needs root rights (debootstrap, chroot)")
    for program in ("debootstrap", f"{machine.qemu}-static"):
        if shutil.which(program) is None:
            raise ForbiddenError(f"{program} is not installed (debootstrap qemu-user-static)")
    if not (BINFMT / "register").exists():
        _quiet("mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT))
    if not (BINFMT / machine.qemu).exists():
        _quiet("update-binfmts", "--enable", machine.qemu)
    if not (BINFMT / machine.qemu).exists():
        raise ForbiddenError("binfmt_misc cannot be set up, so ARM programs do not start")


def _quiet(*command: str) -> None:
    """Run a command whose failure shows in what is missing afterwards."""
    if shutil.which(command[0]):
        subprocess.run(command, check=False, timeout=60, capture_output=True)


class ArmRoot:
    """A Debian root for one machine, and what is run in it.

    Parameters
    ----------
    machine
        Which ARM.
    folder
        The root; its marks and logs lie beside it.
    """

    def __init__(self, machine: Machine, folder: Path) -> None:
        self.machine = machine
        self.folder = folder

    def prepare(self) -> None:
        """Make the root ready, going on where an earlier run stopped."""
        self._once("bootstrap", self._bootstrap)
        self._once("add_debian", self._add_debian)
        self._once("add_wheels", self._add_wheels)
        self._copy_checkout()

    def _once(self, step: str, work: Callable[[], None]) -> None:
        """Do ``work`` unless an earlier run finished it."""
        mark = self.folder.with_suffix(f".{step}.done")
        if mark.exists():
            return
        print(f"{self.machine.name}: {step}", flush=True)
        work()
        mark.touch()

    def _bootstrap(self) -> None:
        """Unpack and configure a smallest Debian with Python."""
        shutil.rmtree(self.folder, ignore_errors=True)
        include = "--include=python3,ca-certificates"
        options = [f"--arch={self.machine.name}", "--variant=minbase", include]
        # In a mount namespace of its own: what it mounts in the root must not outlive it.
        words = ("unshare", "--mount", "debootstrap", *options)
        self._log(*words, SUITE, str(self.folder), MIRROR, limit_s=3600)

    def _add_debian(self) -> None:
        """Add the Debian packages of this machine."""
        if self.machine.debian:
            shutil.copy("/etc/resolv.conf", self.folder / "etc/resolv.conf")
            names = " ".join(self.machine.debian)
            install = f"apt-get install -qq -y --no-install-recommends {names}"
            self.enter(f"export DEBIAN_FRONTEND=noninteractive; {install}", limit_s=3600)

    def _add_wheels(self) -> None:
        """Unpack the locked wheels of this machine; runs on the processor of this one."""
        lock = self.folder.with_suffix(".lock")
        lock.write_text("\n".join(wheels(self.machine)) + "\n")
        target = ["--target", str(self.folder / PACKAGES[1:]), "--upgrade"]
        tags = [f"--platform={tag}" for tag in self.machine.platforms]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        only = ["--only-binary=:all:", "--require-hashes", *tags, *target]
        self._log(*pip, *only, "-r", str(lock), limit_s=900)

    def _copy_checkout(self) -> None:
        """Copy what git tracks or would track; always done, it takes a second."""
        inside = self.folder / INSIDE[1:]
        shutil.rmtree(inside, ignore_errors=True)
        options = ("--cached", "--others", "--exclude-standard")
        listed = _text("git", "-C", str(ROOT), "ls-files", *options)
        for name in listed.splitlines():
            if (ROOT / name).is_file():
                target = inside / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target)
        told = self.folder / PACKAGES[1:] / "footfall.dist-info" / "METADATA"
        told.parent.mkdir(exist_ok=True)
        told.write_text(importlib.metadata.metadata("footfall").as_string())

    def enter(self, script: str, limit_s: float) -> str:
        """Output of a shell script in the root; mounts vanish with it.

        Raises
        ------
        RuntimeError
            When it does not end with status 0; the log lies beside the root.
        """
        inner = f"cd {INSIDE} 2>/dev/null || cd /; {script}"
        words = f"exec chroot {shlex.quote(str(self.folder))} /bin/sh -ec {shlex.quote(inner)}"
        home = shlex.quote(str(self.folder))
        told = self.folder.with_suffix(".cpuinfo")
        told.write_text(self.machine.cpuinfo)
        # No /sys: what it says of this machine's processor crashes onnxruntime for ARM.
        binds = (("/proc", "/proc"), ("/dev", "/dev"), (str(told), "/proc/cpuinfo"))
        mounts = " && ".join(
            f"mount --rbind {shlex.quote(source)} {home}{target}" for source, target in binds
        )
        return self._log("unshare", "--mount", "sh", "-ec", f"{mounts}; {words}", limit_s=limit_s)

    def python(self, arguments: str, limit_s: float) -> str:
        """Output of Python in the root, with the wheels and the checkout on its path."""
        paths = f"PYTHONPATH={PACKAGES}:{INSIDE} OMP_NUM_THREADS=1 HOME=/tmp"
        return self.enter(f"{paths} python3 {arguments}", limit_s)

    def _log(self, *command: str, limit_s: float) -> str:
        path = f"/usr/sbin:/sbin:{os.environ['PATH']}"
        own = {"LC_ALL": "C", "PATH": path, "QEMU_CPU": self.machine.cpu}
        environment = {**os.environ, **own}
        done = subprocess.run(
            ["nice", "-n", "5", *command],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=limit_s,
            check=False,
        )
        with self.folder.with_suffix(".log").open("a") as log:
            log.write(f"$ {shlex.join(command)}\n{done.stdout}\n")
        if done.returncode:
            tail = "\n".join(done.stdout.splitlines()[-15:])
            raise RuntimeError(f"{self.machine.name}: {command[0]} failed:\n{tail}")
        return done.stdout


def _text(*command: str) -> str:
    return subprocess.run(command, text=True, capture_output=True, check=True, timeout=60).stdout


def wheels(machine: Machine) -> list[str]:
    """Lock lines, hashes included, of what comes from PyPI for this machine."""
    core = _entries(ROOT / "requirements/core.lock")
    dev = _entries(ROOT / "requirements/dev.lock")
    chosen = [*core, *(entry for entry in dev if entry.partition("==")[0] in TESTS)]
    found = dict.fromkeys(chosen)  # both locks name the common ones
    if machine.debian == FROM_DEBIAN:
        found = {entry: None for entry in found if not NOT_FROM_PYPI.match(entry)}
    unique = {entry.partition(" ")[0]: entry for entry in found}
    return list(unique.values())


def _entries(lock: Path) -> list[str]:
    """Each requirement of a lock file with its hash lines, comments left out."""
    lines = [line for line in lock.read_text().splitlines() if not line.strip().startswith("#")]
    return re.split(r"\n(?=\S)", "\n".join(lines))


def prepare(root: ArmRoot) -> None:
    """Make the root ready, going on where an earlier run stopped."""
    for step in ("bootstrap", "add_debian", "add_wheels"):
        root.once(step, getattr(root, step))
    root.copy_checkout()
