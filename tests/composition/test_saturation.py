"""Saturation points of curves drawn by hand, and where the two rules part."""

import numpy as np
import pandas as pd
import pytest

from zslib.composition import curves, reading
from zslib.composition.experiment import CEILING, COLUMNS, UNTRAINED, Scores
from zslib.composition.saturation import points, redrawn, saturation
from zslib.composition.settings import Settings
from zslib.errors import DataError

SIZES = (0, 10, 100, 1000)
MAXIMUM, GAIN = "of the maximum", "of the gain"


def both(*scores):
    return tuple(saturation(SIZES, np.array(scores), rule=rule) for rule in (MAXIMUM, GAIN))


def test_without_a_floor_the_rules_agree():
    assert both([0.0, 0.5, 0.96, 1.0]) == (100, 100)
    assert both([0.0, 0.95, 0.96, 1.0]) == (10, 10)


def test_on_a_floor_the_published_rule_is_early_and_the_other_is_not():
    rise = np.array([0.0, 0.4, 0.8, 1.0])
    assert both(rise) == (1000, 1000)
    assert both(0.8 + 0.2 * rise) == (100, 1000)
    assert both(0.95 + 0.05 * rise) == (10, 1000)


def test_what_never_gains_has_no_point_but_by_the_published_rule():
    published, gain = both([0.7, 0.6, 0.6, 0.5])
    assert published == 10
    assert np.isnan(gain)


def test_a_lucky_seed_saturates_by_the_published_rule_alone():
    assert both([0.0, 1.0, 0.9, 1.0], [0.0, 0.2, 0.9, 1.0]) == (10, 1000)


def test_curves_that_are_none_are_refused():
    for sizes, scores in (((1, 2), [[0, 1]]), ((0, 0), [[0, 1]]), ((0, 1), [[0, 1, 2]])):
        with pytest.raises(DataError, match="ascend from 0"):
            saturation(sizes, np.array(scores))
    with pytest.raises(DataError, match="no rule"):
        saturation((0, 1), np.array([[0, 1]]), rule="by eye")


def test_intervals_are_sizes_that_were_tried_and_hold_what_varies():
    scores = np.array([[0.0, 0.9, 0.96, 1.0]] * 3)
    steady = points(SIZES, scores, np.repeat(scores[None], 50, axis=0))
    assert [(p.size, p.low, p.high, p.undefined) for p in steady] == [(100, 100, 100, 0)] * 2
    noise = np.random.default_rng(0).normal(0, 0.05, (200, 3, 4))
    loose = points(SIZES, scores, scores + noise)
    assert all(p.low <= p.size <= p.high and {p.low, p.high} <= set(SIZES) for p in loose)
    assert any(p.low < p.high for p in loose)
    flat = points(
        SIZES, np.full((2, 4), 0.5), np.random.default_rng(1).normal(0.5, 0.05, (400, 1, 4)).repeat(2, 1)
    )
    assert flat[1].undefined == pytest.approx(0.25, abs=0.06)  # the untrained is the best of four alike


def test_seeds_are_drawn_anew_within_each_resample():
    replicates = np.arange(6.0).reshape(2, 3, 1)
    again = redrawn(replicates, seed=1)
    assert again.shape == (2, 3, 1)
    assert set(again[0].ravel()) <= {0, 1, 2}
    assert set(again[1].ravel()) <= {3, 4, 5}


def made_scores():
    """One model on one study: floor 0.8, rising to 1; balanced cells are 0.05 better at 100."""
    rise = {0: 0.80, 10: 0.88, 100: 0.96, 1000: 1.0}
    rows = [
        ("pca", "uniform" if n else UNTRAINED, n, s, "study", "knn_probe", v)
        for n, v in rise.items()
        for s in (0, 1)
    ]
    rows += [("pca", CEILING, 500, s, "study", "knn_probe", 0.9) for s in (1, 0)]
    rows += [("pca", "balanced", 100, s, "study", "knn_probe", 1.01) for s in (0, 1)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    cells = np.random.default_rng(0).normal(0, 0.001, (len(table), 100))
    return Scores(table, table["value"].to_numpy()[:, None] + cells)


def test_from_scores_to_curves_points_and_differences():
    scores = made_scores()
    (curve,) = found = curves.learning_curves(scores)
    assert curve.sizes == SIZES
    np.testing.assert_allclose(curve.scores.mean(axis=0), [0.8, 0.88, 0.96, 1.0])
    assert curve.replicates.shape == (100, 2, 4)
    summary = curves.summary(found).set_index("n_cells")
    assert summary.loc[-1, "value"] == pytest.approx(0.9)
    assert (summary["ci_low"] <= summary["value"]).all()
    table = curves.saturation_points(found).set_index("rule")
    assert table["size"].to_dict() == {MAXIMUM: 100, GAIN: 1000}
    assert table.loc[GAIN, "floor"] == pytest.approx(0.8)
    assert not table["enough"].any()
    (difference,) = curves.scheme_differences(scores).itertuples()
    assert difference.value == pytest.approx(0.05)
    assert difference.ci_low > 0.04
    said = reading.rules(curves.saturation_points(found))
    assert "smaller size than the floor-corrected one in 1 (1 of them with intervals" in said
    assert "by the kNN probe better in 1 of 1 and worse in 0" in reading.schemes(
        curves.scheme_differences(scores)
    )
    assert "the untrained model has 80% [80%, 80%] of the maximum" in said
    assert table.loc[GAIN, "floor_low"] < 0.8 < table.loc[GAIN, "floor_high"]
    said = reading.gains(curves.saturation_points(found))
    assert "by the kNN probe on 1 of 1 studies (+0.20 [+0.20, +0.20] on study)" in said


def test_what_a_profile_changes_is_read_from_cards():
    settings = Settings(corpus=("kang",), targets=("pbmc3k",))
    assert "- **pbmc3k**: none: one donor, one library." in reading.batches(settings)
    assert "does not hold is another question" in reading.tissues(settings)
    said = reading.tissues(Settings(corpus=("kang",), targets=("pbmc3k", "baron")))
    assert "No cell of the corpus is of the tissue of baron." in said


def test_the_table_of_trainings_counts_each_size_once():
    from zslib import tables

    html = tables.trainings(Settings(shares=(0.01, 0.02, 1.0), scheme_shares=(0.01,), seeds=(0,)), 100).data
    assert "Each on 5 subsets" in html
    assert "2, 100 cells at random, 2 by each other scheme" in html


def test_figures_and_tables_say_what_they_show(monkeypatch):
    from zslib import plots, tables
    from zslib.plots import composition

    shown = []
    monkeypatch.setattr(composition, "show", lambda figure, alt: shown.append(alt))
    scores = made_scores()
    found = curves.learning_curves(scores)
    table = curves.saturation_points(found)
    plots.learning_curves(curves.summary(found))
    plots.saturation_points(table)
    plots.scheme_differences(curves.scheme_differences(scores))
    plots.why_rules_differ()
    assert "PCA on study from 0.88 to 1.00, untrained 0.80, trained on the study 0.90" in shown[0]
    assert "of the gain: 1000 cells" in shown[1]
    assert "types in turn +0.05" in shown[2]
    by_floor = shown[3].split("; ")
    assert "floor 0.0: 6310 by 95 % of the maximum, 6310 by 95 % of the gain" in by_floor[0]
    assert all("6310 by 95 % of the gain" in part for part in by_floor)
    html = tables.saturation_points(table.assign(size=[100, np.nan], undefined=[0.0, 0.5])).data
    assert "no gain" in html
    assert "80%" in html
