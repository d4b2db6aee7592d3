"""Saturation points of curves drawn by hand, and where the two rules part."""

import numpy as np
import pandas as pd
import pytest

from zslib.core.errors import DataError
from zslib.studies.composition.saturation import GAIN, MAXIMUM, points, saturation

SIZES = (0, 10, 100, 1000)


def both(*scores):
    return tuple(float(saturation(SIZES, np.array(scores), rule=rule)) for rule in (MAXIMUM, GAIN))


def test_without_a_floor_the_rules_agree():
    assert both([0.0, 0.5, 0.96, 1.0]) == (100, 100)
    assert both([0.0, 0.951, 0.96, 1.0]) == (10, 10)


def test_the_published_rule_asks_for_more_than_the_share():
    assert both([0.0, 0.5, 0.95, 1.0]) == (1000, 100)


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


def test_several_curves_at_once_are_each_read_by_itself():
    curves = np.array([[[0.0, 0.5, 0.96, 1.0]], [[0.7, 0.6, 0.6, 0.5]]])
    np.testing.assert_array_equal(saturation(SIZES, curves, rule=GAIN), [100, np.nan])


def test_curves_that_are_none_are_refused():
    for sizes, scores in (((1, 2), [[0, 1]]), ((0, 0), [[0, 1]]), ((0, 1), [[0, 1, 2]])):
        with pytest.raises(DataError, match="ascend from 0"):
            saturation(sizes, np.array(scores), rule=GAIN)
    with pytest.raises(DataError, match="no rule"):
        saturation((0, 1), np.array([[0, 1]]), rule="by eye")


def table(model, values, suspect=False):
    rows = [(model, "d", s, v, suspect) for s, seeds in zip(SIZES, values, strict=False) for v in seeds]
    return pd.DataFrame(rows, columns=["model", "dataset", "size", "value", "suspect"])


def test_intervals_are_sizes_that_were_tried_and_hold_what_varies():
    steady = table("steady", [[v] * 3 for v in (0, 0.9, 0.96, 1)])
    loose = table("loose", [[0, 0, 0], [0.7, 0.9, 1.0], [0.9, 0.96, 1.0], [0.9, 1.0, 1.0]])
    flat = table("flat", [[0.4, 0.5, 0.6]] * 4)
    found = points(pd.concat([steady, loose, flat])).set_index(["model", "rule"])
    assert (
        found.loc["steady", ["size", "ci_low", "ci_high", "undefined"]].to_numpy().tolist()
        == [[100, 100, 100, 0]] * 2
    )
    assert set(found[["ci_low", "ci_high"]].to_numpy().ravel()) <= set(SIZES)
    assert found.loc[("loose", GAIN), "ci_low"] < found.loc[("loose", GAIN), "ci_high"]
    assert np.isnan(found.loc[("flat", GAIN), "size"])
    assert 0.1 < found.loc[("flat", GAIN), "undefined"] < 0.5  # the untrained is the best of four alike
    assert found.loc[("flat", MAXIMUM), "floor"] == 1


def test_suspect_and_short_curves_have_no_point():
    whole = table("whole", [[0.1, 0.2]] * 4)
    found = points(pd.concat([whole, table("bad", [[0.1, 0.2]] * 4, True), table("short", [[0.1, 0.2]] * 3)]))
    assert set(found["model"]) == {"whole"}
