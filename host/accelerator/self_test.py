"""The golden pair at start: a machine whose integers differ is refused."""

from __future__ import annotations

import numpy as np

from host.accelerator.types import Accelerator
from host.codes import ErrorCode
from host.errors import MachineError


def check_golden(accelerator: Accelerator, backend: str) -> None:
    """Run every golden input twice, other input between, alone and together.

    The other input is the golden one with all bits turned, so that anything left over from the run
    before shows. Raises :class:`MachineError` with the number of differing integers.
    """
    x, expected = accelerator.model.golden()
    wrong = int(np.count_nonzero(accelerator.run(x) != expected))
    for one, y in zip(x, expected, strict=True):
        for _ in range(2):
            accelerator.run(~one[None])
            wrong += int(np.count_nonzero(accelerator.run(one[None]) != y[None]))
    if wrong:
        raise MachineError(
            ErrorCode.GOLDEN_MISMATCH,
            name=accelerator.model.name,
            backend=backend,
            mismatches=wrong,
        )
