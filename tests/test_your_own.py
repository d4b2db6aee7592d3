"""The page about cells and models of one's own: its model is complete, short, and stands in a report."""

import re

import pandas as pd
from toy_cells import read
from typer.testing import CliRunner

from zslib import methods
from zslib.cli import app
from zslib.core import store

PAGE = (store.ROOT / "book" / "your-own.md").read_text()


def test_the_model_of_the_page_is_short_and_stands_in_the_scores_of_a_report(tmp_path):
    code = next(block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "CARD" in block)
    assert len(code.splitlines()) <= 15
    (tmp_path / "my_svd.py").write_text(code)
    read(None).write_h5ad(tmp_path / "cells.h5ad")
    asked = ["report", tmp_path / "cells.h5ad", "--label", "type", "--batch", "donor", "--device", "cpu"]
    asked += ["--methods", "random,labels", "--method", tmp_path / "my_svd.py", "--out", tmp_path / "out"]
    done = CliRunner().invoke(app, [str(a) for a in asked])
    assert done.exit_code == 0, done.output
    scores = pd.read_csv(tmp_path / "out" / "scores.csv").query("space == 'native' and metric == 'asw_label'")
    value = scores.set_index("method")["value"]
    assert value["random"] < value["my-svd"] < value["labels"]
    assert "My SVD" in (tmp_path / "out" / "_build" / "html" / "cells.html").read_text()


def test_what_a_card_of_the_book_leaves_out_is_not_left_out_by_chance():
    for name in methods.names():
        card = methods.card(name)
        assert "Not stated." not in (card.summary, card.recipe, card.caveat, card.citation), name


def test_every_option_of_the_page_is_one_of_the_command():
    shown = CliRunner().invoke(app, ["report", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout
    for option in set(re.findall(r"(?<![-`|])--[a-z][a-z-]+", PAGE)):
        assert option in shown, option
