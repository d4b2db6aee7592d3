"""Fetching and checking weights: what is wrong is found and named, and never used."""

import json
import pickle
import threading

import pytest
from loopback_hub import REPOSITORY, serve, toy_card

from zslib.core.errors import DataError
from zslib.frozen import weights
from zslib.frozen.weights import catalog, readers

BIG = bytes(range(256)) * 1200
FILES = {
    ("weights", "Model-1/model.safetensors"): BIG,
    ("settings", "Model-1/config.json"): b'{"layers": 2}',
    ("tokens", "dictionaries/tokens.pkl"): pickle.dumps({"<pad>": 0, "ENSG1": 1}),
}
NAMES = {"model.safetensors", "config.json", "tokens.pkl"}
MODEL = "Model-1/model.safetensors"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "cache"))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between attempts
    monkeypatch.setattr("zslib.core.fetch.CHUNK", 10_000)  # what is less is lost when a connection breaks
    with serve() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        hub.files = {path: content for (_, path), content in FILES.items()}
        yield hub


@pytest.fixture
def toy(hub, monkeypatch):
    card = toy_card("toy", FILES)
    monkeypatch.setitem(catalog.CARDS, "toy", card)
    return card


@pytest.fixture
def unhashed(hub, monkeypatch):
    card = toy_card("unhashed", FILES, unhashed=("settings",))
    monkeypatch.setitem(catalog.CARDS, "unhashed", card)
    return card


@pytest.fixture
def by_hand(hub, monkeypatch):
    card = toy_card("by-hand", FILES, repository=None, revision=None, origin="Nobody offers it on a hub.")
    monkeypatch.setitem(catalog.CARDS, "by-hand", card)
    return card


