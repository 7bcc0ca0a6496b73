"""What each word is worth exactly: how far the logits fall when its vector is set to zero."""

from typing import TYPE_CHECKING

import numpy as np

from convlens.explain.slots import Ints, pieces
from convlens.explain.thinning import Thinned, ThinnedByTable, falls_of_peaks, thinned
from convlens.models import Weights
from convlens.text import Documents
from convlens.trace import ArrayTracer, Floats, Trace, Tracer, document_slots

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

STEPS = 50  # removals after each of which all effects are computed anew
COPIES = 2**22  # numbers of a document that is thinned out for several classes at once: bounds memory


def occlusion(weights: Weights, trace: Trace) -> Floats:
    """`y_c - y_c(x_t = 0)` for every word t and class c: (tokens, C), in logits, without a further pass.

    Only windows that hold the word move, each by what its slot gave. The length of the
    document stays. Scores are no parts of the logits, as words act together.
    """
    documents = trace.documents
    scores = np.zeros((len(documents.ids), weights.classes), weights.head.dtype)
    for i in np.flatnonzero(documents.lengths).tolist():
        rows = scores[documents.starts[i] : documents.starts[i + 1]]
        for some, slots in document_slots(weights, documents[i]):
            rows += falls_of_peaks(weights, some, slots) @ weights.head[:, some].T
    return scores


def occlusion_by_table(table: "SlotTable", documents: Documents) -> tuple[Trace, Floats]:
    """The trace, and the scores of `occlusion`, by a kernel."""
    import torch

    from convlens.kernels.occlude import occlude

    head = torch.from_numpy(table.weights.head).T.contiguous()  # (k, C)
    scores = np.empty((len(documents.ids), head.shape[1]), dtype=np.float32)
    _, wide = table.space(documents.part(0, 0))[0].shape
    for first, last in pieces(documents.starts, wide):
        part = documents.part(first, last)
        moved = np.zeros((len(part.ids), wide), dtype=np.float32)
        for arguments in table.over(part):
            occlude(*arguments, (table.biases, table.bars), moved)
        words = slice(documents.starts[first], documents.starts[last])
        scores[words] = (torch.from_numpy(moved)[:, : len(head)] @ head).numpy()
    return table.trace(documents), scores


def greedy(weights: Weights, trace: Trace) -> Floats:
    """The place of each word in the order of removal, for each class: (L - place) / L, scores (tokens, C).

    Removed first, with score 1, is the word without which the logit of the class falls most (`occlusion`);
    then, without it, the next. Of equals the first goes first. Words not among the first 50 follow in the order
    of their effect at the end of these. Scores have no sign, and are no parts of the logits.
    """
    return _greedy(ArrayTracer(weights), trace.documents)


def greedy_by_table(table: "SlotTable", documents: Documents) -> tuple[Trace, Floats]:
    """The trace, and the scores of `greedy`, by a kernel."""
    return table.trace(documents), _greedy(table, documents)


def _greedy(source: Tracer, documents: Documents) -> Floats:
    weights = source.weights
    scores = np.zeros((len(documents.ids), weights.classes), weights.head.dtype)
    slots = len(weights.filter_biases) * max(weights.config.regions)
    for i in np.flatnonzero(documents.lengths).tolist():
        ids, rows = documents[i], slice(documents.starts[i], documents.starts[i + 1])
        most = max(COPIES // (len(ids) * slots), 1)
        for first in range(0, weights.classes, most):
            head = weights.head[first : first + most]
            places = _removal_places(thinned(source, ids, len(head)), head)
            scores[rows, first : first + most] = 1 - places.T / len(ids)
    return scores


def _removal_places(document: Thinned | ThinnedByTable, head: Floats) -> Ints:
    """The place of each word in the order of removal, for the logits of rows of the head (Q, k): (Q, L)."""
    copies, length, _ = document.shape
    rows, place = np.arange(copies), np.zeros((copies, length), np.int64)
    left = np.ones(place.shape, bool)
    for step in range(min(STEPS, length)):
        effects = np.einsum("qlf,qf->ql", document.falls(), head)
        chosen = first_greatest(np.where(left, effects, -np.inf))
        place[rows, chosen], left[rows, chosen] = step, False
        document.remove(chosen)
    if length > STEPS:
        effects = np.where(left, np.einsum("qlf,qf->ql", document.falls(), head), -np.inf)
        place = np.where(left, ranks(effects) + STEPS, place)
    return place


def first_greatest(effects: Floats) -> Ints:
    """The first place (Q,) of those whose effect differs from the greatest of (Q, L) by no more than round-off."""
    greatest = effects.max(1, keepdims=True)
    return np.asarray((effects >= greatest - _round_off(greatest)).argmax(1))


def ranks(effects: Floats) -> Ints:
    """The rank (Q, L) of each effect, the greatest first; of those that differ by no more than round-off the first place."""
    order = np.argsort(-effects, 1, kind="stable")
    falling = np.take_along_axis(effects, order, 1)
    apart = falling[:, :-1] > falling[:, 1:] + _round_off(
        falling[:, 1:]
    )  # -inf, of words that are gone, is the last
    groups = np.concatenate([np.zeros((len(effects), 1), np.int64), apart.cumsum(1)], 1)
    order = np.take_along_axis(order, np.lexsort((order, groups), axis=1), 1)
    return np.argsort(order, 1)


def _round_off(effects: Floats) -> Floats:
    finite = np.where(np.isfinite(effects), effects, 0)
    return np.asarray(256 * np.finfo(effects.dtype).eps * (1 + np.abs(finite)))
