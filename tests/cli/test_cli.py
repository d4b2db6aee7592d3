"""The command line, as a person meets it."""

import pytest
from typer.testing import CliRunner

from zslib import datasets, methods
from zslib.cli import app

runner = CliRunner()


@pytest.mark.parametrize(
    "verb", [[], ["run"], ["book"], ["methods"], ["data"], ["data", "fetch"], ["data", "verify"]]
)
def test_every_verb_explains_itself(verb):
    said = runner.invoke(app, [*verb, "--help"])
    assert said.exit_code == 0
    assert len(said.output) > 100


def test_lists_name_all_there_are():
    said = runner.invoke(app, ["methods"]).output
    assert all(name in said for name in methods.names())
    assert "told the labels" in next(line for line in said.splitlines() if line.startswith("labels"))
    said = runner.invoke(app, ["data", "list"]).output
    assert all(name in said for name in datasets.names())


def test_a_card_is_shown_whole():
    said = runner.invoke(app, ["data", "show", "kang"])
    assert "GSE96583" in said.output
    assert "interferon" in said.output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--profile", "huge"], "smoke"),
        (["run", "-m", "best"], "harmony"),
        (["data", "show", "x"], "kang"),
    ],
)
def test_a_mistake_is_answered_with_what_there_is_and_no_traceback(arguments, named):
    said = runner.invoke(app, arguments)
    assert said.exit_code == 2
    assert named in said.output
    assert "Traceback" not in said.output


def test_verify_fails_on_an_empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path))
    said = runner.invoke(app, ["data", "verify"])
    assert said.exit_code == 1
    assert "missing" in said.output
