"""The page about cells and models of one's own; its model stands in the report of workflow/test_report.py."""

import re

from typer.testing import CliRunner

from zslib import methods
from zslib.cli import app
from zslib.core import store

PAGE = (store.ROOT / "book" / "your-own.md").read_text()


def test_what_a_card_of_the_book_leaves_out_is_not_left_out_by_chance():
    for name in methods.names():
        card = methods.card(name)
        assert "Not stated." not in (card.summary, card.recipe, card.caveat, card.citation), name


def test_every_option_of_the_page_is_one_of_the_command():
    shown = CliRunner().invoke(app, ["report", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).stdout
    for option in set(re.findall(r"(?<![-`|])--[a-z][a-z-]+", PAGE)):
        assert option in shown, option
