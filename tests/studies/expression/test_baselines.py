"""Baselines against scikit-learn and against the formulas written out."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.neighbors import NearestNeighbors

from zslib.studies.expression import baselines, masking


@pytest.fixture(scope="module")
def masked():
    """Cells with two programs, so that visible genes do tell of hidden ones."""
    rng = np.random.default_rng(0)
    program = rng.random((70, 2)) @ rng.gamma(2, 2, (2, 40))
    values = np.maximum(program + rng.normal(0, 1, program.shape) - 2.5, 0)
    return masking.mask(values[:50], values[50:], 0.4, seed=3)


def expressed_means(train):
    return np.array([column[column > 0].mean() if (column > 0).any() else 0 for column in train.T])


def test_means(masked):
    train, hidden = masked.train, masked.hidden
    found = baselines.predict("gene mean", masked)
    np.testing.assert_allclose(found.level, np.tile(train[:, hidden].mean(axis=0), (20, 1)), rtol=1e-5)
    np.testing.assert_allclose(found.given[4], expressed_means(train)[hidden], rtol=1e-5)
    found = baselines.predict("mean", masked)
    assert found.level[3, 5] == pytest.approx(train[:, hidden].mean())
    assert found.given[3, 5] == pytest.approx(train[:, hidden][train[:, hidden] > 0].mean())


def test_a_gene_that_no_training_cell_expresses():
    train = np.array([[1.0, 0, 3], [2, 0, 0]])
    np.testing.assert_allclose(baselines.given_means(train), [1.5, 2, 3])


def test_nearest_cells(masked):
    train, hidden = masked.train.astype(float), masked.hidden
    center = train[:, ~hidden].mean(axis=0)
    search = NearestNeighbors(n_neighbors=15, metric="cosine").fit(train[:, ~hidden] - center)
    _, near = search.kneighbors(masked.visible - center)
    found = baselines.predict("nearest cells", masked)
    for row in range(20):
        around = train[near[row]][:, hidden]
        np.testing.assert_allclose(found.level[row], around.mean(axis=0), rtol=1e-5)
        for gene in range(hidden.sum()):
            some = around[:, gene][around[:, gene] > 0]
            want = some.mean() if len(some) else baselines.given_means(train)[hidden][gene]
            assert found.given[row, gene] == pytest.approx(want, rel=1e-5)


def test_ridge(masked):
    train, hidden = masked.train.astype(float), masked.hidden
    X = train[:, ~hidden]
    alpha = ((X - X.mean(axis=0)) ** 2).sum() / len(X)
    model = Ridge(alpha).fit(X, train[:, hidden])
    found = baselines.predict("ridge", masked)
    np.testing.assert_allclose(found.level, model.predict(masked.visible), rtol=1e-4)
    means = expressed_means(train)
    filled = np.where(train > 0, train, means)[:, hidden]  # what is missing counts as average
    model = Ridge(alpha, fit_intercept=False).fit(X - X.mean(axis=0), filled - means[hidden])
    want = means[hidden] + model.predict(masked.visible - X.mean(axis=0))
    np.testing.assert_allclose(found.given, want, rtol=1e-4)


def test_pca_is_the_conditional_mean_of_a_probabilistic_pca(masked):
    """By the covariance of all genes, of which the conditional mean of a normal distribution follows."""
    train, hidden, k = masked.train.astype(float), masked.hidden, 6
    level = train.mean(axis=0)
    centered = train - level
    variance, axes = np.linalg.eigh(centered.T @ centered / len(train))
    variance, axes = variance[::-1], axes[:, ::-1]
    noise = variance[k:].sum() / (len(variance) - k)
    C = axes[:, :k] @ np.diag(variance[:k] - noise) @ axes[:, :k].T + noise * np.eye(len(variance))
    across, within = C[np.ix_(hidden, ~hidden)], C[np.ix_(~hidden, ~hidden)]
    want = level[hidden] + (across @ np.linalg.solve(within, (masked.visible - level[~hidden]).T)).T
    found = baselines.pca(masked.train, masked.visible, hidden, n_comps=k)
    np.testing.assert_allclose(found.level, want, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_shapes_and_that_nothing_hidden_is_seen(masked, name):
    found = baselines.predict(name, masked)
    other = masked.truth.copy()
    other[:, masked.hidden] = other[::-1, masked.hidden] + 1
    changed = masking.MaskedGenes(masked.train, other, masked.hidden, masked.scored)
    again = baselines.predict(name, changed)
    for a, b in ((found.level, again.level), (found.given, again.given)):
        assert a.shape == masked.scored.shape
        assert np.isfinite(a).all()
        np.testing.assert_array_equal(a, b)


def test_those_that_read_the_visible_genes_do_better_where_these_tell(masked):
    expressed = masked.target > 0
    error = {
        name: ((baselines.predict(name, masked).given - masked.target)[expressed] ** 2).mean()
        for name in baselines.BASELINES
    }
    assert error["gene mean"] < error["mean"]
    assert max(error[name] for name in ("nearest cells", "PCA", "ridge")) < error["gene mean"]


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_cells_without_variance(name):
    masked = masking.mask(np.ones((6, 5)), np.ones((4, 5)), 0.4, 0)
    found = baselines.predict(name, masked)
    np.testing.assert_allclose(found.given, 1, atol=1e-6)
    np.testing.assert_allclose(found.level, 1, atol=1e-6)
