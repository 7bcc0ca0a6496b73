"""A one-layer model as arrays: what it takes to trace documents, without torch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats, Ints
from convlens.models.activations import ACTIVATIONS
from convlens.models.config import TextCNNConfig
from convlens.models.padding import Reading
from convlens.text import Documents

BUDGET = 2**28  # bytes of slots that are kept
GROUP = 8  # words multiplied at once
MANY = 2**16  # words, of which sorting takes longer than counting
NUMBERS = 2**22  # slot activations at a time: bounds memory on documents of any length


@dataclass(frozen=True, eq=False)
class Weights:
    """The numbers of a `TextCNN`, all of one type, float32 or float64.

    `vectors` (V, d) of the words; `filters`, for each region size (F, d, n), and their biases (k,); `head` (C, k) and
    its biases (C,), zeros for a model without; `thresholds` and `gates` (k,) as in `TextCNN`. With `dense` layers, weights (h, k)
    and biases (h,) from the features up, the head is (C, h) of the last.
    """

    config: TextCNNConfig
    vectors: Floats
    filters: tuple[Floats, ...]
    filter_biases: Floats
    head: Floats
    head_biases: Floats
    thresholds: Floats | None = None
    gates: Floats | None = None
    dense: tuple[tuple[Floats, Floats], ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what was computed from them is computed again where they arrive."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of(
        cls,
        config: TextCNNConfig,
        arrays: Mapping[str, NDArray[Any]],
        thresholds: Floats | None = None,
        gates: Floats | None = None,
    ) -> "Weights":
        """The weights that arrays hold by the names of a `TextCNN`'s tensors."""
        head, kind = arrays["head.weight"], arrays["head.weight"].dtype
        dense = tuple(
            (arrays[f"dense.{i}.weight"], arrays[f"dense.{i}.bias"]) for i in range(len(config.hidden))
        )
        biases = [
            arrays.get(f"convs.{i}.bias", np.zeros(count, kind)) for i, count in enumerate(config.counts)
        ]
        filters = tuple(arrays[f"convs.{i}.weight"] for i in range(len(config.regions)))
        head_biases = arrays.get("head.bias", np.zeros(len(head), kind))
        if config.one_logit:
            head, head_biases = (np.concatenate([-values, values]) / 2 for values in (head, head_biases))
        vectors, filter_biases = arrays["embed.weight"], np.concatenate(biases)
        return cls(config, vectors, filters, filter_biases, head, head_biases, thresholds, gates, dense)

    def arrays(self) -> dict[str, Floats]:
        """The arrays by the names of a `TextCNN`'s tensors."""
        one = self.config.one_logit
        head, head_biases = ((2 * v[1:] if one else v) for v in (self.head, self.head_biases))
        arrays = {"embed.weight": self.vectors, "head.weight": head}
        for i, (weight, bias) in enumerate(self.dense):
            arrays |= {f"dense.{i}.weight": weight, f"dense.{i}.bias": bias}
        biases = np.split(self.filter_biases, np.cumsum(self.config.counts)[:-1])
        for i, (filters, bias) in enumerate(zip(self.filters, biases, strict=True)):
            arrays[f"convs.{i}.weight"] = filters
            if self.config.filter_bias:
                arrays[f"convs.{i}.bias"] = bias
        return arrays | ({"head.bias": head_biases} if self.config.head_bias else {})

    def single(self) -> "Weights":
        """The same in float32, which they mostly are."""
        if self.vectors.dtype == np.float32:
            return self
        arrays = {name: array.astype(np.float32) for name, array in self.arrays().items()}
        filters = (None if v is None else v.astype(np.float32) for v in (self.thresholds, self.gates))
        return Weights.of(self.config, arrays, *filters)

    @property
    def classes(self) -> int:
        """How many classes the head tells apart."""
        return len(self.head)

    @cached_property
    def reading(self) -> Reading:
        """How documents are read: with the padding that is a part of the model."""
        return Reading(self.config.padding, self.config.regions, len(self.vectors))

    def vectors_of(self, ids: Ints) -> Floats:
        """The vectors (words, d) of words of documents as they are read, zeros for those of convolutions."""
        vectors = self.vectors[np.minimum(ids, len(self.vectors) - 1)]
        vectors[ids >= len(self.vectors)] = 0
        return vectors

    @cached_property
    def slots(self) -> "Slots":
        """What words give the slots of the filters, kept as far as memory goes."""
        return Slots(self)

    def logits(self, documents: Documents) -> Floats:
        """Logits of documents: (D, C)."""
        return self.head_of(self.pooled(self.peaks(self.reading.padded(documents))[0]))

    def pooled(self, peaks: Floats, filters: slice = slice(None)) -> Floats:
        """What the head, or the first dense layer, reads of the greatest values (..., F) of some filters."""
        gates = None if self.gates is None else self.gates[filters]
        return passed(peaks, gates, self.config.activation)

    def head_of(self, pooled: Floats) -> Floats:
        """Logits (..., C) of pooled features (..., k)."""
        product: Floats = self.features_of(pooled) @ self.head.T + self.head_biases
        return product

    def features_of(self, pooled: Floats) -> Floats:
        """What the head reads (..., h) of pooled features (..., k): those, or what leaves the last dense layer."""
        for weight, bias in self.dense:
            pooled = np.maximum(pooled @ weight.T + bias, 0)
        return pooled

    def falls_of_logits(self, pooled: Floats, falls: Floats) -> Floats:
        """How far the logits fall where pooled values (..., k) fall so far, (..., k): (..., C)."""
        if not self.dense:
            return np.asarray(falls @ self.head.T)
        return self.head_of(pooled) - self.head_of(pooled - falls)

    def effective_head(self, pooled: Floats) -> tuple[Floats, Floats]:
        """What the layers above the features (D, k) come to for each document: weights (D or 1, k, C) and biases (D or 1, C).

        Between the kinks of their ReLUs they are linear: `logits = pooled @ weights + biases`.
        """
        if not self.dense:
            return self.head.T[None], self.head_biases[None]
        values, open_ = pooled, []
        for weight, bias in self.dense:
            values = values @ weight.T + bias
            open_.append(values > 0)
            values = np.maximum(values, 0)
        weights = np.broadcast_to(self.head, (len(pooled), *self.head.shape))  # (D, C, h)
        biases = np.broadcast_to(self.head_biases, (len(pooled), self.classes))
        for (weight, bias), passing in zip(self.dense[::-1], open_[::-1], strict=True):
            weights = weights * passing[:, None]
            biases = biases + weights @ bias
            weights = weights @ weight
        return weights.transpose(0, 2, 1), biases

    def peaks(
        self, documents: Documents, *, slots: bool = False
    ) -> tuple[Floats, NDArray[np.int32], Floats | None]:
        """Greatest value of each filter before the gate and its first place, (D, k); with `slots` (D, k, N) too.

        Of documents as the model reads them, see `reading`.

        A window is n words; a document shorter than n is one window, an empty one has none: value 0, place -1. Slot j
        of a winning window is `<w_f[j], x[i + j]>`, zero where it lies beyond the region or the document.
        """
        ids, starts = documents.ids, documents.starts
        shape = len(documents), len(self.filter_biases)
        kind = self.vectors.dtype
        peaks, places = np.full(shape, -np.inf, kind), np.full(shape, -1, np.int32)
        activations = np.zeros((*shape, max(self.config.regions)), kind) if slots else None
        products, rows = self.slots.of(ids)
        first = 0
        for product, n, count in zip(products, self.config.regions, self.config.counts, strict=True):
            columns = slice(first, first + count)
            window_slots = None if activations is None else activations[:, columns, :n]
            best = peaks[:, columns], places[:, columns], window_slots
            for start, end in _chunks(len(ids), max(NUMBERS // (n * count), 1)):
                slot_values = product[rows[ids[start : end + n - 1]]].reshape(-1, n, count)
                _improve(best, slot_values, start, end, starts)
            first += count
        peaks += self.filter_biases
        peaks[np.diff(starts) == 0] = 0
        return peaks, places, activations


class Slots:
    """What each word of the vocabulary gives each slot of each filter, `<E[v], W_f[:, j]>`, computed when it is first met.

    Words are multiplied eight at a time, whatever their number: so a word has the same bits beside any others, and equal
    n-grams tie. Where the whole vocabulary fits into `budget` bytes, what was computed is kept.
    """

    def __init__(self, weights: Weights, budget: int = BUDGET) -> None:
        self.vectors, self.reading = weights.vectors, weights.reading
        self.matrices = [  # of each region size, slot after slot: (d, n * F)
            np.ascontiguousarray(w.transpose(1, 2, 0)).reshape(w.shape[1], -1) for w in weights.filters
        ]
        size, kind = self.reading.size, self.vectors.dtype
        self.keeps = size * sum(matrix.shape[1] for matrix in self.matrices) * kind.itemsize <= budget
        self.kept = [np.empty((size if self.keeps else 0, m.shape[1]), kind) for m in self.matrices]
        self.known = np.zeros(size, bool)
        self.places = np.arange(size if self.keeps else 0)

    def of(self, ids: Ints) -> tuple[list[Floats], Ints]:
        """For each region size rows (R, n * F), and the row of every word number, right for the words of `ids`."""
        if self.keeps:
            unknown = ids[~self.known[ids]]
            if len(unknown):
                words = _different(unknown)
                for table, products in zip(self.kept, self._products(words), strict=True):
                    table[words] = products
                self.known[words] = True
            return self.kept, self.places
        words = _different(ids)
        rows = np.empty(self.reading.size, np.int64)
        rows[words] = np.arange(len(words))
        return self._products(words), rows

    def _products(self, words: Ints) -> list[Floats]:
        """Rows of words in their order, after which those stand that are zero vectors of convolutions."""
        words, zeros = np.split(words, [np.searchsorted(words, len(self.vectors))])
        products = self._of_vectors(words)
        if not len(zeros):
            return products
        return [
            np.concatenate([p, self.reading.slots(r, p.shape[1])[zeros - len(self.vectors)].astype(p.dtype)])
            for r, p in enumerate(products)
        ]

    def _of_vectors(self, words: Ints) -> list[Floats]:
        padded = np.zeros((-(-len(words) // GROUP) * GROUP, self.vectors.shape[1]), self.vectors.dtype)
        padded[: len(words)] = self.vectors[words]
        groups = padded.reshape(len(padded) // GROUP, GROUP, padded.shape[1])
        return [(groups @ m).reshape(len(padded), m.shape[1])[: len(words)] for m in self.matrices]


def _different(ids: Ints) -> Ints:
    """The words that occur, in order."""
    return np.unique(ids) if len(ids) < MANY else np.flatnonzero(np.bincount(ids))


Best = tuple[Floats, NDArray[np.int32], Floats | None]


def passed(peaks: Floats, gates: Floats | None, activation: str = "relu") -> Floats:
    """What the head reads of filters' greatest values (..., k): `gated` for arrays, or an activation of `ACTIVATIONS`."""
    pooled: Floats = ACTIVATIONS[activation].of(peaks)
    return pooled if gates is None else np.where(peaks < gates, 0, pooled)


def _chunks(size: int, step: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + step, size)) for start in range(0, size, step))


def _improve(best: Best, slot_values: Floats, start: int, end: int, starts: Ints) -> None:
    """Let the windows that begin at words `start` to `end` (exclusive) raise the greatest values of their documents.

    `slot_values` (words, n, F) is what each word from `start` on gives each slot.
    """
    peaks, places, slots = best
    words, n = end - start, slot_values.shape[1]
    owners = np.searchsorted(starts, np.arange(start, end), "right") - 1  # (words,)
    left = starts[owners + 1] - np.arange(start, end)  # words of the document from each window on
    begins = np.arange(start, end) == starts[owners]
    short = bool((begins & (left < n)).any())  # documents that are one window
    values = slot_values[:words, 0].copy()
    for j in range(1, n):
        slot = slot_values[j : j + words, j]
        values[: len(slot)] += np.where(left[: len(slot), None] > j, slot, 0) if short else slot
    values[(left < n) & ~begins] = -np.inf
    runs = np.flatnonzero(np.append(True, owners[1:] != owners[:-1]))
    documents, top = owners[runs], np.maximum.reduceat(values, runs)  # (runs, F)
    at_top = values == np.repeat(top, np.diff(np.append(runs, words)), 0)
    place = np.minimum.reduceat(np.where(at_top, np.arange(words)[:, None], words), runs)
    row, column = np.nonzero(top > peaks[documents])
    document, window = documents[row], place[row, column]
    peaks[document, column] = top[row, column]
    places[document, column] = window + start - starts[document]
    if slots is not None:
        for j in range(n):
            inside = j < left[window]
            value = slot_values[np.minimum(window + j, len(slot_values) - 1), j, column]
            slots[document, column, j] = np.where(inside, value, 0)
