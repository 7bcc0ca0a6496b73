"""The slot table: `T[v, j, f] = <E[v], W_f[:, j]>`, and traces that only look it up and add."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.kernels import threads_for
from convlens.kernels.table import slot_table
from convlens.kernels.vectors import LANES
from convlens.kernels.walk import walk
from convlens.models import TextCNN, Weights, gated
from convlens.text import PAD, Documents
from convlens.trace.flat import Trace

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
        self, model: TextCNN | Weights, words: NDArray[np.int64] | None = None, *, budget: int = BUDGET
    ) -> None:
        self.weights = (model if isinstance(model, Weights) else model.weights).single()
        vocabulary, reading = len(self.weights.vectors), self.weights.reading
        if words is not None and self.weights.config.padding.adds:
            words = np.union1d([PAD], words)
        self.words = np.arange(vocabulary) if words is None else words
        self.rows = np.full(reading.size, -1, dtype=np.int32)
        rowed = np.append(self.words, np.arange(vocabulary, reading.size))
        self.rows[rowed] = np.arange(len(rowed), dtype=np.int32)
        config = self.weights.config
        self.parts = _parts(self.weights, len(self.words), budget)
        fits = len(self.parts) == len(config.regions) and table_bytes(self.weights, len(self.words)) <= budget
        self.kept = {part: self.build(part) for part in self.parts} if fits else {}

    @torch.no_grad()
    def build(self, part: Part) -> Floats:
        """Table of one part, as `walk` reads it: (blocks, R * n * 16), zeros where the last block is not full."""
        start = sum(self.weights.config.counts[: part.region])
        filters = self.weights.filters[part.region][part.first - start : part.last - start]  # (F, d, n)
        vectors = self.weights.vectors[self.words]  # (R, d)
        table: Floats = slot_table(torch.from_numpy(vectors), torch.from_numpy(filters)).numpy()
        zeros = self.weights.reading.slots(part.region, filters.shape[2] * LANES).astype(np.float32)
        if not len(zeros):
            return table
        rows = table.reshape(len(table), len(vectors), -1)
        return np.concatenate([rows, np.broadcast_to(zeros, (len(rows), *zeros.shape))], 1).reshape(
            len(rows), -1
        )

    def over(self, documents: Documents) -> Iterator[tuple[Any, Floats, tuple[int, ...], tuple[int, int]]]:
        """For each part the first four arguments of the kernels: documents, table, region, filters."""
        documents.check(len(self.weights.vectors))
        lacking = self.rows[documents.ids] < 0
        if lacking.any():
            word = documents.ids[lacking.argmax()]
            raise InputError(
                f"word {word} has no row in this table, which is of {len(self.words)} "
                "words: make the table of the words of all documents"
            )
        for part in self.parts:
            table = self.kept[part] if part in self.kept else self.build(part)
            region = (0,) * self.weights.config.regions[part.region]
            width = len(region) * LANES
            rows = self.rows[documents.ids]  # of these words alone: a vocabulary is long, a text mostly short
            if self.rows.max() > 2**31 // width - len(region):
                rows = rows.astype(np.int64)
            rows *= width
            yield (rows, documents.starts), table, region, (part.first, part.last)

    @cached_property
    def biases(self) -> Floats:
        """Biases of the filters, and zeros for the lanes beyond: (k + 16,)."""
        return np.pad(self.weights.filter_biases, (0, LANES))

    @cached_property
    def bars(self) -> Floats:
        """What the filters' peaks must exceed to pass the ReLU or the gates, and zeros beyond: (k + 16,)."""
        bars = np.zeros(len(self.biases), np.float32)
        gates = self.weights.gates
        if gates is not None:
            bars[: len(gates)] = np.where(gates > 0, np.nextafter(gates, np.float32(0)), 0)
        return bars

    @cached_property
    def head(self) -> Floats:
        """The head (k, C), with a column of zeros where C is odd, as kernels take two classes at a time."""
        return paired(self.weights.head.T)

    @cached_property
    def head_shares(self) -> Floats:
        """The head's biases over k, `b_q / k`: (C,), with a zero where C is odd."""
        return paired(self.weights.head_biases / np.float32(self.weights.head.shape[1]))

    def trace(self, documents: Documents, *, slots: bool = False, walk: Callable[..., None] = walk) -> Trace:
        """Trace documents whose words all have rows; with `slots`, what each slot of a winning window gave."""
        config, documents = self.weights.config, self.weights.reading.padded(documents)
        k, N = len(config.widths), max(config.regions)
        of_slots = np.empty((len(documents) if slots else 0, k, N), dtype=np.float32)
        peaks, places = self.space(documents)
        with threads_for(len(documents.ids)):
            for arguments in self.over(documents):
                walk(*arguments, self.biases, (peaks, places, of_slots))
        return self.traced(documents, peaks, places, of_slots if slots else None)

    def space(self, documents: Documents) -> tuple[Floats, NDArray[np.int32]]:
        """Room for peaks and places: (documents, k + 16), see `walk`."""
        shape = len(documents), len(self.weights.config.widths) + LANES
        return np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.int32)

    @torch.no_grad()
    def traced(
        self, documents: Documents, peaks: Floats, places: NDArray[np.int32], slots: Floats | None = None
    ) -> Trace:
        """The trace that the kernels left."""
        peaks, places = peaks[:, :-LANES], places[:, :-LANES]
        activation = self.weights.config.activation
        if activation == "relu":  # by all threads: a twentieth of an explanation
            gates = None if self.weights.gates is None else torch.from_numpy(self.weights.gates)
            pooled = gated(torch.from_numpy(peaks), gates).numpy()
        else:
            pooled = self.weights.pooled(peaks)
        features = torch.from_numpy(pooled)
        for weight, bias in self.weights.dense:
            features = _linear(features, weight, bias).relu()
        logits = _linear(features, self.weights.head, self.weights.head_biases).numpy()
        trace = Trace(documents, peaks, places, logits, slots, self.weights.gates, activation)
        vars(trace)["pooled"] = pooled  # a tenth of the time of an explanation
        return trace


