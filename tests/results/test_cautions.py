"""What a reader must know of methods on one dataset: who met its cells, and who is below the floor."""

import pandas as pd
import pytest

from zslib import tables
from zslib.results import report
from zslib.results.report.cautions import met

MINI = "geneformer-mini-kang"


@pytest.mark.parametrize(
    ("method", "dataset", "word"),
    [
        (MINI, "kang", "in pre-training"),
        (MINI, "pbmc-studies", "a part of them, in pre-training"),
        (MINI, "baron", "no"),
        (MINI, "my-cells", "not known"),
        (f"{MINI}-untrained", "kang", "no"),
        (f"{MINI}-permuted", "kang", "in pre-training"),
        ("geneformer-v1-10m", "baron", "in pre-training"),
        ("geneformer-v2-104m", "baron", "not known"),
        ("cell-sentence", "kang", "no"),
        ("scvi", "kang", "when fitted"),
        ("hvg", "kang", "in the choice of genes"),
        ("hvg-pca", "baron", "when fitted"),
        ("labels", "baron", "sees the labels"),
        ("random", "baron", "no"),
    ],
)
def test_who_met_the_cells_follows_from_the_ledger_and_the_card(method, dataset, word):
    assert met(method, dataset) == word
    assert f">{word}<" in tables.method_card(method, dataset).data.split("Has met these cells before")[1]


def test_without_a_dataset_a_card_says_nothing_of_its_cells():
    assert "Has met" not in tables.method_card(MINI).data


class Scored:
    """AvgBIO of methods, without luck: a larger one beats a smaller."""

    def __init__(self, **values):
        self.values = {name.replace("_", "-"): value for name, value in values.items()}
        self.ran = list(self.values)

    def value(self, method, metric):
        value = {"avg_bio": self.values.get(method), "participation_ratio": 1.25}[metric]
        return None if value is None else pd.Series({"value": value, "ci_low": value, "ci_high": value})

    def beats(self, method, rival, metric):
        return self.values[method] > self.values[rival]


def test_what_scores_below_random_numbers_is_flagged():
    runs = Scored(random=0.18, hvg=0.5, scgpt_mini_kang_permuted=0.15, scgpt_human=0.1, shuffled_cells=0.05)
    said = report.below_floor(runs).data
    assert "**Below random numbers** in AvgBIO (0.18" in said
    assert "scGPT mini (kang), genes permuted (0.15, participation ratio 1.2)" in said
    assert "scGPT, whole human (0.10" in said  # a real method is flagged as well
    assert "HVG" not in said
    assert "huffled" not in said  # a control of the metrics is no method


def test_where_nothing_is_below_the_floor_or_there_is_none_it_says_so():
    assert "No method scores below" in report.below_floor(Scored(random=0.18, hvg=0.5)).data
    assert "no floor" in report.below_floor(Scored(hvg=0.5, scvi=0.1)).data


def test_a_reader_of_english_is_called_no_foundation_model_of_cells():
    """What its own chapter calls a misreading no table says."""
    assert "oundation" not in tables.method_card("cell-sentence").data
    assert "oundation" in tables.method_card("scgpt-human").data
