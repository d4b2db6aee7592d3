"""How files are written: whole or not at all. Everything is written under a temporary name and renamed."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: where notebooks and book lie, and where results go."""
BOOK, NOTEBOOKS = ROOT / "book", ROOT / "notebooks"


def find(path: str | Path) -> Path:
    """Where a relative path leads: to what lies in the working directory, or else in the checkout."""
    return Path(path) if Path(path).exists() else ROOT / path


def prepared_path(results: str | Path, dataset: str) -> Path:
    """Where the prepared cells of a dataset lie."""
    return Path(results) / dataset / "prepared.h5ad"


def sha256(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; rename it to ``path`` if all went well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide results from a group
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_json(path: str | Path, content: dict) -> None:
    """Write a dictionary as indented JSON."""
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write an array as float32 ``.npy``."""
    with atomic(path) as temporary:
        np.save(temporary, np.ascontiguousarray(array, dtype=np.float32), allow_pickle=False)


def write_table(path: str | Path, table: pd.DataFrame) -> None:
    """Write a table as Parquet."""
    with atomic(path) as temporary:
        table.to_parquet(temporary, index=False)
