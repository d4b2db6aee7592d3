"""A type that is hidden from a reference of other batches, and what chance reaches, measured."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from zslib import metrics
from zslib.metrics.discovery import across, chance
from zslib.metrics.space import Space

RNG = np.random.default_rng(3)
N = 300
LABEL = np.array(["a", "b", "c"])[np.arange(N) % 3]
BATCH = np.array(["x", "y"])[(np.arange(N) // 3) % 2]
X = RNG.standard_normal((N, 4))
X[LABEL == "a", 0] += 12


def by_type(X, metric, label=LABEL, batch=BATCH, seed=0):
    given = {"only": [metric], "spaces": ["native"], "n_boot": 20, "device": "cpu", "seed": seed}
    return metrics.score(X, label, batch, **given).by_type.set_index("label")


def test_it_is_the_novelty_of_one_batch_among_the_others_by_scikit_learn():
    expected = []
    for sample in ("x", "y"):
        known = (sample != BATCH) & (LABEL != "b")
        near = NearestNeighbors(n_neighbors=10).fit(X[known]).kneighbors(X[sample == BATCH])[0].mean(axis=1)
        expected.append(roc_auc_score(LABEL[sample == BATCH] == "b", near))
    assert by_type(X, "novelty_across").loc["b", "value"] == pytest.approx(np.mean(expected), abs=1e-9)


def test_a_batch_effect_hides_from_new_batches_what_is_found_in_the_same_ones():
    """In batch y, which lies elsewhere, the other types stand out in the direction that tells the hidden one in x."""
    shifted = X.copy()
    shifted[:, 0] = np.where((LABEL == "a") == (BATCH == "x"), 12, 0)
    shifted[BATCH == "y", 1] += 100
    assert by_type(shifted, "novelty_auroc").loc["a", "value"] > 0.99
    assert by_type(shifted, "novelty_across").loc["a", "value"] < 0.6


def test_types_that_the_reference_lacks_are_not_counted_as_known():
    label = LABEL.copy()
    label[(LABEL == "c") & (BATCH == "y")] = "only in y"
    codes = np.unique(label, return_inverse=True)[1]
    reference = BATCH == "x"
    hidden, known = across.split(codes, 0, reference)
    assert set(label[hidden]) == {"a"}
    assert set(label[known]) == {"b"}
    assert not (hidden | known)[reference].any()


def test_chance_is_what_shuffled_labels_reach_and_no_half_where_batches_hold_other_types():
    """All cells of one type are in a batch that lies far out: whatever it is called, its cells are the novel ones."""
    label, batch = LABEL.copy(), np.where(LABEL == "c", "z", BATCH)
    label[batch == "z"] = np.where(RNG.random((batch == "z").sum()) < 0.9, "c", "a")
    spread = X.copy()
    spread[batch == "z"] *= 8
    found = by_type(spread, "novelty_auroc", label, batch)
    assert found.loc["c", "chance"] > 0.6
    even = by_type(X, "novelty_auroc")
    assert even.loc["", "chance"] == pytest.approx(0.5, abs=0.05)
    assert by_type(X, "novelty_across").loc["", "chance"] == pytest.approx(0.5, abs=0.08)


def test_labels_change_places_within_their_batch_whatever_the_order_of_the_cells():
    order = RNG.permutation(N)
    plain = Space.of(X, LABEL, BATCH, device="cpu")
    other = Space.of(X[order], LABEL[order], BATCH[order], device="cpu")
    shuffled = chance.shuffled(plain)
    assert (shuffled[order] == chance.shuffled(other)).all()
    assert (shuffled != plain.label).mean() > 0.4
    for batch in ("x", "y"):
        here = batch == BATCH
        np.testing.assert_array_equal(np.bincount(shuffled[here]), np.bincount(plain.label[here]))
