"""The four rooms are plain top-level packages: they must be ours, and host must start bare."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOMS = ("host", "model_zoo", "quantize", "fpga")
BLOCKED = ("torch", "brevitas", "qonnx", "onnx", "onnxscript", "finn", "anny", "moderngl")

IMPORT_ALL = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocker())
names = list(NAMES)
for name in NAMES:
    package = importlib.import_module(name)
    if hasattr(package, "__path__"):
        names += [m.name for m in pkgutil.walk_packages(package.__path__, name + ".")]
for name in names:
    if not name.endswith(".__main__") and name not in SPARED:
        importlib.import_module(name)
print(len(names))
"""


def import_all(
    repository: Path, names: list[str], blocked: tuple[str, ...], spared: tuple[str, ...] = ()
) -> int:
    """Import every module of ``names`` but ``spared`` in a fresh Python; return their number."""
    code = f"BLOCKED = {set(blocked)!r}\nNAMES = {names!r}\nSPARED = {spared!r}\n{IMPORT_ALL}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("name", ROOMS)
def test_room_resolves_inside_the_repository(repository: Path, name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None, f"{name} has no __init__.py"
    assert Path(spec.origin).is_relative_to(repository)


def test_every_folder_with_code_is_a_package(repository: Path) -> None:
    """Tools that walk packages (import-linter, the tests here) overlook namespace packages."""
    bare = {
        str(module.parent.relative_to(repository))
        for room in ROOMS
        for module in (repository / room).rglob("*.py")
        if not (module.parent / "__init__.py").exists()
    }
    assert bare == set()


def test_host_imports_without_training_libraries(repository: Path) -> None:
    assert import_all(repository, ["host"], BLOCKED) > 1


def test_a_blocked_library_is_noticed(repository: Path) -> None:
    """The check above can fail: blocking what host does need stops it."""
    with pytest.raises(AssertionError, match="numpy is blocked"):
        import_all(repository, ["host"], ("numpy",))


def test_what_runs_on_a_board_needs_only_numpy_scipy_opencv(repository: Path) -> None:
    rooms = ["host.accelerator", "host.person", "host.pose", "host.subject", "host.gait"]
    present = [name for name in rooms if (repository / name.replace(".", "/")).is_dir()]
    beyond = ("av", "onnxruntime", "pydantic", "typer", "rich", "fastapi", "jinja2", "uvicorn")
    spared = ("host.accelerator.ort_executor",)  # where it is absent, numpy_executor runs
    names = ["model_zoo.package", *present]
    assert import_all(repository, names, (*BLOCKED, *beyond), spared) > len(names)


def test_zoo_package_itself_imports_nothing(repository: Path) -> None:
    text = (repository / "model_zoo/__init__.py").read_text()
    assert "import" not in text


def test_dependencies_are_those_of_the_core_list(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    lines = (repository / "requirements/core.in").read_text().splitlines()
    wanted = [line.replace('"', "'") for line in lines if line and not line.startswith("#")]
    assert sorted(project["dependencies"]) == sorted(wanted)


def test_everything_host_imports_is_a_declared_dependency(repository: Path) -> None:
    """A package that only the test environment has would break `make demo`."""
    declared = (repository / "requirements/core.in").read_text().lower()
    import_names = {"cv2": "opencv-python-headless", "starlette": "fastapi"}
    pattern = re.compile(r"^\s*(?:from|import) ([a-zA-Z_0-9]+)", re.MULTILINE)
    used = {
        name
        for path in (repository / "host").rglob("*.py")
        for name in pattern.findall(path.read_text(encoding="utf-8"))
    }
    foreign = used - set(sys.stdlib_module_names) - set(ROOMS) - {"pynq"}
    assert "numpy" in foreign
    missing = {n for n in foreign if import_names.get(n, n).replace("_", "-") not in declared}
    assert missing == set()
