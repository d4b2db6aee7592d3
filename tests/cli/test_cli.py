"""The command line, as a person meets it."""

import pytest
from typer.testing import CliRunner

import zslib
from zslib import datasets, methods
from zslib.cli import app
from zslib.core import store
from zslib.workflow import grid, running

runner = CliRunner()


@pytest.mark.parametrize(
    "verb", [[], ["run"], ["book"], ["methods"], ["data"], ["data", "fetch"], ["data", "verify"]]
)
def test_every_verb_explains_itself(verb):
    said = runner.invoke(app, [*verb, "--help"])
    assert said.exit_code == 0
    assert len(said.output) > 100


def test_the_version_is_that_of_the_package():
    said = runner.invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"{zslib.__version__}\n")


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


def test_verify_says_what_is_missing_and_fails_on_what_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path))
    said = runner.invoke(app, ["data", "verify"])
    assert said.exit_code == 0
    assert "missing" in said.output
    (tmp_path / datasets.card("baron").files[0].filename).write_bytes(b"cut off")
    said = runner.invoke(app, ["data", "verify"])
    assert said.exit_code == 1
    assert "damaged" in said.output


@pytest.mark.parametrize("status", ["failed", "not applicable", "ok"])
def test_a_method_that_failed_is_named_last_and_ends_with_status_1(tmp_path, monkeypatch, status):
    def run(wanted, **_):
        folder = tmp_path / "kang" / "hvg" / "0"
        store.write_json(folder / "run.json", {"status": status, "reason": "DataError: no counts\nmore"})
        return 0

    monkeypatch.setattr(running, "run", run)
    asked = ["run", "--profile", "smoke", "-d", "kang", "-m", "hvg", "--results", str(tmp_path)]
    said = runner.invoke(app, asked)
    assert said.exit_code == int(status == "failed")
    last = said.output.strip().splitlines()[-1]
    assert (last == "error: kang · hvg · 0: DataError: no counts") == (status == "failed")


def test_methods_are_told_apart_by_name_and_not_by_the_words_of_a_reason(tmp_path):
    wanted = grid.load("smoke", datasets=["kang"], methods=["hvg", "scvi"], results=str(tmp_path))
    for method, reason in (("hvg", "wants what scvi has"), ("scvi", "one batch")):
        record = {"status": "not applicable", "reason": reason}
        store.write_json(tmp_path / "kang" / method / "0" / "run.json", record)
    assert running.failures(wanted, "not applicable", {"scvi"}) == ["kang · scvi · 0: one batch"]
    assert len(running.failures(wanted, "not applicable")) == 2
    assert running.failures(wanted) == []
