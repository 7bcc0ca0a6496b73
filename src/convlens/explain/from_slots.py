"""Methods that read the slots of winning windows, and occlusion, for many documents at once."""

from typing import TYPE_CHECKING

import numpy as np

from convlens.explain.corpus import word_shares
from convlens.explain.slots import NUMBERS, add_to_words, by_slots, pieces, words_in_windows
from convlens.models import Weights
from convlens.trace import ArrayTracer, CorpusTrace, Documents, Floats

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

STABILISER = 0.01
MOST = 5.0
Scored = tuple[CorpusTrace, Floats]


def lrp_scores(source: "SlotTable | ArrayTracer", documents: Documents) -> Scored:
    """The trace, and the scores of `lrp`: (tokens, C)."""
    return by_slots(source, documents, _lrp)


def slope_products(source: "SlotTable | ArrayTracer", documents: Documents) -> Scored:
    """The trace, and the scores of `gradient_x_input`: (tokens, C)."""
    return by_slots(source, documents, _gradient_x_input)


def loss_scores(source: "SlotTable | ArrayTracer", documents: Documents) -> Scored:
    """The trace, and the scores of `leave_one_out`: (tokens, C)."""
    traced, shares = word_shares(source, documents)
    scores = np.empty_like(shares)
    size = max(NUMBERS // (16 * shares.shape[1]), 1)
    owners = np.repeat(np.arange(len(documents)), documents.lengths)
    for start in range(0, len(shares), size):
        words = slice(start, start + size)
        scores[words] = loss_changes(shares[words], traced.logits[owners[words]])
    return traced, scores


def loss_changes(shares: Floats, logits: Floats) -> Floats:
    """Eq. 13 of Xu & Du 2020 for rows of matrix B and the logits of their documents, both (..., C), in float64."""
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


def occlusion_scores(table: "SlotTable", documents: Documents) -> Scored:
    """The trace, and the scores of `occlusion`: (tokens, C)."""
    import torch

    from convlens.kernels.occlude import occlude

    head = torch.from_numpy(table.weights.head).T.contiguous()  # (k, C)
    scores = np.empty((len(documents.ids), head.shape[1]), dtype=np.float32)
    _, wide = table.space(documents.part(0, 0))[0].shape
    for first, last in pieces(documents.starts, wide):
        some = documents.part(first, last)
        moved = np.zeros((len(some.ids), wide), dtype=np.float32)
        for arguments in table.over(some):
            occlude(*arguments, (table.biases, table.bars), moved)
        words = slice(documents.starts[first], documents.starts[last])
        scores[words] = (torch.from_numpy(moved)[:, : len(head)] @ head).numpy()
    return table.trace(documents), scores


def _lrp(weights: Weights, traced: CorpusTrace, scores: Floats) -> None:
    """The formula of `lrp`: a filter's relevance for a class is a part by its weight, and an even one."""
    assert traced.slots is not None
    head, b_y, biases = weights.head.T, weights.head_biases, weights.filter_biases
    z = traced.slots.sum(2) + biases  # (D, k)
    even = _stabilisers(z)
    sizes = words_in_windows(weights, traced)  # (D, k)
    share = traced.slots + ((biases + even) / np.maximum(sizes, 1).astype(z.dtype))[..., None]
    share /= (z + even)[..., None]
    share *= np.arange(share.shape[2]) < sizes[..., None]  # (D, k, N)
    pooled = np.where(traced.pooled > 0, z, 0)
    logits = pooled @ head + b_y  # (D, C)
    of_head = _stabilisers(logits)
    evenly = np.zeros((len(scores), 1), dtype=scores.dtype)
    add_to_words(traced, share, np.ones((len(head), 1), scores.dtype), evenly)
    add_to_words(traced, share * pooled[..., None], np.ascontiguousarray(head), scores)
    lengths = traced.documents.lengths
    scores += evenly * np.repeat((b_y + of_head) / len(head), lengths, 0)
    scores *= np.repeat(logits / (logits + of_head), lengths, 0)


def _stabilisers(z: Floats) -> Floats:
    return np.where(z >= 0, z.dtype.type(STABILISER), z.dtype.type(-STABILISER))


def _gradient_x_input(weights: Weights, traced: CorpusTrace, scores: Floats) -> None:
    assert traced.slots is not None
    products = traced.slots * (traced.pooled > 0)[..., None]
    add_to_words(traced, products, np.ascontiguousarray(weights.head.T), scores)
