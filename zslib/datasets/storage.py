"""What lies in a file, or in an AnnData: cells, genes and matrices, of which nothing is read that is not asked for.

So a column that nobody uses cannot hinder, however it is stored.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets.unreadable import in_a_line

PLACES = ("layers/counts", "X", "raw/X")
"""Where raw counts are looked for, in this order."""


@dataclass(frozen=True)
class Matrix:
    """Cells by genes, of which some rows are read at a time."""

    where: str
    """Of which file, and where in it."""
    stored: Any
    """What can be cut by rows."""
    element: Any = None
    """Where it lies in the file."""

    @property
    def shape(self) -> tuple[int, int]:
        """Cells and genes."""
        return self.stored.shape

    def read(self, start: int, stop: int) -> sparse.csr_matrix:
        """Values of some rows as they are stored, whatever they are, CSR of shape (stop - start, n_genes)."""
        with in_a_line(self.where, self.element):
            # All of what is in memory is not cut out, which would copy it.
            here = isinstance(self.stored, sparse.spmatrix | sparse.sparray) and stop - start == self.shape[0]
            part = self.stored if here else self.stored[start:stop]
            part = part.compute() if hasattr(part, "compute") else part
            part = sparse.csr_matrix(part.astype("float32") if part.dtype == "float16" else part)
            part.check_format(full_check=True)  # a damaged one would be read beyond its end
            return part


class InMemory:
    """An AnnData."""

    def __init__(self, adata, name: str = "the AnnData"):
        self.adata, self.name = adata, name
        self.cells = adata.obs_names.astype(str)
        self.columns = [str(column) for column in adata.obs]
        there = {f"layers/{layer}": 1 for layer in adata.layers}
        there |= {"X": adata.X is not None, "raw/X": adata.raw is not None}
        self.places = _in_order(place for place, here in there.items() if here)

    def matrix(self, place: str) -> Matrix:
        """A matrix by its place."""
        where = {"X": lambda: self.adata.X, "raw/X": lambda: self.adata.raw.X}
        found = where.get(place, lambda: self.adata.layers[place.removeprefix("layers/")])()
        with in_a_line(f"{self.name}: {place}"):
            return Matrix(f"{self.name}: {place}", _by_rows(found))

    def genes(self, place: str, wanted) -> pd.DataFrame:
        """The columns that a predicate on their names asks for, a row a gene of a matrix."""
        var = self.adata.raw.var if place == "raw/X" else self.adata.var
        return _table(var.index, {str(name): _one(var, name) for name in var if wanted(str(name))})

    @property
    def embeddings(self) -> list[str]:
        """Keys of obsm."""
        return list(self.adata.obsm)

    def embedding(self, key: str):
        """What obsm has under a key."""
        return self.adata.obsm[key]

    def text(self, name: str) -> str:
        """A text of uns, empty if there is none of that name."""
        return str(self.adata.uns.get(name, ""))

    def column(self, name: str) -> pd.Series:
        """A column of obs."""
        values = _one(self.adata.obs, next(c for c in self.adata.obs if str(c) == name))
        return pd.Series(values, index=self.cells)


class InGroup:
    """An AnnData as HDF5 and zarr hold it."""

    def __init__(self, group, name: str):
        self.group, self.name = group, name
        with in_a_line(f"{name}: obs", group):
            self.cells = pd.Index(_index(group["obs"])).astype(str)
            self.columns = _columns(group["obs"])
        with in_a_line(name):
            there = [f"layers/{layer}" for layer in group["layers"]] if "layers" in group else []
            self.places = _in_order(p for p in (*there, "X", "raw/X") if self._at(p) is not None)

    def _at(self, place: str):
        """The element of a place; before anndata 0.7 those of raw were called ``raw.X``."""
        for name in (place, place.replace("raw/", "raw.")):
            if name in self.group:
                found = self.group[name]
                empty = found.attrs.get("encoding-type") == "null" or getattr(found, "shape", 1) in (None, ())
                return None if empty else found
        return None

    def matrix(self, place: str) -> Matrix:
        """A matrix by its place; what is stored by columns is read whole."""
        from anndata.io import sparse_dataset

        with in_a_line(f"{self.name}: {place}", self.group):
            found = self._at(place)
            rows = found if hasattr(found, "dtype") else _by_rows(sparse_dataset(found))
            return Matrix(f"{self.name}: {place}", rows, found)

    def genes(self, place: str, wanted) -> pd.DataFrame:
        """The columns that a predicate on their names asks for, a row a gene of a matrix."""
        var = "raw/var" if place == "raw/X" else "var"
        with in_a_line(f"{self.name}: {var}", self.group):
            if (found := self._at(var)) is None:
                raise DataError(
                    f"{self.name}: {place} has no table of genes. Write the file again with anndata."
                )
            columns = {name: self._column(found, name) for name in _columns(found) if wanted(name)}
            return _table(_index(found), columns)

    @property
    def embeddings(self) -> list[str]:
        """Keys of obsm."""
        return list(self.group["obsm"]) if "obsm" in self.group else []

    def embedding(self, key: str):
        """What obsm has under a key."""
        from anndata.io import read_elem

        return read_elem(self.group["obsm"][key])

    def text(self, name: str) -> str:
        """A text of uns, empty if there is none of that name."""
        from anndata.io import read_elem

        return str(read_elem(self.group[f"uns/{name}"])) if f"uns/{name}" in self.group else ""

    def column(self, name: str) -> pd.Series:
        """A column of obs."""
        with in_a_line(f"{self.name}: obs[{name!r}]", self.group):
            return pd.Series(self._column(self.group["obs"], name), index=self.cells)

    def _column(self, table, name: str):
        from anndata.io import read_elem

        if hasattr(table, "dtype"):  # before anndata 0.7: a table of numbers, its categories elsewhere
            values, kept = _text(table[name]), f"uns/{name}_categories"
            kinds = _text(self.group[kept][()]) if kept in self.group else None
            return values if kinds is None else pd.Categorical.from_codes(values, kinds)
        found = table[name]
        if "categories" in found.attrs:  # and in 0.7: beside the column
            return pd.Categorical.from_codes(found[()], read_elem(table[f"__categories/{name}"]))
        values = read_elem(found)
        return values if getattr(values, "ndim", 1) == 1 else list(values)


def _in_order(places) -> list[str]:
    places = list(places)
    return [p for p in PLACES if p in places] + [p for p in places if p not in PLACES]


def _by_rows(matrix):
    """A matrix that rows can be cut from; one on the disk by columns is read, for it has no rows."""
    kind = getattr(matrix, "format", "")
    if kind in ("csr", "csc") and hasattr(matrix, "to_memory"):
        return matrix if kind == "csr" else matrix.to_memory().tocsr()
    return matrix.tocsr() if kind and kind != "csr" else matrix


def _one(table: pd.DataFrame, name):
    """A column by its name; of several of a name the first, if they are the same."""
    found = table[name]
    if isinstance(found, pd.DataFrame):
        if not all(found.iloc[:, 0].equals(found.iloc[:, i]) for i in range(found.shape[1])):
            raise DataError(f"There are {found.shape[1]} different columns called {name!r}. Rename them.")
        found = found.iloc[:, 0]
    return found.array


def _table(index, columns: dict) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(index).astype(str))


def _columns(table) -> list[str]:
    """Names of the columns of a stored table, without its index."""
    if hasattr(table, "dtype"):
        return list(table.dtype.names[1:])
    listed = table.attrs.get("column-order")
    index = table.attrs.get("_index", "_index")
    names = [str(name) for name in (table if listed is None else listed)]
    return [name for name in names if name in table and name not in (index, "__categories")]


def _index(table):
    from anndata.io import read_elem

    if hasattr(table, "dtype"):
        return _text(table[table.dtype.names[0]])
    return read_elem(table[table.attrs.get("_index", "_index")])


def _text(values):
    return [v.decode() if isinstance(v, bytes) else v for v in values.tolist()]
