"""Words and the filters' columns as points of one plane (IMDb filter paper, figures 2 to 4)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlens.draw import project
from convlens.filters.columns import column_places, slot_columns, word_vectors
from convlens.filters.importance import printed_importance
from convlens.models import Foreign, TextModel
from convlens.text import UNKNOWN

IMPORTANT = 0.05  # of the words, as in the paper


@dataclass(frozen=True, eq=False)
class Plane:
    """The V words of a vocabulary and the S slots of the filters that read them, where one projection has put both.

    `words` (V, 2) are in the order of the vocabulary, `important` (I,) are places in it, the most important word by
    equation 1 first. `columns` (S, 2) belong to `filters` (S,) and `slots` (S,), counted from 0.
    """

    words: NDArray[np.float64]
    important: NDArray[np.int64]
    columns: NDArray[np.float64]
    filters: NDArray[np.int64]
    slots: NDArray[np.int64]


def plane(model: TextModel, share: float = IMPORTANT) -> Plane:
    """The first two principal components of all words, but padding and the unknown one, and all columns together.

    Of a foreign network, whose filters are not known, they are those of the words alone, none of which is important.
    """
    words = word_vectors(model)
    if isinstance(model, Foreign):
        points, none = project(words), np.empty(0, np.int64)
        return Plane(points, none, points[:0], none, none)
    points = project(np.concatenate([words, slot_columns(model)]))
    order = np.argsort(-printed_importance(model).cpu().numpy()[UNKNOWN + 1 :], kind="stable")
    filters, slots = column_places(model)
    return Plane(points[: len(words)], order[: int(len(words) * share)], points[len(words) :], filters, slots)
