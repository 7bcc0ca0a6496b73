"""A card in word numbers, and from it the card that people read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import polars as pl

from convlens.filters.card import Cluster, FilterCard, Negative, Negatives, Ngram, SlotWord
from convlens.filters.fallen import FALLEN
from convlens.filters.groups import Group, Groups
from convlens.filters.seen import Seen
from convlens.filters.slots import gap
from convlens.filters.written import Written
from convlens.trace import Floats, read_slots, summed
from convlens.trace.flat import Ints
from convlens.trace.ngrams import words_in

Book = Mapping[tuple[int, ...], Written]


@dataclass(frozen=True, eq=False)
class Draft:
    """What was found of filter `number`: best natural and possible n-grams (M, n), best words of each slot (n, M),
    clusters, and the two frames of `fallen_ngrams` on this filter, or none."""

    number: int
    natural: Ints
    possible: Ints
    slots: Ints
    groups: Groups
    fallen: tuple[pl.DataFrame, ...]

    @property
    def ngrams(self) -> Iterator[Ints]:
        """All n-grams that the card shows."""
        yield from (self.natural, self.possible, *(group.examples for group in self.groups.largest))
        if self.fallen:
            yield words_in(self.fallen[1])


def written_card(draft: Draft, seen: Seen, labels: Sequence[str], book: Book) -> FilterCard:
    """The card of a draft, its n-grams as in the book."""
    number, found = draft.number, seen.found
    pen = Pen(seen.column(number), seen.biases[number], book)
    classes, weights, margins = seen.classes
    natural, possible = pen.ngrams(draft.natural), pen.ngrams(draft.possible)
    clusters = tuple(_cluster(group, pen) for group in draft.groups.largest)
    pure = isfinite(found.thresholds[number])
    return FilterCard(
        filter=number,
        region=seen.model.config.widths[number],
        label=labels[classes[number]],
        weight=float(weights[number]),
        margin=float(margins[number]),
        bias=pen.bias,
        threshold=float(found.thresholds[number]) if pure else None,
        purity=float(found.purity[number]) if pure else None,
        coverage=float(found.coverage[number]),
        passing=draft.groups.passing,
        sampled=draft.groups.sampled,
        gap=gap(*(pen.slots(some[:1])[0] for some in (draft.natural, draft.possible))) if natural else None,
        top_natural=natural,
        top_possible=possible,
        groups=draft.groups.count,
        clusters=clusters,
        negatives=tuple(_negatives(draft, clusters, pen)),
        slots=_slots(draft, seen, pen),
    )


@dataclass(frozen=True, eq=False)
class Pen:
    """Writes the n-grams of one filter."""

    column: Floats
    bias: float
    book: Book

    def slots(self, words: Ints) -> Floats:
        """Slot activations of n-grams (M, n)."""
        return read_slots(self.column, words)

    def ngrams(self, words: Ints) -> tuple[Ngram, ...]:
        """N-grams with their scores."""
        slots = self.slots(words)
        rows = zip(words.tolist(), summed(slots, self.bias).tolist(), slots.tolist(), strict=True)
        return tuple(self._ngram(self.book[tuple(numbers)], score, row) for numbers, score, row in rows)

    @staticmethod
    def _ngram(of: Written, score: float, slots: list[float]) -> Ngram:
        return Ngram(of.text, of.words, score, tuple(slots), of.count, of.documents)


def _cluster(group: Group, pen: Pen) -> Cluster:
    centroid = tuple(float(value) for value in group.centroid)
    return Cluster(group.ngrams, group.occurrences, group.share, centroid, pen.ngrams(group.examples))


def _negatives(draft: Draft, clusters: Sequence[Cluster], pen: Pen) -> Iterator[Negatives]:
    """Of every example of every cluster that has any."""
    if not draft.fallen:
        return
    totals, lowest = draft.fallen
    _, cluster, example = FALLEN
    near: dict[Any, list[Negative]] = {}
    rows = lowest.select(cluster, example, "distance", "case_2").iter_rows()
    for (c, e, distance, case), ngram in zip(rows, pen.ngrams(words_in(lowest)), strict=True):
        near.setdefault((c, e), []).append(Negative(ngram, distance, case))
    for c, e, total, cases in (
        totals.select(cluster, example, "total", "cases").sort(cluster, example).iter_rows()
    ):
        yield Negatives(clusters[c].examples[e], total, cases, tuple(near[c, e]))


def _slots(draft: Draft, seen: Seen, pen: Pen) -> tuple[tuple[SlotWord, ...], ...]:
    """The best words of each slot, as the vocabulary has them."""
    scores = np.take_along_axis(pen.column.T, draft.slots, 1)  # (n, M)
    return tuple(
        tuple(SlotWord(seen.tokenizer.word(word), score) for word, score in zip(*both, strict=True))
        for both in zip(draft.slots.tolist(), scores.tolist(), strict=True)
    )
