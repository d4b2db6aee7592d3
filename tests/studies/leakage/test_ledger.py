"""The leakage ledger."""

import pandas as pd
import pytest

from zslib import datasets
from zslib.core.errors import DataError
from zslib.frozen import weights
from zslib.frozen.ledger import COLUMNS, SEEN, ledger, read
from zslib.frozen.pretrain import checkpoints, minis
from zslib.studies.leakage import tables

GRID = ["kang", "baron", "pbmc-studies"]


def test_every_pair_that_is_asked_for_is_answered():
    models = [*weights.names(), "cell-sentence"]
    rows = ledger(models, GRID)
    assert list(rows.columns) == COLUMNS
    assert not rows.duplicated(["model", "dataset"]).any()
    assert {(m, d) for m in [*models, *minis.RECIPES] for d in GRID} <= set(
        zip(rows["model"], rows["dataset"], strict=True)
    )
    assert set(rows["seen"]) <= set(SEEN)
    assert (rows["source"].str.len() > 0).all()


def test_datasets_of_which_the_same_is_known_share_a_row():
    rows = ledger(["scgpt-human"], ["kang", "baron"]).query(
        "model == 'scgpt-human' and dataset in ['kang', 'baron']"
    )
    shown = tables.ledger(rows.assign(seen="not known", what="nothing", source="no one")).data
    assert ">kang and baron</td>" in shown
    assert shown.count("<tr>") == 2
    apart = rows.assign(seen=["yes", "no"], what="nothing", source="no one")
    assert tables.ledger(apart).data.count("<tr>") == 3


def test_what_is_known():
    seen = ledger(weights.names(), GRID).set_index(["model", "dataset"])["seen"]
    assert seen["geneformer-v1-10m", "baron"] == "yes"
    assert seen["geneformer-v2-104m", "baron"] == "not known"  # silence is not a no
    assert seen["scgpt-human", "tabula-sapiens"] == "yes"


def test_shipped_models_are_told_from_their_cards():
    seen = ledger([], [*GRID, "pbmc3k"]).set_index(["model", "dataset"])["seen"]
    expected = {
        "kang": {"kang": "yes", "baron": "no", "pbmc-studies": "partly", "pbmc3k": "no"},
        "pbmc-baron": {"kang": "no", "baron": "yes", "pbmc-studies": "partly", "pbmc3k": "yes"},
    }
    for name in checkpoints.names():
        assert seen[name].to_dict() == expected[name.split("-mini-")[1]]
    own = ledger([], ["my-cells"]).query("dataset == 'my-cells'")
    assert set(own["seen"]) == {"not known"}  # a user's own file has no card here that could say "no"
    trained = {
        s["name"]: s["cells"] - s["held_out"] for s in checkpoints.card("geneformer-mini-kang")["corpus"]
    }
    what = ledger([], ["kang"]).set_index("model")["what"]["geneformer-mini-kang"]
    assert f"{trained['kang']:,}" in what


def test_cards_of_datasets_agree_with_the_ledger():
    """A dataset whose card says that a model saw it is in the ledger."""
    rows = ledger().set_index(["model", "dataset"])["seen"]
    for words, model in (("corpus of Geneformer", "geneformer-v1-10m"), ("corpus of scGPT", "scgpt-human")):
        said = {name for name in datasets.names() if words in " ".join(datasets.card(name).caveats)}
        found = rows[model][rows[model].isin(["yes", "partly"])].index
        assert said == {*found} != set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seen": "maybe"}, "known words"),
        ({"source": ""}, "empty field"),
        ({"model": "b"}, "two rows"),
        ({"extra": "x"}, "columns"),
    ],
)
def test_a_careless_ledger_is_refused(tmp_path, change, message):
    row = dict(zip(COLUMNS, ["a", "kang", "yes", "it is", "me"], strict=True))
    table = pd.DataFrame([row, {**row, "model": "b"}])
    path = tmp_path / "ledger.csv"
    table.to_csv(path, index=False)
    assert len(read(path)) == 2
    table.assign(**change).to_csv(path, index=False)
    with pytest.raises(DataError, match=message):
        read(path)
