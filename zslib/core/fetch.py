"""Fetching files into one cache, by pooch; a file is used only if its sha256 is the one written down for it."""

import hashlib
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from zslib.core.errors import DataError

log = logging.getLogger(__name__)

State = Literal["ok", "missing", "damaged", "unknown"]
"""``unknown`` is there, with no hash to compare it to."""
ATTEMPTS = 20
CHUNK = 1 << 16


def root() -> Path:
    """Return the folder of the cache: ``ZSLIB_CACHE``, or the user's cache folder."""
    if chosen := os.environ.get("ZSLIB_CACHE"):
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("zslib"))


def check(path: Path, known: str | None, size: int | None = None) -> tuple[State, str]:
    """State of a file, and what is wrong with it.

    Parameters
    ----------
    path
        The file, which need not be there.
    known, size
        Its sha256, or another hash as ``"md5:..."``, and number of bytes, where these are known.
    """
    if not path.is_file():
        return "missing", ""
    if size not in (None, path.stat().st_size):
        return "damaged", f"{path.stat().st_size} bytes, expected {size}"
    if known is None:
        return "unknown", "no hash is known to compare it to"
    algorithm, _, wanted = known.rpartition(":")
    with path.open("rb") as file:
        got = hashlib.file_digest(file, algorithm := algorithm or "sha256").hexdigest()
    return ("ok", "") if got == wanted else ("damaged", f"{algorithm} {got}, expected {wanted}")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time write to `path`, a file or a folder of the cache."""
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            yield
    except OSError as error:
        raise DataError(f"Cannot write to the cache {path.parent} ({error}). Set ZSLIB_CACHE.") from error


def fetch(url: str, path: Path, known: str | None, download: Callable | None = None) -> Path:
    """Make sure that a file is there and is what it must be; it is fetched if it is missing or damaged.

    Parameters
    ----------
    url
        Where it is fetched from, by the proxy and certificates that requests finds.
    path
        Where it goes. It is put there whole and checked, or not at all.
    known
        Its hash, see :func:`check`; None accepts what comes.
    download
        A downloader of pooch; by default one that goes on where an earlier attempt was cut off.

    Raises
    ------
    DataError
        If it cannot be fetched or is another file.
    """
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel(logging.WARNING)
    state, detail = check(path, known)
    if state == "damaged":
        log.warning(f"{path} is damaged: {detail}. Fetching it again.")
    if state == "missing":
        log.info(f"fetching {url} to {path}")
    part = path.with_name(f".{path.name}.{hashlib.sha256(url.encode()).hexdigest()[:12]}.part")
    try:
        return Path(pooch.retrieve(url, known, path.name, path.parent, downloader=download or _resume(part)))
    except DataError:
        raise
    except RequestException as error:
        size = part.stat().st_size if part.exists() else 0
        kept = f" {size} bytes are kept: call again to go on." if size else ""
        said = re.split(" (?:for|with) url", str(error))[0]
        raise DataError(
            f"Could not fetch {url} ({said}).{kept} Check the connection, or put the file at {path}."
        ) from error
    except ValueError as error:  # pooch's word for another hash; it has removed the file
        said = " ".join(str(error).split())
        raise DataError(f"{url} served a wrong file, which was removed: {said} Try again later.") from error


def _resume(part: Path) -> Callable:
    """A downloader that keeps what has arrived in `part`, and begins with what is there."""
    import pooch
    from requests import HTTPError, RequestException

    def download(url: str, output: str, _) -> None:
        for attempt in range(ATTEMPTS):
            had = part.stat().st_size if part.exists() else 0
            # Compressed bytes could not be gone on with.
            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
            ask = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=CHUNK, headers=headers)
            try:
                with part.open("ab") as file:
                    ask(url, file, None)
                break
            except HTTPError as error:
                part.unlink()
                if not (had and error.response.status_code == 416):  # more was kept than the file has
                    raise
            except RequestException:
                # Cut off, it is worth going on as long as each attempt brings something.
                if part.stat().st_size <= had or attempt == ATTEMPTS - 1:
                    raise
        os.replace(part, output)

    return download
