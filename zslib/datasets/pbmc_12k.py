"""PBMC, 12k: two libraries of one donor's blood with the labels of scvi-tools, as in Kedzierska et al. 2025."""

import pickle
from pathlib import Path

from zslib.core.errors import DataError
from zslib.datasets.card import DatasetCard, Url
from zslib.datasets.pbmc_95k import read_10x

LIBRARIES = ("pbmc8k", "pbmc4k")
GENES, LABELS = "gene_info.csv", "pbmc_metadata.pickle"
PLAIN = {
    "numpy": ("ndarray", "dtype"),
    "numpy.core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.multiarray": ("_reconstruct", "scalar"),
    "numpy._core.numeric": ("_frombuffer",),
    "numpy.core.numeric": ("_frombuffer",),
    "pandas.core.frame": ("DataFrame",),
    "pandas.core.series": ("Series",),
    "pandas.core.internals": ("BlockManager", "SingleBlockManager"),
    "pandas.core.internals.managers": ("BlockManager", "SingleBlockManager"),
    "pandas.core.indexes.base": ("Index", "_new_Index"),
    "pandas.core.indexes.range": ("RangeIndex",),
    "pandas._libs.internals": ("_unpickle_block",),
    "_codecs": ("encode",),
    "copyreg": ("_reconstructor",),
    "copy_reg": ("_reconstructor",),  # as Python 2 called it, and protocols that it could read
    "builtins": ("object", "slice"),
    "__builtin__": ("object", "slice"),
}
"""What a pickled table is made of; nothing else is loaded."""
LACKS = (KeyError, AttributeError, TypeError, ValueError, IndexError)
"""What a pickle without the tables raises where they are looked for."""

CARD = DatasetCard(
    name="pbmc-12k",
    title="Two libraries of blood (10x Genomics, labels of scvi-tools)",
    summary="Blood cells of one healthy donor in libraries of about 8,000 and 4,000 cells, with the types labeled for scVI.",
    organism="Homo sapiens",
    tissue="peripheral blood",
    protocol="10x Genomics Chromium, 3' counting",
    source="10x Genomics pbmc4k and pbmc8k; labels and genes of scvi.data.pbmc_dataset",
    citation=(
        "Gayoso A et al. A Python library for probabilistic analysis of single-cell omics data. Nat Biotechnol 2022;40:163-166.",
    ),
    doi=("10.1038/s41587-021-01206-w",),
    license="CC BY 4.0, as 10x Genomics states for its datasets; that of the labels is not stated",
    label="cell_type",
    label_meaning="cell type, made for scVI from clusters by Seurat",
    labels_from="clustering",
    batch="library",
    batch_meaning="library, pbmc8k or pbmc4k, of the same donor",
    not_known=("Other",),
    caveats=(
        "scvi-tools keeps 3,346 genes for which it has results of bulk data, and the paper took what scvi-tools gives.",
        "Whether the paper kept the cells labeled Other is not stated; they are left out, for they are no type.",
    ),
    files=(
        *(
            Url(
                url=f"https://cf.10xgenomics.com/samples/cell-exp/2.1.0/{name}/{name}_filtered_gene_bc_matrices.tar.gz",
                sha256=None,
                bytes=30_000_000,
            )
            for name in LIBRARIES
        ),
        *(
            Url(url=f"https://github.com/YosefLab/scVI-data/raw/master/{name}", sha256=None, bytes=5_000_000)
            for name in (GENES, LABELS)
        ),
    ),
)


def read(files):
    """Return the labeled cells of both libraries on scvi-tools' genes; obs ``cell_type`` and ``library``."""
    import anndata as ad
    import pandas as pd

    kinds = read_labels(files.path(LABELS))
    cells = ad.concat(
        {name: read_10x(files, f"{name}_filtered_gene_bc_matrices.tar.gz") for name in LIBRARIES},
        label="library",
        merge="same",
    )
    # A barcode may be in both libraries; scvi-tools takes the later one, and so pbmc4k.
    cells = cells[~cells.obs_names.duplicated(keep="last")]
    cells = cells[cells.obs_names.isin(kinds.index)]
    genes = pd.read_csv(files.path(GENES))["ENSG"]
    found = cells[:, genes[genes.isin(cells.var_names)].drop_duplicates()].copy()
    found.obs["cell_type"] = kinds[found.obs_names].to_numpy()
    return found


def read_labels(path: Path):
    """Cell types by barcode, from a pickle of which tables of pandas and nothing else are loaded."""
    import pandas as pd
    from pandas.compat import pickle_compat

    class Tables(pickle_compat.Unpickler):
        """Refuses every name that tables are not made of."""

        def find_class(self, module, name):
            # An older pandas may have had it elsewhere.
            now = pickle_compat._class_locations_map.get((module, name), (module, name))
            if now[1] not in PLAIN.get(now[0], ()):
                raise DataError(f"{path} asks to load {module}.{name}, which no table needs; it was refused.")
            return super().find_class(module, name)

    try:
        with path.open("rb") as file:
            held = Tables(file, encoding="latin1").load()
        names = held["barcodes"].index.to_numpy().astype(str)
        kinds = pd.Series([str(held["list_clusters"][i]) for i in held["clusters"]], index=names)
    except DataError:
        raise
    except (*LACKS, EOFError, pickle.UnpicklingError) as error:
        raise DataError(
            f"{path} should be a pickled dictionary of barcodes (a table by barcode), clusters (a number a cell) and "
            f"list_clusters (names), but it is not ({type(error).__name__}: {error})."
        ) from error
    return kinds[~kinds.index.duplicated()]
