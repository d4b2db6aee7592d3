"""Datasets: a card and a `read` each, one file per dataset.

Adding one is adding one file to this folder, or naming one's own file wherever a name is asked
for. Such a file holds::

    CARD = DatasetCard(name="my-cells", label="cell_type", batch="donor", ...)

    def read(files):
        return Path(__file__).with_name("my_cells.h5ad")

`read` returns an AnnData, or the path of what :func:`zslib.datasets.reading.open_cells` reads: with raw counts, and the
obs columns that the card names. `files` opens what the card's files hold, wheels of a
package index or files at an address, see :class:`zslib.datasets.files.Files`.
"""

import logging
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from scipy import sparse

from zslib.core import registry
from zslib.core.errors import DataError, own_file
from zslib.datasets import cache
from zslib.datasets.cache import Status
from zslib.datasets.card import DatasetCard, LabelRule, Url, Wheel
from zslib.datasets.files import Files
from zslib.datasets.standardize import standardize

if TYPE_CHECKING:
    from anndata import AnnData

log = logging.getLogger(__name__)

DATA = (".h5ad", ".h5", ".zarr", ".loom", ".h5mu", ".rds", ".csv", ".mtx")
"""What files of cells are called, which are no datasets by themselves."""


def names() -> list[str]:
    """Names of the datasets: the files of this folder that hold a card."""
    return registry.names(__name__)


def get(name: str | os.PathLike) -> ModuleType:
    """The module of a dataset.

    Parameters
    ----------
    name
        One of :func:`names`, or the path of a Python file with a `CARD` and a `read`. Such a file
        is run: name only files that you trust.

    Raises
    ------
    DataError
        If there is no such dataset (lists those there are) or the file lacks one of the two.
    """
    if Path(name).suffix.lower() in DATA:
        raise DataError(
            f"{name} holds cells; --dataset takes a name, or the path of a .py file whose card names the columns of label and "
            f"batch and whose read(files) returns Path({str(name)!r})."
        )
    module = registry.get(__name__, str(name))
    if not isinstance(module.CARD, DatasetCard) or not callable(getattr(module, "read", None)):
        raise DataError(f"{module.__file__} must hold CARD, a DatasetCard, and read(files).")
    return module


def card(name: str | os.PathLike) -> DatasetCard:
    """Return the card of a dataset."""
    return get(name).CARD


def load(name: str | os.PathLike, *, whole: bool = True) -> "AnnData":
    """Read a dataset and bring it to the common shape, see :mod:`zslib.datasets.check`.

    Parameters
    ----------
    name
        See :func:`get`.
    whole
        Whether all counts must be in memory; else many stay on the disk, see :mod:`zslib.datasets.parts`.

    Returns
    -------
    AnnData of shape (n_cells, n_genes): raw counts in ``layers["counts"]``, X empty, ``obs["label"]``
    and ``obs["batch"]``, and what was counted and dropped in ``uns["dataset"]``.
    """
    module = get(name)
    about = module.CARD
    if not all(cache.path_of(file).exists() for file in about.files):
        log.warning(f"fetching {about.name}, license: {about.license}")  # a grid shows warnings alone
    with Files(about.files) as files:
        with own_file(module.__file__):
            read = module.read(files)
        adata = standardize(read, about)
    if whole and not sparse.issparse(adata.layers["counts"]):
        adata.layers["counts"] = adata.layers["counts"].to_memory()
    return adata


def fetch(name: str | os.PathLike) -> list[Path]:
    """Bring the files of a dataset into the cache, and return their paths."""
    return [cache.fetch(file) for file in card(name).files]


def verify() -> list[Status]:
    """Check the cached files of all datasets, without fetching; each file once."""
    # Two cards may read different members of one file.
    unique = {file.filename: file for name in names() for file in card(name).files}
    return cache.verify(unique.values())
