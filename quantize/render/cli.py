"""``python -m quantize render``: labelled pictures and frames, and clips with their truth."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import TypeVar

from quantize.console import tell, tell_error
from quantize.render.ranges import RecipeError, read

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
DRAWN = Path(__file__).resolve().parents[2] / ".cache" / "render"
_NO_GRAPHICS = (
    "OpenGL without a window is not available ({reason}).\n"
    "On Debian or Ubuntu: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri libgl1\n"
)
T = TypeVar("T")


def main(argv: list[str]) -> int:
    """Run the command; 0 done, 2 wrong options or recipe, 3 the machine cannot draw."""
    args = _parser().parse_args(argv)
    # Mesa's software renderer: one thread a process, as many processes as wanted.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    # The parts that draw need the training environment; --help does without it.
    from quantize.render.picture import NoGraphicsError

    try:
        if args.walks:
            return _draw_walks(args)
        if args.recorded:
            return _draw_recorded(args)
        return _render_clips(args) if args.clip else _render_set(args)
    except (RecipeError, ValueError, FileNotFoundError) as error:
        return tell_error(error)
    except NoGraphicsError as error:
        sys.stderr.write(_NO_GRAPHICS.format(reason=error))
        return 3


def _names(kind: str) -> str:
    return ", ".join(sorted(path.stem for path in (RECIPES / kind).glob("*.toml")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quantize render", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--set", help=f"pictures: {_names('sets')}, or a .toml file")
    what.add_argument("--frames", help=f"whole frames: {_names('frames')}, or a .toml file")
    what.add_argument("--clip", help=f"clips: {_names('clips')}, or a .toml file")
    what.add_argument(
        "--recorded", help=f"key points of recorded walks: {_names('recorded')}, or a .toml file"
    )
    what.add_argument("--walks", help=f"key points alone: {_names('walks')}, or a .toml file")
    parser.add_argument("--out", type=Path, help="folder (default: .cache/render/NAME)")
    parser.add_argument("--mocap", type=Path, help="mocap file (cmu_walks.npz), where needed")
    parser.add_argument(
        "--photographs",
        type=Path,
        help="labelled photographs (folder with train and teacher) to stand behind the persons",
    )
    parser.add_argument("--count", type=int, help="pictures of a set (default: the recipe's)")
    parser.add_argument("--seed", type=int, help="seed of a set (default: the recipe's)")
    parser.add_argument("--workers", type=int, default=1, help="processes for a set (default 1)")
    parser.add_argument("--only", help="draw this clip of the recipe only")
    parser.add_argument("--silhouettes", action="store_true", help="keep a clip's silhouettes")
    parser.add_argument(
        "--joints", action="store_true", help="of a clip write the centres of hips and knees alone"
    )
    return parser


def _recipe(kind: str, name: str, form: type[T]) -> tuple[str, T]:
    path = Path(name) if name.endswith(".toml") else RECIPES / kind / f"{name}.toml"
    if not path.exists():
        raise RecipeError(f"there is no recipe {name!r}; known: {_names(kind)}")
    return path.stem, read(path, form)


def _render_set(args: argparse.Namespace) -> int:
    from quantize.render.frames import FramesRecipe
    from quantize.render.shards import Recipe, write_set
    from quantize.render.stills import SetRecipe, Sources

    recipe: Recipe
    if args.frames:
        name, recipe = _recipe("frames", args.frames, FramesRecipe)
    else:
        name, recipe = _recipe("sets", args.set, SetRecipe)
    changes = {k: getattr(args, k) for k in ("count", "seed") if getattr(args, k) is not None}
    recipe = dataclasses.replace(recipe, **changes)
    started, done = time.monotonic(), 0

    def told(shard: str, n: int) -> None:
        nonlocal done
        done += n
        tell(f"{shard}: {n} pictures, {done / (time.monotonic() - started):.1f}/s")

    out = args.out or DRAWN / name
    sources = Sources(args.mocap, args.photographs)
    digest = write_set(recipe, name, out, sources, args.workers, told)
    tell(f"{recipe.count} pictures in {out}\nlabels sha256 {digest}")
    return 0


def _draw_walks(args: argparse.Namespace) -> int:
    from quantize.render.walk_points import WalksRecipe, write_walks

    name, recipe = _recipe("walks", args.walks, WalksRecipe)
    if args.count is not None:
        recipe = dataclasses.replace(recipe, count=args.count)
    out = args.out or DRAWN / name
    started = time.monotonic()

    def told(number: int) -> None:
        if number % 20 == 0:
            tell(f"walk {number} of {recipe.count}, {time.monotonic() - started:.0f} s")

    write_walks(recipe, name, out, args.mocap, told)
    tell(f"{recipe.count} walks in {out}")
    return 0


def _draw_recorded(args: argparse.Namespace) -> int:
    from quantize.render.recorded_points import RecordedRecipe, write_recorded

    name, recipe = _recipe("recorded", args.recorded, RecordedRecipe)
    if args.mocap is None:
        raise RecipeError("these are recorded walks: give --mocap")
    out = args.out or DRAWN / name

    def told(number: int) -> None:
        if number % 20 == 0:
            tell(f"walk {number}")

    tell(f"{write_recorded(recipe, name, out, args.mocap, told)} walks in {out}")
    return 0


def _render_clips(args: argparse.Namespace) -> int:
    from quantize.render.body import BodyModel
    from quantize.render.clip import ClipRecipe, ClipStudio
    from quantize.render.movie import write_clip, write_joints

    name, recipe = _recipe("clips", args.clip, ClipRecipe)
    chosen = [c for c in recipe.all() if args.only in (None, c.name)]
    if not chosen:
        known = ", ".join(c.name for c in recipe.all())
        raise RecipeError(f"the recipe has no clip {args.only!r}; known: {known}")
    model = BodyModel()
    for spec in chosen:
        studio = ClipStudio(recipe, spec, model, args.mocap)
        if args.joints:
            tell(str(write_joints(studio, args.out or DRAWN / name)))
            continue

        def told(done: int, of: int, clip: str = spec.name) -> None:
            if done % 100 == 0 or done == of:
                tell(f"{clip}: frame {done} of {of}")

        path = write_clip(studio, args.out or DRAWN / name, args.silhouettes, told)
        tell(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {studio.check}")
    return 0
