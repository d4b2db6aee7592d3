"""What is said of cells whose types nobody knows."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from zslib import metrics
from zslib.core.errors import DataError, NotApplicable
from zslib.results import Run, comparison, stages, unlabeled


@pytest.fixture(scope="module")
def runs(toy, tmp_path_factory):
    """Three embeddings: depth alone, its copy turned around, and noise."""
    results, rng = tmp_path_factory.mktemp("results"), np.random.default_rng(0)
    depth = np.log(np.asarray(toy.layers["counts"].sum(axis=1)))
    arrays = {"hvg": depth, "hvg-pca": -depth, "random": rng.standard_normal((toy.n_obs, 5))}
    for method, array in arrays.items():
        stages.save(Run(results, "toy", method, 0), array.astype(np.float32), {"status": "ok"})
    return comparison.Comparison(results, "toy", tuple(arrays), (0,))


def test_depth_is_explained_by_an_embedding_of_depth_and_not_by_noise(runs, toy):
    table = unlabeled.explained(runs, toy)
    assert table.loc["hvg", "counts (log)"] > 0.95
    assert table.loc["random", "counts (log)"] < 0.1


def test_what_is_explained_is_as_scikit_learn_finds_the_neighbors(runs, toy):
    X = runs.runs_of("random")[0].embedding
    near = NearestNeighbors(n_neighbors=14).fit(X).kneighbors(return_distance=False)
    depth = unlabeled.confounders(toy)["counts (log)"].to_numpy()
    left = ((depth - depth[near].mean(axis=1)) ** 2).sum() / ((depth - depth.mean()) ** 2).sum()
    assert unlabeled.explained(runs, toy).loc["random", "counts (log)"] == pytest.approx(1 - left, abs=0.01)


def test_agreement_is_full_with_the_same_and_by_chance_with_noise(runs, toy):
    table = unlabeled.agreement(runs)
    assert table.loc["hvg", "hvg-pca"] > 0.95
    assert table.loc["hvg", "random"] == pytest.approx(14 / toy.n_obs, abs=0.03)
    assert (table.to_numpy() == table.to_numpy().T).all()


def test_metrics_that_look_at_types_are_skipped_with_their_reason(toy):
    X, batch = toy.obsm["X_unintegrated"], toy.obs["batch"].to_numpy()
    some = metrics.score(X, None, batch, unintegrated=X, n_boot=10)
    names = set(some.table["metric"])
    assert {"ilisi", "pcr_comparison", "effective_rank", "hubness"} <= names
    assert "no label was given" in some.skipped["asw_label"]
    assert some.sweep.empty
    assert some.by_type.empty
    whole = metrics.score(X, toy.obs["label"].to_numpy(), batch, unintegrated=X, n_boot=10)
    values = [s.table.set_index(["space", "metric"])["value"] for s in (some, whole)]
    np.testing.assert_array_equal(values[0], values[1][values[0].index])


def test_a_metric_by_itself_says_that_it_needs_labels(toy):
    for error in (DataError, NotApplicable):
        with pytest.raises(error, match="no label was given"):
            metrics.knn_purity(toy.obsm["X_unintegrated"])
