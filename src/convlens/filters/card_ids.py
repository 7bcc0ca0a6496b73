"""A card in word numbers, and from it the card that people read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from convlens.arrays import Floats, Ints
from convlens.filters.card import Cluster, FilterCard, Negative, Negatives, Ngram, SlotWord
from convlens.filters.clusters import ClusterIds, FilterClusters
from convlens.filters.corpus_view import CorpusView
from convlens.filters.negatives import EXAMPLE
from convlens.filters.slots import gap
from convlens.filters.surface import Surface
from convlens.trace import read_slots, summed
from convlens.trace.ngrams import words_in

Surfaces = Mapping[tuple[int, ...], Surface]


@dataclass(frozen=True, eq=False)
class CardIds:
    """A card in word numbers, of filter `number`: best natural and possible n-grams (M, n), best words of each slot (n, M),
    clusters, and the two frames of `negative_ngrams` on this filter, or none."""

    number: int
    natural: Ints
    possible: Ints
    slots: Ints
    clusters: FilterClusters
    negatives: tuple[pl.DataFrame, ...]

    @property
    def ngrams(self) -> Iterator[Ints]:
        """All n-grams that the card shows."""
        yield from (self.natural, self.possible, *(cluster.examples for cluster in self.clusters.largest))
        if self.negatives:
            yield words_in(self.negatives[1])


def card_of_ids(ids: CardIds, view: CorpusView, labels: Sequence[str], surfaces: Surfaces) -> FilterCard:
    """The card of `ids`, its n-grams in their surface forms."""
    number, purities = ids.number, view.purities
    formatter = NgramFormatter(view.column(number), view.biases[number], surfaces)
    classes, weights, margins = view.classes
    natural, possible = formatter.ngrams(ids.natural), formatter.ngrams(ids.possible)
    clusters = tuple(_cluster(cluster, formatter) for cluster in ids.clusters.largest)
    pure = isfinite(purities.thresholds[number])
    return FilterCard(
        filter=number,
        region=view.model.config.widths[number],
        label=labels[classes[number]],
        weight=float(weights[number]),
        margin=float(margins[number]),
        bias=formatter.bias,
        threshold=float(purities.thresholds[number]) if pure else None,
        purity=float(purities.purity[number]) if pure else None,
        coverage=float(purities.coverage[number]),
        passing=ids.clusters.passing,
        sampled=ids.clusters.sampled,
        gap=gap(*(formatter.slots(ngrams[:1])[0] for ngrams in (ids.natural, ids.possible)))
        if natural
        else None,
        top_natural=natural,
        top_possible=possible,
        groups=ids.clusters.count,
        clusters=clusters,
        negatives=tuple(_negatives(ids, clusters, formatter)),
        slots=_slots(ids, view, formatter),
        speaks=None if purities.speaks is None else float(purities.speaks[number]),
    )


@dataclass(frozen=True, eq=False)
class NgramFormatter:
    """Writes the n-grams of one filter."""

    column: Floats
    bias: float
    surfaces: Surfaces

    def slots(self, words: Ints) -> Floats:
        """Slot activations of n-grams (M, n)."""
        return read_slots(self.column, words)

    def ngrams(self, words: Ints) -> tuple[Ngram, ...]:
        """N-grams with their scores."""
        slots = self.slots(words)
        rows = zip(words.tolist(), summed(slots, self.bias).tolist(), slots.tolist(), strict=True)
        return tuple(self._ngram(self.surfaces[tuple(numbers)], score, row) for numbers, score, row in rows)

    @staticmethod
    def _ngram(of: Surface, score: float, slots: list[float]) -> Ngram:
        return Ngram(of.text, of.words, score, tuple(slots), of.count, of.documents)


def _cluster(ids: ClusterIds, formatter: NgramFormatter) -> Cluster:
    centroid = tuple(float(value) for value in ids.centroid)
    return Cluster(ids.ngrams, ids.occurrences, ids.share, centroid, formatter.ngrams(ids.examples))


def _negatives(ids: CardIds, clusters: Sequence[Cluster], formatter: NgramFormatter) -> Iterator[Negatives]:
    """Of every example of every cluster that has any."""
    if not ids.negatives:
        return
    totals, lowest = ids.negatives
    _, cluster, example = EXAMPLE
    near: dict[Any, list[Negative]] = {}
    rows = lowest.select(cluster, example, "distance", "case_2").iter_rows()
    for (c, e, distance, case), ngram in zip(rows, formatter.ngrams(words_in(lowest)), strict=True):
        near.setdefault((c, e), []).append(Negative(ngram, distance, case))
    for c, e, total, cases in (
        totals.select(cluster, example, "total", "cases").sort(cluster, example).iter_rows()
    ):
        yield Negatives(clusters[c].examples[e], total, cases, tuple(near[c, e]))


def _slots(ids: CardIds, view: CorpusView, formatter: NgramFormatter) -> tuple[tuple[SlotWord, ...], ...]:
    """The best words of each slot, as the vocabulary has them."""
    scores = np.take_along_axis(formatter.column.T, ids.slots, 1)  # (n, M)
    return tuple(
        tuple(SlotWord(view.tokenizer.word(word), score) for word, score in zip(*both, strict=True))
        for both in zip(ids.slots.tolist(), scores.tolist(), strict=True)
    )
