"""The exact shares of words and n-grams for many documents at once, as arrays."""

import numpy as np
import torch

from convlens.models import TextCNN
from convlens.trace import CorpusTrace, Documents, Floats, Tracer, filter_biases, head_biases

AT_ONCE = 4096  # documents whose slots are held at a time


@torch.no_grad()
def word_scores(model: TextCNN, traced: CorpusTrace) -> Floats:
    """Matrix B of every document, one below the other: (tokens, C); see `words` for the formula.

    Needs a trace with slots. Rows of a document sum to its logits, but for an empty one, which has none.
    """
    from convlens.explain.scatter import scatter

    if traced.slots is None:
        raise ValueError("the trace has no slots: trace the documents with slots=True")
    head = model.head.weight.T.float().contiguous().cpu().numpy()  # (k, C)
    scores = np.zeros((len(traced.documents.ids), head.shape[1]), dtype=np.float32)
    biases = (filter_biases(model).float().cpu().numpy(), head_biases(model).float().cpu().numpy())
    widths = np.array(model.config.widths, dtype=np.int64)
    found = (traced.peaks, traced.positions, traced.slots)
    scatter(traced.documents.starts, found, (widths, head, *biases), scores)
    return scores


@torch.no_grad()
def ngram_scores(model: TextCNN, traced: CorpusTrace) -> Floats:
    """Matrix A of every document: (documents, k, C); see `ngrams` for the formula. Zeros for an empty one."""
    head = model.head.weight.T.float().cpu().numpy()
    shares = head_biases(model).float().cpu().numpy() / len(head)
    scores = np.maximum(traced.peaks, 0)[:, :, None] * head + shares
    return np.where((traced.documents.lengths > 0)[:, None, None], scores, 0).astype(np.float32)


def ngram_shares(model: TextCNN, documents: Documents, trace: Tracer) -> tuple[CorpusTrace, Floats]:
    """Trace documents and split their logits over their n-grams: rows of A of the documents with words."""
    traced = trace(documents, False)
    scores = ngram_scores(model, traced)[documents.lengths > 0]
    return traced, scores.reshape(-1, scores.shape[2])


def word_shares(model: TextCNN, documents: Documents, trace: Tracer) -> tuple[CorpusTrace, Floats]:
    """Trace documents and split their logits over their words: the trace, without slots, and `word_scores`.

    Slots are needed for a few thousand documents at a time only, so memory is bounded but for the result.
    """
    traces, scores = [], []
    for first in range(0, max(len(documents), 1), AT_ONCE):
        traced = trace(documents.part(first, min(first + AT_ONCE, len(documents))), True)
        scores.append(word_scores(model, traced))
        traces.append(traced)
    peaks, positions, logits = (
        np.concatenate([getattr(traced, name) for traced in traces])
        for name in ("peaks", "positions", "logits")
    )
    return CorpusTrace(documents, peaks, positions, logits), np.concatenate(scores)
