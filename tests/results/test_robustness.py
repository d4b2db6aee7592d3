"""Cells drawn and altered anew: what is done to them, what intervals follow, and what the pages say."""

import numpy as np
import pandas as pd
import pytest
from toy_tables import DISCOVERY, SCORES

import zslib
from zslib import plots, tables
from zslib.core import store
from zslib.core.errors import NotApplicable
from zslib.results import Run, comparison, report, robustness, stages
from zslib.results.redrawn import COLUMNS, HALF, Redrawn
from zslib.results.robustness import ALTERATIONS, AS_THEY_ARE, altered
from zslib.results.run import altered_path

RNG = np.random.default_rng(0)


def test_each_alteration_does_what_it_is_called(toy):
    total, label = toy.layers["counts"].sum(), toy.obs["label"]
    half = altered(toy, HALF, 1)
    assert half.n_obs == toy.n_obs // 2
    assert set(half.obs["label"]) == set(label)
    assert set(half.obs_names) < set(toy.obs_names)
    assert set(half.obs_names) != set(altered(toy, HALF, 2).obs_names)
    for name, share in (("half of the molecules", 0.5), ("a quarter of the molecules", 0.25)):
        assert altered(toy, name).layers["counts"].sum() / total == pytest.approx(share, rel=0.02)
    assert altered(toy, "a panel of 1,000 genes").n_vars <= 1000
    kinds = altered(toy, "one type dominant").obs["label"].value_counts()
    assert kinds.max() == label.value_counts().max()
    assert kinds.max() / kinds.sum() > 0.75
    left = altered(toy, "the largest batch left out").obs["batch"]
    assert list(left.unique()) == [toy.obs["batch"].value_counts().idxmin()]
    assert altered(toy, AS_THEY_ARE) is toy
    with pytest.raises(NotApplicable, match="one batch"):
        altered(altered(toy, "the largest batch left out"), "the largest batch left out")


def test_the_stage_is_stored_and_computed_once(toy, tmp_path, monkeypatch):
    asked = {"random": {"n_dims": 4}, "harmony": {}}
    found = stages.alter(tmp_path, "toy", toy, asked, draws=2, device="cpu")
    assert list(found.columns) == COLUMNS
    assert set(found["alteration"]) == set(ALTERATIONS)
    assert "harmony" not in set(found.query("alteration == 'the largest batch left out'")["method"])
    assert (found[found["alteration"] == HALF].groupby(COLUMNS[2:5])["draw"].nunique() == 2).all()
    monkeypatch.setattr(robustness, "compute", lambda *a, **k: pytest.fail("computed again"))
    again = stages.alter(tmp_path, "toy", toy, asked, draws=2, device="cpu")
    pd.testing.assert_frame_equal(again, found)
    with pytest.raises(pytest.fail.Exception):
        stages.alter(tmp_path, "toy", toy, asked, draws=3, device="cpu")


def test_the_verb_says_change_and_luck(toy):
    table = zslib.robustness(
        toy, ["random"], label="label", batch="batch", n_cells=None, draws=3, device="cpu"
    )
    assert list(table.columns) == ["alteration", "method", "space", "metric", "value", "change", "luck"]
    native = table.query("space == 'native' and metric == 'asw_label'").set_index("alteration")
    assert native.loc[AS_THEY_ARE, "change"] == 0
    assert native.loc[HALF, "value"] - native.loc[HALF, "change"] == native.loc[AS_THEY_ARE, "value"]
    assert 0 < native["luck"].iloc[0] < 0.5


VALUES = {"hvg": 0.5, "hvg-pca": 0.6, "scvi": 0.9}


def _runs(results, found=(), *, spread=0.01, names=VALUES):
    """Runs whose bootstrap spreads by 0.01, and scores of altered cells beside them."""
    for method in names:
        run = Run(results, "toy", method, 0)
        stages.save(run, np.ones((4, 2)), {"status": "ok", "n_cells": 4})
        noise = RNG.normal(0, 0.01, 2000)
        again = {
            f"{s}/{m}": VALUES[method] + noise for s in ("native", "pca50") for m in ("avg_bio", "knn_purity")
        }
        rows = [("toy", method, 0, *key.split("/"), VALUES[method], 0, 0, 4, "higher") for key in again]
        store.write_table(run.folder / "scores.parquet", pd.DataFrame(rows, columns=SCORES))
        store.write_table(run.folder / "replicates.parquet", pd.DataFrame(again))
        store.write_table(run.folder / "discovery.parquet", pd.DataFrame(columns=DISCOVERY))
    rows = [
        (HALF, draw, m, s, "avg_bio", VALUES[m] + move)
        for m in ("hvg", "hvg-pca")
        for draw, move in enumerate(RNG.normal(0, spread, 40))
        for s in ("native", "pca50")
    ]
    rows += [(AS_THEY_ARE, 0, m, "native", "avg_bio", VALUES[m]) for m in ("hvg", "hvg-pca")]
    rows += [(name, 0, m, "native", "avg_bio", value) for name, m, value in found]
    store.write_table(altered_path(results, "toy"), pd.DataFrame(rows, columns=COLUMNS))
    return comparison.Comparison(results, "toy", tuple(names), (0,))


