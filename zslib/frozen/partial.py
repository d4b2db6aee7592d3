"""Where embeddings go as they are computed: into memory, or into a file that outlives a kill."""

import contextlib
import json
from pathlib import Path

import numpy as np

from zslib.core.store import write_json


class Partial:
    """Rows in memory, or in an ``.npy`` file with a note beside it of how many are whole.

    Parameters
    ----------
    path
        The file; the note is ``<path>.json``, and is removed when all rows are there. None keeps all in memory.
    shape
        Rows and columns.
    identity
        What the rows follow from. A file with another identity is begun anew.
    """

    def __init__(self, path: str | Path | None, shape: tuple[int, int], identity: str):
        self.path, self.done = path and Path(path), 0
        if path is None:
            self._rows = np.empty(shape, dtype=np.float32)
            return
        self.note, self._about = Path(f"{path}.json"), {"identity": identity, "shape": list(shape)}
        with contextlib.suppress(FileNotFoundError, ValueError):
            note = json.loads(self.note.read_text())
            same = self.path.exists() and {k: note.get(k) for k in self._about} == self._about
            self.done = note["done"] if same else 0
        if not self.done:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            np.lib.format.open_memmap(self.path, "w+", np.float32, shape)

    def write(self, start: int, rows: np.ndarray) -> None:
        """Write rows, and once they are written note it; the file is mapped only meanwhile, to take no memory."""
        self._opened("r+")[start : start + len(rows)] = rows
        self.done = start + len(rows)
        if self.path:
            write_json(self.note, self._about | {"done": self.done})

    def result(self) -> np.ndarray:
        """The whole, of a file read where it is used."""
        found = self._opened("r")
        if self.path and self.done == len(found):
            self.note.unlink(missing_ok=True)
        return found

    def _opened(self, mode: str) -> np.ndarray:
        return np.load(self.path, mmap_mode=mode) if self.path else self._rows
