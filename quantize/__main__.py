"""``python -m quantize COMMAND ...``: hands the rest of the line to the part of that name."""

from __future__ import annotations

import sys
from importlib import import_module

from quantize.console import tell_error

COMMANDS = {
    "render": ("quantize.render.cli", "draw labelled pictures and clips of walkers"),
    "convert": ("quantize.data.convert", "bring a labelled set of photographs into our format"),
    "teach": ("quantize.data.teach", "label photographs of everyday people by a teacher network"),
    "backgrounds": ("quantize.data.backgrounds", "gather photographs with nobody in them"),
    "train": ("quantize.train", "train a network, one stage"),
    "course": ("quantize.course", "train all stages of a network: a night (CPU) or an hour (GPU)"),
    "experiment": ("quantize.experiment", "compare variants of a recipe at equal pictures"),
    "curves": ("quantize.curves", "draw how a network learned"),
    "export": ("quantize.export", "write a trained network in its golden, QONNX and QCDQ forms"),
    "random": ("quantize.random_model", "write a released model of random weights, for circuits"),
    "leaderboard": ("quantize.leaderboard", "write docs/leaderboard.md from all recorded runs"),
    "evaluate": ("quantize.evaluate", "measure a released network on a labelled set"),
    "errors": ("quantize.errors", "tell in docs/models.md what released networks miss, and why"),
}

OURS = ("quantize", "model_zoo", "host")
"""A module of these that is missing is a mistake in the program."""


def usage() -> str:
    """One line per subcommand."""
    lines = [f"  {name:12s} {what}" for name, (_, what) in COMMANDS.items()]
    return "usage: python -m quantize COMMAND [options]\n\n" + "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    """Run one subcommand; only its own module is imported, so that each works in its environment.

    Parameters
    ----------
    argv
        The words behind ``python -m quantize``.

    Returns
    -------
    The exit status of the subcommand; 2 when the command or a file is unknown, or this environment
    lacks a package that it needs; 130 after Ctrl-C.
    """
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(usage())
        return 0
    if not argv or argv[0] not in COMMANDS:
        sys.stderr.write(usage())
        return 2
    try:
        return int(import_module(COMMANDS[argv[0]][0]).main(argv[1:]) or 0)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OURS:
            raise
        sys.stderr.write(
            f"python -m quantize {argv[0]} needs the package {error.name}, which {sys.executable} "
            "lacks. Use .venv-train/bin/python, which make setup-train makes and completes.\n"
        )
        return 2
    except FileNotFoundError as error:  # a path or a name that was given
        return tell_error(error)
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
