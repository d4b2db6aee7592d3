"""Records of Zenodo, by DOI: their license, their files with the MD5 that Zenodo states, and what lies in archives."""

import json
import logging
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from zslib.core import fetch, store
from zslib.core.errors import DataError

log = logging.getLogger(__name__)
HOME = "ZENODO_ENDPOINT"
"""The environment variable that names another server than zenodo.org."""
LISTED = 8
"""Names of files that an error lists."""


@dataclass(frozen=True)
class Record:
    """A record, of which the version is fixed: its files never change."""

    doi: str
    license: str
    files: tuple[dict, ...]
    """``key``, ``size``, ``checksum`` (``"md5:..."``) and ``links`` of each, as Zenodo says it."""
    folder: Path
    """Where in the cache its files go."""

    def fetch(self, name: str) -> Path:
        """Bring one of its files into the cache, checked by its MD5."""
        (file,) = (file for file in self.files if file["key"] == name)
        path = self.folder / Path(name).name
        if fetch.check(path, file["checksum"])[0] != "ok":
            # A grid shows warnings alone.
            log.warning(f"fetching {name} of {self.doi}, license: {self.license}")
            with fetch.locked(path):
                fetch.fetch(file["links"]["self"], path, file["checksum"])
        return path


def record(doi: str) -> Record:
    """What Zenodo says of a record; asked once, and then read from the cache.

    Raises
    ------
    DataError
        If it cannot be had, or names no file with its hash.
    """
    number = doi.rpartition(".")[2]
    folder = fetch.root() / "zenodo" / number
    path = folder / "record.json"
    address = f"{os.environ.get(HOME, 'https://zenodo.org')}/api/records/{number}"
    if not path.exists():
        with fetch.locked(path):
            fetch.fetch(address, path, None)
    try:
        said = json.loads(path.read_text())
        license = said["metadata"].get("license") or "not stated"
        name = license["id"] if isinstance(license, dict) else license
        found = Record(doi, name, tuple(said["files"]), folder)
        if not found.files or not all(re.fullmatch("md5:[0-9a-f]{32}", f["checksum"]) for f in found.files):
            raise ValueError("it names no file with its MD5")
        [f["links"]["self"] for f in found.files]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        path.unlink()
        raise DataError(
            f"{address} should describe a record of Zenodo with its files, but it does not ({type(error).__name__}: {error}). "
            f"See https://doi.org/{doi} for whether it has moved."
        ) from error
    return found


def extract(record: Record, wanted: Sequence[Callable[[list[str]], str | None]], what: str, to: Path) -> Path:
    """Find a file in a record or in its zip archives, and in zip archives within these, and put it into the cache.

    Parameters
    ----------
    record
        The record. Its files are fetched one by one, the smallest first, until the file is found.
    wanted
        Each chooses among the paths of an archive, or of the record itself; None where it is not among them. The next is asked
        where the one before found it nowhere.
    what
        What it is, and how it should be called, for the error.
    to
        Where it goes, without the ending, which is its own.

    Raises
    ------
    DataError
        If it is nowhere: what was expected, and what was found.
    """
    if there := list(to.parent.glob(f"{to.name}.*")):
        return there[0]
    names, seen = [file["key"] for file in record.files], set()
    archives = sorted((f["size"], f["key"]) for f in record.files if f["key"].lower().endswith(".zip"))
    for choose in wanted:
        if (name := choose(names)) is not None:
            return record.fetch(name)
        for _, key in archives:
            path = record.fetch(key)
            try:
                with ExitStack() as stack:
                    for archive in _archives(path, stack):
                        listed = [name for name in archive.namelist() if not name.endswith("/")]
                        if (name := choose(listed)) is not None:
                            return _put(archive.open(name), to.with_name(to.name + Path(name).suffix))
                        seen.update(listed)
            except (zipfile.BadZipFile, OSError, EOFError) as error:
                raise DataError(
                    f"{path} cannot be unpacked ({error}). Remove it and fetch it again."
                ) from error
    seen = sorted({*names, *seen})
    held = ", ".join(seen[:LISTED]) + (f" and {len(seen) - LISTED} more" if len(seen) > LISTED else "")
    raise DataError(
        f"The record {record.doi} should hold {what}, but it holds {held}. Is there another version of it at "
        f"https://doi.org/{record.doi}? An embedding that you have is scored by `zslib report --embedding`."
    )


def _archives(path: Path, stack: ExitStack) -> Iterator[zipfile.ZipFile]:
    """A zip archive, and then those that lie in it."""
    outer = stack.enter_context(zipfile.ZipFile(path))
    yield outer
    for name in outer.namelist():
        if name.lower().endswith(".zip"):
            # A compressed file cannot be gone about in.
            inner = path.with_name(f"{path.stem}-{Path(name).name}")
            yield stack.enter_context(zipfile.ZipFile(_put(outer.open(name), inner)))


def _put(source: IO[bytes], path: Path) -> Path:
    if not path.exists():
        with source, store.atomic(path) as temporary, temporary.open("wb") as target:
            shutil.copyfileobj(source, target, length=1 << 20)
    return path
