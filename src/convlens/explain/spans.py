"""The characters that words and filters' n-grams cover."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convlens.text import Places, Tokens


def ngram_spans(
    tokens: Tokens, positions: Sequence[int], widths: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Characters from the first to the last word of each filter's window; none in an empty text."""
    last = len(tokens.spans) - 1
    return tuple(
        (tokens.spans[i][0], tokens.spans[min(i + n - 1, last)][1])
        for i, n in zip(positions, widths, strict=True)
        if i >= 0
    )


def window_spans(
    spans: Places,
    lengths: NDArray[np.int64],
    positions: NDArray[np.int64],
    widths: NDArray[np.int64],
) -> Places:
    """`ngram_spans` of many texts: from spans of words (words, 2), words in each text (texts,) and
    positions (texts, k) to (texts with words * k, 2)."""
    filled = lengths > 0
    starts = (lengths.cumsum() - lengths)[filled, None]
    first = positions[filled]
    last = np.minimum(first + widths, lengths[filled, None]) - 1
    return np.stack([spans[starts + first, 0], spans[starts + last, 1]], 2).reshape(-1, 2)
