"""The slot table: `T[v, j, f] = <E[v], W_f[:, j]>`, and traces that only look it up and add."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.errors import InputError
from convlens.kernels.table import slot_table
from convlens.kernels.vectors import LANES
from convlens.kernels.walk import walk
from convlens.models import TextCNN
from convlens.trace.documents import CorpusTrace, Documents, Floats
from convlens.trace.trace import filter_biases

BUDGET = 2**30  # bytes of slot tables at a time


@dataclass(frozen=True)
class Part:
    """Filters `first` to `last` (exclusive) of one region size, at home in `last - first` / 16 blocks."""

    region: int
    first: int
    last: int


class SlotTable:
    """The slot tables of a model on a CPU, for the words that have rows: by default the whole vocabulary.

    Kept where they fit into `budget` bytes, else made again for every trace, some filters at a time; the
    traces are the same. Entries are float32.
    """

    def __init__(
        self, model: TextCNN, words: NDArray[np.int64] | None = None, *, budget: int = BUDGET
    ) -> None:
        self.model = model
        self.words = np.arange(model.embed.num_embeddings) if words is None else words
        self.rows = np.full(model.embed.num_embeddings, -1, dtype=np.int32)
        self.rows[self.words] = np.arange(len(self.words), dtype=np.int32)
        self.parts = _parts(model, len(self.words), budget)
        fits = len(self.parts) == len(model.config.regions) and table_bytes(model, len(self.words)) <= budget
        self.kept = {part: self.build(part) for part in self.parts} if fits else {}

    @torch.no_grad()
    def build(self, part: Part) -> Floats:
        """Table of one part, as `walk` reads it: (blocks, R * n * 16), zeros where the last block is not full."""
        start = sum(self.model.config.counts[: part.region])
        conv = self.model.convolutions[part.region]
        weight = conv.weight[part.first - start : part.last - start].float()  # (F, d, n)
        vectors = self.model.embed.weight[torch.from_numpy(self.words)].float()  # (R, d)
        return slot_table(vectors, weight).numpy()

    def over(self, documents: Documents) -> Iterator[tuple[Any, Floats, tuple[int, ...], tuple[int, int]]]:
        """For each part the first four arguments of the kernels: documents, table, region, filters."""
        documents.check(len(self.rows))
        lacking = self.rows < 0
        if lacking.any() and lacking[documents.ids].any():
            word = documents.ids[lacking[documents.ids].argmax()]
            raise InputError(
                f"word {word} has no row in this table, which is of {len(self.words)} "
                "words: make the table of the words of all documents"
            )
        for part in self.parts:
            table = self.kept[part] if part in self.kept else self.build(part)
            region = (0,) * self.model.config.regions[part.region]
            width = len(region) * LANES
            kind = np.int32 if self.rows.max(initial=0) < 2**31 // width - len(region) else np.int64
            rows = (self.rows * kind(width))[documents.ids]
            yield (rows, documents.starts), table, region, (part.first, part.last)

    @property
    def biases(self) -> Floats:
        """Biases of the filters, and zeros for the lanes beyond: (k + 16,)."""
        return np.pad(filter_biases(self.model).float().numpy(), (0, LANES))

    @property
    def bars(self) -> Floats:
        """What the filters' peaks must exceed to pass the ReLU or the gates, and zeros beyond: (k + 16,)."""
        bars = np.zeros(len(self.biases), np.float32)
        if self.model.gates is not None:
            gates = self.model.gates.float().numpy()
            bars[: len(gates)] = np.where(gates > 0, np.nextafter(gates, np.float32(0)), 0)
        return bars

    def trace(
        self, documents: Documents, *, slots: bool = False, walk: Callable[..., None] = walk
    ) -> CorpusTrace:
        """Trace documents whose words all have rows; with `slots`, what each slot of a winning window gave."""
        config = self.model.config
        k, N = len(config.widths), max(config.regions)
        given = np.empty((len(documents) if slots else 0, k, N), dtype=np.float32)
        peaks, places = self.space(documents)
        for arguments in self.over(documents):
            walk(*arguments, self.biases, (peaks, places, given))
        return self.traced(documents, peaks, places, given if slots else None)

    def space(self, documents: Documents) -> tuple[Floats, NDArray[np.int32]]:
        """Room for peaks and places: (documents, k + 16), see `walk`."""
        shape = len(documents), len(self.model.config.widths) + LANES
        return np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.int32)

    @torch.no_grad()
    def traced(
        self, documents: Documents, peaks: Floats, places: NDArray[np.int32], slots: Floats | None = None
    ) -> CorpusTrace:
        """The trace that the kernels left."""
        head = self.model.head
        bias = None if head.bias is None else head.bias.float()
        peaks, places = peaks[:, :-LANES], places[:, :-LANES]
        pooled = self.model.pool(torch.from_numpy(peaks))
        logits = torch.nn.functional.linear(pooled, head.weight.float(), bias).numpy()
        return CorpusTrace(documents, peaks, places, logits, slots, self.model.gates)


def table_bytes(model: TextCNN, rows: int) -> int:
    """Memory of the slot tables of `rows` words."""
    config = model.config
    blocks = [-(-count // LANES) * n for n, count in zip(config.regions, config.counts, strict=True)]
    return 4 * LANES * rows * sum(blocks)


def words_of(documents: Documents, vocabulary: int) -> NDArray[np.int64]:
    """The word numbers that occur, in order."""
    documents.check(vocabulary)
    seen = np.zeros(vocabulary, dtype=bool)
    seen[documents.ids] = True
    return np.flatnonzero(seen)


def _parts(model: TextCNN, rows: int, budget: int) -> list[Part]:
    """The model's filters, by region size, in parts whose tables fit into the budget: one block at least."""
    config, whole = model.config, table_bytes(model, rows) <= budget
    parts, start = [], 0
    for region, (n, count) in enumerate(zip(config.regions, config.counts, strict=True)):
        size = count if whole else LANES * max(budget // (4 * LANES * max(rows, 1) * n), 1)
        end = start + count
        parts += [Part(region, first, min(first + size, end)) for first in range(start, end, size)]
        start = end
    return parts
