"""Bring one file from a model hub, going on where an earlier attempt was cut off.

`huggingface_hub` does the talking, so the user's mirror (``HF_ENDPOINT``), proxy and offline switch
hold. Its own download forgets what it has when it fails; here the bytes stay in a part file.
"""

import os
from contextlib import contextmanager
from pathlib import Path

from zslib.core.errors import DataError
from zslib.frozen.weights.card import File, WeightsCard

_ATTEMPTS = 20


def page(card: WeightsCard, file: File | None = None) -> str:
    """Address of a checkpoint, or of one of its files, in a browser."""
    revision = (file and file.revision) or card.revision
    base = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    return f"{base}/{card.repository}/" + (f"resolve/{revision}/{file.path}" if file else f"tree/{revision}")


def download(card: WeightsCard, file: File, part: Path, *, progress: bool = True) -> None:
    """Download a file into `part`; what is there already is taken as its beginning.

    Parameters
    ----------
    card, file
        What to ask for, at its pinned revision. No account or token is used.
    part
        Stays where it is if the download fails, for the next call to go on from.
    progress
        Whether to draw a progress bar, if there is a terminal.

    Raises
    ------
    DataError
        If the hub cannot be reached, has no such file, or has one of another size.
    """
    try:
        from huggingface_hub import get_hf_file_metadata
        from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError
    except ImportError as error:
        raise DataError("Fetching weights needs the package huggingface_hub.") from error
    url = page(card, file)
    try:
        size = get_hf_file_metadata(url, token=False).size
        if None not in (size, file.bytes) and size != file.bytes:
            raise DataError(f"{url} has {size} bytes where {file.bytes} were expected: it was not fetched.")
        with _bars(progress):
            _fill(url, part, file, size)
    except DataError:
        raise
    except (EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise DataError(f"The hub does not have {url} ({_first_line(error)}).") from error
    except Exception as error:  # each version of huggingface_hub has its own errors of the network
        kept = f" {part.stat().st_size} bytes are kept: call again to go on." if part.exists() else ""
        raise DataError(f"Could not fetch {url} ({_first_line(error)}).{kept}") from error


def _fill(url: str, part: Path, file: File, size: int | None) -> None:
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    headers = build_hf_headers(token=False, library_name="zslib")
    headers["Accept-Encoding"] = "identity"  # compressed bytes could not be resumed
    with part.open("ab") as handle:
        for attempt in range(_ATTEMPTS):
            had = handle.seek(0, os.SEEK_END)
            if size is not None and had > size:
                had = handle.truncate(0)
            try:
                return http_get(
                    url,
                    handle,
                    resume_size=had,
                    headers=headers,
                    expected_size=size,
                    displayed_filename=file.name,
                )
            except Exception:
                # Cut off, it is worth going on as long as each attempt brings something.
                if handle.seek(0, os.SEEK_END) <= had or attempt == _ATTEMPTS - 1:
                    raise


@contextmanager
def _bars(wanted: bool):
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if wanted or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
