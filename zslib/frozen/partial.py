"""Where embeddings go as they are computed: into memory, or into a file that outlives a kill."""

import json
from pathlib import Path

import numpy as np

from zslib.core.store import write_json


class Memory:
    """All rows in memory."""

    done = 0

    def __init__(self, shape: tuple[int, int]):
        self._rows = np.empty(shape, dtype=np.float32)

    def __enter__(self):
        return self

    def __exit__(self, *exc) -> None:
        pass

    def write(self, start: int, rows: np.ndarray) -> None:
        """Take rows in."""
        self._rows[start : start + len(rows)] = rows

    def result(self) -> np.ndarray:
        """The whole."""
        return self._rows


class Partial:
    """An ``.npy`` file that is written row by row, and a note beside it of how many rows are whole.

    Parameters
    ----------
    path
        The file; the note is ``<path>.json``, and is removed when all rows are there.
    shape
        Rows and columns.
    identity
        What the rows follow from. A file with another identity is begun anew.
    """

    def __init__(self, path: str | Path, shape: tuple[int, int], identity: str):
        self.path, self.note = Path(path), Path(f"{path}.json")
        self._width, self._about = shape[1], {"identity": identity, "shape": list(shape)}
        self.done = self._rows_done()
        if not self.done:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("wb") as file:
                header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
        with self.path.open("rb") as file:
            np.lib.format.read_magic(file)
            np.lib.format.read_array_header_1_0(file)
            self._begin = file.tell()

    def __enter__(self):
        self._file = self.path.open("r+b")
        return self

    def __exit__(self, *exc) -> None:
        self._file.close()
        if self.done == self._about["shape"][0]:
            self.note.unlink(missing_ok=True)

    def write(self, start: int, rows: np.ndarray) -> None:
        """Write rows, and once they are written note it; written and not mapped, they take no memory."""
        self._file.seek(self._begin + start * self._width * 4)
        self._file.write(np.ascontiguousarray(rows, dtype="<f4"))
        self._file.flush()
        self.done = start + len(rows)
        write_json(self.note, self._about | {"done": self.done})

    def result(self) -> np.ndarray:
        """The whole, read from the file where it is used."""
        return np.load(self.path, mmap_mode="r")

    def _rows_done(self) -> int:
        try:
            note = json.loads(self.note.read_text())
        except (FileNotFoundError, ValueError):
            return 0
        same = self.path.exists() and {k: note.get(k) for k in self._about} == self._about
        return note.get("done", 0) if same else 0
