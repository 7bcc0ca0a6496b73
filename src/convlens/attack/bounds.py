"""Interval bound propagation: bounds on the margins of many documents, some of whose words may be any of their candidates.

After Jia et al. 2019, "Certified robustness to adversarial word substitutions", and Huang et al. 2019, "Achieving verified
robustness to symbol substitutions via interval bound propagation". The first intervals here are those of the slot
products: the least and the greatest that any candidate of a word gives each slot of each filter.
"""

from collections.abc import Sequence

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.attack.exact import Swaps
from convlens.text import PAD, UNKNOWN, Documents
from convlens.trace import region_slots

AT_ONCE = 512  # documents bounded at a time


class IntervalBounds:
    """Rows for the words of one document and what may stand in their place.

    Row p < L is word p as it is, row L + p that word or any of its candidates, row 2 L + p M + i its candidate i.
    For each row and slot the least and the greatest that it gives every filter: every window sum, every max and every ReLU
    lies between those of the bounds, as all of them grow with what they are made of.
    """

    def __init__(self, swaps: Swaps, ids: Ints, candidates: Ints) -> None:
        self.swaps, self.ids, self.candidates = swaps, ids, candidates
        self.count, self.each = len(ids), candidates.shape[1]
        self.weights = swaps.model.weights
        self.biases = self.weights.filter_biases
        self.choosable = len(candidates) == len(ids)  # else one list for all, too long to be tried
        self.reading = self.weights.reading
        self.padding = np.append(
            PAD, np.arange(self.reading.vocabulary, self.reading.size)
        )  # the last rows of each
        self.intervals = [
            self._rows(region, ids, candidates) for region in range(len(swaps.model.config.regions))
        ]

    def _rows(self, region: int, ids: Ints, candidates: Ints) -> tuple[Floats, Floats]:
        """The least and the greatest of each row, (rows, n, F)."""
        padding = region_slots(self.swaps.model, region, self.padding)
        own = region_slots(self.swaps.model, region, ids)
        if not self.choosable:
            low, high = self.swaps.extremes(region)
            return (
                np.concatenate([own, np.minimum(own, low), padding]),
                np.concatenate([own, np.maximum(own, high), padding]),
            )
        other = region_slots(self.swaps.model, region, candidates.reshape(-1))
        each = other.reshape(len(ids), self.each, *own.shape[1:])
        low, high = np.minimum(own, each.min(1)), np.maximum(own, each.max(1))
        return np.concatenate([own, low, other, padding]), np.concatenate([own, high, other, padding])

    def lowest(self, rows: Ints, differences: tuple[Floats, Floats]) -> Floats:
        """No margin of documents of these rows (B, L') is below these (B,); exact where no word is free."""
        parts = [rows[i : i + AT_ONCE] for i in range(0, len(rows), AT_ONCE)]
        return np.concatenate([np.zeros(0), *(self._lowest(part, *differences) for part in parts)])

    def _padded(self, rows: Ints) -> Ints:
        """Rows of the documents with their padding."""
        if not self.reading.padding.adds:
            return rows
        read = self.reading.padded(Documents(np.full(rows.shape[1], UNKNOWN), np.array([0, rows.shape[1]])))
        first = len(self.intervals[0][0]) - len(self.padding)
        padded = np.tile(first + np.maximum(read.ids - self.reading.vocabulary + 1, 0), (len(rows), 1))
        padded[:, read.place(0)] = rows[:, read.read(0)]
        return padded

    def _lowest(self, rows: Ints, head: Floats, bias: Floats) -> Floats:
        rows = self._padded(rows)
        low, high = (
            np.concatenate([self._pooled(rows, b[side]) for b in self.intervals], 1) for side in (0, 1)
        )
        if rows.shape[1]:
            low, high = (self.weights.pooled(pooled + self.biases) for pooled in (low, high))
        for weight, shift in self.weights.dense:
            up, down = weight.clip(min=0).T, weight.clip(max=0).T
            low, high = low @ up + high @ down + shift, high @ up + low @ down + shift
            low, high = np.maximum(low, 0), np.maximum(high, 0)
        margins: Floats = (low @ head.clip(min=0).T + high @ head.clip(max=0).T + bias).min(1)
        return margins

    @staticmethod
    def _pooled(rows: Ints, slots: Floats) -> Floats:
        """The greatest window sums (B, F), without biases; 0 for documents without words."""
        length, n = rows.shape[1], slots.shape[1]
        if not length:
            return np.zeros((len(rows), slots.shape[2]), slots.dtype)
        places = max(length - n + 1, 1)
        sums = sum(slots[rows[:, j : j + places], j] for j in range(min(n, length)))
        greatest: Floats = np.asarray(sums).max(1)
        return greatest

    def free(self, rows: Ints) -> Ints:
        """For each of documents (B, L') its first free place, L' where there is none."""
        is_free = (rows >= self.count) & (rows < 2 * self.count)
        first: Ints = np.where(is_free.any(1), is_free.argmax(1) if rows.shape[1] else 0, rows.shape[1])
        return first

    def decided(self, rows: Ints, places: Sequence[int] | Ints) -> Ints:
        """Every document with the word at its free place decided: kept, or one of the candidates."""
        words = rows[np.arange(len(rows)), places] - self.count
        choices = 2 * self.count + words[:, None] * self.each + np.arange(self.each)
        every = np.repeat(rows, self.each + 1, 0)
        every[np.arange(len(every)), np.repeat(places, self.each + 1)] = np.concatenate(
            [words[:, None], choices], 1
        ).reshape(-1)
        return every