def everything(folder):
    return {p.name for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("redirect", [False, True])
def test_fetches_once_then_needs_no_hub(hub, toy, redirect, monkeypatch):
    hub.redirect = redirect
    assert not weights.available("toy")
    folder = weights.fetch("toy")
    assert everything(folder) == NAMES
    assert weights.available("toy")
    assert {role: p.read_bytes() for role, p in weights.files("toy").items()} == {
        role: content for (role, _), content in FILES.items()
    }
    asked = len(hub.requests)
    assert weights.fetch("toy") == weights.path("toy") == folder
    assert [s.state for s in weights.verify("toy")] == ["ok"] * 3
    assert len(hub.requests) == asked
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert weights.fetch("toy") == folder


@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
@pytest.mark.parametrize("redirect", [False, True], ids=["direct", "redirect"])
def test_a_connection_that_breaks_half_way_is_taken_up_again(hub, toy, reset, redirect):
    hub.reset, hub.redirect = reset, redirect
    hub.break_after[MODEL] = [100_000, 70_000]
    weights.fetch("toy")
    spans = [span for name, span in hub.gets() if name == "model.safetensors" and span]
    assert spans
    # What had arrived is not asked for again.
    assert all(int(span.removeprefix("bytes=").rstrip("-")) > 0 for span in spans)
    assert weights.files("toy")["weights"].read_bytes() == BIG


def test_an_interrupted_fetch_goes_on_at_the_next_call(hub, toy):
    hub.break_after[MODEL] = [200_000] + [0] * 50
    with pytest.raises(DataError, match=r"model\.safetensors.*200000 bytes are kept: call again"):
        weights.fetch("toy")
    assert not weights.available("toy")
    assert "model.safetensors" not in everything(weights.folder("toy"))
    hub.break_after.clear()
    hub.requests.clear()
    weights.fetch("toy")
    assert ("model.safetensors", "bytes=200000-") in hub.gets()
    assert everything(weights.folder("toy")) == NAMES
    assert weights.files("toy")["weights"].read_bytes() == BIG


def test_a_file_cut_short_is_not_taken_for_whole(hub, toy):
    hub.files[MODEL] = BIG[:-1000]
    with pytest.raises(DataError, match="wrong file"):
        weights.fetch("toy")
    with pytest.raises(DataError, match=r"missing: model\.safetensors"):
        weights.files("toy")


def test_a_wrong_file_is_named_and_removed_and_the_next_call_mends_it(hub, toy):
    hub.files[MODEL] = BIG[:-1] + b"?"
    with pytest.raises(
        DataError, match=r"Model-1/model\.safetensors served a wrong file, which was removed: .*expected"
    ):
        weights.fetch("toy")
    assert not any("model" in name for name in everything(weights.folder("toy")))
    hub.files[MODEL] = BIG
    weights.fetch("toy")
    assert weights.files("toy")["weights"].read_bytes() == BIG


def test_kept_bytes_that_are_wrong_cannot_get_in(hub, toy):
    hub.break_after[MODEL] = [200_000] + [0] * 50
    with pytest.raises(DataError):
        weights.fetch("toy")
    (part,) = weights.folder("toy").glob(".model*.part")
    part.write_bytes(b"?" * part.stat().st_size)
    hub.break_after.clear()
    with pytest.raises(DataError, match="wrong file"):
        weights.fetch("toy")
    weights.fetch("toy")
    assert weights.files("toy")["weights"].read_bytes() == BIG


def test_more_kept_bytes_than_the_file_has(hub, toy):
    hub.break_after[MODEL] = [200_000] + [0] * 50
    with pytest.raises(DataError):
        weights.fetch("toy")
    (part,) = weights.folder("toy").glob(".model*.part")
    part.write_bytes(BIG + b"?")
    hub.break_after.clear()
    weights.fetch("toy")
    assert weights.files("toy")["weights"].read_bytes() == BIG


def test_a_file_the_hub_does_not_have(hub, toy):
    del hub.files[MODEL]
    with pytest.raises(DataError, match=rf"Could not fetch .*{REPOSITORY}.*Model-1/model\.safetensors \(404"):
        weights.fetch("toy")


def test_a_revision_the_hub_does_not_have(hub, monkeypatch):
    monkeypatch.setitem(catalog.CARDS, "gone", toy_card("gone", FILES, revision="f" * 40))
    with pytest.raises(DataError, match=r"Could not fetch .*ffff"):
        weights.fetch("gone")


def test_no_network_says_what_is_missing_and_where_it_goes(hub, toy, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        DataError, match=r"Could not fetch http://127\.0\.0\.1:9/.*model\.safetensors"
    ) as caught:
        weights.fetch("toy")
    assert str(weights.folder("toy") / "model.safetensors") in str(caught.value)
    with pytest.raises(DataError) as caught:
        weights.path("toy")
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    assert all(name in said for name in NAMES)
    assert "zslib weights fetch toy" in said
    assert str(weights.folder("toy")) in said
    assert "zslib weights use toy FOLDER" in said
    # Files put there by hand are as good as fetched ones.
    for (_, path), content in FILES.items():
        (weights.folder("toy") / path.rpartition("/")[2]).write_bytes(content)
    weights.fetch("toy")


@pytest.mark.parametrize("content", [b"", BIG[:500], BIG[:-1] + b"?"], ids=["empty", "short", "changed"])
def test_a_damaged_file_is_fetched_again_and_the_others_are_not(hub, toy, content):
    path = weights.fetch("toy") / "model.safetensors"
    path.write_bytes(content)
    assert [s.state for s in weights.verify("toy")] == ["damaged", "ok", "ok"]
    with pytest.raises(DataError, match=r"damaged: model\.safetensors"):
        weights.files("toy")
    hub.requests.clear()
    weights.fetch("toy")
    assert [name for name, _ in hub.gets()] == ["model.safetensors"]
    assert path.read_bytes() == BIG


def test_several_at_once_fetch_once(hub, toy):
    failed = []

    def fetch():
        try:
            weights.fetch("toy")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(name for name, _ in hub.gets()) == sorted(NAMES)


# Files without a known hash


def test_without_a_hash_nothing_is_fetched_until_accepted_and_then_it_is_checked(hub, unhashed):
    with pytest.raises(DataError, match=r"(?s)No hash is known of config\.json.*--unverified"):
        weights.fetch("unhashed")
    assert hub.requests == []
    folder = weights.fetch("unhashed", unverified=True)
    assert set(json.loads((folder / "hashes.json").read_text())) == {"config.json"}
    assert [s.state for s in weights.verify("unhashed")] == ["ok", "accepted", "ok"]
    assert weights.available("unhashed")
    hub.requests.clear()
    weights.fetch("unhashed")
    assert hub.requests == []

    (folder / "config.json").write_bytes(b'{"layers": 3}')
    with pytest.raises(DataError, match=r"damaged: config\.json"):
        weights.files("unhashed")
    weights.fetch("unhashed")  # the hub still has what was accepted
    assert (folder / "config.json").read_bytes() == b'{"layers": 2}'

    (folder / "config.json").unlink()
    hub.files["Model-1/config.json"] = b'{"layers": 3}'
    with pytest.raises(DataError, match="wrong file"):
        weights.fetch("unhashed")
    weights.fetch("unhashed", unverified=True)  # said again, it is accepted anew
    assert (folder / "config.json").read_bytes() == b'{"layers": 3}'


def test_accepting_does_not_reach_files_with_a_hash(hub, unhashed):
    hub.files[MODEL] = BIG[:-1] + b"?"
    with pytest.raises(DataError, match="wrong file"):
        weights.fetch("unhashed", unverified=True)


def test_a_checkpoint_on_no_hub_says_how_to_get_it(hub, by_hand):
    with pytest.raises(
        DataError, match=r"(?s)cannot be fetched\. Nobody offers it.*zslib weights use by-hand"
    ):
        weights.fetch("by-hand")
    assert hub.requests == []


# A folder of one's own


def fill(folder, *, flat):
    for (_, path), content in FILES.items():
        place = folder / (path.rpartition("/")[2] if flat else path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


@pytest.mark.parametrize("flat", [True, False])
def test_a_folder_one_has_is_checked_and_used_and_not_written_to(hub, toy, by_hand, tmp_path, flat):
    own = fill(tmp_path / "own", flat=flat)
    before = sorted((p, p.stat().st_mtime_ns) for p in own.rglob("*"))
    for name in ("toy", "by-hand"):
        assert weights.use(name, own) == own
        assert weights.available(name)
        assert weights.files(name)["weights"].read_bytes() == BIG
        assert weights.fetch(name) == weights.path(name) == own
    assert hub.requests == []
    assert sorted((p, p.stat().st_mtime_ns) for p in own.rglob("*")) == before


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda own: (own / "config.json").unlink(), r"missing: config\.json"),
        (lambda own: (own / "model.safetensors").write_bytes(BIG[::-1]), r"damaged: model\.safetensors"),
    ],
)
def test_a_folder_that_is_not_right_is_refused(toy, tmp_path, spoil, named):
    own = fill(tmp_path / "own", flat=True)
    spoil(own)
    with pytest.raises(DataError, match=named):
        weights.use("toy", own)
    assert weights.folder("toy") != own
    with pytest.raises(DataError, match="is not a folder"):
        weights.use("toy", tmp_path / "nowhere")


