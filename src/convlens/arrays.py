"""The types of arrays that travel between rooms, and which of their places to take: the least, the greatest, some evenly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


def least(values: Floats, k: int) -> Ints:
    """Places of the k least of (n,), the least first, equals in their order: (k,), or (n,) of fewer."""
    if not (k := min(k, len(values))):
        return np.zeros(0, np.int64)
    # All that reach the last place, so that ties there go by their order too.
    reaching = np.flatnonzero(values <= np.partition(values, k - 1)[k - 1])
    return np.asarray(reaching[np.argsort(values[reaching], kind="stable")][:k], np.int64)


def greatest(values: Floats, k: int) -> Ints:
    """Places of the k greatest of (n,), the greatest first, equals in their order: (k,), or (n,) of fewer."""
    return least(-values, k)


def evenly(count: int, most: int) -> list[int]:
    """At most `most` of `count` places, at equal distances."""
    most = min(most, count)
    return [i * count // most for i in range(most)]
