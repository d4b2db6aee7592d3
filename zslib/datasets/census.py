"""Slices of the CELLxGENE Census: raw counts of cells that keep their ids, by which hosted embeddings are looked up.

A release of the Census never changes, and a cell is known by its ``soma_joinid``, which holds in one release alone. A
cell of a slice is therefore called ``census:RELEASE:ORGANISM:JOINID``: its name says where an embedding of it is looked up.
"""

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pandas as pd

from zslib.core import store
from zslib.core.errors import DataError, NotApplicable
from zslib.datasets.card import Url
from zslib.datasets.sample import strata_of, stratified

HOME = "ZSLIB_CENSUS"
"""The environment variable that names a copy: a folder with ``cell-census/RELEASE/soma`` and ``contrib/cell-census``."""
RELEASE = "2023-12-15"
"""The long-term release whose hosted embeddings of human cells (scVI, Geneformer, scGPT, UCE) the Census team compared."""
SCHEME = "census:"
"""What the address of a slice begins with."""
LICENSE = "CC BY 4.0, as CELLxGENE asks of all its datasets"
COLUMNS = (
    "soma_joinid", "cell_type", "donor_id", "dataset_id", "assay", "tissue", "tissue_general", "disease"
)  # fmt: skip
COLUMN = {"tissue": "tissue_general", "dataset_id": "dataset_id"}
"""Of obs, by what is asked for."""
NAME = re.compile(r"census:(\d{4}-\d{2}-\d{2}):([a-z_]+):(\d+)")
LISTED = 10


def address(
    *, tissue: str | None = None, dataset_id: str | None = None, cells: int, release: str = RELEASE,
    organism: str = "homo_sapiens", seed: int = 0, called: str = "census.h5ad",
) -> Url:  # fmt: skip
    """A slice as a file that a dataset's card can list: so many cells of a tissue, or of a dataset of CELLxGENE.

    Raises
    ------
    DataError
        If it is not one of both, or the release is no date.
    """
    if (tissue is None) == (dataset_id is None):
        raise DataError("Name a tissue or a dataset of CELLxGENE, one of both.")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", release):
        raise DataError(
            f"A release of the Census is called by its date, such as {RELEASE}, and not {release!r}: what stable or latest "
            "mean changes."
        )
    chosen = {"tissue": tissue} if tissue else {"dataset_id": dataset_id}
    asked = urlencode(chosen | {"cells": cells, "seed": seed})
    return Url(f"{SCHEME}//{release}/{organism}?{asked}", None, 4000 * cells, called=called)


def draw(url: str, path: str | Path, _=None) -> tuple[str, str]:
    """Write a slice as ``.h5ad``: raw counts with the ids and symbols of genes, and what the Census says of the cells.

    Cells are drawn stratified by type and batch, those that another dataset has too left out unless one dataset is asked
    for.

    Parameters
    ----------
    url
        That of an :func:`address`.
    path
        Where it goes.

    Returns
    -------
    The columns of label and batch: ``cell_type``, and ``dataset_id``, or within one dataset ``donor_id``.

    Raises
    ------
    DataError
        If the Census cannot be read, is of another release, or has no such cells.
    """
    import anndata as ad

    parts = urlsplit(url)
    release, organism = parts.netloc, parts.path.strip("/")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    n_cells, seed = int(asked.pop("cells")), int(asked.pop("seed"))
    ((what, value),) = asked.items()
    which = f"{COLUMN[what]} == {value!r}" + " and is_primary_data == True" * (what == "tissue")
    with opened(release) as census:
        import cellxgene_census

        obs = cellxgene_census.get_obs(census, organism, value_filter=which, column_names=list(COLUMNS[:4]))
        if obs.empty:
            raise DataError(
                f"The Census of {release} has no cell of {organism} with {what} {value!r}.{_others(census, what)}"
            )
        batch = "donor_id" if obs["dataset_id"].nunique() == 1 else "dataset_id"
        ids = obs["soma_joinid"].to_numpy()
        picked = stratified(strata_of(obs, "cell_type", batch), ids.astype(str), n_cells, seed)
        slice_ = cells_of(census, organism, ids[picked], COLUMNS, ("feature_id", "feature_name"))
    obs = slice_.obs.assign(organism=organism.replace("_", " ").capitalize())
    obs.index = [f"census:{release}:{organism}:{i}" for i in obs["soma_joinid"]]
    for column in obs.columns.drop("soma_joinid"):  # older releases have text
        obs[column] = pd.Categorical(obs[column].astype(str))
    var = slice_.var.rename(columns={"feature_id": "ensembl_id", "feature_name": "symbol"})
    var.index = var["ensembl_id"].to_numpy(str)
    about = {"release": release, "organism": organism, what: value, "seed": seed}
    about |= {"label": "cell_type", "batch": batch}
    cells = ad.AnnData(slice_.X.tocsr(), obs=obs, var=var[["symbol", "ensembl_id"]], uns={"census": about})
    cells.uns["title"] = f"{value}: {cells.n_obs:,} cells of the CELLxGENE Census of {release}"
    cells = cells[:, cells.X.getnnz(axis=0) > 0]
    with store.atomic(path) as temporary:
        cells.copy().write_h5ad(temporary, compression="gzip")
    return "cell_type", batch


