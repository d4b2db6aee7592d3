"""Clusters of their own, and how few cells are enough: known answers."""

import numpy as np
import pytest

from zslib import metrics
from zslib.metrics.discovery import titration
from zslib.metrics.discovery.own_cluster import recall_at_purity
from zslib.metrics.space import Space

ONCE = np.ones((10, 1))


def recall(clusters, own, weights=ONCE):
    return recall_at_purity(np.array(clusters), np.array(own, dtype=bool))(weights)[0]


def test_a_cluster_counts_if_it_is_pure_enough_and_by_its_share_of_the_type():
    own = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    assert recall([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], own) == 1
    assert recall([0, 0, 0, 1, 1, 2, 2, 2, 2, 2], own) == 0.6
    assert recall([0, 0, 0, 0, 1, 0, 1, 1, 1, 1], own) == 0.8  # 4 of 5: exactly at the bar
    assert recall([0, 0, 0, 1, 1, 0, 1, 1, 1, 1], own) == 0
    assert recall([0] * 10, own) == 0


def test_weights_move_a_cluster_over_the_bar():
    clusters, own = [0, 0, 0, 1, 1, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0]
    weights = ONCE.copy()
    weights[0] = 2
    assert recall(clusters, own, weights) == pytest.approx(4 / 6)


def blobs(apart: float, n: int = 300):
    """Two types on a line of clouds; the second lies so far from the first."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 5))
    X[n // 2 :, 0] += apart
    return X, np.arange(n // 2, n), np.arange(n // 2)


@pytest.mark.parametrize(("apart", "expected"), [(0.0, False), (40.0, True)])
def test_a_distant_type_is_found_from_few_cells_and_one_that_is_not_distinct_never(apart, expected):
    X, own, others = blobs(apart)
    drawn = titration.draw(own, others, others, np.random.default_rng(1))
    score = np.linalg.norm(X, axis=1)
    assert [titration.found_by_distance(score, drawn, m) for m in (5, 20, 100)] == [expected] * 3
    assert titration.found_by_cluster(X, drawn, [20, 50]) == [expected] * 2


def test_the_rule_of_distance_is_met_exactly_at_its_bar():
    score = np.array([10.0, 9, 1, 1, 9.5, 9.2, 9.1, 0])
    drawn = titration.Draw(
        own=np.arange(4), others=np.array([4]), known=np.arange(4, 8), fitted=np.arange(0), seed=0
    )
    # Two of the four kept cells are met at 9, after three known ones.
    assert not titration.found_by_distance(score, drawn, 4)
    score[4] = 0
    assert titration.found_by_distance(score, drawn, 4)


def test_the_graph_of_drawn_cells_is_the_one_of_the_metrics():
    X, _, _ = blobs(3.0, 80)
    columns, distances = titration._nearest(titration._distances(X))
    expected = metrics.neighbors(X, device="cpu")
    np.testing.assert_array_equal(columns, expected.indices)
    np.testing.assert_allclose(distances, expected.distances, atol=1e-9)


def test_more_kept_cells_include_the_fewer():
    drawn = titration.draw(np.arange(30), np.arange(30, 900), np.arange(30, 400), np.random.default_rng(0))
    assert len(drawn.own) == 30
    assert len(set(drawn.own)) == 30
    assert len(drawn.others) == len(set(drawn.others)) == titration.BACKGROUND
    assert len(drawn.known) == 370


def test_fewest_is_the_number_from_which_on_it_holds():
    levels = np.array([5, 10, 20])
    assert titration.fewest(levels, np.array([1, 1, 1])) == 5
    assert titration.fewest(levels, np.array([1, 0.4, 0.5])) == 20
    assert titration.fewest(levels, np.array([0, 0.5, 1])) == 10
    assert titration.fewest(levels, np.array([1, 1, 0.2])) is None


def test_kept_cells_are_as_many_as_there_are_and_few_beside_the_others():
    assert titration.levels(20, 500) == [5, 20]
    assert titration.levels(1000, 500) == [5, 20, 100]
    assert titration.levels(1000, 99) == [5]


def test_what_is_fitted_sees_the_kept_cells_alone():
    """Fitted to all cells a method may set the type apart; fitted to those that are kept it does not know it."""
    X, own, _ = blobs(40.0)
    label, asked = np.where(np.isin(np.arange(len(X)), own), "new", "known"), []

    def refit(sets):
        asked.extend(sets)
        for rows in sets:
            yield X[rows] * ([1, 1, 1, 1, 1] if np.isin(rows, own).sum() > 5 else [0, 1, 1, 1, 1])

    space = Space.of(X, label, device="cpu")
    few = titration.titrate(space, refit=refit, n_boot=0).query("label == 'new'")
    assert {int(np.isin(rows, own).sum()) for rows in asked} == {5, 150}  # 150 where the other type is hidden
    assert few.query("metric == 'found_by_distance'")["value"].tolist()[0] == 0
    plain = titration.titrate(space, n_boot=0).query("label == 'new' and metric == 'found_by_distance'")
    assert plain["value"].tolist()[0] == 1


def test_fitting_anew_with_the_same_numbers_finds_the_same():
    X, own, _ = blobs(40.0)
    space = Space.of(X, np.isin(np.arange(len(X)), own).astype(int), device="cpu")
    plain, anew = (
        titration.titrate(space, n_boot=5),
        titration.titrate(space, refit=lambda sets: [X[rows] for rows in sets], n_boot=5),
    )
    assert plain["value"].tolist() == anew["value"].tolist()
    assert plain["value"].max() == 1
