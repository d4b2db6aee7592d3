"""``zslib weights`` as a person meets it."""

import pytest
from loopback_hub import serve, toy_card
from typer.testing import CliRunner

from zslib.cli.weights import app
from zslib.frozen import weights
from zslib.frozen.weights import catalog

runner = CliRunner()
FILES = {("weights", "model.safetensors"): b"w" * 1000, ("settings", "config.json"): b"{}"}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "cache"))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    monkeypatch.setitem(catalog.CARDS, "toy", toy_card("toy", FILES))
    monkeypatch.setitem(catalog.CARDS, "open", toy_card("open", FILES, unhashed=("settings",)))
    with serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        hub.files = {path: content for (_, path), content in FILES.items()}
        yield hub


def run(*arguments):
    return runner.invoke(app, [str(a) for a in arguments])


def fails(*arguments):
    said = run(*arguments)
    assert said.exit_code == 2
    assert "Traceback" not in said.output
    assert said.output.startswith("error: ")
    return said.output


@pytest.mark.parametrize("verb", [[], ["list"], ["show"], ["fetch"], ["verify"], ["path"], ["use"]])
def test_every_verb_explains_itself(verb):
    said = run(*verb, "--help")
    assert said.exit_code == 0
    assert len(said.output) > 200


def test_list_tells_what_is_here_and_what_can_be_had(hub):
    run("fetch", "toy")
    lines = {line.split()[0]: line for line in run("list").output.splitlines()}
    assert list(lines) == weights.names()
    assert "here" in lines["toy"]
    assert "can be fetched" in lines["geneformer-v1-10m"]
    assert "41 MB" in lines["geneformer-v1-10m"]
    assert "by hand" in lines["scgpt-kidney"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("scgpt-human", ("a24c237737a40f3720f75abb555489e9fe753be6", "May 2023", "MIT", "6cb5d451")),
        ("scgpt-blood", ("revision: not known", "no sha256 known", "10.3 million")),
        ("geneformer-v2-316m", ("965ceccea8", "Apache-2.0", "1265.5 MB")),
    ],
)
def test_a_card_is_shown_whole(hub, name, told):
    said = run("show", name).output
    assert all(item in said for item in told)


def test_fetch_path_verify(hub):
    assert "zslib weights fetch toy" in fails("path", "toy")
    assert run("verify", "toy").exit_code == 1
    folder = run("fetch", "toy").stdout.strip().splitlines()[-1]
    assert folder == str(weights.folder("toy"))
    assert run("path", "toy").stdout.strip() == folder
    said = run("verify", "toy")
    assert said.exit_code == 0
    assert [line.split()[0] for line in said.output.splitlines()] == ["ok", "ok"]
    (weights.folder("toy") / "config.json").write_text("{ }")
    said = run("verify", "toy")
    assert said.exit_code == 1
    assert "damaged" in said.output
    assert "3 bytes, expected 2" in said.output


def test_a_file_without_a_hash_must_be_accepted(hub):
    assert "--unverified" in fails("fetch", "open")
    assert run("fetch", "open", "--unverified").exit_code == 0
    assert "accepted" in run("verify", "open").output


def test_use_and_verify_a_folder(hub, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    assert "missing: model.safetensors" in fails("use", "toy", own)
    for (_, name), content in FILES.items():
        (own / name).write_bytes(content)
    assert run("verify", own).exit_code == 0
    assert run("verify", own, "--as", "toy").exit_code == 0
    assert run("verify", own, "--as", "scgpt-human").exit_code == 1
    assert str(own) in run("use", "toy", own).output
    assert run("path", "toy").stdout.strip() == str(own)


@pytest.mark.parametrize("verb", ["show", "fetch", "path", "verify"])
def test_a_wrong_name_is_answered_with_the_right_ones(hub, verb):
    assert "geneformer-v1-10m" in fails(verb, "geneformer")


def test_an_error_of_the_hub_is_plain(hub):
    hub.files.clear()
    assert "404" in fails("fetch", "toy")
