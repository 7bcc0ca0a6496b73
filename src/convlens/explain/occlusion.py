"""What each word is worth exactly: how far the logits fall when its vector is set to zero."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.explain.slots import pieces
from convlens.explain.thinning import Thinned, falls_of_peaks
from convlens.models import Weights
from convlens.text import Documents
from convlens.trace import Trace, document_slots

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

STEPS = 50  # removals after each of which all effects are computed anew
COPIES = 2**24  # slots of a document that is thinned out, for one class or several at once: bounds memory


def occlusion(weights: Weights, trace: Trace) -> Floats:
    """`y_c - y_c(x_t = 0)` for every word t and class c: (tokens, C), in logits, without a further pass.

    Only windows that hold the word move, each by what its slot gave. The length of the
    document stays. Scores are no parts of the logits, as words act together.
    """
    documents = trace.documents
    scores = np.zeros((len(documents.ids), weights.classes), weights.head.dtype)
    for i in np.flatnonzero(documents.lengths).tolist():
        rows = scores[documents.starts[i] : documents.starts[i + 1]]
        if weights.dense:
            pooled, falls = trace.pooled[i], Thinned(weights, documents[i], 1).falls()[0]
            rows += weights.falls_of_logits(pooled, falls)
            continue
        for part, slots in document_slots(weights, documents[i]):
            rows += falls_of_peaks(weights, part, slots) @ weights.head[:, part].T
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

    def places(ids: Ints, words: slice, classes: Ints) -> Ints:
        return _removal_places(Thinned(weights, ids, len(classes)), words, classes)

    return _scores(weights, trace.documents, places)


def greedy_by_table(table: "SlotTable", documents: Documents) -> tuple[Trace, Floats]:
    """The trace, and the scores of `greedy`, by a kernel where what the words of a document give all slots fits in memory."""
    weights = table.weights

    def places(ids: Ints, words: slice, classes: Ints) -> Ints:
        if len(ids) * len(weights.filter_biases) * max(weights.config.regions) > COPIES:
            return _removal_places(Thinned(weights, ids, len(classes)), words, classes)
        return _places_by_kernel(table, ids, words, weights.head[classes])

    return table.trace(documents), _scores(weights, documents, places)


def _scores(weights: Weights, documents: Documents, places: Callable[[Ints, slice, Ints], Ints]) -> Floats:
    """The scores of `greedy` from `places` (Q, L) of some words of a document for classes (Q,)."""
    scores = np.zeros((len(documents.ids), weights.classes), weights.head.dtype)
    slots = len(weights.filter_biases) * max(weights.config.regions)
    for i in np.flatnonzero(documents.lengths).tolist():
        ids, words = documents[i], documents.place(i)  # padding stays
        count, start = words.stop - words.start, documents.starts[i]
        most = max(COPIES // (len(ids) * slots), 1)
        for first in range(0, weights.classes, most):
            part = slice(first, first + most)
            of_words = places(ids, words, np.arange(weights.classes)[part])
            scores[start + words.start : start + words.stop, part] = 1 - of_words.T / max(count, 1)
    return scores


def _removal_places(document: Thinned, words: slice, classes: Ints) -> Ints:
    """The place of each of some words in the order of removal, for the logit of a class of each copy (Q,): (Q, L)."""
    copies, length, _ = document.shape
    rows, place = np.arange(copies), _none_yet(copies, length, words)
    steps = min(STEPS, words.stop - words.start)
    for step in range(steps):
        effects = document.effects(classes)
        chosen = first_greatest(np.where(place < 0, effects, -np.inf))
        place[rows, chosen] = step
        document.remove(chosen)
    if steps == words.stop - words.start:
        return place[:, words]
    return _followed(place[:, words], document.effects(classes)[:, words])


def _none_yet(copies: int, length: int, words: slice) -> Ints:
    """-1 for some words of each copy, none of which has gone yet; the others stay."""
    place = np.full((copies, length), length)
    place[:, words] = -1
    return place


def _places_by_kernel(table: "SlotTable", ids: Ints, words: slice, head: Floats) -> Ints:
    """The same, where what a document's words give all slots is laid out for a kernel."""
    from convlens.kernels.greedy import thin_out
    from convlens.kernels.vectors import LANES

    config, k = table.weights.config, len(table.weights.filter_biases)
    slots = np.zeros((k, max(config.regions), len(ids)), np.float32)
    for _, entries, region, (first, last) in table.over(table.weights.reading.one(ids)):
        own = entries.reshape(len(entries), -1, len(region), LANES)[:, table.rows[ids]]  # (blocks, L, n, 16)
        of_filters = own.transpose(0, 3, 2, 1).reshape(-1, len(region), len(ids))
        slots[first:last, : len(region)] = of_filters[: last - first]
    place, steps = _none_yet(len(head), len(ids), words), min(STEPS, words.stop - words.start)
    effects = np.empty(place.shape, np.float32)
    filters = np.array(config.widths), table.biases, table.bars
    thin_out(slots, filters, np.ascontiguousarray(head), steps, (place, effects))
    place, effects = place[:, words], effects[:, words]
    return place if steps == words.stop - words.start else _followed(place, effects)


def _followed(place: Ints, effects: Floats) -> Ints:
    """Places (Q, L) with those of the words that are left, -1 till now, by their effects."""
    order = ranks(np.where(place < 0, effects, -np.inf))
    return np.where(place < 0, order + (place >= 0).sum(1, keepdims=True), place)


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
