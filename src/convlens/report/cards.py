"""The cards of filters, as the page lists and holds them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from convlens.filters import Cluster, FilterCard, FilterCards, Negative, Negatives, Ngram
from convlens.report.data import Points
from convlens.report.payload import floats, pack_json, pack_planes, quantise, shown

AT_ONCE = 25  # cards unpacked together when one of them is opened
LETTERS = 60  # shown of a word
STEPS = 9999  # of what words give slots, which is shown to three digits
FINE = 255  # of the values of points
CHIPS = 3  # n-grams of a filter in the table
NUMBERS = ("margin", "threshold", "purity", "coverage", "groups")


def ranked(cards: FilterCards) -> list[FilterCard]:
    """The filters as the table first shows them: those first that raise their class most above the next."""
    return sorted(cards, key=lambda card: -card.margin)


def chips(card: FilterCard) -> list[str]:
    """The best n-grams of the largest clusters, and where those are few, the next best."""
    clustered = [ngram.text for cluster in card.clusters for ngram in cluster.examples]
    texts = dict.fromkeys([*card.detects, *clustered, *(ngram.text for ngram in card.top_natural)])
    return [text[: CHIPS * LETTERS] for text in list(texts)[:CHIPS]]


def told(cards: FilterCards) -> dict[str, Any]:
    """What the page says of all filters: their regions, how many are pure enough, mean coverage and mean gap."""
    gaps = [card.gap for card in cards if card.gap is not None]
    return {
        "regions": either(sorted({card.region for card in cards})),
        "pure": sum(card.threshold is not None for card in cards),
        "coverage": float(np.mean([card.coverage for card in cards])),
        "gap": float(np.mean(gaps)) if gaps else None,
    }


def either(numbers: Sequence[int]) -> str:
    """One of these: `3, 4 or 5`."""
    *others, last = map(str, numbers)
    return f"{', '.join(others)} or {last}" if others else last


def cards_index(cards: FilterCards | None, labels: Sequence[str]) -> dict[str, list[Any]] | None:
    """What the table is sorted by and the chart drawn from, filter by filter."""
    if cards is None:
        return None
    numbers = {name: [_short(getattr(card, name)) for card in cards] for name in NUMBERS}
    return {"label": [labels.index(card.label) for card in cards], **numbers}


def points_index(points: Points | None) -> dict[str, Any] | None:
    """Which documents the points are, their predicted classes, and the step of each filter's values."""
    if points is None:
        return None
    steps = floats(quantise(points.values, FINE)[1], 6)
    return {"number": points.numbers, "predicted": points.predicted, "step": steps, "total": points.total}


def pack_points(points: Points | None) -> str:
    """The values of all points in 8 bits, filter after filter, compressed and in base 64."""
    return "" if points is None else pack_planes([quantise(points.values, FINE)[0].T], 1)


def pack_cards(cards: FilterCards | None) -> list[str]:
    """The cards, `AT_ONCE` to a part; a part is compressed JSON in base 64.

    Slot activations, of words and centroids, are integers in units of the card's `step`; an n-gram is a list of its words,
    these integers and in how many documents it occurs. A negative one has besides the slots where it differs, and whether it is of case 2.
    """
    every = [_card(card) for card in cards or ()]
    return [pack_json(every[i : i + AT_ONCE]) for i in range(0, len(every), AT_ONCE)]


def _card(card: FilterCard) -> dict[str, Any]:
    ruler = Ruler(max((abs(value) for value in _values(card)), default=0))
    near = {negatives.of: negatives for negatives in card.negatives}
    return {
        "step": ruler.step,
        **{name: _short(getattr(card, name)) for name in ("bias", "weight", "gap", "sampled")},
        "passing": card.passing,
        "natural": [_ngram(ngram, ruler) for ngram in card.top_natural],
        "possible": [_ngram(ngram, ruler) for ngram in card.top_possible],
        "clusters": [_cluster(cluster, near, ruler) for cluster in card.clusters],
        "slots": [[[_word(word.word), *ruler.steps([word.score])] for word in words] for words in card.slots],
    }


@dataclass(frozen=True)
class Ruler:
    """Measures what slots get in steps of the largest on the card."""

    largest: float

    @property
    def step(self) -> float:
        """One step, as short as the page writes it."""
        return float(f"{self.largest / STEPS:.6g}") or 1.0

    def steps(self, values: Sequence[float]) -> list[int]:
        """Whole steps."""
        return [round(value / self.step) for value in values]


def _values(card: FilterCard) -> Iterator[float]:
    """Everything that slots get on a card."""
    for ngram in chain(card.top_natural, card.top_possible, *(cluster.examples for cluster in card.clusters)):
        yield from ngram.slots
    for near in card.negatives:
        for negative in near.lowest:
            yield from negative.ngram.slots
    for words in card.slots:
        yield from (word.score for word in words)


def _cluster(cluster: Cluster, near: Mapping[Ngram, Negatives], ruler: Ruler) -> dict[str, Any]:
    examples = [[*_ngram(one, ruler), _negatives(near.get(one), ruler)] for one in cluster.examples]
    counts = {"ngrams": cluster.ngrams, "occurrences": cluster.occurrences, "share": _short(cluster.share)}
    return {**counts, "centroid": ruler.steps(cluster.centroid), "examples": examples}


def _negatives(near: Negatives | None, ruler: Ruler) -> list[Any] | int:
    """How many n-grams near one do not pass, how many of them of case 2, and the lowest; 0 without any."""
    if near is None:
        return 0
    return [near.total, near.case_2, [_negative(negative, near.of, ruler) for negative in near.lowest]]


def _negative(negative: Negative, of: Ngram, ruler: Ruler) -> list[Any]:
    pairs = enumerate(zip(negative.ngram.slots, of.slots, strict=True))
    changed = [j for j, (here, there) in pairs if here != there]  # the same word gives a slot the same
    return [*_ngram(negative.ngram, ruler), changed, int(negative.case_2)]


def _ngram(ngram: Ngram, ruler: Ruler) -> list[Any]:
    return [[_word(word) for word in ngram.words], ruler.steps(ngram.slots), ngram.documents]


def _word(word: str) -> str:
    return shown(word[:LETTERS])


def _short(value: float | None) -> float | None:
    """Five digits; what is not finite becomes None."""
    return None if value is None else floats(np.array([value]), 5)[0]
