"""Opening what anndata, Cell Ranger and Matrix Market's tools write, and saying what anything else is."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from zslib.core.errors import DataError
from zslib.datasets.storage import InGroup, InMemory
from zslib.datasets.unreadable import in_a_line

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


@contextmanager
def opened(source) -> Iterator[InMemory | InGroup]:
    """Open a file that anndata, Cell Ranger or Matrix Market's tools wrote, or take an AnnData, or what is open, as it is.

    Raises
    ------
    DataError
        If it is none of these: what it is, and what to do.
    """
    if isinstance(source, InMemory | InGroup):
        yield source
        return
    if not isinstance(source, str | Path):
        if not hasattr(source, "obs_names"):
            raise DataError(
                f"Cells must come as an AnnData or as the path of a file, not as {type(source).__name__}."
            )
        yield InMemory(source)
        return
    path = Path(source)
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions and names, which do not matter here
        with in_a_line(str(path)):
            stored = _open(path, stack)
        yield stored


def _open(path: Path, stack: ExitStack):
    import h5py

    if not path.exists():
        raise DataError(f"There is no file {path}.")
    if path.is_dir():
        return _folder(path)
    if not h5py.is_hdf5(path):
        what = OTHER.get(path.suffix.lower(), "no HDF5 at all, or damaged: write or copy it again")
        raise DataError(f"{path} is not a readable .h5ad file: it is {what}.")
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

        return InMemory(sc.read_10x_h5(path, gex_only=False), str(path))
    held = ", ".join(list(file)[:5]) + (" …" if len(file) > 5 else "")
    raise DataError(f"{path} is HDF5, but neither an .h5ad nor a 10x .h5: it holds {held}.")


def _folder(path: Path):
    import scanpy as sc
    import zarr

    if matrices := sorted(path.glob("*matrix.mtx*")):
        if len(matrices) > 1:
            raise DataError(f"{path} holds {len(matrices)} matrices: give each a folder of its own.")
        prefix = matrices[0].name.partition("matrix.mtx")[0]
        return InMemory(sc.read_10x_mtx(path, gex_only=False, prefix=prefix or None), str(path))
    with in_a_line(f"{path}, a folder without matrix.mtx,"):
        group = zarr.open_group(path, mode="r")
    if not {"obs", "var"} <= set(group):
        raise DataError(f"{path} is a zarr store without obs and var: it is no AnnData.")
    return InGroup(group, str(path))
