"""The record against the raw published files, its rules against made-up sources, its intervals against their promise."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from zslib.core.errors import DataError
from zslib.results.report.words import difference, signed
from zslib.studies import record
from zslib.studies.record import evidence, figures, sentences, tables

CARD = """# title: A source
# citation: Authors, Journal (2025)
# url: https://example.org
# at: authors/code@0000000
# license: MIT
# kind: table
# status: repository, not peer reviewed
# controlled: everything
# problems: []
# tasks: {cell_types: {score: mean, formula: (ari + nmi) / 2}}
# roles: {a: {is: scGPT}, b: {is: PCA}, s: {is: negative control}, t: {is: positive control}}
"""
HEADER = "dataset,n_cells,method,variant,metric,value,spread,where,note\n"
SCORES = {("a", "ari"): 0.5, ("a", "nmi"): 0.7, ("b", "ari"): 0.4, ("b", "nmi"): 0.6} | {
    (c, m): v for c, v in (("s", 0.1), ("t", 0.9)) for m in ("ari", "nmi")
}


def write(path, scores=SCORES, card=CARD, where="table 1"):
    rows = "".join(f"lung,,{m},,{metric},{v},,{where},\n" for (m, metric), v in scores.items())
    path.write_text(card + HEADER + rows)
    return path


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """Make sources of one's own the whole record."""

    def make(**files):
        for name, text in files.items():
            write(tmp_path / f"{name}.csv", **text)
        monkeypatch.setattr(record, "FOLDER", tmp_path)
        record.sources.cache_clear()
        evidence.headline.cache_clear()

    yield make
    monkeypatch.undo()
    record.sources.cache_clear()
    evidence.headline.cache_clear()


def test_every_number_leads_to_its_source():
    scores = record.scores()
    assert len(scores) > 6000
    assert scores["source"].nunique() == len(record.sources())
    assert (scores["where"].str.len() > 20).all()
    assert scores["where"].str.contains("@|doi:").all()
    assert scores[["license", "kind"]].ne("").all(axis=None)
    assert scores["value"].map(np.isfinite).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"where": ""}, "has no where"),
        ({"scores": {**SCORES, ("a", "ari"): ""}}, "has no number"),
        ({"scores": {**SCORES, ("a", "ari"): "inf"}}, "has no number"),
        ({"card": CARD.replace("# citation: Authors, Journal (2025)\n", "")}, "lacks citation"),
        ({"card": CARD.replace("cell_types", "beauty")}, "no such task: beauty"),
        ({"card": CARD + "# metrics: {avgbio: ari}\n"}, "there is no metric avgbio"),
        ({"card": CARD.replace("b: {is: PCA}", "z: {is: PCA}")}, "gives a role to z"),
        ({"card": CARD + "# printed: {avg: {formula: ari, within: 0.1}}\n"}, "the metric avg"),
    ],
)
def test_a_number_without_a_source_and_a_card_about_nothing_are_refused(tmp_path, change, said):
    with pytest.raises(DataError, match=said):
        record.read(write(tmp_path / "source.csv", **change))


def test_a_row_that_is_there_twice_is_refused(tmp_path):
    path = write(tmp_path / "source.csv")
    path.write_text(path.read_text() + "lung,,a,,ari,0.5,,table 1,\n")
    with pytest.raises(DataError, match="there twice"):
        record.read(path)


def test_a_source_is_one_file(made_up):
    made_up(mine={})
    row = evidence.headline().set_index("name").loc["scGPT"]
    assert (row.value, row.floor, row.ceiling) == pytest.approx((0.6, 0.1, 0.9))
    assert row.share == pytest.approx(0.625)
    found = evidence.verdict("scGPT", "PCA")
    assert found.difference == pytest.approx(0.1)
    assert (found.ahead, found.n_rows, found.word) == (1, 1, "one dataset")
    assert evidence.verdict("UCE", "PCA") is None


