"""``python -m quantize render``: labelled sets of pictures, by the name of their recipe."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

from quantize.render.ranges import RecipeError, read

SETS = Path(__file__).resolve().parents[1] / "recipes" / "sets"
_NO_GRAPHICS = (
    "OpenGL without a window is not available ({reason}).\n"
    "On Debian or Ubuntu: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri libgl1"
)


def main(argv: list[str]) -> int:
    """Run the command; 0 done, 2 wrong options or recipe, 3 the machine cannot draw."""
    args = _parser().parse_args(argv)
    try:
        return _render_set(args)
    except (RecipeError, ValueError, FileNotFoundError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quantize render", description=__doc__)
    names = sorted(path.stem for path in SETS.glob("*.toml"))
    parser.add_argument("--set", required=True, help=f"recipe: {', '.join(names)}, or a .toml file")
    parser.add_argument("--out", type=Path, required=True, help="folder for shards and labels")
    parser.add_argument("--mocap", type=Path, help="mocap file (cmu_walks.npz)")
    parser.add_argument("--count", type=int, help="number of pictures (default: the recipe's)")
    parser.add_argument("--seed", type=int, help="seed (default: the recipe's)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    return parser


def _render_set(args: argparse.Namespace) -> int:
    path = Path(args.set) if args.set.endswith(".toml") else SETS / f"{args.set}.toml"
    # The studio needs the training environment; the recipe's errors come before it is loaded.
    from quantize.render.picture import NoGraphicsError
    from quantize.render.shards import write_set
    from quantize.render.stills import SetRecipe

    recipe = read(path, SetRecipe)
    changes = {k: getattr(args, k) for k in ("count", "seed") if getattr(args, k) is not None}
    recipe = dataclasses.replace(recipe, **changes)
    started, done = time.monotonic(), 0

    def told(shard: str, n: int) -> None:
        nonlocal done
        done += n
        rate = done / (time.monotonic() - started)
        sys.stdout.write(f"{shard}: {n} pictures, {rate:.1f}/s\n")
        sys.stdout.flush()

    try:
        digest = write_set(recipe, path.stem, args.out, args.mocap, args.workers, told)
    except NoGraphicsError as error:
        sys.stderr.write(_NO_GRAPHICS.format(reason=error) + "\n")
        return 3
    sys.stdout.write(f"{recipe.count} pictures in {args.out}\nlabels sha256 {digest}\n")
    return 0
