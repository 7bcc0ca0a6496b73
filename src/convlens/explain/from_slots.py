"""Methods that read the slots of winning windows, and occlusion, for many documents at once from a slot table."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from convlens.errors import InputError
from convlens.explain.corpus import word_shares
from convlens.explain.leave_one_out import loss_changes
from convlens.explain.relevance import STABILISER
from convlens.models import TextCNN
from convlens.trace import CorpusTrace, Documents, Floats, filter_biases, head_biases

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

NUMBERS = 2**23  # of the arrays for some documents: bounds memory
Scored = tuple[CorpusTrace, Floats]


def lrp_scores(table: "SlotTable", documents: Documents) -> Scored:
    """The trace, and the scores of `lrp`: (tokens, C)."""
    return _by_slots(table, documents, _lrp)


def slope_products(table: "SlotTable", documents: Documents) -> Scored:
    """The trace, and the scores of `gradient_x_input`: (tokens, C)."""
    return _by_slots(table, documents, _gradient_x_input)


def loss_scores(table: "SlotTable", documents: Documents) -> Scored:
    """The trace, and the scores of `leave_one_out`: (tokens, C)."""
    traced, shares = word_shares(table, documents)
    scores = np.empty_like(shares)
    size = max(NUMBERS // (16 * shares.shape[1]), 1)
    owners = np.repeat(np.arange(len(documents)), documents.lengths)
    for start in range(0, len(shares), size):
        some = slice(start, start + size)
        logits = torch.from_numpy(traced.logits[owners[some]])
        scores[some] = loss_changes(torch.from_numpy(shares[some]), logits).numpy()
    return traced, scores


def occlusion_scores(table: "SlotTable", documents: Documents) -> Scored:
    """The trace, and the scores of `occlusion`: (tokens, C)."""
    from convlens.kernels.occlude import occlude

    head = table.model.head.weight.detach().float().T.contiguous()  # (k, C)
    scores = np.empty((len(documents.ids), head.shape[1]), dtype=np.float32)
    _, wide = table.space(documents.part(0, 0))[0].shape
    for first, last in _pieces(documents.starts, wide):
        some = documents.part(first, last)
        moved = np.zeros((len(some.ids), wide), dtype=np.float32)
        for arguments in table.over(some):
            occlude(*arguments, (table.biases, table.bars), moved)
        words = slice(documents.starts[first], documents.starts[last])
        scores[words] = (torch.from_numpy(moved)[:, : len(head)] @ head).numpy()
    return table.trace(documents), scores


def _by_slots(
    table: "SlotTable", documents: Documents, score: Callable[[TextCNN, CorpusTrace, Floats], None]
) -> Scored:
    """The trace, and what `score` puts into the scores (tokens, C) for the slots of each piece."""
    scores = np.zeros((len(documents.ids), table.model.head.out_features), dtype=np.float32)
    config, found = table.model.config, []
    each = len(config.widths) * max(config.regions)
    for first, last in _pieces(np.arange(len(documents) + 1), each):
        traced = table.trace(documents.part(first, last), slots=True)
        score(table.model, traced, scores[documents.starts[first] : documents.starts[last]])
        found.append((traced.peaks, traced.positions, traced.logits))
    if not found:
        return table.trace(documents), scores
    peaks, positions, logits = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return CorpusTrace(documents, peaks, positions, logits, gates=table.model.gates), scores


def _pieces(ends: np.ndarray, each: int) -> Iterator[tuple[int, int]]:
    """Runs of documents of no more than `NUMBERS` numbers, `each` for a step of `ends`, or of one document."""
    first = 0
    while first < len(ends) - 1:
        last = int(np.searchsorted(ends, ends[first] + NUMBERS // each, "right")) - 1
        last = min(max(last, first + 1), len(ends) - 1)
        yield first, last
        first = last


@torch.no_grad()
def _lrp(model: TextCNN, traced: CorpusTrace, scores: Floats) -> None:
    """The formula of `lrp`: a filter's relevance for a class is a part by its weight, and an even one."""
    assert traced.slots is not None
    weight, b_y = (w.detach().float().numpy() for w in (model.head.weight.T.contiguous(), head_biases(model)))
    biases, lengths = filter_biases(model).float().numpy(), traced.documents.lengths
    z = traced.slots.sum(2) + biases  # (D, k)
    even = _stabilisers(z)
    held = np.minimum(np.array(model.config.widths), lengths[:, None])  # (D, k)
    share = traced.slots + ((biases + even) / np.maximum(held, 1))[..., None]
    share /= (z + even)[..., None]
    share *= np.arange(share.shape[2]) < held[..., None]  # (D, k, N)
    pooled = np.where(traced.pooled > 0, z, 0)
    logits = pooled @ weight + b_y  # (D, C)
    of_head = _stabilisers(logits)
    evenly = np.zeros((len(scores), 1), dtype=np.float32)
    spread_slots(traced, share, np.ones_like(weight[:, :1]), evenly)
    spread_slots(traced, share * pooled[..., None], weight, scores)
    scores += evenly * np.repeat((b_y + of_head) / len(weight), lengths, 0)
    scores *= np.repeat(logits / (logits + of_head), lengths, 0)


def _stabilisers(z: Floats) -> Floats:
    return np.where(z >= 0, np.float32(STABILISER), np.float32(-STABILISER))


@torch.no_grad()
def _gradient_x_input(model: TextCNN, traced: CorpusTrace, scores: Floats) -> None:
    assert traced.slots is not None
    products = traced.slots * (traced.pooled > 0)[..., None]
    weight = model.head.weight.T.float().contiguous().numpy()
    spread_slots(traced, products, weight, scores)


def spread_slots(traced: CorpusTrace, values: Floats, weights: Floats, scores: Floats) -> None:
    """Add `values` (documents, k, N) of the slots of winning windows, times `weights` (k, C), to `scores` (tokens, C)."""
    from convlens.kernels.spread import spread

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
    spread(documents.starts, places, values, weights, scores)
