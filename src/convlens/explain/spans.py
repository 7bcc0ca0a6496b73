"""The characters that words and filters' n-grams cover."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Ints
from convlens.text import Documents, PaddedDocuments, Places, Tokens


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


def words_of_windows(
    documents: Documents, positions: NDArray[np.signedinteger[Any]], widths: Ints
) -> tuple[Ints, Ints]:
    """The first and the last word of its text in the windows at positions (D, k): (D, k) each; of padding alone the last stands
    before."""
    first = positions.astype(np.int64)
    last = first + widths - 1
    if not isinstance(documents, PaddedDocuments):
        return first, np.minimum(last, documents.lengths[:, None] - 1)
    shift = (documents.skipped - documents.before)[:, None]
    end = (documents.skipped + documents.words)[:, None]
    return np.maximum(first + shift, documents.skipped[:, None]), np.minimum(last + shift, end - 1)


def window_spans(spans: Places, texts: Documents, words: tuple[Ints, Ints]) -> Places:
    """`ngram_spans` of many texts: from spans of words (words, 2) and first and last words (texts, k) of windows to
    (texts with words * k, 2); those of windows without a word are empty."""
    filled = texts.lengths > 0
    starts = texts.starts[:-1][filled, None]
    first, last = (edge[filled] for edge in words)
    empty = first > last
    begins, ends = (spans[starts + np.where(empty, 0, edge), i] for i, edge in enumerate((first, last)))
    return np.stack([begins, np.where(empty, begins, ends)], 2).reshape(-1, 2)
