"""Mean shift finds the groups that are there, in bounded samples, and the same ones again."""

import numpy as np
import pytest
from sklearn.cluster import MeanShift

from convlens.filters import CardConfig, cluster


def blobs(sizes=(30, 70), seed=0):
    rng = np.random.default_rng(seed)
    middles = [np.array([5.0, 0, 0]), np.array([0, 0, 5.0])]
    points = [m + rng.normal(0, 0.3, (size, 3)) for m, size in zip(middles, sizes, strict=True)]
    return np.concatenate(points)


def test_two_patterns_are_two_clusters_the_larger_first():
    points = blobs()
    found = cluster(points, CardConfig(quantile=0.3))
    assert found.of.tolist() == [1] * 30 + [0] * 70
    assert found.sizes.tolist() == [70, 30]
    np.testing.assert_allclose(found.centroids, [points[30:].mean(0), points[:30].mean(0)], atol=0.2)
    assert found.sampled == 100


def test_a_sample_is_clustered_and_all_are_assigned():
    points = blobs((3000, 7000))
    found = cluster(points, CardConfig(quantile=0.3, sample=200))
    assert found.sampled == 200
    assert found.of.tolist() == [1] * 3000 + [0] * 7000
    again = cluster(points, CardConfig(quantile=0.3, sample=200))
    np.testing.assert_array_equal(found.centroids, again.centroids)
    other = cluster(points, CardConfig(quantile=0.3, sample=200, seed=1))
    assert not np.array_equal(found.centroids, other.centroids)


@pytest.mark.parametrize("points", [np.ones((1, 4)), np.ones((50, 2)), np.arange(3.0)[:, None]])
def test_few_or_equal_points_are_clustered_too(points):
    found = cluster(points, CardConfig(quantile=0.3))
    assert found.sizes.sum() == len(points)
    assert (found.sizes > 0).all()
    nearest = abs(points[:, None] - found.centroids).sum(2).argmin(1)
    assert found.of.tolist() == nearest.tolist()


def test_each_centroid_is_the_mean_of_the_points_about_it():
    points = np.concatenate([blobs(), blobs(seed=1) * 3])
    found = cluster(points, CardConfig(quantile=0.2))
    assert len(found.centroids) > 1
    for centroid in found.centroids:
        near = np.linalg.norm(points - centroid, axis=1) <= found.bandwidth
        assert np.linalg.norm(points[near].mean(0) - centroid) <= 2e-3 * found.bandwidth


@pytest.mark.parametrize("quantile", [0.2, 0.35, 0.5])
def test_climbing_together_ends_where_scikit_learn_ends(quantile):
    points = np.concatenate([blobs((20, 30), seed) * (1 + seed) for seed in range(3)])
    found = cluster(points, CardConfig(quantile=quantile, starts=1000))
    alone = MeanShift(bandwidth=found.bandwidth, seeds=points).fit(points)
    assert len(found.centroids) == len(alone.cluster_centers_)
    apart = np.linalg.norm(found.centroids[:, None] - alone.cluster_centers_, axis=2)
    assert apart.min(1).max() <= 0.2 * found.bandwidth
    assert apart.min(0).max() <= 0.2 * found.bandwidth
