"""The slot table: `T[v, j, f] = <E[v], W_f[:, j]>`, and traces that only look it up and add."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.models import TextCNN
from convlens.trace.documents import CorpusTrace, Documents, Floats
from convlens.trace.trace import filter_biases
from convlens.trace.vectors import LANES
from convlens.trace.walk import walk

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
        self.rows = np.zeros(model.embed.num_embeddings, dtype=np.int32)
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
        count, dim, n = weight.shape
        blocks = -(-count // LANES)
        weight = torch.nn.functional.pad(weight, (0, 0, 0, 0, 0, blocks * LANES - count))
        columns = weight.view(blocks, LANES, dim, n).permute(0, 2, 3, 1).reshape(blocks, dim, n * LANES)
        vectors = self.model.embed.weight[torch.from_numpy(self.words)].float()  # (R, d)
        table = torch.empty(blocks, len(vectors), n * LANES)
        for block, column in enumerate(columns):
            torch.mm(vectors, column, out=table[block])
        return table.view(blocks, -1).numpy()

    def trace(
        self, documents: Documents, *, slots: bool = False, walk: Callable[..., None] = walk
    ) -> CorpusTrace:
        """Trace documents whose words all have rows; with `slots`, what each slot of a winning window gave."""
        words, config = self.rows[documents.ids], self.model.config
        peaks = np.zeros((len(documents), len(config.widths)), dtype=np.float32)
        places = np.full(peaks.shape, -1, dtype=np.int32)
        given = np.empty((*peaks.shape, max(config.regions)), dtype=np.float32) if slots else None
        for part in self.parts:
            table = self.kept[part] if part in self.kept else self.build(part)
            some = slice(part.first, part.last)
            found = np.empty((2, len(documents), len(table) * LANES), dtype=np.float32)
            at = found[1].view(np.int32)
            into = np.zeros((0, 0, 0), dtype=np.float32) if given is None else given[:, some]
            region = (0,) * config.regions[part.region]
            walk(table, words, documents.starts, region, (found[0], at, into[:]))
            peaks[:, some], places[:, some] = (a[:, : part.last - part.first] for a in (found[0], at))
        peaks += filter_biases(self.model).float().numpy() * (documents.lengths > 0)[:, None]
        return CorpusTrace(documents, peaks, places, self._logits(peaks), given)

    @torch.no_grad()
    def _logits(self, peaks: Floats) -> Floats:
        head = self.model.head
        bias = None if head.bias is None else head.bias.float()
        pooled = torch.from_numpy(peaks).relu()
        return torch.nn.functional.linear(pooled, head.weight.float(), bias).numpy()


def table_bytes(model: TextCNN, rows: int) -> int:
    """Memory of the slot tables of `rows` words."""
    config = model.config
    blocks = [-(-count // LANES) * n for n, count in zip(config.regions, config.counts, strict=True)]
    return 4 * LANES * rows * sum(blocks)


def words_of(documents: Documents, vocabulary: int) -> NDArray[np.int64]:
    """The word numbers that occur, in order."""
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