def cells_of(census, organism: str, ids: np.ndarray, obs: Sequence[str], var: Sequence[str]):
    """Cells of an open Census as AnnData, by rising id, with these columns of obs and var."""
    import cellxgene_census

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # anndata's word on the names of rows, which have none yet
        return cellxgene_census.get_anndata(
            census,
            organism,
            obs_coords=np.sort(ids).tolist(),
            obs_column_names=list(obs),
            var_column_names=list(var),
        )


@contextmanager
def opened(release: str) -> Iterator:
    """Open a release of the Census.

    Raises
    ------
    DataError
        If it cannot be opened, or is of another release than its address says.
    """
    with census_errors(f"the Census of {release}"):
        import cellxgene_census

        copy = os.environ.get(HOME)
        where = {"uri": f"{copy}/cell-census/{release}/soma"} if copy else {"census_version": release}
        with cellxgene_census.open_soma(**where) as census:
            said = census["census_info"]["summary"].read().concat().to_pandas().set_index("label")["value"]
            if (found := said["census_build_date"]) != release:
                raise DataError(
                    f"The Census at {census.uri} is of {found} and not of {release}: ids of cells hold in one release alone. "
                    f"Ask for release {found}, or mend {HOME}."
                )
            yield census


def joinids(cells: Sequence[str]) -> tuple[str, str, np.ndarray]:
    """Release, organism and ``soma_joinid`` that the names of cells say.

    Raises
    ------
    NotApplicable
        If none of them is the name of a cell of a slice.
    DataError
        If some are not, or they are of several releases.
    """
    found = [NAME.fullmatch(str(cell)) for cell in cells]
    if not any(found):
        raise NotApplicable(
            "these cells are not of the CELLxGENE Census; `zslib data census` draws some that are"
        )
    if not all(found):
        other = next(cell for cell, match in zip(cells, found, strict=True) if match is None)
        raise DataError(
            f"The cell {other!r} is not of the Census, and others are; keep those called census:... alone."
        )
    kinds = sorted({match.group(1, 2) for match in found})
    if len(kinds) > 1:
        said = " and ".join(f"{release}, {organism}" for release, organism in kinds)
        raise DataError(
            f"These cells are of several releases or organisms of the Census ({said}); keep one of them."
        )
    return *kinds[0], np.array([int(match[3]) for match in found], dtype=np.int64)


@contextmanager
def census_errors(what: str) -> Iterator[None]:
    """Say in a line why something of the Census cannot be read.

    Raises
    ------
    DataError
        In place of what tiledbsoma, s3fs, requests and others raise.
    """
    try:
        yield
    except (DataError, NotApplicable):
        raise
    except ImportError as error:
        raise DataError(
            f"{what} is read by cellxgene-census, which is not installed ({error.name}): "
            "pip install -c constraints.txt -e '.[census]'"
        ) from error
    except Exception as error:
        said = " ".join(str(error).split()).split(" (Caused by")[0]
        raise DataError(
            f"Could not read {what} ({type(error).__name__}: {said}). Check the connection and the release, or set {HOME} to "
            "a copy."
        ) from error


def _others(census, what: str) -> str:
    """Which tissues there are, where one was asked for."""
    if what != "tissue":
        return " Look its id up at https://cellxgene.cziscience.com."
    counts = census["census_info"]["summary_cell_counts"].read().concat().to_pandas()
    tissues = counts[counts["category"] == "tissue_general"]
    there = tissues.sort_values("total_cell_count", ascending=False)["label"]
    return f" Tissues there are: {', '.join(there[:LISTED])}" + (", …" if len(there) > LISTED else ".")
