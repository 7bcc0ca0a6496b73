"""Two ways to add up what the filters give after swaps: by the kernel, and plainly."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.models import TextCNN
from convlens.trace import contexts, region_slots

if TYPE_CHECKING:
    from convlens.trace.table import Part, SlotTable


class Plain:
    """In the model's number type, one place of a document after another."""

    def __init__(self, model: TextCNN) -> None:
        self.model, self.biases = model, model.filter_biases.cpu().numpy()
        self.filters = [slice(a, b) for a, b in pairwise(accumulate(model.config.counts, initial=0))]

    def around(self, ids: Ints) -> list[Floats]:
        """The contexts of each region, (L, n + 1, F)."""
        parts = enumerate(self.filters)
        return [
            contexts(region_slots(self.model, region, ids), self.biases[filters]) for region, filters in parts
        ]

    def add(self, around: Sequence[Floats], candidates: Ints, head: Floats, out: Floats) -> None:
        """Add the pooled values after each swap for `candidates` (L or 1, M), times `head` (R, k), to `out` (L, M, R)."""
        words, rows = np.unique(candidates, return_inverse=True)
        rows = rows.reshape(candidates.shape)
        for region, (filters, context) in enumerate(zip(self.filters, around, strict=True)):
            of_words = region_slots(self.model, region, words)  # (U, n, F)
            for p in range(len(out)):
                slots = of_words[rows[min(p, len(rows) - 1)]]  # (M, n, F)
                pooled = np.maximum((slots + context[p, 1:]).max(1), context[p, 0]).clip(min=0)
                out[p] += pooled @ head[:, filters].T


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
        for part in table.parts:
            slots = self._blocks(part)[:, ids].transpose(1, 2, 0, 3)  # (L, n, blocks, 16)
            slots = slots.reshape(*slots.shape[:2], -1)
            around.append(contexts(slots, table.biases[part.first : part.first + slots.shape[2]]))
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
        count = len(self.table.rows)
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
