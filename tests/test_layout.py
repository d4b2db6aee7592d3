"""UMAP of the metrics' own graph."""

import numpy as np

from zslib import layout, metrics


def _blobs():
    rng = np.random.default_rng(0)
    centers = 8 * rng.normal(size=(3, 10))
    group = np.repeat(np.arange(3), 60)
    return centers[group] + rng.normal(size=(180, 10)), group


def test_groups_that_are_apart_stay_apart_and_the_seed_decides():
    X, group = _blobs()
    graph = metrics.neighbors(X).connectivities
    first = layout.umap(graph, X, seed=3)
    assert first.shape == (180, 2)
    assert metrics.silhouette_label(first, group) > 0.85
    np.testing.assert_array_equal(first, layout.umap(graph, X, seed=3))
    assert not np.array_equal(first, layout.umap(graph, X, seed=4))


def test_one_dimension_to_start_from_is_enough():
    X, _ = _blobs()
    graph = metrics.neighbors(X).connectivities
    assert np.isfinite(layout.umap(graph, X[:, :1])).all()
