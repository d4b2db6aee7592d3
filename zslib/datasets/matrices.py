"""Count matrices as files hold them, brought to CSR a piece at a time."""

import warnings
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
from scipy import sparse


def csr_float32(matrix) -> sparse.csr_matrix:
    """Return a matrix as CSR float32 with sorted indices and no stored zeros."""
    matrix = sparse.csr_matrix(matrix, dtype=np.float32, copy=False)
    if not (matrix.has_canonical_format and matrix.data.all()):
        matrix = matrix.copy()
        matrix.sum_duplicates()  # also sorts the indices
        matrix.eliminate_zeros()
    return matrix


def genes_by_cells_csv(handle: IO[bytes]) -> tuple[sparse.csr_matrix, pd.Index, pd.Index]:
    """Read a CSV with a gene a row and a cell a column, the first column holding the gene names.

    Read in blocks of rows: the dense table never exists as a whole.

    Returns
    -------
    counts
        CSR float32 of shape (n_cells, n_genes).
    cells, genes
        Their names, in the order of the file.
    """
    import pyarrow as pa
    from pyarrow import csv

    header = handle.readline().decode().rstrip("\r\n").split(",")
    cells = [name.strip('"') for name in header[1:]]
    columns = ["gene", *(str(i) for i in range(len(cells)))]
    types = {name: pa.float32() for name in columns[1:]} | {"gene": pa.string()}  # "3" and "3.0" alike
    reader = csv.open_csv(
        handle,
        read_options=csv.ReadOptions(column_names=columns, block_size=8 << 20),
        convert_options=csv.ConvertOptions(column_types=types),
    )
    genes, blocks = [], []
    for batch in reader:
        genes += batch.column(0).to_pylist()
        # (genes of this block, cells)
        block = np.column_stack([batch.column(i).to_numpy() for i in range(1, batch.num_columns)])
        blocks.append(sparse.csr_matrix(block))
    counts = sparse.vstack(blocks, format="csr").T.tocsr()
    return csr_float32(counts), pd.Index(cells), pd.Index(genes)


def read_h5ad(path: Path, **options):
    """Read an h5ad file without being told that an old anndata wrote it."""
    import anndata as ad

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ad.OldFormatWarning)
        return ad.read_h5ad(path, **options)
