"""A document that loses one word after another, and what each further word would take from the filters."""

from typing import TYPE_CHECKING

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.models import Weights
from convlens.trace import Tracer, contexts, document_slots, table_of, window_slots

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

NUMBERS = 2**26  # of what words give slots, beyond which that is computed again after every removal


def falls_of_peaks(weights: Weights, filters: slice, slots: Floats) -> Floats:
    """The fall of some filters' pooled values without each word, of slots (..., L, n, F): (..., L, F)."""
    biases = weights.filter_biases[filters]
    intact = window_slots(slots).sum(-2).max(-2) + biases  # (..., F)
    without = contexts(slots, biases).max(-2)
    falls: Floats = weights.pooled(intact, filters)[..., None, :] - weights.pooled(without, filters)
    return falls


class Thinned:
    """Copies (Q) of a document with L words, each of which loses words of its own, by NumPy."""

    def __init__(self, weights: Weights, ids: Ints, copies: int) -> None:
        self.weights, self.shape = weights, (copies, len(ids), len(weights.filter_biases))
        self.ids, self.gone = ids, np.zeros((copies, len(ids)), bool)
        fits = len(ids) * self.shape[2] * max(weights.config.regions) <= NUMBERS
        self.slots = list(document_slots(weights, ids, copies)) if fits else None

    def falls(self) -> Floats:
        """How far each filter's pooled value would fall without each word: (Q, L, k)."""
        falls = np.empty(self.shape, self.weights.head.dtype)
        for part, slots in self.slots or document_slots(self.weights, self.ids, len(self.gone)):
            left = np.where(self.gone[:, :, None, None], 0, slots)  # (Q, L, n, F)
            falls[..., part] = falls_of_peaks(self.weights, part, left)
        return falls

    def effects(self, classes: Ints) -> Floats:
        """How far the logit of a class (Q,) of each copy would fall without each word: (Q, L)."""
        falls, weights = self.falls(), self.weights
        if not weights.dense:
            return np.asarray(np.einsum("qlf,qf->ql", falls, weights.head[classes]))
        of_logits = weights.falls_of_logits(self.pooled()[:, None], falls)  # (Q, L, C)
        return np.asarray(of_logits[np.arange(len(classes)), :, classes])

    def pooled(self) -> Floats:
        """The pooled values of each copy: (Q, k)."""
        pooled = np.empty((self.shape[0], self.shape[2]), self.weights.head.dtype)
        for some, slots in self.slots or document_slots(self.weights, self.ids, len(self.gone)):
            left = np.where(self.gone[:, :, None, None], 0, slots)
            peaks = window_slots(left).sum(-2).max(-2) + self.weights.filter_biases[some]
            pooled[:, some] = self.weights.pooled(peaks, some)
        return pooled

    def remove(self, words: Ints) -> None:
        """Zero the vector of one word (Q,) of each copy."""
        self.gone[np.arange(len(words)), words] = True


class ThinnedByTable:
    """The same by a kernel, from a slot table: the words of the copies are the rows of a table of their own.

    Only the windows that held a word change when it goes, so what words give slots is looked up once.
    """

    def __init__(self, table: "SlotTable", ids: Ints, copies: int) -> None:
        from convlens.kernels.vectors import LANES

        self.table, self.shape = table, (copies, len(ids), len(table.weights.filter_biases))
        self.moved = np.empty((copies * len(ids), self.shape[2] + LANES), np.float32)
        starts = np.arange(copies + 1) * len(ids)
        document = table.weights.reading.one(ids)
        self.parts = []
        for _, entries, region, filters in table.over(document):
            width = len(region) * LANES
            own = entries.reshape(len(entries), -1, width)[:, None, table.rows[ids]]  # (blocks, 1, L, n * 16)
            own = np.repeat(own, copies, 1)
            rows = np.arange(copies * len(ids), dtype=np.int64) * width
            self.parts.append(((rows, starts), own, region, filters))

    def falls(self) -> Floats:
        """See `Thinned`."""
        from convlens.kernels.occlude import occlude

        for documents, own, region, filters in self.parts:
            bounds = self.table.biases, self.table.bars
            occlude(documents, own.reshape(len(own), -1), region, filters, bounds, self.moved)
        return self.moved[:, : self.shape[2]].reshape(self.shape)

    def remove(self, words: Ints) -> None:
        """See `Thinned`."""
        for _, own, _, _ in self.parts:
            own[:, np.arange(len(words)), words] = 0


def thinned(source: Tracer, ids: Ints, copies: int = 1) -> Thinned | ThinnedByTable:
    """Copies of a document, of whose words the table has rows where it is a table that traces."""
    table = table_of(source)
    numbers = copies * len(ids) * len(source.weights.filter_biases) * max(source.weights.config.regions)
    if table is None or numbers > NUMBERS or not source.weights.config.plain:
        return Thinned(source.weights, ids, copies)
    return ThinnedByTable(table, ids, copies)