def test_intervals_are_those_of_fresh_draws_and_the_rest_is_widened_as_much(tmp_path):
    runs = _runs(tmp_path, spread=0.04)
    assert runs.redrawn.factor["native/avg_bio"] == pytest.approx(4, rel=0.25)
    for method in VALUES:
        wide, kept = runs.value(method, "avg_bio"), runs.value(method, "knn_purity")
        assert (wide.ci_high - wide.ci_low) / (2 * 1.96 * 0.04) == pytest.approx(1, abs=0.3), method
        assert (kept.ci_high - kept.ci_low) / (2 * 1.96 * 0.01) == pytest.approx(1, abs=0.1), method
    assert runs.value("scvi", "avg_bio").ci_high <= 1
    # What resampling alone would have told apart is not.
    assert runs.leaders("avg_bio", among=["hvg", "hvg-pca"]) == ["hvg-pca", "hvg"]
    said = report.drawn_anew([runs]).data
    assert "Methods were run again on 40 random halves" in said
    factor = f"{runs.redrawn.factor['native/avg_bio']:.1f}"
    assert f"On toy that moves HVG and HVG → PCA in AvgBIO {factor} times as far as resampling does" in said
    assert "; scVI was not run again, so its intervals are widened by these factors." in said
    caption = tables.comparison(runs, ["avg_bio", "knn_purity"]).data
    assert "drawn and embedded anew for AvgBIO, and over these cells" in caption


def test_without_draws_the_pages_say_what_intervals_leave_out(tmp_path):
    runs = _runs(tmp_path)
    altered_path(tmp_path, "toy").unlink()
    runs = comparison.Comparison(tmp_path, "toy", tuple(VALUES), (0,))
    assert not Redrawn.of(runs.altered, {}).draws
    assert "another draw of cells, embedded anew, moves scores by more" in report.drawn_anew([runs]).data
    assert "with the embedding as it is" in tables.comparison(runs, ["avg_bio"]).data
    assert "No method that competes was run on altered cells" in report.robustness(runs).data


def test_the_page_says_what_moves_a_score_and_whether_the_first_stays_so(tmp_path):
    names = list(ALTERATIONS)[2:4]
    moved = [
        (names[0], "hvg", 0.5),
        (names[0], "hvg-pca", 0.2),
        (names[1], "hvg", 0.5),
        (names[1], "hvg-pca", 0.4),
    ]
    said = report.robustness(_runs(tmp_path, moved)).data
    assert (
        "**HVG → PCA** moves most: its AvgBIO is 0.60 on the cells as they are and 0.20 with half of the mol"
        in said
    )
    assert (
        "HVG → PCA has the best score on the cells as they are, and still in 1 of 3 alterations; HVG leads with half and with a quarter of the molecules."
        in said
    )
    assert "Of 6 scores on altered cells, 2 differ" in said


def test_a_first_that_cannot_be_run_is_not_said_to_lose(tmp_path):
    said = report.robustness(_runs(tmp_path, [("the largest batch left out", "hvg", 0.5)])).data
    assert (
        "HVG → PCA has the best score on the cells as they are, and still in 1 of 1 alterations; HVG → PCA cannot be run with the largest batch left out."
        in said
    )


def test_where_nothing_changes_the_page_says_so(tmp_path):
    still = [(list(ALTERATIONS)[2], m, VALUES[m]) for m in ("hvg", "hvg-pca")]
    said = report.robustness(_runs(tmp_path, still)).data
    assert "0 differ" in said
    assert "still in 2 of 2 alterations." in said


def test_the_figure_draws_methods_that_compete(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, metadata, **k: shown.append(metadata["alt"]))
    plots.robustness(_runs(tmp_path, [("one type dominant", "hvg", 0.31)]))
    assert "HVG 0.31 (one type dominant, AvgBIO)" in shown[0]
