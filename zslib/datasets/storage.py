"""What lies in a file, or in an AnnData: cells, genes and matrices, of which nothing is read that is not asked for.

So a column that nobody uses cannot hinder, however it is stored.
"""

import contextlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from scipy import sparse

from zslib.core.errors import DataError

PLACES = ("layers/counts", "X", "raw/X")
"""Where raw counts are looked for, in this order."""
PLUG_INS = {32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd", 32026: "blosc2"}
OTHER = {
    ".rds": "an R object: write it as .h5ad, for example with anndataR or sceasy",
    ".rdata": "an R object: write it as .h5ad, for example with anndataR or sceasy",
    ".csv": "a table of text: read it with pandas, and write an AnnData with adata.write_h5ad",
    ".tsv": "a table of text: read it with pandas, and write an AnnData with adata.write_h5ad",
    ".txt": "a table of text: read it with pandas, and write an AnnData with adata.write_h5ad",
    ".mtx": "a matrix without names: give the folder that holds barcodes and features too",
    ".gz": "compressed: unpack it first",
    ".zip": "an archive: unpack it first",
    ".tar": "an archive: unpack it first",
}


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
        with _plain(self.where, self.element):
            part = self.stored[start:stop]
            part = sparse.csr_matrix(part.compute() if hasattr(part, "compute") else part)
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
        layer = place.removeprefix("layers/")
        found = (
            self.adata.layers[layer] if layer != place else self.adata.X if place == "X" else self.adata.raw.X
        )
        with _plain(f"{self.name}: {place}"):
            return Matrix(f"{self.name}: {place}", _by_rows(found))

    def genes(self, place: str, wanted) -> pd.DataFrame:
        """The columns that a predicate on their names asks for, a row a gene of a matrix."""
        var = self.adata.raw.var if place == "raw/X" else self.adata.var
        return _table(var.index, {str(name): _one(var, name) for name in var if wanted(str(name))})

    def column(self, name: str) -> pd.Series:
        """A column of obs."""
        values = _one(self.adata.obs, next(c for c in self.adata.obs if str(c) == name))
        return pd.Series(values, index=self.cells)


class InGroup:
    """An AnnData as HDF5 and zarr hold it."""

    def __init__(self, group, name: str):
        self.group, self.name = group, name
        with _plain(f"{name}: obs", group["obs"]):
            self.cells = pd.Index(_index(group["obs"])).astype(str)
        self.columns = _columns(group["obs"])
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

        found = self._at(place)
        with _plain(f"{self.name}: {place}", found):
            rows = found if hasattr(found, "dtype") else _by_rows(sparse_dataset(found))
            return Matrix(f"{self.name}: {place}", rows, found)

    def genes(self, place: str, wanted) -> pd.DataFrame:
        """The columns that a predicate on their names asks for, a row a gene of a matrix."""
        found = self._at("raw/var" if place == "raw/X" else "var")
        if found is None:
            raise DataError(f"{self.name}: {place} has no table of genes. Write the file again with anndata.")
        with _plain(f"{self.name}: {'raw/var' if place == 'raw/X' else 'var'}", found):
            columns = {name: self._column(found, name) for name in _columns(found) if wanted(name)}
            return _table(_index(found), columns)

    def column(self, name: str) -> pd.Series:
        """A column of obs."""
        with _plain(f"{self.name}: obs[{name!r}]", self.group["obs"]):
            return pd.Series(self._column(self.group["obs"], name), index=self.cells)

    def _column(self, table, name: str):
        from anndata.io import read_elem

        if hasattr(table, "dtype"):  # before anndata 0.7: a table of numbers, its categories elsewhere
            values, kept = _text(table[name]), f"uns/{name}_categories"
            return (
                pd.Categorical.from_codes(values, _text(self.group[kept][()]))
                if kept in self.group
                else values
            )
        found = table[name]
        if "categories" in found.attrs:  # and in 0.7: beside the column
            return pd.Categorical.from_codes(found[()], read_elem(table[f"__categories/{name}"]))
        values = read_elem(found)
        return values if getattr(values, "ndim", 1) == 1 else list(values)


@contextmanager
def opened(source) -> Iterator[InMemory | InGroup]:
    """Open a file that anndata, Cell Ranger or Matrix Market's tools wrote, or take an AnnData as it is.

    Raises
    ------
    DataError
        If it is none of these: what it is, and what to do.
    """
    if not isinstance(source, str | Path):
        yield InMemory(source)
        return
    path = Path(source)
    with contextlib.ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions and names, which do not matter here
        yield _open(path, stack)


def _open(path: Path, stack: contextlib.ExitStack):
    import h5py

    if not path.exists():
        raise DataError(f"There is no file {path}.")
    if path.is_dir():
        return _folder(path)
    if not h5py.is_hdf5(path):
        what = OTHER.get(path.suffix.lower(), "no HDF5 at all, or damaged: write or copy it again")
        raise DataError(f"{path} is not a readable .h5ad file: it is {what}.")
    with _plain(str(path)):
        file = stack.enter_context(h5py.File(path, "r"))
    if {"obs", "var"} <= set(file):
        return InGroup(file, str(path))
    if "mod" in file:
        raise DataError(f"{path} is a MuData: write its RNA by itself, mdata['rna'].write_h5ad('rna.h5ad').")
    if "row_attrs" in file:
        raise DataError(
            f"{path} is a loom file: write it as .h5ad with scanpy.read_loom(...).write_h5ad(...)."
        )
    if "assays" in file:
        raise DataError(f"{path} is an h5Seurat file: write it as .h5ad with SeuratDisk's Convert.")
    if any(isinstance(group, h5py.Group) and "barcodes" in group for group in file.values()):
        import scanpy as sc

        with _plain(str(path)):
            return InMemory(sc.read_10x_h5(path, gex_only=False), str(path))
    raise DataError(f"{path} is HDF5, but neither an .h5ad nor a 10x .h5: it holds {_few(list(file))}.")


def _folder(path: Path):
    import scanpy as sc
    import zarr

    if matrices := sorted(path.glob("*matrix.mtx*")):
        if len(matrices) > 1:
            raise DataError(f"{path} holds {len(matrices)} matrices: give each a folder of its own.")
        prefix = matrices[0].name.partition("matrix.mtx")[0]
        with _plain(str(path)):
            return InMemory(sc.read_10x_mtx(path, gex_only=False, prefix=prefix or None), str(path))
    with _plain(f"{path}: as .zarr"):
        group = zarr.open_group(path, mode="r")
    if not {"obs", "var"} <= set(group):
        raise DataError(f"{path} is a zarr store without obs and var: it is no AnnData.")
    return InGroup(group, str(path))


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


@contextmanager
def _plain(where: str, element=None) -> Iterator[None]:
    """Say in a line what could not be read, whatever reads it."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{where} cannot be read: {_said(error, element)}") from None


def _said(error: Exception, element) -> str:
    if missing := _missing_plug_ins(element):
        return f"it is compressed with {missing}: import hdf5plugin to read it, and write it again with gzip."
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}. Write it again with a recent anndata."


def _missing_plug_ins(element) -> str:
    """Names of the compressions of stored arrays that this HDF5 does not know."""
    import h5py

    found = set()

    def look(_, array) -> None:
        if isinstance(array, h5py.Dataset):
            settings = array.id.get_create_plist()
            codes = [settings.get_filter(i)[0] for i in range(settings.get_nfilters())]
            found.update(PLUG_INS.get(c, f"filter {c}") for c in codes if not h5py.h5z.filter_avail(c))

    look("", element)
    if isinstance(element, h5py.Group):
        element.visititems(look)
    return ", ".join(sorted(found))


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
