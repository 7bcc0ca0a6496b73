"""N-grams that a model is not to read: their words become one that says nothing."""

from collections.abc import Sequence

import numpy as np

from convlens.arrays import Ints

MASK = "masked n-gram"  # no splitter gives a word with a blank in it


def mask(ids: Ints, starts: Ints, patterns: Sequence[Ints], number: int) -> Ints:
    """Word numbers of documents, one after another, with `number` for every word of every occurrence of a pattern.

    Occurrences are those in `ids` as they come, so overlapping ones all count; none reaches into the next document.
    """
    masked = ids.copy()
    for places, n in ((occurrences(ids, starts, pattern), len(pattern)) for pattern in patterns):
        for j in range(n):
            masked[places + j] = number
    return masked


def occurrences(ids: Ints, starts: Ints, pattern: Ints) -> Ints:
    """Where a pattern (n,) begins in documents, `ids` cut at `starts`."""
    n = len(pattern)
    fits = np.ones(max(len(ids) - n + 1, 0), bool)
    for j, word in enumerate(pattern):
        fits &= ids[j : j + len(fits)] == word
    places = np.flatnonzero(fits)
    ends = starts[np.searchsorted(starts, places, "right")]
    return np.asarray(places[places + n <= ends], np.int64)