def test_a_model_at_the_floor_is_left_out_and_not_dropped(made_up):
    made_up(mine={"scores": {**SCORES, ("a", "ari"): 0.1}})
    row = evidence.headline().set_index("name").loc["scGPT"]
    assert row.value == pytest.approx(0.4)
    assert "ari 0.100, shuffled 0.100" in row.left_out
    assert evidence.differences("scGPT", "PCA").empty
    assert "at the floor" in set(evidence.flags()["rule"])


def test_a_printed_mean_that_does_not_follow_is_found(made_up):
    card = CARD.replace("formula: (ari + nmi) / 2", "formula: avg")
    card += "# printed: {avg: {formula: (ari + nmi) / 2, within: 0.001}}\n"
    avg = {(m, "avg"): (SCORES[m, "ari"] + SCORES[m, "nmi"]) / 2 for m in "abst"}
    made_up(mine={"card": card, "scores": SCORES | avg | {("a", "avg"): 0.8}})
    assert evidence.flags()["rule"].tolist() == ["table against itself"]
    assert evidence.differences("scGPT", "PCA").empty


def test_one_name_for_two_quantities_is_found(made_up):
    cards = [CARD + f"# definitions: {{ari: {meaning}}}\n" for meaning in ("adjusted", "raw")]
    made_up(one={"card": cards[0]}, two={"card": cards[1]})
    assert evidence.flags()["rule"].tolist() == ["one name, several quantities"]


def test_what_was_trained_further_is_left_out(made_up):
    made_up(mine={"card": CARD.replace("{is: scGPT}", "{is: scGPT, left_out: fine-tuned}")})
    assert evidence.differences("scGPT", "PCA").empty
    assert evidence.headline().set_index("name").loc["scGPT", "left_out"] == "fine-tuned"


def test_the_invalid_row_of_open_problems_is_found_by_rule():
    flags = evidence.flags()
    found = flags[(flags["rule"] == "at the floor") & (flags["source"] == "open-problems-integration")]
    assert set(found["method"]) == {"geneformer"}
    assert len(found) == 4
    assert not (evidence.differences("Geneformer", "PCA")["source"] == "open-problems-integration").any()


def test_seen_in_pretraining_is_marked_from_the_ledger():
    table = evidence.headline()
    seen = table[table["seen"]].groupby("name")["dataset"].unique()
    assert set(seen["scGPT"]) == {"Tabula Sapiens", "immune (Domínguez Conde)"}
    assert set(seen["Geneformer"]) == {"pancreas (scIB)"}
    assert set(seen.index) == {"scGPT", "Geneformer"}


def test_an_interval_over_clusters_holds_what_it_says():
    """With sources that differ as much as datasets do, of the sizes of the record."""
    rng, clusters = np.random.default_rng(0), np.repeat(list("abcdef"), [4, 4, 2, 5, 1, 1])
    hits = {"clustered": 0, "independent": 0}
    for _ in range(1000):
        values = rng.standard_normal(6)[np.unique(clusters, return_inverse=True)[1]] + rng.standard_normal(17)
        low, high = evidence.mean_interval(values, clusters)
        hits["clustered"] += low <= 0 <= high
        low, high = evidence.mean_interval(values)
        hits["independent"] += low <= 0 <= high
    assert 930 <= hits["clustered"] <= 975
    assert hits["independent"] < 850  # what the other interval would promise, and not keep


def test_a_verdict_is_sure_only_if_both_intervals_say_so_over_three_sources():
    word = lambda interval, apart, n: evidence.Verdict("a", "b", -0.04, interval, apart, 4, 13, 13, n).word  # noqa: E731
    assert word((-0.08, -0.01), (-0.09, -0.01), 3) == "behind"
    assert word((-0.08, -0.01), (-0.09, 0.01), 5) == "mostly behind"
    assert word((-0.3, 0.1), (-0.09, -0.01), 5) == "mostly behind"
    assert word((-0.08, -0.01), (-0.09, -0.01), 2) == "mostly behind"
    assert word((-0.3, 0.1), (-0.1, 0.1), 5) == "not told apart"
    assert word((np.nan, np.nan), (0.1, 0.2), 1) == "mostly ahead"


