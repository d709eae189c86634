"""Print the largest modules and functions and fail above the limits (run by ``make lint``).

Modules aim at 150 lines and stop at 400; functions aim at 20 and stop at 60, counted without
their docstring. Exceptions (tables, generated files) are listed by name below.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("host", "model_zoo", "quantize", "fpga", "tools", "tests")
MODULE_LIMIT = 400
FUNCTION_LIMIT = 60
SHOWN = 8
EXCEPTIONS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Size:
    """One module or function and its number of lines."""

    lines: int
    name: str


def modules() -> list[Path]:
    """All Python files of the house."""
    return sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the end."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    if not body:
        return 0
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def functions(path: Path, text: str) -> Iterator[Size]:
    """Sizes of all functions of one file."""
    for node in ast.walk(ast.parse(text, str(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Size(body_lines(node), f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")


def table(title: str, sizes: list[Size], limit: int) -> list[Size]:
    """Print the largest and those over the limit; return the latter."""
    ordered = sorted(sizes, key=lambda size: -size.lines)
    over = [s for s in ordered if s.lines > limit and s.name not in EXCEPTIONS]
    median = ordered[len(ordered) // 2].lines if ordered else 0
    total = sum(size.lines for size in sizes)
    print(f"{title}: {len(sizes)}, {total} lines, median {median}, limit {limit}")
    for size in ordered[: max(SHOWN, len(over))]:
        print(f"{size.lines:6d}  {size.name}{'  OVER THE LIMIT' if size in over else ''}")
    return over


def main() -> int:
    """Exit status 1 when a module or function is over its limit."""
    texts = {path: path.read_text(encoding="utf-8") for path in modules()}
    files = [Size(len(t.splitlines()), str(p.relative_to(ROOT))) for p, t in texts.items()]
    over = table("modules", files, MODULE_LIMIT)
    over += table(
        "functions", [s for p, t in texts.items() for s in functions(p, t)], FUNCTION_LIMIT
    )
    for room in ROOMS:
        lines = sum(size.lines for size in files if size.name.startswith(f"{room}/"))
        print(f"{lines:6d}  lines in {room}/")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
