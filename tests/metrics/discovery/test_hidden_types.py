"""Hiding every type, on cells with a known answer."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import NearestNeighbors

from zslib import metrics
from zslib.core.errors import DataError
from zslib.metrics.discovery.distance import K
from zslib.metrics.discovery.novelty import SPLITS, halves
from zslib.metrics.distances import numbers

RNG = np.random.default_rng(0)
N = 240
LABEL = np.array(["near", "far", "split", "noise"])[np.arange(N) % 4]
BATCH = np.array(["x", "y"])[(np.arange(N) // 4) % 2]
NOISE = RNG.standard_normal((N, 6))


def cells():
    """Four types: one far away, one in two far clouds, and two that cannot be told apart."""
    X = NOISE.copy()
    X[LABEL == "far", 0] += 60
    split = np.flatnonzero(LABEL == "split")
    X[split[::2], 1] += 80
    X[split[1::2], 1] -= 80
    return X


def discover(X, label, batch=None, *, n_boot):
    """Scores of discovery, and one table of all that they say of types and of few cells."""
    names = [name for name, card in metrics.CARDS.items() if card.family == "discovery"]
    scores = metrics.score(X, label, batch, only=names, n_boot=n_boot, device="cpu")
    few = metrics.titrate(scores.spaces["native"], n_boot=n_boot)
    return SimpleNamespace(
        table=pd.concat([scores.by_type, few], ignore_index=True), scores=scores, replicates=scores.replicates
    )


@pytest.fixture(scope="module")
def found():
    return discover(cells(), LABEL, BATCH, n_boot=60)


def value(found, metric, label, space="native"):
    rows = found.table.query("metric == @metric and label == @label and space == @space")
    return rows.iloc[0]


def test_what_is_far_is_new_and_what_is_not_distinct_is_not(found):
    assert value(found, "novelty_auroc", "far").value == 1
    assert value(found, "novelty_auprc", "split").value == 1
    assert abs(value(found, "novelty_auroc", "near").value - 0.5) < 0.15
    assert value(found, "own_cluster_recall", "near").value == 0
    assert value(found, "own_cluster_recall", "split").value == pytest.approx(0.5, abs=0.05)
    titrated = found.table.query("metric == 'found_by_distance' and label == 'far'")
    assert titrated["cells"].tolist() == [5]
    assert (titrated["value"] == 1).all()


def test_numbers_are_those_of_scikit_learn(found):
    X, (_, codes), (_, batch) = (
        cells(),
        np.unique(LABEL, return_inverse=True),
        np.unique(BATCH, return_inverse=True),
    )
    names = np.unique(LABEL)
    order, roc, ap = np.argsort(numbers(X, codes, batch)), [], []
    for split in range(SPLITS):
        reference = halves(codes * 2 + batch, order, split)
        known = reference & (LABEL != "near")
        score = NearestNeighbors(n_neighbors=K).fit(X[known]).kneighbors(X)[0].mean(axis=1)
        asked = ~reference | (LABEL == "near")
        roc.append(roc_auc_score(LABEL[asked] == "near", score[asked]))
        ap.append(average_precision_score(LABEL[asked] == "near", score[asked]))
    assert value(found, "novelty_auroc", "near").value == pytest.approx(np.mean(roc), abs=1e-9)
    assert value(found, "novelty_auprc", "near").value == pytest.approx(np.mean(ap), abs=1e-9)
    means = [value(found, "novelty_auroc", name).value for name in names]
    assert value(found, "novelty_auroc", "").value == pytest.approx(np.mean(means))


def test_the_graph_that_is_clustered_has_never_seen_a_label():
    renamed = pd.Series(LABEL).map({"near": "z", "far": "b", "split": "a", "noise": "q"}).to_numpy()
    first, second = (discover(cells(), names, BATCH, n_boot=0) for names in (LABEL, renamed))
    for old, new in (("near", "z"), ("split", "a")):
        assert value(first, "own_cluster_recall", old).value == value(second, "own_cluster_recall", new).value


def test_intervals_hold_the_value_and_means_pair_with_the_scores(found):
    rows = found.table[found.table["ci_low"].notna()]
    assert ((rows["ci_low"] <= rows["value"] + 1e-9) & (rows["value"] <= rows["ci_high"] + 1e-9)).mean() > 0.9
    means = found.table.query("label == '' and not metric.str.startswith('found')", engine="python")
    columns = ["value", "ci_low", "ci_high"]
    np.testing.assert_array_equal(means[columns], found.scores.table[columns])
    assert found.scores.by_batch.empty
    ends = found.replicates["native/novelty_auroc"].quantile([0.025, 0.975])
    mean = value(found, "novelty_auroc", "")
    assert ends.tolist() == pytest.approx([mean.ci_low, mean.ci_high])


def test_the_same_seed_gives_the_same_table():
    first, second = (discover(NOISE, LABEL, BATCH, n_boot=5).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_chance_is_stated_and_noise_reaches_it():
    found = discover(NOISE, LABEL, BATCH, n_boot=100)
    for metric in ("novelty_auroc", "novelty_auprc"):
        mean = value(found, metric, "")
        assert mean.value == pytest.approx(mean.chance, abs=0.08)
    assert value(found, "novelty_auprc", "far").chance == pytest.approx(60 / (60 + 90))


def test_wide_embeddings_are_asked_in_both_spaces():
    wide = np.hstack([cells(), 0.1 * np.random.default_rng(1).standard_normal((N, 60))])
    found = discover(wide, LABEL, BATCH, n_boot=0)
    native, reduced = (value(found, "novelty_auroc", "near", s).value for s in ("native", "pca50"))
    assert native != reduced
    assert np.isnan(value(found, "novelty_auroc", "").ci_low)


def test_a_type_that_leaves_no_reference_is_left_out():
    label = np.array(["most"] * 30 + ["few"] * 6)
    found = discover(NOISE[:36], label, n_boot=5)
    assert set(found.table["label"]) == {"few", ""}
    found = discover(NOISE[:16], ["most"] * 8 + ["few"] * 8, n_boot=5)
    assert found.table.empty
    assert found.scores.skipped.pop("novelty_across").startswith("all cells are of one batch")
    assert all("fewer than 10 cells" in reason for reason in found.scores.skipped.values())
    assert len(found.scores.skipped) == 3


def test_one_type_cannot_be_hidden():
    with pytest.raises(DataError, match="two cell types or more"):
        discover(NOISE, ["a"] * N, n_boot=0)