def test_clusters_of_one_are_students_interval():
    values = np.random.default_rng(1).standard_normal(7)
    expected = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    for clusters in (None, list("abcdefg"), ["a"] * 7):
        assert evidence.mean_interval(values, clusters) == pytest.approx(expected)
    assert np.isnan(evidence.mean_interval([1.0])).all()


# Numbers of the record once more, from excerpts of the published files and by plain arithmetic.
PUBLISHED = Path(__file__).with_name("published")
OPEN_PROBLEMS = {
    (entry["dataset_id"].split("/")[-1], entry["method_id"]): entry["metric_values"]
    for entry in json.loads((PUBLISHED / "open-problems-integration.json").read_text())
}


def avg_bio(dataset, method):
    return sum(OPEN_PROBLEMS[dataset, method][m] for m in ("ari", "nmi", "asw_label")) / 3


@pytest.mark.parametrize(
    ("dataset", "title"), [("dkd", "diabetic kidney"), ("immune_cell_atlas", "immune (Domínguez Conde)")]
)
def test_headlines_of_open_problems_follow_from_its_results_file(dataset, title):
    table = evidence.headline()
    table = table[(table["source"] == "open-problems-integration") & (table["dataset"] == title)].set_index(
        "name"
    )
    assert table.loc["scGPT", "value"] == pytest.approx(avg_bio(dataset, "scgpt_zeroshot"), abs=1e-4)
    assert table.loc["PCA", "value"] == pytest.approx(avg_bio(dataset, "no_integration"), abs=1e-4)
    assert table.loc["scVI", "value"] == pytest.approx(avg_bio(dataset, "scvi"), abs=1e-4)
    harmony = (avg_bio(dataset, "harmony") + avg_bio(dataset, "harmonypy")) / 2
    assert table.loc["Harmony", "value"] == pytest.approx(harmony, abs=1e-4)
    floor = max(avg_bio(dataset, m) for m in ("shuffle_integration", "shuffle_integration_by_batch"))
    ceiling = avg_bio(dataset, "embed_cell_types")
    share = (avg_bio(dataset, "scgpt_zeroshot") - floor) / (ceiling - floor)
    assert table.loc["scGPT", "share"] == pytest.approx(share, abs=1e-3)
    assert table.loc["Geneformer", "left_out"]


def test_differences_of_scfm_tme_follow_from_its_file():
    with (PUBLISHED / "scfm-tme.csv").open() as file:
        scores = {
            (r["dataset"], r["scheme"], r["representation"]): float(r["macro_f1"])
            for r in csv.DictReader(file)
        }
    for task, scheme in (("probe", "S1_within_dataset"), ("probe_held_out_dataset", "S3_leave_dataset_out")):
        table = evidence.differences("scGPT", "PCA", task)
        table = table[table["source"] == "scfm-tme"].set_index("dataset")["difference"]
        assert len(table) == 13
        table.index = table.index.map(
            {record.sources()["scfm-tme"].title_of(dataset): dataset for dataset, *_ in scores}
        )
        for dataset, found in table.items():
            mine, theirs = (scores[dataset, scheme, m] for m in ("scgpt", "hvg_pca"))
            assert found == pytest.approx(mine - theirs, abs=1e-3)


def test_shares_are_means_of_the_way_from_floor_to_ceiling(made_up):
    made_up(mine={})
    # (0.6 - 0.1) / (0.9 - 0.1) and (0.5 - 0.1) / (0.9 - 0.1)
    alone = "(one dataset, too few or too far apart for an interval)"
    assert sentences.shares().data == (
        f"- A source (cell types apart, no labels used): scGPT 62% {alone} and PCA 50% {alone}.\n\n"
        "So, no mean goes farther than 62% of the way."
    )
    made_up(mine={"card": CARD.replace(", s: {is: negative control}, t: {is: positive control}", "")})
    assert sentences.shares().data == "No source has both a floor and a ceiling."


