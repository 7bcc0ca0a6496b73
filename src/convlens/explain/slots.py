"""Slots of winning windows, and what they give the words in them: the second half of every method that reads slots."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlens.errors import InputError
from convlens.kernels import compiles
from convlens.models import Weights
from convlens.trace import ArrayTracer, CorpusTrace, Documents, Floats

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

Ints = NDArray[np.int64]

NUMBERS = 2**23  # of the arrays for some documents: bounds memory
FEW = 10_000  # words; for fewer, loading a compiled kernel takes longer than the work


def pays(documents: Documents) -> bool:
    """Whether compiled kernels are there, and worth loading for so many words."""
    return len(documents.ids) >= FEW and compiles()


def by_slots(
    source: "SlotTable | ArrayTracer",
    documents: Documents,
    score: Callable[[Weights, CorpusTrace, Floats], None],
) -> tuple[CorpusTrace, Floats]:
    """The trace, and what `score` puts into the scores (tokens, C) for the slots of each piece."""
    weights = source.weights
    scores = np.zeros((len(documents.ids), weights.classes), dtype=weights.head.dtype)
    each = len(weights.filter_biases) * max(weights.config.regions)
    traces = []
    for first, last in pieces(np.arange(len(documents) + 1), each):
        traced = source.trace(documents.part(first, last), slots=True)
        score(weights, traced, scores[documents.starts[first] : documents.starts[last]])
        traces.append((traced.peaks, traced.positions, traced.logits))
    if not traces:
        return source.trace(documents), scores
    peaks, positions, logits = (np.concatenate(arrays) for arrays in zip(*traces, strict=True))
    return CorpusTrace(documents, peaks, positions, logits, gates=weights.gates), scores


def pieces(ends: Ints, each: int) -> Iterator[tuple[int, int]]:
    """Runs of documents of no more than `NUMBERS` numbers, `each` for a step of `ends`, or of one document."""
    first = 0
    while first < len(ends) - 1:
        last = int(np.searchsorted(ends, ends[first] + NUMBERS // each, "right")) - 1
        last = min(max(last, first + 1), len(ends) - 1)
        yield first, last
        first = last


def words_in_windows(weights: Weights, traced: CorpusTrace) -> Ints:
    """Words in each winning window, m: its region size, but in shorter documents their length: (D, k)."""
    words: Ints = np.minimum(np.array(weights.config.widths), traced.documents.lengths[:, None])
    return words


def add_to_words(traced: CorpusTrace, values: Floats, weights: Floats, scores: Floats) -> None:
    """Add `values` (documents, k, N) of the slots of winning windows, times `weights` (k, C), to `scores` (tokens, C)."""
    documents, places = traced.documents, traced.positions
    sizes = (len(documents), len(weights)), (len(documents.ids), weights.shape[1])
    if (places.shape, values.shape[:2], scores.shape) != (sizes[0], *sizes):
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
        from convlens.kernels.spread import spread

        spread(documents.starts, places, values, weights, scores)
        return
    slot = np.arange(values.shape[2])
    inside = (places[..., None] >= 0) & (places[..., None] + slot < lengths[..., None])
    document, filters, slots = np.nonzero(inside & (values != 0))
    words = documents.starts[document] + places[document, filters] + slots
    np.add.at(scores, words, values[document, filters, slots][:, None] * weights[filters])
