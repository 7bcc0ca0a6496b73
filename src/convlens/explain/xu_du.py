"""The exact shares of n-grams and words, and what a word is worth to the loss (Xu & Du 2020)."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.explain.slots import NUMBERS, pays, slots_of, to_words, word_slots, words_in_windows
from convlens.kernels import threads_for
from convlens.models import Weights
from convlens.text import Documents
from convlens.trace import Trace

if TYPE_CHECKING:
    from convlens.models import TextCNN
    from convlens.trace.table import SlotTable

MOST = 5.0  # a change of the loss, in losses: eq. 13 is clipped there


def ngrams(weights: Weights, trace: Trace) -> Floats:
    """`A[p, q] = W_y[q, p] v_p + b_q / k`: (units, C), a row for the n-gram of each filter, document after document.

    Rows of a document sum to its logits. An empty document has no n-grams.
    """
    scores = matrix_a(weights, trace)[trace.documents.lengths > 0]
    return scores.reshape(-1, scores.shape[2])


def matrix_a(model: "TextCNN | Weights", trace: Trace) -> Floats:
    """Matrix A of every document, see `ngrams`: (D, k, C), zeros for an empty one."""
    weights = model if isinstance(model, Weights) else model.weights
    if trace.peaks.shape[1] != len(weights.filter_biases):
        raise InputError(
            f"this trace is of {trace.peaks.shape[1]} filters and the model has {len(weights.filter_biases)}: "
            "trace the documents by the model that explains them"
        )
    if trace.peaks.dtype != np.float32 or weights.dense or not pays(trace.documents):
        head, biases = weights.effective_head(trace.pooled)
        scores = trace.pooled[:, :, None] * head + biases[:, None] / len(weights.filter_biases)
        return np.asarray(np.where((trace.documents.lengths > 0)[:, None, None], scores, 0))
    from convlens.kernels.share import share_ngrams
    from convlens.trace.table import paired

    head, even = paired(weights.head.T), paired(weights.head_biases / np.float32(weights.head.shape[1]))
    scores = np.empty((len(trace.peaks), *head.shape), dtype=np.float32)
    share_ngrams(trace.documents.starts, trace.pooled, head, even, scores)
    return scores[:, :, : weights.classes]


def ngram_variances(pooled: Floats, weights: Floats, biases: Floats) -> NDArray[np.float64]:
    """`Var(v_p) = sum_q (A[p, q] - mu)^2 / c` (eq. 12) of the n-grams (D, k) of documents.

    pooled (D, k), the head's weights (k, C) and biases (C,). As `A[p, q] = W[p, q] v_p + b[q] / k`, a variance is a
    polynomial in the pooled value, and no matrix A is made.
    """
    w = weights.astype(np.float64) - weights.mean(1, keepdims=True, dtype=np.float64)  # (k, C)
    b = (biases.astype(np.float64) - biases.mean(dtype=np.float64)) / max(len(weights), 1)  # (C,)
    v = pooled.astype(np.float64)
    return np.asarray(np.maximum((w**2).mean(1) * v**2 + 2 * (w * b).mean(1) * v + (b**2).mean(), 0))


def column_sums(pooled: Floats, kept: NDArray[np.bool_], weights: Floats, biases: Floats) -> Floats:
    """Column sums (D, C) of matrix A over the rows of the n-grams that are kept, (D, k) bool, each with its `b_q / k`."""
    logits: Floats = (pooled * kept) @ weights + kept.sum(1)[:, None] * (biases / len(weights))
    return logits


def words(weights: Weights, trace: Trace) -> Floats:
    """Matrix B: `sum over filters p and slots j of W_y[q, p] u_pj + b_q / (k m)` at the word in that slot, (tokens, C).

    `u_pj = <w_j, x_{i+j}> + b_f / m` for the m words in the winning window of filter p (m = n but in
    documents shorter than n), and 0 where the ReLU or its gate stops the filter. Rows of a document sum to its logits, but
    for an empty one, which has none. With another activation a, u is that times `(a(z) - a(0)) / z`, z the filter's peak, plus
    `a(0) / m`; with dense layers W_y and b_q are those that the layers come to for the document, see `Weights.effective_head`.
    """
    head, biases = weights.effective_head(trace.pooled)
    inside, m = (
        word_slots(weights, trace),
        np.maximum(words_in_windows(weights, trace), 1),
    )  # (D, k, N), (D, k)
    share = (weights.filter_biases / m).astype(weights.head.dtype)
    u = (slots_of(trace) + share[..., None]) * (inside * trace.ratios[..., None])
    if trace.rest:
        u += inside * (trace.rest / m)[..., None]
    scores = to_words(trace, u, head)
    even = inside / (m * m.shape[1])[..., None]  # sums to 1 per document
    of_biases = biases if len(biases) == 1 else np.repeat(biases, trace.documents.lengths, 0)
    return scores + to_words(trace, even.astype(scores.dtype), _ones(weights)) * of_biases


def words_by_table(table: "SlotTable", documents: Documents) -> tuple[Trace, Floats]:
    """The trace, and the scores of `words`: by one kernel that never holds the slots."""
    from convlens.kernels.share import share_words

    head, even = table.head, table.head_shares
    scores = np.zeros((len(documents.ids), head.shape[1]), dtype=np.float32)
    peaks, places = table.space(documents)
    constants = table.biases, table.bars, head, even
    with threads_for(len(documents.ids)):
        for arguments in table.over(documents):
            share_words(*arguments, constants, (peaks, places, scores))
    return table.traced(documents, peaks, places), scores[:, : table.weights.classes]


def loss_changes(weights: Weights, trace: Trace) -> Floats:
    """Eq. 13: `(H(o - B[i], y) - H(o, y)) / H(o, y)` of word i for each class y as the label, clipped to [-5, 5].

    Scores (tokens, C) are shares of the cross entropy H, not parts of the logits: positive where the loss
    grows without the word, which so speaks for the class. 0 for words in no winning window.
    """
    return _loss_changes(words(weights, trace), trace)


def loss_changes_by_table(table: "SlotTable", documents: Documents) -> tuple[Trace, Floats]:
    """The trace, and the scores of `loss_changes`."""
    trace, shares = words_by_table(table, documents)
    return trace, _loss_changes(shares, trace)


def _loss_changes(shares: Floats, trace: Trace) -> Floats:
    scores, owners = np.empty_like(shares), trace.documents.owners
    size = max(NUMBERS // (16 * shares.shape[1]), 1)
    for start in range(0, len(shares), size):
        rows = slice(start, start + size)
        scores[rows] = loss_change(shares[rows], trace.logits[owners[rows]])
    return scores


def loss_change(shares: Floats, logits: Floats) -> Floats:
    """Eq. 13 for rows of matrix B and the logits of their documents, both (..., C), in float64."""
    shares, wide = shares.astype(np.float64), logits.astype(np.float64)
    loss = _cross_entropies(wide)
    change = (_cross_entropies(wide - shares) - loss) / np.maximum(loss, np.finfo(loss.dtype).tiny)
    clipped: Floats = np.clip(change, -MOST, MOST)
    return clipped


def _cross_entropies(logits: Floats) -> Floats:
    """`-log softmax(logits)[y]` of every class y: (..., C), precise where it is near 0 too.

    The other classes of each are those before and those after it, so that all are summed up in two passes.
    """
    logits = logits - logits.max(-1, keepdims=True)
    edge = np.full((*logits.shape[:-1], 1), -np.inf)
    before = np.concatenate([edge, np.logaddexp.accumulate(logits[..., :-1], -1)], -1)
    after = np.concatenate([edge, np.logaddexp.accumulate(logits[..., :0:-1], -1)], -1)[..., ::-1]
    gap = np.logaddexp(before, after) - logits
    loss: Floats = np.where(
        gap < 0, np.log1p(np.exp(np.minimum(gap, 0))), gap + np.log1p(np.exp(-np.abs(gap)))
    )
    return loss


def _ones(weights: Weights) -> Floats:
    return np.ones((1, len(weights.filter_biases), 1), weights.head.dtype)
