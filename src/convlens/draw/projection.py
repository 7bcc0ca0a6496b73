"""Vectors as points of the plane."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.errors import InputError

PROJECTIONS = ("tsne", "pca")
FEWEST = 5  # vectors that t-SNE can place: below, there are no neighbourhoods to keep


@checked
def project(
    vectors: NDArray[np.floating[Any]], method: str = "pca", seed: int = 0
) -> NDArray[np.float64]:  # (n, d) -> (n, 2)
    """The first two principal components, or t-SNE begun from them; few vectors are always left to PCA."""
    if method not in PROJECTIONS:
        raise InputError(f"unknown projection {method!r}: choose one of {', '.join(PROJECTIONS)}")
    centred = np.asarray(vectors, dtype=np.float64)
    if method == "tsne" and len(centred) >= FEWEST:
        return _tsne(centred, seed)
    points = np.zeros((len(centred), 2))
    size = min(2, *centred.shape)
    if size and np.ptp(centred, axis=0).any():
        from sklearn.decomposition import PCA

        points[:, :size] = PCA(size, random_state=seed, svd_solver="full").fit_transform(centred)
    return points


def _tsne(vectors: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE

    start = project(vectors)
    spread = start[:, 0].std() or 1.0
    perplexity = min(30.0, (len(vectors) - 1) / 3)
    tsne = TSNE(init=start / spread * 1e-4, perplexity=perplexity, random_state=seed)
    return np.asarray(tsne.fit_transform(vectors), dtype=np.float64)
