"""The published scores are whole, say what they claim, and give the numbers that plain arithmetic gives."""

import csv
import math
from statistics import mean, stdev

import numpy as np
import pytest

from zslib.core.errors import DataError
from zslib.studies.composition import differences, published, saturation, sentences


@pytest.fixture(scope="module")
def scores():
    return published.read()


@pytest.fixture(scope="module")
def plain():
    """The file without pandas: AvgBIO by model, dataset, scheme and percent."""
    found = {}
    with published.FILE.open() as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            key = row["model"], row["dataset"], row["scheme"], row["percent"]
            found.setdefault(key, []).append(float(row["avg_bio"]))
    return found


def test_every_row_is_the_mean_of_its_parts(scores):
    assert len(scores) == 2310
    parts = scores[["NMI", "ARI", "ASW_label"]].mean(axis=1)
    assert (parts - scores["value"]).abs().max() <= 2e-5
    assert set(scores["model"]) == {*published.MODELS, *published.BASELINES}
    assert set(scores["scheme"]) == {*published.SCHEMES, "target"}


def test_five_seeds_at_every_size(plain):
    assert {len(values) for key, values in plain.items() if key[3]} == {5}


# As the source's own files have it, to three decimals: 0, 1, 10, 25, 50, 75 and 100 %, then PCA and HVG.
MEANS = {
    ("geneformer", "lung"): ".479 .643 .644 .693 .668 .696 .684 .685 .658",
    ("geneformer", "periodontitis"): ".322 .463 .495 .501 .503 .539 .490 .711 .505",
    ("pre-trained-pca", "liver"): ".428 .723 .721 .721 .716 .721 .724 .668 .573",
    ("pre-trained-pca", "renal"): ".313 .431 .426 .428 .430 .431 .429 .574 .479",
}


@pytest.mark.parametrize("key", MEANS)
def test_means_are_those_of_the_source(key, scores):
    curve = published.at_random(scores).groupby(["model", "dataset", "size"])["value"].mean()[key]
    beside = published.baselines(scores).loc[key[1], ["pca", "hvg"]]
    np.testing.assert_allclose([*curve, *beside], [float(v) for v in MEANS[key].split()], atol=6e-4)


def test_differences_are_those_of_plain_arithmetic(scores, plain):
    random = published.at_random(scores)
    found = differences.between(random, 1, 100).set_index(["model", "dataset"])
    a, b = plain["geneformer", "renal", "random", "100"], plain["geneformer", "renal", "random", "1"]
    va, vb = stdev(a) ** 2 / 5, stdev(b) ** 2 / 5
    row = found.loc[("geneformer", "renal")]
    assert row["value"] == pytest.approx(mean(a) - mean(b))
    assert (row["ci_low"] + row["ci_high"]) / 2 == pytest.approx(row["value"])
    t = (row["ci_high"] - row["value"]) / math.sqrt(va + vb)
    df = (va + vb) ** 2 / (va**2 / 4 + vb**2 / 4)
    assert 4 < df < 8
    assert 2.306 < t < 2.776  # Student's t for 8 and for 4 degrees of freedom, as tables have it
    against = differences.against(random, published.baselines(scores))
    row = against.query("model == 'scvi' and dataset == 'liver' and size == 100 and baseline == 'pca'").iloc[
        0
    ]
    a, (line,) = plain["scvi", "liver", "random", "100"], plain["pca", "liver", "target", ""]
    assert row["value"] == pytest.approx(mean(a) - line)
    assert row["ci_high"] - row["value"] == pytest.approx(2.7764 * stdev(a) / math.sqrt(5), rel=1e-3)


def test_saturation_by_the_published_rule_is_that_of_plain_arithmetic(scores, plain):
    found = saturation.points(published.at_random(scores)).query("rule == 'of the maximum'")
    for row in found.itertuples():
        best = {p: max(plain[row.model, row.dataset, "random", str(p)]) for p in (1, 10, 25, 50, 75, 100)}
        assert row.size == min(p for p, value in best.items() if value > 0.95 * max(best.values()))


def test_suspect_are_the_two_that_training_never_lifts(scores):
    found = scores.loc[scores["suspect"], ["model", "dataset"]].drop_duplicates()
    assert {tuple(row) for row in found.to_numpy()} == {("ssl", "ocular"), ("ssl", "renal")}


def test_suspect_rows_count_in_no_verdict(scores):
    found = differences.between(published.at_random(scores), 1, 100)
    assert differences.count(found).n == (~found["suspect"]).sum() == len(found) - 2
    ssl = differences.over_datasets(found).set_index("model").loc["ssl"]
    kept = found.query("model == 'ssl' and dataset not in ['ocular', 'renal']")["value"]
    assert (ssl["n"], ssl["value"]) == (3, pytest.approx(mean(kept)))


def test_schemes_are_compared_at_equal_size(scores, plain):
    found = differences.of_schemes(scores).query(
        "model == 'scvi' and dataset == 'renal' and scheme == 'reweighted'"
    )
    assert set(found["size"]) == {1, 10, 25, 50, 75}
    row = found[found["size"] == 1].iloc[0]
    a, b = (plain["scvi", "renal", scheme, "1"] for scheme in ("reweighted", "random"))
    assert row["value"] == pytest.approx(mean(a) - mean(b))


def test_sentences_hold_the_counted_numbers(scores):
    random = published.at_random(scores)
    rest = differences.between(random, 1, 100)
    found = differences.count(rest)
    said = sentences.luck(rest)
    assert f"Of {found.n} intervals, {found.above} lie above zero and {found.below} below" in said
    assert f"about {0.05 * found.n:.0f} would lie off zero" in said
    of_ssl = sentences.gains({"on": rest})[2]
    assert of_ssl[0] == "SSL, masked autoencoder"
    assert of_ssl[1].startswith("3 up, 0 down <br/>of 3: +0.")
    assert "ocular" in sentences.left_out(random, rest)
    points = saturation.points(random)
    assert f"Of {len(points) // 2} curves" in sentences.saturation(points)
    against = differences.against(random, published.baselines(scores))
    assert sentences.passes(against)["Geneformer"] == "HVG 0, PCA 0 of 4"


def test_the_file_says_where_it_comes_from():
    said = dict(published.about())
    assert "10.1038/s41592-026-03120-y" in said["Citation"]
    assert "f20c3bc2" in said["Source"]
    assert said["License"].startswith("MIT")
    assert [name for name, _ in published.about()].count("Problem") == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("avg_bio\n", "average\n"), "has columns"),
        (lambda text: text.replace("0.65805", ""), "without a score"),
        (lambda text: text + text.splitlines()[-1] + "\n", "stand twice"),
    ],
)
def test_a_file_with_a_fault_is_refused(change, message, tmp_path):
    (tmp_path / "scores.csv").write_text(change(published.FILE.read_text()))
    with pytest.raises(DataError, match=message):
        published.read(tmp_path / "scores.csv")
