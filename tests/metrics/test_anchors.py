"""Scores of more cells than all are measured of, beside the exact ones."""

import numpy as np
import pytest
import torch

from zslib import metrics
from zslib.metrics import CARDS, measure_geometry, pairs, pairs_cpu, score
from zslib.metrics.anchors import dealt, every_cell

UP_TO = 2_000
"""Cells of which all would be measured, so that 400 of the 3,000 here are."""


@pytest.fixture(scope="module")
def many():
    """Eight types that overlap, of unlike size, in three batches that do not mix fully; one type in one batch only."""
    rng = np.random.default_rng(0)
    n = 3_000
    label = rng.choice(8, n, p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.06, 0.05, 0.04])
    batch = np.where(label == 7, 1, rng.integers(0, 3, n))
    X = 1.4 * rng.standard_normal((8, 10))[label] + 0.4 * rng.standard_normal((3, 10))[batch]
    return X + rng.standard_normal((n, 10)), label, batch


def test_anchors_are_of_every_stratum_and_stand_for_all_its_cells(many):
    _, label, batch = many
    strata, order = 3 * label + batch, np.random.default_rng(1).permutation(len(label))
    found = dealt(strata, order, 400)
    weighed = np.bincount(strata[found.rows], weights=found.weight)
    np.testing.assert_allclose(weighed, np.bincount(strata))
    assert 400 <= len(found.rows) <= 425
    assert (np.diff(found.rows) > 0).all()
    assert np.bincount(strata[found.rows])[np.unique(strata)].min() >= 10  # of 22 strata, half of 400
    again = dealt(strata[::-1], len(label) - 1 - order, 400)  # the same cells, in a file sorted anew
    np.testing.assert_array_equal(np.sort(len(label) - 1 - again.rows), found.rows)


def test_an_anchor_is_measured_against_all_cells(many, monkeypatch):
    X, label, batch = many
    rows = np.sort(np.random.default_rng(0).choice(len(X), 150, replace=False))
    given = {"k": 20, "k_own": 30, "fold": batch, "device": "cpu"}
    whole = measure_geometry(X, label, batch, **given)
    some = measure_geometry(X, label, batch, **given, rows=rows)
    by_torch = lambda cells, found, *, block: pairs.measure(  # noqa: E731
        cells, found, device=torch.device("cpu"), block=block
    )
    monkeypatch.setattr(pairs_cpu, "measure", by_torch)
    other = measure_geometry(X, label, batch, **given, rows=rows)
    for name in ("indices", "own_indices", "other_indices"):
        np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[rows])
        np.testing.assert_array_equal(getattr(other, name), getattr(whole, name)[rows])
    for name in ("distances", "label_sums", "batch_sums", "own_distances"):
        np.testing.assert_allclose(getattr(some, name), getattr(whole, name)[rows], rtol=1e-12)
        np.testing.assert_allclose(getattr(other, name), getattr(whole, name)[rows], rtol=1e-10)


OF_ANCHORS = [
    *("asw_label", "isolated_asw", "asw_batch", "knn_purity", "knn_probe"),
    *("ilisi", "clisi", "cilisi", "kbet_per_label", "novelty_across"),
]


def test_intervals_hold_the_exact_score_and_are_no_wider_than_anchors_spread(many):
    given = {"only": OF_ANCHORS, "spaces": ["native"], "device": "cpu"}
    exact = score(*many, **given, n_boot=0).table["value"].to_numpy()
    tables = [score(*many, **given, n_boot=80, seed=s, exact_up_to=UP_TO).table for s in range(20)]
    values, low, high = (np.array([t[name] for t in tables]) for name in ("value", "ci_low", "ci_high"))
    held = dict(zip(OF_ANCHORS, ((low <= exact) & (exact <= high)).mean(axis=0), strict=True))
    wide = dict(zip(OF_ANCHORS, (high - low).mean(axis=0) / (3.92 * values.std(axis=0)), strict=True))
    assert min(held.values()) >= 0.8, held
    assert np.mean(list(held.values())) >= 0.93, held
    assert min(wide.values()) > 0.8, wide
    assert max(wide.values()) < 2, wide
    # On average anchors say what all cells do.
    error = np.abs(values.mean(axis=0) - exact) / (values.std(axis=0) / np.sqrt(20))
    assert (error < 4).all(), dict(zip(OF_ANCHORS, error, strict=True))


def test_all_scores_of_anchors_and_an_approximate_graph_are_near_the_exact_ones(many):
    X, label, batch = many
    before = X + 0.5 * np.eye(3, 10)[batch] + 0.5 * np.random.default_rng(1).standard_normal(X.shape)
    given = {"unintegrated": before, "within_batch": before, "spaces": ["native"], "device": "cpu"}
    exact = score(X, label, batch, **given, n_boot=0).table.set_index(["space", "metric"])
    found = score(X, label, batch, **given, n_boot=60, exact_up_to=UP_TO)
    assert not found.skipped
    assert found.spaces["native"].recall > 0.97
    assert f"{found.spaces['native'].recall:.1%} of which are the nearest" in found.table.attrs["strata"]
    assert "Of the 3,000 cells" in found.table.attrs["strata"]
    assert len(found.sweep) == 2 * 10
    table = found.table.set_index(["space", "metric"])
    width = 2 * (table["ci_high"] - table["ci_low"])
    apart = (table["value"] - exact["value"]).abs()
    still = width.isna()
    assert (apart[still] <= 0.01 * exact["value"][still].abs()).all(), apart[still]
    assert (apart[~still] < width[~still]).all(), (apart / width).sort_values()
    same = ["bras", "pcr_comparison", "linear_probe", "batch_probe", "scgraph_rank", "anisotropy"]
    assert apart[[("native", name) for name in same]].max() < 1e-12
    titrated = metrics.titrate(found.spaces["native"], n_boot=0)
    assert len(set(titrated["label"])) == 1 + 8  # the mean, too


def test_a_graph_of_other_cells_is_refused(many, monkeypatch):
    X, label, batch = many
    rng = np.random.default_rng(0)
    wrong = rng.integers(0, len(X), (len(X), 14)), np.sort(rng.random((len(X), 14)), axis=1)
    monkeypatch.setattr("zslib.metrics.space.approximate", lambda *args, **kwargs: wrong)
    only = ["knn_purity", "nmi_fixed", "graph_connectivity", "hubness"]
    found = score(X, label, batch, only=only, n_boot=0, device="cpu", exact_up_to=UP_TO)
    assert set(found.skipped) == {"nmi_fixed", "graph_connectivity", "hubness"}
    assert "in 3,000 cells found 0%" in found.skipped["hubness"]
    assert found.table["metric"].unique().tolist() == ["knn_purity"]


def test_up_to_the_size_nothing_is_sampled(many):
    space = metrics.Space.of(*many, exact_up_to=3_000, device="cpu")
    assert space.exact
    assert space.sample is space
    np.testing.assert_array_equal(space.anchors.rows, every_cell(3_000).rows)
    assert set(CARDS) >= set(OF_ANCHORS)
