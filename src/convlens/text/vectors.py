"""Word vectors, and those of a vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.errors import InputError


@dataclass(frozen=True)
class WordVectors:
    """`matrix` (words, d) float32, one row for each of `words`; `source` names the file.

    Lists and other arrays of numbers are taken too. Of a word that comes twice the first row stays: files
    have the frequent words first.
    """

    words: tuple[str, ...]
    matrix: NDArray[np.float32]
    source: str = "vectors"

    def __post_init__(self) -> None:
        words, matrix = _words(self.words, self.source), _numbers(self.matrix, self.source)
        if matrix.ndim != 2 or len(words) != len(matrix) or not matrix.shape[1]:
            raise InputError(
                f"{self.source}: {len(words)} words do not fit a matrix of shape {matrix.shape}: "
                "give one row per word"
            )
        with np.errstate(invalid="ignore"):
            finite = np.isfinite(matrix.sum(dtype=np.float64))  # no sum of finite float32 overflows this
        if not finite:
            word = words[int(np.argmin(np.isfinite(matrix).all(1)))]
            raise InputError(
                f"{self.source}: the vector of {word[:40]!r} holds a number that is not finite or too large for "
                "float32: leave the word out or mend its numbers"
            )
        if len(set(words)) < len(words):
            first = {word: row for row, word in reversed(list(enumerate(words)))}
            rows = sorted(first.values())
            words, matrix = tuple(words[row] for row in rows), matrix[rows]
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "matrix", matrix)

    @property
    def dim(self) -> int:
        return int(self.matrix.shape[1])


@dataclass(frozen=True)
class Matched:
    """Vectors for a vocabulary: `matrix` (len(words), d), and which rows were found."""

    matrix: NDArray[np.float32]
    found: NDArray[np.bool_]

    @property
    def coverage(self) -> float:
        """Share of the vocabulary that has a vector."""
        return float(self.found.mean()) if len(self.found) else 0.0


def match(vectors: WordVectors, words: Sequence[str]) -> Matched:
    """Rows of `vectors` for `words`: as written, else in lower case; zeros where there is none."""
    place = {word: i for i, word in enumerate(vectors.words)}
    rows = np.array([place.get(w, place.get(w.lower(), -1)) for w in words], dtype=np.int64)
    matrix = np.zeros((len(words), vectors.dim), dtype=np.float32)
    matrix[rows >= 0] = vectors.matrix[rows[rows >= 0]]
    return Matched(matrix, rows >= 0)


def from_gensim(vectors: Any, source: str = "gensim") -> WordVectors:
    """Take over gensim `KeyedVectors` (or the `wv` of a model); rows that it left without a word go."""
    keyed = getattr(vectors, "wv", vectors)
    try:
        rows = [row for row, word in enumerate(keyed.index_to_key) if word is not None]
        words = [keyed.index_to_key[row] for row in rows]
        return WordVectors(tuple(words), np.asarray(keyed.vectors)[rows], source)
    except AttributeError:
        raise InputError(
            f"expected gensim KeyedVectors or a model with them, got {type(vectors).__name__}: "
            "WordVectors(words, matrix) takes any other"
        ) from None


def _words(words: Any, source: str) -> tuple[str, ...]:
    if isinstance(words, str | bytes) or not hasattr(words, "__iter__"):
        raise InputError(f"{source}: expected a sequence of words, got {type(words).__name__}")
    strings = tuple(words)
    for place, word in enumerate(strings):
        if not isinstance(word, str):
            raise InputError(f"{source}: word {place} is {type(word).__name__}: give every word as a string")
    return strings


def _numbers(matrix: Any, source: str) -> NDArray[np.float32]:
    """As float32; what is too large becomes infinite."""
    try:
        array = np.asarray(matrix)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{source} cannot be read as a matrix of numbers: {str(error)[:150]}") from None
    if array.dtype.kind not in "iuf" and array.size:
        raise InputError(f"{source} holds values of type {array.dtype}: expected real numbers")
    with np.errstate(over="ignore"):
        return np.asarray(array, dtype=np.float32)
