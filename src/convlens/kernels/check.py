"""Whether this machine can compile the kernels, and with how many threads they run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

ALONE = 2**13  # words, from which on more than one thread pays
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


@contextmanager
def threads_for(words: int) -> Iterator[None]:
    """As many threads as pay for so many words: to wake others takes longer than a short text. Results have the same bits."""
    from numba import get_num_threads, set_num_threads

    before = get_num_threads()
    set_num_threads(1 if words < ALONE else before)
    try:
        yield
    finally:
        set_num_threads(before)
