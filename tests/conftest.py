"""What several tests share: a small prepared dataset, and a folder that a local server hands out."""

import functools
import http.server
import os
import threading
from pathlib import Path

import pytest

TOY = str(Path(__file__).parent / "toy_cells.py")


@pytest.fixture(scope="session")
def toy():
    """Synthetic cells of four types in two batches, prepared as the grid prepares them."""
    from zslib import datasets
    from zslib.datasets import prepare

    return prepare.prepare(datasets.load(TOY), n_cells=None)


@pytest.fixture(scope="session")
def toy_path() -> str:
    """Path of the dataset file the toy cells come from."""
    return TOY


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip takes for the only package index, and an empty cache."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def address(index, monkeypatch):
    """The folder of the index over HTTP."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=index))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def pytest_collection_modifyitems(items):
    """Start the files that have slow tests first, or they end a parallel run alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