def test_the_readme_says_what_the_record_says():
    text = (Path(__file__).parents[2] / "README.md").read_text()
    said = text[text.index("**The answer so far") : text.index("![")]
    found = {(v.model, v.baseline): v for v in evidence.verdicts(["scGPT", "Geneformer"])}
    datasets = pd.concat([evidence.differences(m, b) for m, b in found if b != "HVG"])
    assert f"on {datasets['dataset'].nunique()} datasets of {datasets['source'].nunique()} sources" in said
    pca, scvi = found["scGPT", "PCA"], found["scGPT", "scVI"]
    ends = " to ".join(signed(end) for end in pca.interval)
    assert f"level with PCA ({signed(pca.difference)}, 95 % interval {ends})" in said
    ends = " to ".join(signed(end) for end in scvi.interval)
    assert f"mostly behind scVI ({signed(scvi.difference)}, {ends})" in said
    worse = [found["Geneformer", b] for b in ("PCA", "Harmony", "scVI")]
    assert {v.word for v in worse} == {"mostly behind"}
    least, most = (signed(f(v.difference for v in worse)) for f in (max, min))
    ahead, n = sum(v.ahead for v in worse), sum(v.n_rows for v in worse)
    assert f"({least} to {most}, higher on {ahead} of {n} comparisons)" in said
    probed = sentences.probes().data
    for task, place in (("probe", "within a dataset"), ("probe_held_out_dataset", "on a new dataset")):
        tables_ = [evidence.differences(m, "PCA", task) for m in ("scGPT", "Geneformer")]
        values = [t.loc[t["source"] == "scfm-tme", "difference"] for t in tables_]
        assert f"{place} ({' and '.join(signed(v.mean()) for v in values)})" in said
        each = [difference(v.mean(), evidence.mean_interval(v)) for v in values]
        assert f"{place} ({' and '.join(each)})" in probed


def test_sentences_follow_the_verdicts(made_up):
    made_up(mine={})
    assert "no model beside a baseline on more than one dataset" in sentences.answer().data
    files = {f"source{i}": {"scores": {**SCORES, ("a", "ari"): 0.5 + 0.01 * i}} for i in range(4)}
    made_up(**files)
    said = sentences.answer().data
    assert (
        said
        == "**In part**: on one dataset of 5 sources a frozen model is ahead at keeping cell types apart, scGPT of PCA."
    )
    said = sentences.in_numbers().data
    assert "**scGPT** is ahead of PCA (+0.11 [+0.10, +0.11])." in said
    assert "No source reads the models by a classifier" in sentences.probes().data
    assert tables.ahead().data.count("<tr>") == 2  # the head, and scGPT against PCA
    found = evidence.verdict("scGPT", "PCA")
    assert (found.n_rows, found.n_datasets, found.n_sources) == (5, 1, 5)
    assert "5 of 5" in tables.ahead().data
    assert "A dataset counts once in each source that has it." in tables.ahead().data
    assert "+0.11 (1)" in tables.by_source([("scGPT", "PCA"), ("Geneformer", "PCA")]).data


def test_figures_say_their_numbers(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "zslib.plots.theme.show", lambda drawn, alt, said, **_: shown.append((drawn["wide"], alt, said))
    )
    figures.between_floor_and_ceiling()
    figures.forest()
    (first, alt, above), (second, _, verdicts) = shown
    labels = [text.get_text() for text in first.axes[0].get_yticklabels()]
    assert labels.count("pancreas (scIB)") == 2  # by two sources
    assert "Open Problems, diabetic kidney: Harmony 0.75, PCA 0.67, scGPT 0.73, scVI 0.75" in alt
    assert "Geneformer 0.13" not in alt  # left out, and so not told as a score
    assert len(second.axes) == 2
    assert above.startswith(
        "In 3 of 18 rows, on 17 datasets, scGPT or Geneformer scores above every baseline"
    )
    assert "in 2 of them that is one baseline, PCA on COVID-19 and PCA on lung (Kim)" in above
    assert (
        "Cell types apart, no labels used: mostly behind in 4 of 6 comparisons, not told apart in 2."
        in verdicts
    )
    assert (
        "Batches mixed: mostly behind in 3 of 6 comparisons, mostly ahead in 1, not told apart in 1, behind in 1."
        in verdicts
    )


