"""The exact shares of words and n-grams for many documents at once (Xu & Du 2020)."""

from typing import TYPE_CHECKING

import numpy as np

from convlens.errors import InputError
from convlens.explain.slots import add_to_words, by_slots, pays, words_in_windows
from convlens.models import Weights
from convlens.trace import ArrayTracer, CorpusTrace, Documents, Floats

if TYPE_CHECKING:
    from convlens.models import TextCNN
    from convlens.trace.table import SlotTable


def word_shares(source: "SlotTable | ArrayTracer", documents: Documents) -> tuple[CorpusTrace, Floats]:
    """The trace of documents, and matrix B of each, one below the other: (tokens, C).

    Sum over filters p and slots j of `W_y[q, p] u_pj + b_q / (k m)` at the word in that slot: see `words`. Rows of a
    document sum to its logits, but for an empty one, which has none. From a table by one kernel that never holds the
    slots.
    """
    if isinstance(source, ArrayTracer):
        return by_slots(source, documents, _words)
    from convlens.explain.share import share_words

    head, even = _head(source.weights)
    scores = np.zeros((len(documents.ids), head.shape[1]), dtype=np.float32)
    peaks, places = source.space(documents)
    weights = source.biases, source.bars, head, even
    for arguments in source.over(documents):
        share_words(*arguments, weights, (peaks, places, scores))
    return source.traced(documents, peaks, places), scores[:, : source.weights.classes]


def _words(weights: Weights, traced: CorpusTrace, scores: Floats) -> None:
    assert traced.slots is not None
    sizes = words_in_windows(weights, traced)  # m: (D, k)
    share = weights.filter_biases / np.maximum(sizes, 1)
    filled = np.arange(traced.slots.shape[2]) < sizes[..., None]  # (D, k, N)
    u = (traced.slots + share[..., None]) * (filled & (traced.pooled > 0)[..., None])
    add_to_words(traced, u, np.ascontiguousarray(weights.head.T), scores)
    even = filled / (np.maximum(sizes, 1) * sizes.shape[1])[..., None]  # sums to 1 per document
    evenly = np.zeros((len(scores), 1), scores.dtype)
    ones = np.ones((sizes.shape[1], 1), scores.dtype)
    add_to_words(traced, even.astype(scores.dtype), ones, evenly)
    scores += evenly * weights.head_biases


def ngram_shares(source: "SlotTable | ArrayTracer", documents: Documents) -> tuple[CorpusTrace, Floats]:
    """The trace of documents, and the rows of matrix A of those with words, one document below the other."""
    traced = source.trace(documents)
    scores = ngram_scores(source.weights, traced)[documents.lengths > 0]
    return traced, scores.reshape(-1, scores.shape[2])


def ngram_scores(model: "TextCNN | Weights", traced: CorpusTrace) -> Floats:
    """Matrix A of every document: (documents, k, C); see `ngrams` for the formula. Zeros for an empty one."""
    weights = model if isinstance(model, Weights) else model.weights
    if traced.peaks.shape[1] != len(weights.filter_biases):
        raise InputError(
            f"this trace is of {traced.peaks.shape[1]} filters and the model has {len(weights.filter_biases)}: "
            "trace the documents by the model that explains them"
        )
    if weights.vectors.dtype != np.float32 or not pays(traced.documents):
        scores = traced.pooled[:, :, None] * weights.head.T + weights.head_biases / len(weights.filter_biases)
        return np.asarray(np.where((traced.documents.lengths > 0)[:, None, None], scores, 0))
    from convlens.explain.share import share_ngrams

    head, even = _head(weights)
    scores = np.empty((len(traced.peaks), *head.shape), dtype=np.float32)
    share_ngrams(traced.documents.starts, traced.pooled, head, even, scores)
    return scores[:, :, : weights.classes]


def _head(weights: Weights) -> tuple[Floats, Floats]:
    """The head (k, C) and its biases over k (C,), with a column of zeros where C is odd."""
    head, even = weights.head.T, weights.head_biases / np.float32(weights.head.shape[1])
    odd = head.shape[1] % 2
    return np.ascontiguousarray(np.pad(head, ((0, 0), (0, odd)))), np.pad(even, (0, odd))
