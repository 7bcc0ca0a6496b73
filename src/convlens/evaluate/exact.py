"""Greedy deletion: after each word the next is chosen by the exact margins of what is left."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from convlens.arrays import Floats, Ints
from convlens.evaluate.zeroing import logits_of_kept
from convlens.explain import thinned
from convlens.models import TextCNN, TextModel
from convlens.text import Documents
from convlens.trace import Tracer, tracer


@torch.no_grad()
def exact_order(
    model: TextModel, ids: Tensor, truth: int, sign: int, deletions: int, *, source: Tracer | None = None
) -> Tensor:
    """Word numbers (T,) -> places (min(deletions, T),), each word once.

    The next word is the one without which, and without those before it, the margin `y_truth - max_c y_c` over the
    other classes is least (`sign` 1), or greatest (-1); of equals the first. A one-layer model is asked through a
    `source` of traces, of which one with a slot table is the fastest.
    """
    if isinstance(model, TextCNN) and len(ids):
        words = ids.cpu().numpy()
        source = source or tracer(model, Documents(words, np.array([0, len(words)])))
        order = _by_slots(source, words, truth, sign, deletions)
    else:
        order = _by_passes(model, ids, truth, sign, deletions)
    return torch.tensor(order, dtype=torch.long, device=ids.device)


def _by_slots(source: Tracer, ids: Ints, truth: int, sign: int, deletions: int) -> list[int]:
    trace = source.trace(Documents(ids, np.array([0, len(ids)])))
    read, place = trace.documents.read(0), trace.documents.place(0)
    document, order, logits = thinned(source, trace.documents.ids), list[int](), trace.logits  # (1, C)
    pooled, falls = trace.pooled[0], np.zeros((len(ids), trace.peaks.shape[1]), trace.peaks.dtype)
    for _ in range(min(deletions, len(ids))):
        falls[read] = document.falls()[0, place]
        without = logits - source.weights.falls_of_logits(pooled, falls)  # (L, C)
        order.append(_best(without, truth, sign, order))
        logits, pooled = without[order[-1] :][:1], pooled - falls[order[-1]]
        if read.start <= order[-1] < read.stop:
            document.remove(np.array(order[-1:]) + place.start - read.start)
    return order


def _by_passes(model: TextModel, ids: Tensor, truth: int, sign: int, deletions: int) -> list[int]:
    others, order = ~torch.eye(len(ids), dtype=torch.bool, device=ids.device), list[int]()
    for _ in range(min(deletions, len(ids))):
        without = logits_of_kept(model, ids, others).cpu().numpy()
        order.append(_best(without, truth, sign, order))
        others[:, order[-1]] = False
    return order


def _best(logits: Floats, truth: int, sign: int, gone: Sequence[int]) -> int:
    """The first word whose deletion leaves the least margin (`sign` 1) or the greatest, of logits (L, C) without each."""
    margins = sign * (logits[:, truth] - np.delete(logits, truth, 1).max(1))
    margins[list(gone)] = np.inf
    return int(margins.argmin())