def test_a_dataset_of_two_sources_is_one_dataset():
    table, found = evidence.differences("scGPT", "PCA"), evidence.verdict("scGPT", "PCA")
    assert (found.n_rows, found.n_datasets) == (len(table), len(set(table["dataset"]))) == (17, 16)


def test_what_stands_for_several_is_said():
    said = sentences.merged().data
    assert (
        "benchscope's Geneformer is the mean of 3 checkpoints (Geneformer V1, 10M; Geneformer V2, 104M; Geneformer V2, 316M)."
        in said
    )
    assert (
        "3 rows of Wang, Zhang & Zhang (lung atlas, assays; lung atlas, diseases; lung atlas, cells and nuclei)"
        in said
    )


def test_tables_name_datasets_and_models_as_the_text_does():
    rows = re.findall("<tr>(.*?)</tr>", tables.left_out().data)
    (row,) = [r for r in rows if "Open Problems<" in r and "diabetic kidney" in r]
    assert ">Geneformer<" in row
    assert "Label ASW 0.364, shuffled 0.494" in row
    assert not [r for r in rows if re.search("op_|zl_|asw_label|f1_macro|cancers<.*>cancer:", r)]


def test_the_record_speaks_of_each_model_as_it_is():
    assert sentences.answer().data == (
        "**Public evidence does not show that frozen scGPT or Geneformer keeps cell types apart better than PCA, Harmony or "
        "scVI**: on 17 datasets of 7 sources neither is ahead of any of them. Against HVG there is one dataset, where of 4 "
        "checkpoints one is ahead (Geneformer V1, 10M)."
    )
    said = sentences.in_numbers().data
    assert "the model is mostly behind in 4 of 6 comparisons, not told apart in 2." in said
    assert sentences.MOSTLY in said
    assert "Harmony (−0.27, scores too far apart for an interval)" in said
    assert "on one public dataset, breast cancer (benchscope), over subsamples of its cells: " in said
    assert (
        "scGPT, whole human +0.02 [−0.02, +0.06]. So of 4 checkpoints one is ahead (Geneformer V1, 10M)."
        in said
    )
    assert (
        "**Of 12 published models, frozen, none is ahead of PCA** at keeping cell types apart; mostly ahead is scCello (+0.07 "
        "[+0.01, +0.13]; 5 datasets of one source; [told cell types](https://arxiv.org/abs/2408.12373) in its pre-training). "
        "3 of them were scored on one dataset only." in said
    )


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((-1.8, 1.26), "−0.27, scores too far apart for an interval"),
        ((-0.51, 0.48), "−0.27 [−0.51, +0.48]"),
        ((np.nan, np.nan), "−0.27"),
    ],
)
def test_an_interval_as_wide_as_the_scale_is_said_in_words(interval, said):
    assert difference(-0.27, interval) == said
    shown = tables.against_zero(-0.27, interval)
    assert ("--l:" in shown) == ("[" in said)
    assert "1.8" not in shown


def test_tables_leave_out_what_is_rare_and_name_it():
    shown = tables.headline().data
    assert ">Cell types apart, no labels used: 26 rows, on 23 datasets, of 10 sources<" in shown
    for there in (
        "<br/>shuffled cells 0.17, cell types 1.00<",
        "<br/>HVG 0.63<",
        "and so in no row: Geneformer on integrated cancers (binary malignancy) <s>0.18</s>, Geneformer on",
        ", by <a href=",
    ):
        assert there in shown
    assert "a dissertation on cancers</a>:" not in shown
    assert not {">HVG<", ">floor<"} & set(re.findall("<th[^>]*(>[^<]*<)", shown))
    assert "Shuffled cells mix best" not in shown
    assert "Shuffled cells mix best, so for batches they are no floor." in tables.headline("batches").data


def test_tables_strike_out_what_is_left_out():
    html = tables.headline().data
    assert "<s>0.13</s>" in html
    assert "0.54<sup>s</sup>" in html
    assert tables.cards().data.count("<li>") > 20
    assert "row number" in tables.cards().data
    assert "at the floor" in tables.left_out().data
    assert "scGPT less scVI" in tables.verdicts().data
