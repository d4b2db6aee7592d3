import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score as ari
from sklearn.metrics import normalized_mutual_info_score as nmi

from zslib import metrics, tables
from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.stats import bootstrap_weights
from zslib.metrics import CARDS, score
from zslib.metrics.agreement import contingency, table_nmi
from zslib.metrics.resolution import matched_resolution


@pytest.fixture(scope="module")
def before(cells):
    return metrics.pca(cells.raw, device="cpu")


@pytest.fixture(scope="module")
def given(cells, before):
    """What the cells were before, and three batches by themselves."""
    return {"unintegrated": before, "within_batch": before[:, :10], "device": "cpu"}


@pytest.fixture(scope="module")
def scores(cells, given):
    return score(cells.X, cells.label, cells.batch, **given, n_boot=60)


NOT_RESAMPLED = ("effective_rank", "participation_ratio")


def value(scores, metric, space="native"):
    table = scores.table.set_index(["space", "metric"])
    return table.loc[(space, metric), "value"]


def test_the_table_is_tidy(scores):
    assert list(scores.table) == ["space", "metric", "value", "ci_low", "ci_high", "n_cells", "better"]
    assert list(scores.table["metric"]) == list(CARDS) * 2
    assert list(scores.table["space"].unique()) == ["native", "pca50"]
    assert (scores.table["n_cells"] == 400).all()
    assert scores.skipped == {}
    for row in scores.table.itertuples():
        low, high = CARDS[row.metric].range
        assert low <= row.value <= high
        still = np.ptp(scores.replicates[f"{row.space}/{row.metric}"]) <= 1e-12
        assert row.ci_low < row.ci_high or still or row.metric in NOT_RESAMPLED


@pytest.mark.parametrize("space", ["native", "pca50"])
def test_each_value_is_that_of_the_function_by_itself(scores, cells, before, space):
    X = cells.X if space == "native" else metrics.pca(cells.X, device="cpu")
    order = scores.spaces[space].order  # in which clusterings begin
    graph, label = metrics.neighbors(X, device="cpu").connectivities[order][:, order], cells.label[order]
    expected = {
        name: function(X, cells.label, cells.batch, within_batch=before[:, :10], unintegrated=before)
        for name, function in metrics.METRICS.items()
    }
    chosen = {
        "fixed": lambda seed: 1.0,
        "matched": lambda seed: matched_resolution(metrics.Clusterings(graph), 6, seed),
        "stable": lambda seed: metrics.stability(graph, seed=seed).query("chosen")["resolution"].item(),
    }
    for way, choose in chosen.items():
        clusters = [metrics.leiden(graph, resolution=choose(seed), seed=seed) for seed in range(4)]
        expected[f"nmi_{way}"] = np.mean([nmi(label, c) for c in clusters])
        expected[f"ari_{way}"] = np.mean([ari(label, c) for c in clusters])
    for algorithm in ("louvain", "leiden"):
        sweep = metrics.best_of_resolutions(graph, label, algorithm=algorithm)
        expected[f"nmi_{algorithm}"] = np.mean([nmi(label, c) for c in sweep.clusters])
        expected[f"ari_{algorithm}"] = np.mean([ari(label, c) for c in sweep.clusters])
    expected["avg_bio"] = np.mean([expected[part] for part in ("asw_label", "nmi_louvain", "ari_louvain")])
    expected["avg_batch"] = np.mean([expected[part] for part in ("pcr_comparison", "asw_batch")])
    for metric, wanted in expected.items():
        assert value(scores, metric, space) == pytest.approx(wanted, abs=1e-12), metric


def test_the_intervals_hold_the_luck_of_the_start():
    """Islands of unlike size that part further at some resolutions, by luck; beside three types that do not tell."""
    rng = np.random.default_rng(0)
    island = rng.choice(7, 300, p=[0.3, 0.2, 0.15, 0.15, 0.1, 0.05, 0.05])
    X = 2.2 * rng.standard_normal((7, 8))[island] + rng.standard_normal((300, 8))
    label = island % 3
    only = [f"{name}_{way}" for name in ("nmi", "ari") for way in ("stable", "matched", "fixed")]
    table = score(X, label, only=only, spaces=["native"], n_boot=200, device="cpu").table.set_index("metric")
    moved, outside = 0.0, 0
    for seed in range(1, 7):
        again = score(X, label, only=only, spaces=["native"], n_boot=0, seed=100 * seed, device="cpu").table
        again = again.set_index("metric")["value"]
        moved = max(moved, abs(again - table["value"]).max())
        outside += int(((again < table["ci_low"]) | (again > table["ci_high"])).sum())
    assert moved > 0.01
    assert outside <= 0.1 * 6 * len(only)


