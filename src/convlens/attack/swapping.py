"""Two ways to add up what the filters give after swaps: by the kernel, and plainly."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.models import TextCNN
from convlens.text import Documents
from convlens.trace import contexts, region_slots, window_slots

if TYPE_CHECKING:
    from convlens.trace.table import Part, SlotTable


def _around(slots: Floats, biases: Floats, read: Documents) -> Floats:
    """`contexts` of the words of a text from what a document gives as it is read, (L', n, F): (L, n + 1, F).

    Whatever stands for a word that the model does not read, its filters keep their peaks.
    """
    around = contexts(slots, biases)
    if read.without_padding is read:
        return around
    of_text = np.full((len(read.without_padding.ids), *around.shape[1:]), -np.inf, around.dtype)
    of_text[:, 0] = window_slots(slots).sum(-2).max(-2) + biases
    of_text[read.read(0)] = around[read.place(0)]
    return of_text


class Plain:
    """In the model's number type, one place of a document after another."""

    def __init__(self, model: TextCNN) -> None:
        self.model, self.biases = model, model.filter_biases.cpu().numpy()
        self.weights = model.weights
        self.reading = self.weights.reading
        self.filters = [slice(a, b) for a, b in pairwise(accumulate(model.config.counts, initial=0))]

    def around(self, ids: Ints) -> list[Floats]:
        """The contexts of each region, (L, n + 1, F)."""
        read = self.reading.padded(Documents(ids, np.array([0, len(ids)])))
        return [
            _around(region_slots(self.model, region, read.ids), self.biases[filters], read)
            for region, filters in enumerate(self.filters)
        ]

    def add(self, around: Sequence[Floats], candidates: Ints, head: Floats, out: Floats) -> None:
        """Add what the head reads after each swap for `candidates` (L or 1, M), times `head` (R, k), to `out` (L, M, R)."""
        words, rows = np.unique(candidates, return_inverse=True)
        rows = rows.reshape(candidates.shape)
        of_words = [
            region_slots(self.model, region, words) for region in range(len(around))
        ]  # each (U, n, F)
        for p in range(len(out)):
            mine = rows[min(p, len(rows) - 1)]
            peaks = [  # each (M, F)
                np.maximum((slots[mine] + context[p, 1:]).max(1), context[p, 0])
                for slots, context in zip(of_words, around, strict=True)
            ]
            if self.weights.dense:
                out[p] += self.weights.features_of(self.weights.pooled(np.concatenate(peaks, 1))) @ head.T
            else:
                for part, filters in zip(peaks, self.filters, strict=True):
                    out[p] += self.weights.pooled(part, filters) @ head[:, filters].T


class ByTable:
    """The same by the kernel, from a table of the whole vocabulary that is kept."""

    def __init__(self, table: "SlotTable") -> None:
        if not table.kept or not np.array_equal(table.rows, np.arange(len(table.rows))):
            raise InputError(
                f"this table has rows for {len(table.words)} of {len(table.rows)} words, and swaps need all, in "
                "order and in memory: make it without words, and with a budget that it fits into"
            )
        self.table = table

    def around(self, ids: Ints) -> list[Floats]:
        """The contexts of each part of the filters, (L, n + 1, blocks * 16)."""
        self._check(ids)
        table, around = self.table, []
        read = table.weights.reading.padded(Documents(ids, np.array([0, len(ids)])))
        for part in table.parts:
            slots = self._blocks(part)[:, read.ids].transpose(1, 2, 0, 3)  # (L, n, blocks, 16)
            slots = slots.reshape(*slots.shape[:2], -1)
            around.append(_around(slots, table.biases[part.first : part.first + slots.shape[2]], read))
        return around

    def add(self, around: Sequence[Floats], candidates: Ints, head: Floats, out: Floats) -> None:
        """Add to `out` (L, M, R), as `Plain.add`."""
        from convlens.kernels.swap import swap

        self._check(candidates)
        length, each = len(around[0]), (len(candidates), candidates.shape[1], len(head))
        if each[0] not in (1, length) or out.shape != (length, *each[1:]) or out.dtype != np.float32:
            raise InputError(
                f"candidates are for one or all of {length} words, and sums (words, candidates, heads) float32, got "
                f"candidates {candidates.shape} and sums {out.shape} {out.dtype}: make room for each sum"
            )
        for part, context in zip(self.table.parts, around, strict=True):
            blocks = self._blocks(part)
            filled = np.zeros((len(head), context.shape[2]), np.float32)
            filled[:, : part.last - part.first] = head[:, part.first : part.last]
            rows = candidates * np.int64(blocks[0, 0].size)
            swap(self.table.kept[part], rows, context, filled, out)

    def _check(self, words: Ints) -> None:
        count = len(self.table.weights.vectors)
        if words.min(initial=0) < 0 or words.max(initial=-1) >= count:
            raise InputError(
                f"words are numbers from 0 to {count - 1} in this model, got {words.min()} to {words.max()}: "
                "encode the texts by the model's own tokenizer"
            )

    def _blocks(self, part: "Part") -> Floats:
        """The table of a part as (blocks, V, n, 16)."""
        from convlens.kernels.vectors import LANES

        table, n = self.table.kept[part], self.table.weights.config.regions[part.region]
        blocks: Floats = table.reshape(len(table), -1, n, LANES)
        return blocks
