"""The weights a user has: in the one cache, or in a folder named once.

A file is used only if its sha256 is the one on the card, each time its path is asked for. Where the
card has none, the user must accept the file once, and its hash from then on is what is checked.
Nothing in a file is ever executed.
"""

from pathlib import Path

from zslib.core import fetch as fetching
from zslib.core.errors import DataError
from zslib.core.store import sha256, write_json
from zslib.frozen.weights import catalog, state
from zslib.frozen.weights.state import Status


def folder(name: str) -> Path:
    """Folder of a checkpoint's files: the one given to :func:`use`, or the cache's, there or not."""
    home = _home(name)
    return Path(state.read_json(home / "elsewhere.json").get("folder", home))


def available(name: str) -> bool:
    """Whether all files of a checkpoint are there, by name and size; their hashes are checked at use."""
    accepted = _accepted(name)
    for file in catalog.card(name).files:
        path = state.find(folder(name), file)
        if not path.is_file() or file.bytes not in (None, path.stat().st_size):
            return False
        if not (file.sha256 or file.name in accepted):
            return False
    return True


def files(name: str) -> dict[str, Path]:
    """Paths of a checkpoint's files by role, each checked against its hash.

    Raises
    ------
    DataError
        If one is missing or is not what it must be; says how to get it.
    """
    card = catalog.card(name)
    found = state.check(card, folder(name), _accepted(name))
    if not all(status.usable for status in found):
        raise DataError(state.explain(card, found, folder(name)))
    return {status.file.role: status.path for status in found}


def path(name: str) -> Path:
    """Folder of a checkpoint, all of whose files have been checked; see :func:`files`."""
    files(name)
    return folder(name)


def verify(what: str | Path, name: str | None = None) -> list[Status]:
    """Check files without fetching or changing anything.

    Parameters
    ----------
    what
        Name of a checkpoint, or a folder or single file of one's own.
    name
        The checkpoint that a folder or file of one's own should be; told by its hash if not given.
    """
    if name is None and str(what) in catalog.CARDS:
        card = catalog.card(str(what))
        return state.check(card, folder(card.name), _accepted(card.name))
    where = Path(what).expanduser()
    if not where.exists():
        raise DataError(f"{what} is neither a path nor the name of weights ({', '.join(catalog.names())}).")
    card = catalog.card(name) if name else state.recognize(where)
    if where.is_dir():
        return state.check(card, where, {})
    found = [state.check_file(file, where, {}) for file in card.files]
    fitting = [s for s in found if s.state == "ok"] or [s for s in found if s.file.name == where.name]
    if not fitting:
        raise DataError(f"{where} is none of the files of {card.name}.")
    return fitting


def fetch(name: str, *, unverified: bool = False) -> Path:
    """Make sure that a checkpoint is there and undamaged; what is there already is not fetched.

    Safe to call from several processes at once: one fetches, the others wait and use its files.

    Parameters
    ----------
    unverified
        Accept files for which no hash is known; theirs are recorded, and checked from then on.

    Returns
    -------
    Folder of the checkpoint.

    Raises
    ------
    DataError
        If a file cannot be fetched or is not what it must be; such a file is removed. What has
        arrived of an interrupted download is kept, and the next call goes on from there.
    """
    card = catalog.card(name)
    if all(s.usable for s in state.check(card, folder(name), _accepted(name))):  # a read-only cache works
        return folder(name)
    home = _home(name)
    with fetching.locked(home):
        accepted = _accepted(name)
        found = state.check(card, home, accepted)
        wanted = [s for s in found if s.state in ("missing", "damaged")]
        unhashed = [s for s in found if not (s.usable or s.file.sha256)]
        refused = not unverified and any(s.file.name not in accepted for s in unhashed)
        if refused or (wanted and not card.revision):
            raise DataError(state.explain(card, found, home))
        for file, path, *_ in wanted:
            if unverified and not file.sha256:
                path.unlink(missing_ok=True)  # what was accepted before does not hold
                accepted.pop(file.name, None)
            fetching.fetch(card.url(file), path, file.sha256 or accepted.get(file.name))
        _accept(name, [s.path for s in unhashed])
        (home / "elsewhere.json").unlink(missing_ok=True)
    return home


def use(name: str, own: str | Path, *, unverified: bool = False) -> Path:
    """Use the files of a folder of one's own from now on, wherever they lie in it.

    The folder is checked first, is never written to, and takes the place of what was fetched.

    Parameters
    ----------
    unverified
        Accept files for which no hash is known; theirs are recorded, and checked from then on.
    """
    card, own = catalog.card(name), Path(own).expanduser().resolve()
    if not own.is_dir():
        raise DataError(f"{own} is not a folder.")
    found = state.check(card, own, {} if unverified else _accepted(name))
    if not all(s.usable or (unverified and s.state == "unknown") for s in found):
        raise DataError(state.explain(card, found, own))
    with fetching.locked(_home(name)):
        _accept(name, [s.path for s in found if not s.file.sha256])
        write_json(_home(name) / "elsewhere.json", {"folder": str(own)})
    return own


def _home(name: str) -> Path:
    return fetching.root() / "weights" / catalog.card(name).name


def _accepted(name: str) -> dict[str, str]:
    return state.read_json(_home(name) / "hashes.json")


def _accept(name: str, paths: list[Path]) -> None:
    if paths:
        record = _accepted(name) | {path.name: sha256(path) for path in paths}
        write_json(_home(name) / "hashes.json", record)