def test_a_number_that_rests_on_single_cells_has_no_interval(cells, given):
    """The type in the fewest batches has one cell."""
    label = np.where(cells.label == "plasma", "T", cells.label)
    label[1] = "B"
    found = score(cells.X, label, cells.batch, **given, only=["isolated_asw", "asw_label"], n_boot=50).table
    found = found.set_index(["space", "metric"])
    assert np.isnan(found.loc[("native", "isolated_asw"), ["ci_low", "ci_high"]].astype(float)).all()
    low, high = found.loc[("native", "asw_label"), ["ci_low", "ci_high"]]
    assert low < high


def test_no_interval_shrinks_where_strata_are_single_cells():
    rng = np.random.default_rng(0)
    label, batch = np.arange(300) % 5, np.arange(300) // 5
    X = rng.standard_normal((300, 6)) + 1.2 * np.eye(6)[label]
    only = ["asw_label", "knn_purity", "clisi", "nmi_fixed", "linear_probe"]
    single = score(X, label, batch, only=only, spaces=["native"], n_boot=200, device="cpu").table
    few = score(X, label, batch % 2, only=only, spaces=["native"], n_boot=200, device="cpu").table
    assert "5 strata of cell type and batch, made of 300 by merging" in single.attrs["strata"]
    assert "10 strata of cell type and batch. " in few.attrs["strata"]
    wide = (single["ci_high"] - single["ci_low"]) / (few["ci_high"] - few["ci_low"])
    assert ((wide > 0.7) & (wide < 1.5)).all()


def test_an_interval_is_as_wide_as_the_spread_of_other_draws():
    """Of separate types a resample that leaves silhouettes and neighbors as they are sees two thirds of it."""
    names = ["asw_label", "knn_purity", "linear_probe"]
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        label = np.arange(150) % 5
        X = rng.standard_normal((150, 6)) + 3 * np.eye(6)[label]
        table = metrics.score(X, label, only=names, spaces=["native"], n_boot=100, device="cpu").table
        found.append([table["value"], table["ci_high"] - table["ci_low"]])
    values, widths = np.swapaxes(found, 0, 1)
    ratio = widths.mean(axis=0) / (3.92 * values.std(axis=0, ddof=1))
    assert ((ratio > 0.8) & (ratio < 1.5)).all(), ratio


