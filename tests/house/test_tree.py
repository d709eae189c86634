"""What is tracked in the repository: locks, sizes, paths, and the commands that are promised."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

MAX_BYTES = 8_000_000
# Paths of one machine have no place in the project; in two parts, so that this file passes too.
FORBIDDEN_PATHS = re.compile("/" + r"(?:work|root|opt/pypi|opt/wheels|home/[a-z]+)/")
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".lock", ".json", ".yaml", ".yml", ".html", ".js"}
TEXT |= {".css", ".csv", ".svg", ".onnx"}


@pytest.fixture(scope="module")
def tracked(repository: Path) -> list[Path]:
    """All files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = [repository / line for line in listed.stdout.splitlines()]
    return [path for path in found if path.is_file()]


def test_no_lock_pins_torch_or_cuda(repository: Path) -> None:
    locks = sorted((repository / "requirements").glob("*.lock"))
    names = ["board", "board4", "core", "dev", "finn", "fpga", "peer", "train"]
    assert [lock.stem for lock in locks] == names
    for lock in locks:
        lines = lock.read_text().splitlines()
        assert [li for li in lines if re.match(r"(torch|nvidia|cuda|triton)", li)] == []
        assert sum("--hash=sha256:" in line for line in lines) >= sum("==" in li for li in lines)


def test_locks_agree_on_common_packages(repository: Path) -> None:
    """core and dev share .venv, all five share .venv-train: one version of each package."""
    versions: dict[str, set[str]] = {}
    for stem in ("core", "dev", "train", "fpga", "finn"):
        text = (repository / f"requirements/{stem}.lock").read_text()
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
            versions.setdefault(name, set()).add(version)
    assert {n: v for n, v in versions.items() if len(v) > 1} == {}


def test_board_locks_hold_what_pynq_needs(repository: Path) -> None:
    """Newer ones resolve and then fail at run time (pycparser) or break remote buffers (numpy)."""
    for stem in ("board", "board4"):
        text = (repository / f"requirements/{stem}.lock").read_text()
        versions = dict(re.findall(r"^([\w.-]+)==(\d+)\.", text, re.MULTILINE))
        assert versions["numpy"] == "1"
        assert versions["pycparser"] == "2"
        assert versions["protobuf"] == "5"


def test_no_tracked_file_is_large(tracked: list[Path]) -> None:
    assert {p.name: p.stat().st_size for p in tracked if p.stat().st_size > MAX_BYTES} == {}


def test_no_tracked_text_names_a_path_of_one_machine(tracked: list[Path], repository: Path) -> None:
    found = {}
    for path in tracked:
        if path.suffix in TEXT or path.name in {"Makefile", "run"}:
            match = FORBIDDEN_PATHS.search(path.read_bytes().decode("utf-8", "replace"))
            if match:
                found[str(path.relative_to(repository))] = match.group()
    assert found == {}


def targets(repository: Path) -> dict[str, str]:
    """Targets of the Makefile with their one line of description."""
    text = (repository / "Makefile").read_text()
    return dict(re.findall(r"^([a-z-]+):[^\n#]*## (.+)$", text, re.MULTILINE))


def test_every_command_target_is_described(repository: Path) -> None:
    text = (repository / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert sorted(" ".join(phony).split()) == sorted(targets(repository))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_promised_make_commands_exist(repository: Path, page: str) -> None:
    named = set(re.findall(r"make ([a-z-]+)", (repository / page).read_text(encoding="utf-8")))
    assert named - set(targets(repository)) == set()
    assert named, f"{page} names no command"


def test_promised_footfall_commands_exist(repository: Path) -> None:
    text = (repository / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"footfall ([a-z]+) ", text))
    listed = subprocess.run(
        [str(Path(sys.executable).parent / "footfall"), "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert {name for name in named if name not in listed.stdout} == set()


def test_links_between_pages_lead_somewhere(tracked: list[Path], repository: Path) -> None:
    broken = []
    for page in (path for path in tracked if path.suffix == ".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(repository)}: {target}")
    assert broken == []
