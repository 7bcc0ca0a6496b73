"""The exact shares of words and n-grams for many documents at once, from a slot table."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from convlens.errors import InputError
from convlens.models import TextCNN
from convlens.trace import CorpusTrace, Documents, Floats, head_biases

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


def word_shares(table: "SlotTable", documents: Documents) -> tuple[CorpusTrace, Floats]:
    """The trace of documents, and matrix B of each, one below the other: (tokens, C); see `words` for the formula.

    Rows of a document sum to its logits, but for an empty one, which has none.
    """
    from convlens.explain.share import share_words

    head, even = _head(table.model)
    scores = np.zeros((len(documents.ids), head.shape[1]), dtype=np.float32)
    peaks, places = table.space(documents)
    weights = table.biases, table.bars, head, even
    for arguments in table.over(documents):
        share_words(*arguments, weights, (peaks, places, scores))
    return table.traced(documents, peaks, places), scores[:, : table.model.head.out_features]


def ngram_shares(table: "SlotTable", documents: Documents) -> tuple[CorpusTrace, Floats]:
    """The trace of documents, and the rows of matrix A of those with words, one document below the other."""
    traced = table.trace(documents)
    scores = ngram_scores(table.model, traced)[documents.lengths > 0]
    return traced, scores.reshape(-1, scores.shape[2])


def ngram_scores(model: TextCNN, traced: CorpusTrace) -> Floats:
    """Matrix A of every document: (documents, k, C); see `ngrams` for the formula. Zeros for an empty one."""
    from convlens.explain.share import share_ngrams

    head, even = _head(model)
    if traced.peaks.shape[1] != len(head):
        raise InputError(
            f"this trace is of {traced.peaks.shape[1]} filters and the model has {len(head)}: "
            "trace the documents by the model that explains them"
        )
    scores = np.empty((len(traced.peaks), *head.shape), dtype=np.float32)
    share_ngrams(traced.documents.starts, traced.pooled, head, even, scores)
    return scores[:, :, : model.head.out_features]


@torch.no_grad()
def _head(model: TextCNN) -> tuple[Floats, Floats]:
    """The head (k, C) and its biases over k (C,), with a column of zeros where C is odd."""
    head = model.head.weight.T.float().cpu().numpy()
    even = head_biases(model).float().cpu().numpy() / np.float32(len(head))
    odd = head.shape[1] % 2
    return np.ascontiguousarray(np.pad(head, ((0, 0), (0, odd)))), np.pad(even, (0, odd))
