"""The clusters of a filter's passing n-grams, as word numbers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from convlens.filters.clusters import Clustering, cluster
from convlens.filters.config import CardConfig
from convlens.filters.natural import word_columns
from convlens.filters.seen import Seen
from convlens.trace import Floats, Passing, passing_windows, read_slots, summed
from convlens.trace.flat import Ints


@dataclass(frozen=True, eq=False)
class Group:
    """One cluster: how many different n-grams, their occurrences, the share of all, centroid (n,), best (E, n)."""

    ngrams: int
    occurrences: int
    share: float
    centroid: Floats
    examples: Ints


@dataclass(frozen=True, eq=False)
class Groups:
    """The windows of a filter that pass, the share of its n-grams that was looked at, all clusters and the largest."""

    passing: int
    sampled: float
    count: int
    largest: tuple[Group, ...]


NONE = Groups(0, 1.0, 0, ())


def group_passing(
    seen: Seen, chosen: list[int], config: CardConfig, step: Callable[[], None]
) -> dict[int, Groups]:
    """The clusters of all chosen filters that reach their purity somewhere."""
    bars = np.full(len(seen.found.bars), np.inf)
    bars[chosen] = seen.found.bars[chosen]
    groups = {}
    for passing in passing_windows(seen.model, seen.documents, bars, config.windows, table=seen.table):
        groups[passing.filter] = _grouped(seen, passing, config)
        step()
    return groups


def _grouped(seen: Seen, passing: Passing, config: CardConfig) -> Groups:
    n = seen.model.config.widths[passing.filter]
    words, counts = _different(seen.documents.ids[passing.places[:, None] + np.arange(n)])
    if not len(words):
        return Groups(passing.windows, passing.share, 0, ())
    slots = read_slots(seen.column(passing.filter), words)
    found = cluster(slots, config, stream=passing.filter)
    order = np.argsort(-summed(slots, seen.biases[passing.filter]), kind="stable")
    largest = range(min(config.clusters, len(found.centroids)))
    made = tuple(_group(found, number, (words, counts, order), config) for number in largest)
    return Groups(passing.windows, passing.share, len(found.centroids), made)


def _group(found: Clustering, number: int, ngrams: tuple[Ints, Ints, Ints], config: CardConfig) -> Group:
    words, counts, order = ngrams
    mine = found.of == number
    best = order[mine[order]][: config.examples]
    occurrences = int(counts[mine].sum())
    return Group(int(mine.sum()), occurrences, float(mine.mean()), found.centroids[number], words[best])


def _different(words: Ints) -> tuple[Ints, Ints]:
    """The different n-grams among (W, n), in the order in which they first came, and how often each came."""
    names = word_columns(words.shape[1])
    frame = pl.DataFrame({name: words[:, j] for j, name in enumerate(names)})
    found = frame.group_by(names, maintain_order=True).len()
    return found.select(names).to_numpy(), found["len"].to_numpy().astype(np.int64)
