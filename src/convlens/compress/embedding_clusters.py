"""Whether filters lie where words lie: k-means over both (IMDb filter paper, section 4.2 and table 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from convlens.errors import InputError
from convlens.filters import slot_columns, word_vectors
from convlens.models import Classifier

SIZES = (1, 5, 10, 20, 100, 200, 500, 1000, 2000)


@dataclass(frozen=True)
class EmbeddingClusters:
    """With `clusters` of k-means: their sum of squared distances, the words in the largest, and how many of the
    filters' columns are among them."""

    clusters: int
    inertia: float
    words: int
    share: float
    columns: int
    all_columns: int


def cluster_embedding(
    classifier: Classifier, sizes: Sequence[int] = SIZES, *, seed: int = 0
) -> Iterator[EmbeddingClusters]:
    """k-means over the word vectors and the columns (slots) of the first convolution's filters, for each k."""
    from sklearn.cluster import KMeans

    words, columns = word_vectors(classifier.model), slot_columns(classifier.model)
    points = np.concatenate([words, columns]).astype(np.float32)
    for k in sizes:
        if not 1 <= k <= len(points):
            raise InputError(
                f"{k} clusters of {len(points):,} words and filter columns cannot be made: ask for 1 to {len(points):,}"
            )
        clustering = KMeans(k, n_init=1, max_iter=100, random_state=seed).fit(points)
        sizes_of = np.bincount(clustering.labels_[: len(words)], minlength=k)
        largest = int(sizes_of.argmax())
        yield EmbeddingClusters(
            k,
            float(clustering.inertia_),
            int(sizes_of[largest]),
            float(sizes_of[largest] / len(words)),
            int((clustering.labels_[len(words) :] == largest).sum()),
            len(columns),
        )
