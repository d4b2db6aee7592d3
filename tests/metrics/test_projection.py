import numpy as np
import pytest
from sklearn.decomposition import PCA

from zslib.metrics import pca, projection

SHAPES = {"more cells": (300, 40), "more dimensions": (40, 300)}


@pytest.fixture(params=SHAPES.values(), ids=SHAPES)
def data(request):
    n, d = request.param
    rng = np.random.default_rng(0)
    return (rng.standard_normal((n, d)) * np.geomspace(10, 1, d) + 5).astype(np.float32)


def test_as_in_sklearn_up_to_sign(data):
    expected = PCA(10, svd_solver="full").fit_transform(data.astype(float))
    np.testing.assert_allclose(np.abs(pca(data, 10, device="cpu")), np.abs(expected), atol=1e-8)


def test_large_data_gives_the_same(data, monkeypatch):
    small = pca(data, 10, device="cpu")
    monkeypatch.setattr(projection, "DENSE", 0)
    monkeypatch.setattr(projection, "ROWS", 1000)
    np.testing.assert_allclose(pca(data, 10, device="cpu"), small, atol=1e-8)


def test_signs_are_fixed_and_order_of_cells_does_not_matter(data):
    order = np.random.default_rng(1).permutation(len(data))
    np.testing.assert_allclose(
        pca(data[order], 5, device="cpu"), pca(data, 5, device="cpu")[order], atol=1e-8
    )


def test_all_components_are_a_rotation(data):
    full = pca(data, 1000, device="cpu")
    assert full.shape == (len(data), min(data.shape[1], len(data) - 1))
    assert (full**2).sum() == pytest.approx(((data - data.mean(axis=0, dtype=float)) ** 2).sum())


def test_data_of_lower_rank():
    flat = np.random.default_rng(0).standard_normal((60, 3)) @ np.random.default_rng(1).standard_normal(
        (3, 80)
    )
    found = pca(flat, 10, device="cpu")
    assert np.isfinite(found).all()
    assert np.abs(found[:, 3:]).max() < 1e-5 * np.abs(found).max()


def test_any_container_gives_the_same(data):
    np.testing.assert_array_equal(
        pca(data.tolist(), device="cpu"), pca(data.astype(np.float64), device="cpu")
    )
