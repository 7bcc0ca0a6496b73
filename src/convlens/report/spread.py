"""Some of many, evenly."""

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import evenly
from convlens.errors import InputError

FAIR = 10  # at least one in so many documents of a page is one that the model has right, where there are any


def spread(rows: int, most: int) -> list[int]:
    """At most `most` of `rows` places, at equal distances."""
    if most < 1:
        raise InputError(f"documents must be at least 1, got {most}")
    return evenly(rows, most)


def with_errors(wrong: NDArray[np.bool_], most: int) -> list[int]:
    """At most `most` places of (rows,): all that are `wrong`, as far as they leave room for a tenth of others."""
    errors, others = np.flatnonzero(wrong), np.flatnonzero(~wrong)
    taken = errors[evenly(len(errors), max(most - min(len(others), -(-most // FAIR)), 1))]
    rest = others[evenly(len(others), most - len(taken))] if most > len(taken) else others[:0]
    places: list[int] = np.sort(np.concatenate([taken, rest])).tolist()
    return places
