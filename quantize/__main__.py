"""``python -m quantize COMMAND ...``: hands the rest of the line to the part of that name."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "render": ("quantize.render.cli", "draw labelled pictures and clips of walkers"),
    "convert": ("quantize.data.convert", "bring a labelled set of photographs into our format"),
    "teach": ("quantize.data.teach", "label photographs of everyday people by a teacher network"),
    "backgrounds": ("quantize.data.backgrounds", "gather photographs with nobody in them"),
    "train": ("quantize.train", "train a network"),
    "experiment": ("quantize.experiment", "compare variants of a recipe at equal pictures"),
    "curves": ("quantize.curves", "draw how a network learned"),
    "export": ("quantize.export", "write a trained network in its golden, QONNX and QCDQ forms"),
    "random": ("quantize.random_model", "write a released model of random weights, for circuits"),
    "leaderboard": ("quantize.leaderboard", "write docs/leaderboard.md from all recorded runs"),
    "evaluate": ("quantize.evaluate", "measure a released network on a labelled set"),
    "errors": ("quantize.errors", "tell in docs/models.md what released networks miss, and why"),
}


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
    The exit status of the subcommand; 2 when the command is unknown.
    """
    if argv and argv[0] in ("-h", "--help"):
        sys.stdout.write(usage())
        return 0
    if not argv or argv[0] not in COMMANDS:
        sys.stderr.write(usage())
        return 2
    return int(import_module(COMMANDS[argv[0]][0]).main(argv[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
