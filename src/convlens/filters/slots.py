"""Slot activations: what each word of an n-gram gives a filter, and the n-grams that words could form at best.

A score is `sum_j <w_j, x_j> + b` (Jacovi et al. 2018, section 5.1). Possible n-grams are of the words of the vocabulary, of which
the unknown word is one, as texts have it in natural n-grams too; padding is none. So no natural n-gram can score more
than the best possible one. (`attack.possible` leaves the unknown word out, as an attack has to write its words.)
"""

import heapq
from typing import TYPE_CHECKING

import numpy as np

from convlens.arrays import Floats, Ints, greatest
from convlens.models import TextCNN
from convlens.text import UNKNOWN
from convlens.trace import filter_column, read_slots, summed

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


def slot_vectors(model: TextCNN, number: int, words: Ints, *, table: "SlotTable | None" = None) -> Floats:
    """`(<w_1, x_1>, .., <w_n, x_n>)` of n-grams (M, n) of word numbers under one filter: (M, n)."""
    return read_slots(filter_column(model, number, table), words)


def ngram_scores(model: TextCNN, words: Ints, *, table: "SlotTable | None" = None) -> Floats:
    """Scores of n-grams (M, n), bias included, under every filter of region n, in their order: (M, filters)."""
    biases = model.filter_biases.tolist()
    numbers = [f for f, n in enumerate(model.config.widths) if n == words.shape[1]]
    columns = (summed(slot_vectors(model, f, words, table=table), biases[f]) for f in numbers)
    return np.stack([np.zeros(len(words)), *columns], 1)[:, 1:]


def best_words(column: Floats, k: int) -> Ints:
    """The k words that give each slot most, of equals those with lower numbers: (n, k), or fewer."""
    entries = column[UNKNOWN:].T
    best = np.empty((len(entries), min(k, entries.shape[1])), np.int64)
    for slot, values in enumerate(entries):
        best[slot] = greatest(values, k)
    return best + UNKNOWN


def possible_ngrams(column: Floats, bias: float, k: int) -> Ints:
    """The k n-grams of any words with the highest scores, best first: (k, n), or all there are.

    Best-first search over the slots' ranked words: what follows an n-gram takes the next best word in one slot.
    No n-gram scores more than the one it follows, so the k first to come are the k best.
    """
    ranked = best_words(column, k)
    slots, most = np.arange(len(ranked)), ranked.shape[1]

    def entry(ranks: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        words = ranked[slots, list(ranks)]
        return -float(summed(read_slots(column, words[None]), bias)[0]), ranks

    heap, reached = [entry((0,) * len(ranked))], {(0,) * len(ranked)}
    ngrams: list[Ints] = []
    while heap and len(ngrams) < k:
        _, ranks = heapq.heappop(heap)
        ngrams.append(ranked[slots, list(ranks)])
        for slot in slots:
            following = tuple(rank + (j == slot) for j, rank in enumerate(ranks))
            if following[slot] < most and following not in reached:
                reached.add(following)
                heapq.heappush(heap, entry(following))
    return np.array(ngrams)


def gap(natural: Floats, possible: Floats) -> float | None:
    """How much less the best natural n-gram scores than the best possible one, as a share, from their slots (n,).

    Without the bias, as in section 5.2; None where the possible one scores nothing.
    """
    most = float(possible.sum())
    return None if most <= 0 else 1 - float(natural.sum()) / most
