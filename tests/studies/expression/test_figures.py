"""Figures and tables of expression: drawn without a fault, and saying in words what they show."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from zslib.studies.expression import figures as expression
from zslib.studies.expression import sentences, tables
from zslib.studies.expression.cards import CARDS, CEILING, Settings

PREDICTORS = ["mean", "gene mean", "nearest cells", "PCA", "ridge", CEILING, "scgpt-random"]


def value(predictor, score, fraction):
    return PREDICTORS.index(predictor) / 10 - (5 if predictor == "scgpt-random" and score == "r2" else 0)


@pytest.fixture
def found():
    rows = [
        {
            "dataset": "kang",
            "scale": "bins",
            "network": predictor if predictor == "scgpt-random" else "",
            "predictor": predictor,
            "fraction": fraction,
            "score": score,
            "value": value(predictor, score, fraction),
            "ci_low": value(predictor, score, fraction) - 0.05,
            "ci_high": value(predictor, score, fraction) + 0.05,
            "n": 9,
        }
        for predictor in PREDICTORS
        for fraction in (0.25, 0.9)
        for score in ("r2", "mae", "gene_correlation", "detection")
    ]
    true = np.array([5.0, 25, 45])
    curves = [
        pd.DataFrame({"true": true, "predicted": true / 2, "low": true / 3, "high": true, "n": 4}).assign(
            dataset="kang", scale="bins", network=predictor if predictor == "scgpt-random" else ""
        )
        for predictor in PREDICTORS
    ]
    for table, predictor in zip(curves, PREDICTORS, strict=True):
        table["predictor"] = predictor
    return SimpleNamespace(scores=pd.DataFrame(rows), curves=pd.concat(curves, ignore_index=True))


@pytest.fixture
def drawn(monkeypatch):
    """What was shown: figures, their alternative texts and captions."""
    seen = []
    monkeypatch.setattr(
        "zslib.plots.theme.show", lambda drawn, *said, **_: seen.append((drawn["wide"], *said))
    )
    return seen


def test_scores_by_share(found, drawn):
    expression.hidden_genes(found.scores, "bins", ["r2", "gene_correlation", "top10"])
    figure, alt, caption = drawn[0]
    assert "9 cells; lines" in caption
    assert len(figure.axes) == 2  # what nobody has is left out
    assert "scGPT's network, untrained -4.40" in alt
    assert (
        min(min(line.get_xdata()) for line in figure.axes[0].lines) == expression.LOWEST
    )  # what lies below stands there
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [
        expression._name(name) for name in PREDICTORS
    ]


def test_levels(found, drawn):
    expression.expression_levels([found.curves, found.curves.assign(dataset="baron")], "bins")
    figure, alt, caption = drawn[0]
    assert sum(axis.get_visible() for axis in figure.axes) == 2
    assert "scGPT's network, untrained on kang: from 2.50 where the truth is 5.00 to 22.50" in alt
    assert (
        "scGPT's network, untrained on kang 50%, scGPT's network, untrained on baron 50%; the dotted"
        in caption
    )
    assert "of 12 hidden genes" in caption


def test_nothing_to_draw_is_said(found, drawn, capsys):
    expression.expression_levels([found.curves], "ranks")
    expression.objective_and_embedding([found], [], "avg_bio")
    assert capsys.readouterr().out.count("nothing to draw") == 2
    assert not drawn


def test_objective_and_embedding(found, drawn):
    entry = SimpleNamespace(value=0.4, ci_low=0.3, ci_high=0.5)
    run = SimpleNamespace(dataset="kang", ran=["scgpt-random"], value=lambda method, metric: entry)
    expression.objective_and_embedding([found], [run], "avg_bio")
    assert (
        "scGPT's network, untrained on kang: 0.50 and 0.40" in drawn[0][1]
    )  # 0.60 less the 0.10 of the gene mean
    assert "Predictions are of 9 cells" in drawn[0][2]


@pytest.mark.parametrize(
    ("embeds", "said"),
    [
        (
            [1, 2, 3, 4],
            "kang +1.00, of 4 networks each; told from no relation: none",
        ),  # as 2 of 24 orders are
        ([4, 2, 3, 1, 5], "kang +0.00, of 5 networks each; told from no relation: none"),
        ([6, 5, 4, 3, 2, 1], "kang -1.00, of 6 networks each; told from no relation: kang"),
        ([1], ""),
    ],
)
def test_two_orders_agree_only_if_chance_would_not_have_it(embeds, said):
    both = pd.DataFrame({"objective": range(len(embeds)), "avg_bio": embeds}).assign(dataset="kang")
    found = expression._agreement(both.set_index("dataset"))
    assert said in found
    assert bool(said) == bool(found)


def test_tables(found):
    html = tables.found_hidden(found.scores, "bins", 0.25).data
    assert html.count("<tr>") == 1 + len(PREDICTORS)
    assert "−4.40" in html
    assert "scgpt-" not in html
    assert CARDS["gene_correlation"].title in html
    assert "25%, 50%" in tables.settings_used(Settings(fractions=(0.25, 0.5))).data
    published = pd.DataFrame(
        [("baron", "bins", "scgpt-mini-pbmc-baron", "GEP", "mse", 4.0, 3.0, 5.0, 8)],
        columns=["dataset", "scale", "network", "predictor", "score", "value", "ci_low", "ci_high", "n"],
    )
    html = tables.given_back(published).data
    assert "4.00" in html
    assert "scGPT mini (pbmc-baron) (seen)" in html
    assert "as published, on baron:" in html


def test_a_score_that_an_untrained_network_wins_is_said_to_tell_nothing():
    """As published the relative error has no floor: what says less than nothing has a negative one."""
    rows = [
        ("kang", "bins", network, predictor, score, value)
        for network, (mse, mre) in {"scgpt-random": (900.0, -267.0), "scgpt-mini-kang": (100.0, 0.3)}.items()
        for predictor, values in {"GEP": (mse, mre), "mean bin": (200.0, 0.49)}.items()
        for score, value in zip(("mse", "mre"), values, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["dataset", "scale", "network", "predictor", "score", "value"])
    table = table.assign(ci_low=table["value"], ci_high=table["value"], n=8)
    said = tables.given_back(table).data
    assert (
        "On kang, by relative error (to the prediction) scGPT's network, untrained (−267.00) is better than the mean bin (0.49)"
        in said
    )
    assert "by squared error" not in said
    assert "tells nothing" not in tables.given_back(table[table["network"] != "scgpt-random"]).data
    ranks = table[table["score"] == "mre"].assign(score="pearson", predictor=["network", "mean rank"] * 2)
    ranks = ranks.assign(value=[0.5, 0.3, 0.9, 0.3])  # here a higher one is better
    assert "by Pearson r of ranks scGPT's network, untrained (0.50)" in tables.given_back(ranks).data


def scored(**values):
    """R² of networks on a scale at one share of hidden genes, each with an interval of 0.02, beside two baselines."""
    rows = [("kang", scale, "", "PCA", 0.3) for scale in ("bins", "ranks", "ranks of other")]
    rows += [("kang", scale, name, name, value) for name, (scale, value) in values.items()]
    table = pd.DataFrame(rows, columns=["dataset", "scale", "network", "predictor", "value"])
    ends = {"ci_low": table["value"] - 0.01, "ci_high": table["value"] + 0.01}
    return SimpleNamespace(scores=table.assign(score="r2", fraction=0.25, **ends))


MINI, DRAWN = "geneformer-mini-kang", "geneformer-random"


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({MINI: ("ranks", 0.1)}, "Above at every share"),
        (
            {MINI: ("ranks", 0.1), DRAWN: ("ranks of other", -0.2)},
            "Above at every share",
        ),
        (
            {MINI: ("ranks", 0.1), DRAWN: ("ranks of other", 0.005)},
            "Above at every share",
        ),  # not told from 0
        (
            {MINI: ("ranks", 0.1), DRAWN: ("bins", 0.2)},
            "Above at every share",
        ),  # asked of something else
        (
            {MINI: ("ranks", 0.1), DRAWN: ("ranks of other", 0.19)},
            "Not to be judged",
        ),
        ({MINI: ("ranks", -0.1)}, "Below at every share"),
        ({MINI: ("ranks", 0.005)}, "Not told apart"),
    ],
)
def test_a_criterion_that_an_untrained_network_passes_is_none(values, word):
    shown = tables.answers([scored(**values)]).data
    (row,) = [r for r in shown.split("<tr>") if "mini" in r]
    value = values[MINI][1]
    assert f">{value:.2f} <span" in row.replace("−", "-")
    assert f"[{value - 0.01:.2f}, {value + 0.01:.2f}]" in row.replace("−", "-")
    assert "lowest" not in shown  # of one share it is the highest as well
    assert f">{word}<" in row
    assert ("Not to be judged: an untrained network" in shown) == (">Not to be judged<" in shown)
    assert "Geneformer mini (kang) (seen)" in row
    said = sentences.answer([scored(**values)]).data
    assert (
        "Geneformer's network, untrained, lies above the mean of each gene as well (R² up to 0.19)" in said
    ) == ("judged" in word)
    n = int(word.startswith("Above"))
    assert said.startswith(
        f"**Of 1 prediction by this book's small models, {n} {'is' if n == 1 else 'are'} better than"
    )
    assert ("all of them on cells that were seen" in said) == (n == 1)
    assert "scGPT and Geneformer themselves were not asked.**" in said
    assert "beats the best baseline that reads the cell, whose mean R² is at most 0.30 (PCA on kang)." in said


def test_how_much_of_the_bins_is_chance_is_said_where_bins_were_asked(found):
    assert "would reach R² 0.50 to 0.50 here" in sentences.ceiling(found).data
    without = SimpleNamespace(scores=found.scores.query("predictor != @CEILING"))
    assert "No network was asked for bins" in sentences.ceiling(without).data


def test_without_a_network_on_a_scale_there_is_nothing_to_draw_and_nothing_to_say(found, drawn, capsys):
    expression.hidden_genes(found.scores, "ranks", ["r2", "top10"])
    assert drawn == []
    assert "No network was asked for ranks" in capsys.readouterr().out
    assert "No network of this build" in sentences.answer([]).data
