import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from scipy.spatial.distance import cdist

from zslib import metrics
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets.within_batch import MIN_BATCH, within_batch_pcs
from zslib.metrics import type_graph


def counts(n=260, genes=300):
    """Log-normalized expression of four types in two batches, of which the second is small."""
    rng = np.random.default_rng(0)
    label = np.array(["B", "T", "NK", "mono"])[rng.integers(0, 4, n)]
    batch = np.where(np.arange(n) < 200, "big", "small")
    profile = {name: rng.gamma(0.3, 3, genes) for name in np.unique(label)}
    raw = rng.poisson(np.stack([profile[name] for name in label]))
    normal = np.log1p(raw / raw.sum(axis=1, keepdims=True) * 1e4).astype(np.float32)
    return sparse.csr_matrix(normal), label, batch


def scgraph(X, label, batch=None, *, within_batch):
    """All three correlations."""
    kinds = ("rank", "corr", "weighted")
    return {k: metrics.METRICS[f"scgraph_{k}"](X, label, batch, within_batch=within_batch) for k in kinds}


def by_pandas(X, label, batch, within):
    """The published procedure, in data frames: centers, scaled distances, mean over batches, correlations."""

    def distances(points, kinds):
        names = [name for name in np.unique(kinds) if (label == name).sum() >= 10]
        centers = [stats.trim_mean(points[kinds == name], 0.05, axis=0) for name in names]
        table = pd.DataFrame(cdist(centers, centers), index=names, columns=names)
        return table.div(table.max(axis=0), axis=1)

    known = [b for b in np.unique(batch) if not np.isnan(within[batch == b]).any()]
    stacked = pd.concat([distances(within[batch == b], label[batch == b]) for b in known])
    mean = stacked.groupby(stacked.index).mean()
    mean = mean.loc[mean.columns]
    mean = mean / mean.max(axis=0)
    mine, found = distances(X.astype(float), label), {"rank": [], "corr": [], "weighted": []}
    for name in mean:
        pair = pd.concat([mine[name], mean[name]], axis=1).dropna().to_numpy()
        found["rank"].append(stats.spearmanr(*pair.T)[0])
        found["corr"].append(stats.pearsonr(*pair.T)[0])
        w = np.where(pair[:, 1] > 0, 1 / np.maximum(pair[:, 1], 1e-12), 0)
        c = np.cov(pair.T, aweights=w)
        found["weighted"].append(c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]))
    return {kind: np.mean(values) for kind, values in found.items()}


def test_as_published(cells):
    within = cells.raw[:, :10].astype(float)
    found = scgraph(cells.X, cells.label, cells.batch, within_batch=within)
    assert found == pytest.approx(by_pandas(cells.X, cells.label, cells.batch, within), abs=1e-10)
    assert found["rank"] < 1


def test_pairs_of_types_that_no_batch_has_are_not_compared(cells):
    rng = np.random.default_rng(0)
    label = rng.choice(list("abcde"), 400)
    batch = np.where(label == "e", "y", np.where(label == "a", "x", rng.choice(["x", "y"], 400)))
    within = rng.standard_normal((400, 10))
    code = (np.unique(values, return_inverse=True)[1] for values in (label, batch))
    reference = type_graph.consensus(within, *code)
    assert np.isnan(reference[0, 4])
    assert np.isnan(reference).sum() == 2
    found = scgraph(cells.X, label, batch, within_batch=within)
    assert found == pytest.approx(by_pandas(cells.X, label, batch, within), abs=1e-10)


def test_the_reference_agrees_with_itself_and_a_shuffle_does_not(cells):
    within = cells.raw[:, :10].astype(float)
    one = scgraph(within, cells.label, within_batch=within)
    assert one == pytest.approx({"rank": 1, "corr": 1, "weighted": 1})
    # An island for each type, in places that have nothing to do with what the types are.
    codes = np.unique(cells.label, return_inverse=True)[1]
    islands = np.random.default_rng(1).permutation(np.arange(6.0) ** 2)[codes][:, None] + np.zeros((1, 2)) + 1
    torn = scgraph(islands, cells.label, within_batch=within)
    assert all(torn[kind] < one[kind] - 0.1 for kind in torn)


def test_resamples_are_those_of_repeated_cells(cells):
    """Without trimming (few cells a type), drawn weights give what repeated cells do."""
    own = np.flatnonzero(np.isin(cells.label, ["B", "T", "NK", "mono"]))
    names, codes = np.unique(cells.label[own], return_inverse=True)
    rows = np.concatenate([own[codes == c][:15] for c in range(len(names))])
    label = np.repeat(np.arange(len(names)), 15)
    X, within = cells.X[rows], cells.raw[rows, :5]
    reference = type_graph.consensus(within, label, np.zeros_like(label))
    drawn = np.random.default_rng(0).integers(1, 3, len(label))
    again = np.repeat(np.arange(len(label)), drawn)
    for kind in type_graph.CORRELATIONS:
        of_weights = type_graph.TypeGraph(X, label, reference).agreement(kind)(drawn[:, None].astype(float))
        centers = np.stack([X[again][label[again] == c].mean(axis=0) for c in range(len(names))])
        D = cdist(centers, centers)
        D /= D.max(axis=0)
        expected = np.mean(
            [type_graph.CORRELATIONS[kind](D[None, :, j], reference[:, j])[0] for j in range(len(names))]
        )
        assert of_weights.item() == pytest.approx(expected, abs=1e-6)


def test_each_batch_has_components_of_its_own():
    X, label, batch = counts()
    within = within_batch_pcs(X, batch)
    assert within.shape == (260, 10)
    assert np.isnan(within[batch == "small"]).all()  # fewer than 100 cells
    big = within[batch == "big"]
    np.testing.assert_allclose(big.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(big.T), np.diag(big.var(axis=0, ddof=1)), atol=1e-8)
    found = scgraph(within_batch_pcs(X, ["one"] * 260), label, batch, within_batch=within)
    assert found["rank"] > 0.8


def test_what_cannot_be_compared_is_refused(cells):
    within = cells.raw[:, :10]
    with pytest.raises(NotApplicable, match="three types or more"):
        scgraph(cells.X, np.repeat(["a", "b"], 200), cells.batch, within_batch=within)
    with pytest.raises(NotApplicable, match=f"no batch has {MIN_BATCH} cells"):
        scgraph(cells.X, cells.label, cells.batch, within_batch=np.full((400, 10), np.nan))
    with pytest.raises(DataError, match="399 rows for 400 cells"):
        scgraph(cells.X, cells.label, cells.batch, within_batch=within[1:])