def _linear(features: torch.Tensor, weight: Floats, bias: Floats) -> torch.Tensor:
    return torch.nn.functional.linear(features, torch.from_numpy(weight), torch.from_numpy(bias))


def paired(values: Floats) -> Floats:
    """Values (..., C) with a zero at the end where C is odd."""
    return np.ascontiguousarray(
        np.pad(values, (*((0, 0) for _ in values.shape[1:]), (0, values.shape[-1] % 2)))
    )


def table_bytes(model: TextCNN | Weights, rows: int) -> int:
    """Memory of the slot tables of `rows` words."""
    config = model.config
    blocks = [-(-count // LANES) * n for n, count in zip(config.regions, config.counts, strict=True)]
    return 4 * LANES * rows * sum(blocks)


def words_of(documents: Documents, vocabulary: int) -> NDArray[np.int64]:
    """The word numbers that occur, in order."""
    documents.check(vocabulary)
    occurs = np.zeros(max(vocabulary, documents.ids.max(initial=0) + 1), dtype=bool)
    occurs[documents.ids] = True
    return np.flatnonzero(occurs[:vocabulary])


def _parts(weights: Weights, rows: int, budget: int) -> list[Part]:
    """The model's filters, by region size, in parts whose tables fit into the budget: one block at least."""
    config, whole = weights.config, table_bytes(weights, rows) <= budget
    parts, start = [], 0
    for region, (n, count) in enumerate(zip(config.regions, config.counts, strict=True)):
        size = count if whole else LANES * max(budget // (4 * LANES * max(rows, 1) * n), 1)
        end = start + count
        parts += [Part(region, first, min(first + size, end)) for first in range(start, end, size)]
        start = end
    return parts
