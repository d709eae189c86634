"""What the export of a temporal network needs from its task: the head, and golden windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantize.random_model import random_inputs
from quantize.recipe import architecture, read_recipe
from quantize.release import HeadPlan
from quantize.temporal.train import make_task

_SEED = 7
_RANDOM = 2


def parts(name: str, data: list[Path]) -> tuple[HeadPlan, NDArray[np.int8]]:
    """How the output is read, and the golden pair's windows: the task's and random ones.

    Parameters
    ----------
    name
        Of the network.
    data
        What its training was given.
    """
    spec = architecture(name).SPEC
    task = make_task(read_recipe(name), spec, data)
    noise = random_inputs(spec, _RANDOM, np.random.default_rng(_SEED))
    return task.head, np.concatenate([noise, task.golden()]).astype(np.int8)
