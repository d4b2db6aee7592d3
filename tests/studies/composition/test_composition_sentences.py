"""Every sentence about the composition of pre-training data, from tables in which the opposite is true as well."""

import pandas as pd
import pytest

from zslib.studies.composition import sentences
from zslib.studies.composition.saturation import GAIN, MAXIMUM


def table(*rows, **more):
    """Differences by model and dataset: a value with an interval of its half width on either side, and p to match."""
    columns = ["model", "dataset", "value", "half"]
    made = pd.DataFrame(rows, columns=columns).assign(suspect=False, **more)
    ends = {"ci_low": made["value"] - made["half"], "ci_high": made["value"] + made["half"]}
    return made.assign(**ends, p=(made["half"] >= made["value"].abs()).map({True: 0.5, False: 0.02}))


BETTER, WORSE, LEVEL = ("ssl", "a", 0.2, 0.1), ("ssl", "b", -0.2, 0.1), ("ssl", "c", 0.01, 0.1)


def test_an_interval_has_its_sign_and_its_ends():
    (up, down), _ = (tuple(table(BETTER, WORSE).itertuples()), None)
    assert sentences.interval(up) == "+0.200 [+0.100, +0.300]"
    assert sentences.interval(down) == "−0.200 [−0.300, −0.100]"


def test_the_opening_says_what_rises_and_what_falls():
    said = sentences.opening(table(BETTER, WORSE, LEVEL, LEVEL), table(LEVEL, LEVEL), 5)
    assert (
        "raises AvgBIO in 1 of 4 pairs of model and dataset and lowers it in 1, by more than 5 seeds" in said
    )
    assert said.endswith("the other ninety-nine raise it in 0 of 2 and lower it in none.")


def test_luck_is_counted_and_does_not_hold_when_all_must_at_once():
    said = sentences.luck(table(BETTER, BETTER, WORSE, LEVEL))
    assert "Of 4 intervals, 2 lie above zero and 1 below; about 0 would" in said
    assert (
        "Held to all 4 at once (Bonferroni), 0 stay above and 0 below" in said
    )  # 4 × 0.02 is more than 0.05
    firm = table(BETTER, WORSE).assign(p=0.001)
    assert "1 stay above and 1 below" in sentences.luck(firm)
    assert "Of 0 intervals" in sentences.luck(table(BETTER).assign(suspect=True))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((BETTER, ("ssl", "b", 0.2, 0.1)), "2 up, 0 down <br/>of 2: +0.200 <br/>["),
        ((BETTER, WORSE), "1 up, 1 down <br/>of 2: +0.000 <br/>["),
        ((LEVEL, ("ssl", "b", 0.0, 0.1)), "0 up, 0 down <br/>of 2: +0.005 <br/>["),
        ((BETTER,), "1 up, 0 down <br/>of 1: –"),
    ],
)
def test_gains_are_those_of_the_intervals(rows, said):
    (row,) = sentences.gains({"up": table(*rows)}, {"ssl": "SSL"})
    assert row[0] == "SSL"
    assert row[1].startswith(said)


def test_gains_have_the_steps_of_a_model_beside_each_other():
    both = table(BETTER, ("scvi", "a", -0.2, 0.1))
    rows = sentences.gains({"up": both, "on": table(WORSE)}, {"scvi": "scVI", "ssl": "SSL", "other": "None"})
    assert rows == [
        ("scVI", "0 up, 1 down <br/>of 1: –", "–"),
        ("SSL", "1 up, 0 down <br/>of 1: –", "0 up, 1 down <br/>of 1: –"),
    ]


def curves(suspect=("a",), short=("b",)):
    """Scores of a model on three datasets at two sizes, of which one lacks the larger size."""
    rows = [("scvi", d, size, 0.5) for d in "abc" for size in (0, 1, 100) if not (d in short and size == 100)]
    made = pd.DataFrame(rows, columns=["model", "dataset", "size", "value"])
    return made.assign(suspect=made["dataset"].isin(suspect))


def test_what_is_left_out_is_named_with_what_it_would_have_said():
    found = table(("scvi", "a", -0.2, 0.1), ("scvi", "c", 0.3, 0.1)).assign(suspect=[True, False])
    said = sentences.left_out(curves(), found)
    assert "Left out by rule: scVI, pre-trained, on a, where" in said
    assert "would have added −0.200 [−0.300, −0.100] (scVI, pre-trained, a)." in said
    assert "scVI, pre-trained on b lacks a size" in said
    assert "+0.300" not in said
    assert "scVI, pre-trained, on c, where" in sentences.left_out(
        curves(suspect=("c",)), found.assign(suspect=[False, True])
    )


def test_where_nothing_is_left_out_it_says_so():
    said = sentences.left_out(curves(suspect=(), short=()), table(BETTER))
    assert (
        said
        == "No curve is left out: none lies below its untrained network at every size, and none lacks a size."
    )
    assert "lacks" not in sentences.left_out(curves(short=()), table(BETTER))
    said = sentences.left_out(curves(suspect=()), table(BETTER))
    assert "Left out by rule" not in said
    assert "scVI, pre-trained on b lacks a size" in said


def points(published, gain, floor=0.5, low=1.0, high=1.0):
    """Saturation points of one curve a pair of sizes by both rules."""
    rows = [
        ("scvi", str(i), rule, size)
        for i, pair in enumerate(zip(published, gain, strict=True))
        for rule, size in zip((MAXIMUM, GAIN), pair, strict=True)
    ]
    made = pd.DataFrame(rows, columns=["model", "dataset", "rule", "size"])
    return made.assign(ci_low=low, ci_high=high, floor=floor)


def test_saturation_is_counted_by_both_rules():
    said = sentences.saturation(points((1, 1, 10), (100, 1, 1)))
    assert "a smaller share than ours in 1, the same in 1 and a larger one in 1." in said
    assert "50% to 50% of the highest score" in said
    assert "covers more than one size in 0 of 3 curves" in said
    other = sentences.saturation(points((1.0, 1.0), (float("nan"), 10.0), floor=0.99, high=100.0))
    assert "99% to 99%" in other
    assert "covers more than one size in 2 of 2 curves" in other


def test_passes_count_datasets_on_which_any_size_holds_at_once():
    some = table(BETTER, WORSE, LEVEL, size=100.0, baseline="hvg").assign(p=[0.001, 0.001, 0.5])
    small = table(("ssl", "c", 0.2, 0.1), size=1.0, baseline="hvg").assign(p=0.001)
    pca = table(BETTER, LEVEL, size=1.0, baseline="pca").assign(p=0.02)
    every = pd.concat([some, small, pca], ignore_index=True)
    assert sentences.passes(every) == {"SSL, masked autoencoder": "HVG 2, PCA 0 of 3"}
    every.loc[3, "suspect"] = True
    assert sentences.passes(every) == {"SSL, masked autoencoder": "HVG 1, PCA 0 of 3"}


def test_schemes_say_better_worse_and_how_many_by_luck():
    (row,) = sentences.schemes(table(BETTER, WORSE, LEVEL, scheme="reweighted", size=1.0))
    assert row == ("types alike", "1 of 3 (0)", "1 of 3 (0)", "0", "+0.003", "−0.095 to +0.105")
    (row,) = sentences.schemes(table(WORSE, ("ssl", "a", -0.3, 0.1), scheme="reweighted", size=1.0))
    assert row[1:3] == ("0 of 2 (0)", "2 of 2 (2)")
    assert sentences.schemes(table(BETTER, scheme="no such", size=1.0)) == []
