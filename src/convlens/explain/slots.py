"""From the slots of winning windows to the words in them: the second half of every method that reads a trace."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.kernels import compiles
from convlens.models import Weights
from convlens.text import Documents
from convlens.trace import Trace

NUMBERS = 2**23  # of the arrays for some documents: bounds memory
FEW = 10_000  # words; for fewer, loading a compiled kernel takes longer than the work


def pays(documents: Documents) -> bool:
    """Whether compiled kernels are there, and worth loading for so many words."""
    return len(documents.ids) >= FEW and compiles()


def pieces(ends: Ints, each: int) -> Iterator[tuple[int, int]]:
    """Runs of documents of no more than `NUMBERS` numbers, `each` for a step of `ends`, or of one document."""
    first = 0
    while first < len(ends) - 1:
        last = int(np.searchsorted(ends, ends[first] + NUMBERS // each, "right")) - 1
        last = min(max(last, first + 1), len(ends) - 1)
        yield first, last
        first = last


def words_in_windows(weights: Weights, trace: Trace) -> Ints:
    """Words read in each winning window, m: its region size, but in shorter documents their length: (D, k)."""
    words: Ints = np.minimum(np.array(weights.config.widths), trace.documents.lengths[:, None])
    steps = np.array(weights.config.steps)
    return words if (steps == 1).all() else -(-words // steps)


def word_slots(weights: Weights, trace: Trace) -> NDArray[np.bool_]:
    """Which slots of the winning windows read a word: (D, k, N)."""
    slots = np.arange(max(weights.config.regions))
    words = np.minimum(np.array(weights.config.widths), trace.documents.lengths[:, None])
    inside = slots < words[..., None]
    steps = np.array(weights.config.steps)
    return np.asarray(inside if (steps == 1).all() else inside & (slots % steps[:, None] == 0))


def slots_of(trace: Trace) -> Floats:
    """The slots (D, k, N) of a trace, which must have been asked for."""
    if trace.slots is None:
        raise InputError("this trace has no slots: trace the documents with slots=True")
    return trace.slots


def to_words(trace: Trace, values: Floats, weights: Floats) -> Floats:
    """`values` (D, k, N) of the slots of winning windows, times `weights` (D or 1, k, C), added up for their words: (tokens, C)."""
    scores = np.zeros((len(trace.documents.ids), weights.shape[2]), values.dtype)
    add_to_words(trace, values, weights, scores)
    return scores


def add_to_words(trace: Trace, values: Floats, weights: Floats, scores: Floats) -> None:
    """`to_words`, added to `scores` (tokens, C)."""
    documents, places = trace.documents, trace.positions
    sizes = (len(documents), weights.shape[1]), (len(documents.ids), weights.shape[2])
    if (places.shape, values.shape[:2], scores.shape) != (sizes[0], *sizes) or len(weights) not in (
        1,
        sizes[0][0],
    ):
        raise InputError(
            f"places {places.shape}, values {values.shape} and scores {scores.shape} are not those of "
            f"{sizes[0]} documents and filters, and of {sizes[1]} words and classes: give the trace of these documents"
        )
    lengths = np.broadcast_to(documents.lengths[:, None], places.shape)
    edge = (places < 0) | (places + values.shape[2] > lengths)  # few windows: the others lie inside
    words = places[edge][:, None] + np.arange(values.shape[2])
    outside = (words < 0) | (words >= lengths[edge][:, None])
    if (values[edge] != 0)[outside].any():
        raise InputError(
            "a winning window has a slot outside of its document: give the positions of the trace of these documents"
        )
    if pays(documents):
        from convlens.kernels.scatter import scatter_add

        scatter_add(documents.starts, places, values, np.ascontiguousarray(weights), scores)
        return
    document, filters, slots = np.nonzero(values)
    words = documents.starts[document] + places[document, filters] + slots
    np.add.at(
        scores,
        words,
        values[document, filters, slots][:, None] * weights[document if len(weights) > 1 else 0, filters],
    )


def columns(weights: Weights) -> Floats:
    """The columns of the filters, `w_j` of each: (k, N, d), zeros after the last slot."""
    most = max(weights.config.regions)
    parts = [np.pad(w.transpose(0, 2, 1), ((0, 0), (0, most - w.shape[2]), (0, 0))) for w in weights.filters]
    return np.ascontiguousarray(np.concatenate(parts))


def to_vectors(weights: Weights, trace: Trace, values: Floats) -> Floats:
    """`values` (D, k) of filters, times the column of the slot that a word is in, added up for all words: (tokens, d)."""
    documents, table = trace.documents, columns(weights)
    vectors = np.zeros((len(documents.ids), table.shape[2]), values.dtype)
    if pays(documents):
        from convlens.kernels.scatter import scatter_columns

        scatter_columns(documents.starts, trace.positions, values, table, vectors)
        return vectors
    each = len(weights.filter_biases) * table.shape[1] * table.shape[2]
    for first, last in pieces(np.arange(len(documents) + 1), each):
        words, document, filters, slots = filled_slots(weights, trace, values != 0, (first, last))
        contributions = values[document, filters][:, None] * table[filters, slots]
        add_rows(vectors, words, contributions)
    return vectors


def filled_slots(
    weights: Weights, trace: Trace, alive: NDArray[np.bool_], documents: tuple[int, int]
) -> tuple[Ints, Ints, Ints, Ints]:
    """The words in the winning windows of filters that are `alive` (D, k), for some documents: (S,) in the words' order.

    With the document, the filter and the slot of each.
    """
    first, last = documents
    inside = word_slots(weights, trace.part(first, last)) & alive[first:last, :, None]
    document, filters, slots = np.nonzero(inside)
    document += first
    words = trace.documents.starts[document] + trace.positions[document, filters] + slots
    order = np.argsort(words, kind="stable")
    return words[order], document[order], filters[order], slots[order]


def add_rows(total: Floats, words: Ints, rows: Floats) -> None:
    """Add rows (S, ...) to those of their words, which rise, in `total` (tokens, ...)."""
    if len(words):
        first = np.flatnonzero(np.diff(words, prepend=-1))
        total[words[first]] += np.add.reduceat(rows, first)
