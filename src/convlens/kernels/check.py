"""Whether this machine can compile the kernels."""

import logging
from functools import cache

import numpy as np

log = logging.getLogger("convlens")


@cache
def compiles() -> bool:
    """Whether the kernels work on this machine; says once where they do not."""
    try:
        from convlens.kernels.walk import walk

        one = np.zeros((1, 32), dtype=np.float32)
        documents = np.zeros(1, np.int64), np.array([0, 1])
        into = one, one.astype(np.int32), np.zeros((0, 0, 0), np.float32)
        walk(documents, one[:, :16], (0,), (0, 16), one[0], into)
    except Exception as error:  # noqa: BLE001  whatever keeps a compiler from working
        log.warning("no compiled kernels here (%s): torch does the work, which is slower", error)
        return False
    return True