def test_a_folder_that_changes_is_no_longer_used_and_fetching_takes_its_place(hub, toy, tmp_path):
    own = fill(tmp_path / "own", flat=True)
    weights.use("toy", own)
    (own / "model.safetensors").write_bytes(BIG[::-1])
    with pytest.raises(DataError, match="damaged"):
        weights.files("toy")
    assert weights.fetch("toy") != own
    assert weights.files("toy")["weights"].read_bytes() == BIG
    assert (own / "model.safetensors").read_bytes() == BIG[::-1]  # the user's own


def test_a_folder_with_a_file_of_unknown_hash_must_be_accepted(unhashed, tmp_path):
    own = fill(tmp_path / "own", flat=True)
    with pytest.raises(DataError, match="--unverified"):
        weights.use("unhashed", own)
    weights.use("unhashed", own, unverified=True)
    assert weights.files("unhashed")["settings"] == own / "config.json"
    (own / "config.json").write_bytes(b"{}")
    with pytest.raises(DataError, match=r"damaged: config\.json"):
        weights.files("unhashed")


def test_verify_tells_what_a_folder_or_a_file_is(toy, tmp_path):
    own = fill(tmp_path / "own", flat=False)
    assert [s.state for s in weights.verify(own)] == ["ok"] * 3
    assert [s.file.role for s in weights.verify(own / MODEL)] == ["weights"]
    (own / MODEL).write_bytes(BIG[::-1])
    assert [s.state for s in weights.verify(own, "toy")] == ["damaged", "ok", "ok"]
    with pytest.raises(DataError, match="whose hash is known"):
        weights.verify(own)
    with pytest.raises(DataError, match=r"neither a path nor .*scgpt-human"):
        weights.verify(tmp_path / "nowhere")


def test_a_cache_that_cannot_be_written(hub, toy, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataError, match="ZSLIB_CACHE"):
        weights.fetch("toy")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_nothing_fetched_is_run(hub, monkeypatch, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    files = {
        ("tokens", "tokens.pkl"): pickle.dumps({"a": Bomb()}),
        ("weights", "m.bin"): pickle.dumps(Bomb()),
    }
    hub.files = {path: content for (_, path), content in files.items()}
    monkeypatch.setitem(catalog.CARDS, "hostile", toy_card("hostile", files))
    weights.fetch("hostile")
    found = weights.files("hostile")
    with pytest.raises(DataError, match=r"io\.open"):
        readers.read_dictionary(found["tokens"])
    with pytest.raises(DataError, match="nothing was run"):
        readers.read_tensors(found["weights"])
    assert not (tmp_path / "ran").exists()
