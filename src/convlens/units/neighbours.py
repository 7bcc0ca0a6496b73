"""The words of the vocabulary whose vectors point where a vector points."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import greatest
from convlens.models import Classifier
from convlens.text.tokenizer import SPECIAL

AT_ONCE = 512  # vectors compared with the vocabulary at once: bounds memory


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Words, nearest first, their cosines with the vector, and their own vectors (words, d)."""

    words: tuple[str, ...]
    cosines: tuple[float, ...]
    vectors: NDArray[np.floating[Any]]


def nearest_words(
    classifier: Classifier, vectors: NDArray[np.floating[Any]], count: int = 5
) -> list[Neighbours]:
    """The `count` nearest words by cosine for each of `vectors` (P, d), ties in the order of the vocabulary.

    Padding, the unknown word and words whose vector is zero are nobody's neighbours.
    """
    matrix = classifier.model.embed.weight.detach().cpu().numpy()[len(SPECIAL) :]
    norms = np.linalg.norm(matrix, axis=1)
    rows = np.flatnonzero(norms > 0)
    unit = matrix[rows] / norms[rows, None]
    neighbours = []
    for start in range(0, len(vectors), AT_ONCE):
        part = vectors[start : start + AT_ONCE]
        lengths = np.linalg.norm(part, axis=1, keepdims=True)
        cosines = (part / np.where(lengths > 0, lengths, 1)) @ unit.T
        neighbours += [_nearest(classifier, row, rows, matrix, count) for row in cosines]
    return neighbours


def _nearest(
    classifier: Classifier,
    cosines: NDArray[np.floating[Any]],
    rows: NDArray[np.int64],
    matrix: NDArray[np.floating[Any]],
    count: int,
) -> Neighbours:
    best = greatest(cosines, count)
    words = tuple(classifier.tokenizer.words[i] for i in rows[best])
    return Neighbours(words, tuple(cosines[best].tolist()), matrix[rows[best]])
