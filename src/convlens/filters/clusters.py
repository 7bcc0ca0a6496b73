"""Clusters of n-grams that fill a filter's slots alike (Jacovi et al. 2018, section 5.3), by scikit-learn's mean shift.

Each different n-gram counts once, however often it occurs: the question is which kinds of n-grams pass, and a phrase that
everybody writes would otherwise be a mode of its own. The first steps of the mean shift are run here, for all seeds at once;
scikit-learn takes the last ones, and merges the modes that are nearer than the bandwidth.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.arrays import Floats, Ints
from convlens.filters.config import CardConfig
from convlens.filters.corpus_view import CorpusView
from convlens.filters.natural import word_columns
from convlens.trace import Passing, passing_windows, read_slots, summed

FOR_BANDWIDTH = 500  # n-grams whose distances are taken
STEPS, STILL = (
    300,
    1e-3,
)  # at most so many, or until no seed moves by so much of the bandwidth: scikit-learn's own


@dataclass(frozen=True, eq=False)
class Clustering:
    """`of` (M,) says which cluster each n-gram is in, the largest cluster being 0; `centroids` (C, n) are the modes that
    mean shift found, each the mean of the n-grams within `bandwidth` of it; it ran on `sampled` of the n-grams, and each
    of the others went to the nearest centroid."""

    of: NDArray[np.int64]
    centroids: Floats
    bandwidth: float
    sampled: int

    @property
    def sizes(self) -> NDArray[np.int64]:
        """N-grams of each cluster: (C,)."""
        return np.bincount(self.of, minlength=len(self.centroids))


def cluster(slots: Floats, config: CardConfig = CardConfig(), *, stream: int = 0) -> Clustering:  # noqa: B008 (frozen)
    """Cluster slot-activation vectors (M, n), M at least 1; chance follows from the seed and `stream` alone."""
    from sklearn.cluster import MeanShift  # takes 100 MiB that nothing else needs
    from sklearn.metrics import pairwise_distances_argmin

    points = slots.astype(np.float64)
    rng = np.random.default_rng((config.seed, stream))
    sample = points
    if len(points) > config.sample:
        sample = points[np.sort(rng.choice(len(points), config.sample, replace=False))]
    bandwidth = _bandwidth(sample, config, rng)
    centroids = sample.mean(0)[None]
    if bandwidth > 0:
        seeds = _climbed(sample, _seeds(sample, bandwidth, config.starts), bandwidth)
        centroids = MeanShift(bandwidth=bandwidth, seeds=seeds).fit(sample).cluster_centers_
    nearest = pairwise_distances_argmin(points, centroids)
    sizes = np.bincount(nearest, minlength=len(centroids))
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]  # a mode may be nearest to none
    rank = np.empty(len(sizes), np.int64)
    rank[order] = np.arange(len(order))
    return Clustering(rank[nearest], centroids[order], bandwidth, len(sample))


def _bandwidth(points: Floats, config: CardConfig, rng: np.random.Generator) -> float:
    """The mean, over n-grams, of the distance within which the share `quantile` of all lies; 0 where all are the same."""
    from sklearn.cluster import estimate_bandwidth

    chosen = rng.choice(len(points), min(FOR_BANDWIDTH, len(points)), replace=False)
    bandwidth = float(estimate_bandwidth(points[np.sort(chosen)], quantile=config.quantile))
    spread = float(np.ptp(points, axis=0).max())
    return bandwidth if bandwidth > 1e-6 * spread else spread  # a few n-grams, each its own neighbour


def _seeds(points: Floats, bandwidth: float, most: int) -> Floats:
    """A point of each bin as wide as the bandwidth, of the fullest bins: a bin's middle may have no point near it."""
    bins = np.round(points / bandwidth).astype(np.int64)
    _, first, counts = np.unique(bins, axis=0, return_index=True, return_counts=True)
    return points[first[np.argsort(-counts, kind="stable")[:most]]]


def _climbed(points: Floats, seeds: Floats, bandwidth: float) -> Floats:
    """Move each seed to the mean of the points within the bandwidth, until none moves; the different ends."""
    lengths = (points**2).sum(1)
    for _ in range(STEPS):
        within = lengths - 2 * seeds @ points.T + (seeds**2).sum(1)[:, None] <= bandwidth**2
        near = within.sum(1)[:, None]
        moved = np.where(near > 0, within.astype(np.float64) @ points / np.maximum(near, 1), seeds)
        still = np.linalg.norm(moved - seeds, axis=1).max() <= STILL * bandwidth
        seeds = moved
        if still:
            break
    return np.unique(seeds, axis=0)


@dataclass(frozen=True, eq=False)
class ClusterIds:
    """One cluster in word numbers: how many different n-grams, their occurrences, the share of all, centroid (n,), best (E, n)."""

    ngrams: int
    occurrences: int
    share: float
    centroid: Floats
    examples: Ints


@dataclass(frozen=True, eq=False)
class FilterClusters:
    """The windows of a filter that pass, the share of its n-grams that was looked at, all clusters and the largest."""

    passing: int
    sampled: float
    count: int
    largest: tuple[ClusterIds, ...]


NO_CLUSTERS = FilterClusters(0, 1.0, 0, ())


def cluster_passing(
    view: CorpusView, chosen: list[int], config: CardConfig, step: Callable[[], None]
) -> dict[int, FilterClusters]:
    """The clusters of all chosen filters that reach their purity somewhere."""
    bars = np.full(len(view.purities.bars), np.inf)
    bars[chosen] = view.purities.bars[chosen]
    clusters = {}
    for passing in passing_windows(view.model, view.documents, bars, config.windows, table=view.table):
        clusters[passing.filter] = _clusters_of(view, passing, config)
        step()
    return clusters


def _clusters_of(view: CorpusView, passing: Passing, config: CardConfig) -> FilterClusters:
    n = view.model.config.widths[passing.filter]
    words, counts = _different(view.documents.ids[passing.places[:, None] + np.arange(n)])
    if not len(words):
        return FilterClusters(passing.windows, passing.share, 0, ())
    slots = read_slots(view.column(passing.filter), words)
    clustering = cluster(slots, config, stream=passing.filter)
    order = np.argsort(-summed(slots, view.biases[passing.filter]), kind="stable")
    largest = range(min(config.clusters, len(clustering.centroids)))
    clusters = tuple(_cluster_ids(clustering, number, (words, counts, order), config) for number in largest)
    return FilterClusters(passing.windows, passing.share, len(clustering.centroids), clusters)


def _cluster_ids(
    clustering: Clustering, number: int, ngrams: tuple[Ints, Ints, Ints], config: CardConfig
) -> ClusterIds:
    words, counts, order = ngrams
    inside = clustering.of == number
    best = order[inside[order]][: config.examples]
    occurrences = int(counts[inside].sum())
    return ClusterIds(
        int(inside.sum()), occurrences, float(inside.mean()), clustering.centroids[number], words[best]
    )


def _different(words: Ints) -> tuple[Ints, Ints]:
    """The different n-grams among (W, n), in the order in which they first came, and how often each came."""
    names = word_columns(words.shape[1])
    frame = pl.DataFrame({name: words[:, j] for j, name in enumerate(names)})
    counts = frame.group_by(names, maintain_order=True).len()
    return counts.select(names).to_numpy(), counts["len"].to_numpy().astype(np.int64)