def test_a_batch_that_a_resample_lacks_leaves_the_others(cells):
    found = score(cells.X, cells.label, np.arange(400) // 4, only=["batch_probe"], n_boot=50, device="cpu")
    assert not found.replicates.isna().any(axis=None)


def test_the_page_says_within_what_cells_were_drawn(scores, tmp_path):
    store.write_table(tmp_path / "scores.parquet", scores.table)
    shown = tables.scores(pd.read_parquet(tmp_path / "scores.parquet"), {}, scores.by_batch, 60).data
    assert scores.table.attrs["strata"].startswith("Cells were drawn again within ")
    assert scores.table.attrs["strata"] in shown


def test_what_cannot_be_compared_is_said(cells):
    with pytest.raises(DataError, match="400 cells has a label of its own"):
        score(cells.X, np.arange(400), cells.batch, n_boot=0)
    found = score(cells.X, cells.label, np.arange(400), n_boot=0, device="cpu", only=["ilisi", "avg_batch"])
    assert found.skipped["ilisi"] == "each cell has a batch of its own, so there is nothing to mix"


def test_resamples_take_the_repeated_clusterings_in_turn():
    # Noise has no clusters to find, so every start ends elsewhere.
    X = np.random.default_rng(0).standard_normal((300, 5))
    label = np.repeat(np.arange(3), 100)
    scores = score(X, label, only=["nmi_louvain"], n_boot=20, device="cpu")
    found, order = scores.replicates["native/nmi_louvain"].to_numpy(), scores.spaces["native"].order
    graph = metrics.neighbors(X, device="cpu").connectivities[order][:, order]
    clusters = metrics.best_of_resolutions(graph, label[order], algorithm="louvain").clusters[
        :, np.argsort(order)
    ]
    assert len(np.unique(clusters, axis=0)) > 1
    weights = np.hstack(list(bootstrap_weights(label, 20, seed=0)))
    turns = [clusters[b % len(clusters)] for b in range(20)]
    expected = [table_nmi(contingency(weights[:, [b]], label, c))[0] for b, c in enumerate(turns)]
    np.testing.assert_allclose(found - found.mean(), expected - np.mean(expected), atol=1e-12)


def test_replicates_are_paired_between_embeddings(scores, cells, given):
    again = score(2 * cells.X, cells.label, cells.batch, **given, n_boot=60)
    # LISI depends on the unit of length, since the search for its scale stops near the mark and not on it.
    lisi = [column for column in again.replicates if column.endswith("lisi")]
    pd.testing.assert_frame_equal(
        again.replicates.drop(columns=lisi), scores.replicates.drop(columns=lisi), atol=1e-9
    )
    pd.testing.assert_frame_equal(again.replicates[lisi], scores.replicates[lisi], atol=1e-4)
    assert scores.replicates.shape == (60, 2 * len(CARDS))
    other = score(cells.X, cells.label, cells.batch, **given, only=["asw_label"], n_boot=60, seed=1)
    assert (other.replicates["native/asw_label"] != scores.replicates["native/asw_label"]).all()


def test_averages_of_replicates_are_of_the_same_resample(scores):
    parts = scores.replicates[["native/asw_label", "native/nmi_louvain", "native/ari_louvain"]]
    np.testing.assert_allclose(scores.replicates["native/avg_bio"], parts.mean(axis=1))


def test_up_to_50_dimensions_both_spaces_are_one(cells, given):
    found = score(cells.X[:, :20], cells.label, cells.batch, **given, n_boot=5)
    native, reduced = (
        found.table[found.table["space"] == name].drop(columns="space") for name in ("native", "pca50")
    )
    pd.testing.assert_frame_equal(native.reset_index(drop=True), reduced.reset_index(drop=True))


def test_the_sweep_and_the_neighbors_come_along(scores):
    assert list(scores.sweep) == ["space", "algorithm", "resolution", "n_clusters", "nmi", "ari", "chosen"]
    assert len(scores.sweep) == 2 * 2 * 20
    assert (scores.sweep.groupby(["space", "algorithm"])["chosen"].sum() == 1).all()
    found = scores.spaces["native"].neighbors
    assert found.indices.shape == found.distances.shape == (400, 14)
    assert found.connectivities.shape == (400, 400)


def test_only_what_is_asked_for_is_computed(cells, given, scores, monkeypatch):
    found = score(cells.X, cells.label, cells.batch, **given, only=["bras", "avg_bio"], n_boot=60)
    assert found.table["metric"].tolist() == ["avg_bio", "bras"] * 2
    assert found.skipped == {}
    whole = scores.table[scores.table["metric"].isin(["avg_bio", "bras"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.table, whole)
    pd.testing.assert_frame_equal(found.replicates, scores.replicates[list(found.replicates)])
    native = found.spaces["native"]
    assert native.pairs == {"near", "labels"}
    assert native.geometry("near").indices.shape == (400, 14)
    assert {key[1:] for key in native._kept} == {("louvain",)}

    def unasked(*args, **kwargs):
        raise AssertionError("nobody asked for components")

    monkeypatch.setattr("zslib.metrics.space.pca", unasked)
    one = score(cells.X, cells.label, only=["asw_label"], spaces=["native"], n_boot=0, device="cpu")
    assert one.table[["space", "metric"]].values.tolist() == [["native", "asw_label"]]
    skipped = score(cells.X, cells.label, only=["avg_batch"], spaces=["native"], n_boot=0).skipped
    assert list(skipped) == ["avg_batch"]
    with pytest.raises(DataError, match="no space pca2"):
        score(cells.X, cells.label, spaces=["pca2"])


NEED_BATCHES = {
    *("avg_batch", "asw_batch", "bras", "pcr_comparison", "ilisi", "cilisi", "kbet_per_label", "batch_probe"),
    *("isolated_asw", "isolated_f1", "novelty_across"),
}


def test_with_one_batch_the_batch_metrics_are_skipped_with_a_reason(cells, given):
    found = score(cells.X, cells.label, ["one"] * 400, **given, spaces=["native"], n_boot=2)
    assert set(found.skipped) == NEED_BATCHES
    none = score(cells.X, cells.label, **given, only=NEED_BATCHES | {"clisi"}, n_boot=0)
    assert none.skipped == found.skipped
    assert "one batch" in found.skipped["asw_batch"]
    assert "PCR comparison is part of it" in found.skipped["avg_batch"]
    assert not set(found.skipped) & set(found.table["metric"])
    assert {"graph_connectivity", "knn_probe", "scgraph_rank"} <= set(found.table["metric"])
    page = str(tables.scores(found.table, found.skipped, found.by_batch, 60).data)
    assert page.count("one batch") == 2  # once for all that need batches, once for the average made of them
    assert "nan" not in page
    assert all((card.title in page) == (card.family != "discovery") for card in CARDS.values())


def test_without_the_data_before_nothing_is_compared_with_them(cells):
    found = score(cells.X, cells.label, cells.batch, n_boot=0, device="cpu")
    graphs = {"scgraph_rank", "scgraph_corr", "scgraph_weighted"}
    assert set(found.skipped) == {"pcr_comparison", "avg_batch", "neighbor_preservation", *graphs}
    assert all("not given" in reason for reason in found.skipped.values())
    assert found.table["value"].notna().all()
    assert found.table[["ci_low", "ci_high"]].isna().all(axis=None)
    assert found.replicates.shape == (0, 2 * (len(CARDS) - len(found.skipped)))


def test_what_cannot_be_scored_is_refused(cells):
    bad = cells.X.copy()
    bad[3, 0] = np.nan
    with pytest.raises(DataError, match="row 3"):
        score(bad, cells.label)
    with pytest.raises(DataError, match="every cell has the label 'T'"):
        score(cells.X, ["T"] * 400)
    with pytest.raises(DataError, match="400 rows for 399 cells"):
        score(cells.X, cells.label[1:])
    with pytest.raises(DataError, match="batch has 399 values"):
        score(cells.X, cells.label, cells.batch[1:])
    with pytest.raises(DataError, match="at most 50"):
        score(cells.X, cells.label, cells.batch, unintegrated=cells.raw)
    with pytest.raises(DataError, match="at least 15 cells"):
        score(cells.X[:10], cells.label[:10])


def test_pandas_columns_and_unused_categories(cells):
    label = pd.Series(
        pd.Categorical(cells.label, categories=[*np.unique(cells.label), "unseen"]), index=range(7, 407)
    )
    given = {"only": ["avg_bio", "ilisi", "linear_probe", "novelty_auroc"], "n_boot": 0, "device": "cpu"}
    found = score(cells.X, label, pd.Series(cells.batch), **given)
    plain = score(cells.X, cells.label, cells.batch, **given)
    pd.testing.assert_frame_equal(found.table, plain.table)


def test_better_embeddings_score_better(cells):
    """A positive control: the labels, the data, and noise, in this order."""
    rng = np.random.default_rng(0)
    codes = np.unique(cells.label, return_inverse=True)[1]
    answer = np.eye(codes.max() + 1)[codes] + 0.1 * rng.standard_normal((400, codes.max() + 1))
    noise = rng.standard_normal((400, 30))
    bio = [metrics.avg_bio(X, cells.label, device="cpu") for X in (answer, cells.X, noise)]
    assert bio == sorted(bio, reverse=True)
    assert bio[0] > 0.9
    assert bio[2] < 0.3


def test_the_interval_of_noise_holds_its_value(cells):
    """Cells drawn twice agree with themselves, which would lift the interval above the value."""
    noise = np.random.default_rng(0).standard_normal((400, 30))
    table = score(noise, cells.label, cells.batch, n_boot=100, device="cpu").table
    table = table[~table["metric"].isin(NOT_RESAMPLED)].dropna(subset="ci_low")
    rounding = 1e-12
    assert (table["ci_low"] <= table["value"] + rounding).all()
    assert (table["value"] <= table["ci_high"] + rounding).all()


def test_whole_batches_are_resampled_where_there_are_five(cells):
    batch = np.array([f"donor {i % 6}" for i in range(400)])
    X = cells.X.copy()
    X[batch == "donor 0"] += 0.5 * np.random.default_rng(0).standard_normal(
        (int((batch == "donor 0").sum()), 60)
    )
    found = score(X, cells.label, batch, n_boot=60, device="cpu")
    table = found.table.set_index(["space", "metric"]).drop(index=list(NOT_RESAMPLED), level="metric")
    ends = found.by_batch.set_index(["space", "metric"])
    table = table[[CARDS[metric].family != "discovery" for _, metric in table.index]]
    assert set(ends.index) == set(table.index)
    ends = ends.dropna()
    table = table.loc[ends.index]
    assert ((ends["ci_low"] <= table["value"] + 1e-12) & (table["value"] <= ends["ci_high"] + 1e-12)).all()
    assert (ends["ci_high"] - ends["ci_low"]).loc["native", "asw_label"] > 0
    few = score(X, cells.label, cells.batch, only=["asw_label"], n_boot=5, device="cpu")
    assert few.by_batch.empty
