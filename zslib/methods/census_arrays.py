"""Looking embeddings up in the arrays that are hosted beside the CELLxGENE Census."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core.errors import DataError
from zslib.datasets.census import HOME, cells_of, census_errors, joinids, opened

HOSTED = "https://contrib.cellxgene.cziscience.com/contrib/cell-census"
ARRAYS = "s3://cellxgene-contrib-public/contrib/cell-census"
COPY = "/contrib/cell-census"
"""Where both lie in a copy."""
CHECKED = 20
"""Cells whose counts are read again before an embedding is taken for theirs."""


def embedding(name: str, cells: Sequence[str]) -> tuple[np.ndarray, dict]:
    """A hosted embedding's rows for cells of a slice.

    Parameters
    ----------
    name
        What it is called there: ``"scgpt"``, ``"uce"``, ``"geneformer"``, ``"scvi"``.
    cells
        Names of cells, see the module.

    Returns
    -------
    rows
        float32 of shape (n_cells, n_dims), in the order of the cells.
    about
        Where it is, and what its owners say of it.

    Raises
    ------
    NotApplicable
        If these are no cells of the Census.
    DataError
        If it is not there for this release, is of another one, or lacks a cell.
    """
    release, organism, ids = joinids(cells)
    about = _hosted(name, release, organism)
    uri = f"{os.environ[HOME] + COPY if HOME in os.environ else ARRAYS}/soma/{release}/{about['id']}"
    with census_errors(f"the embedding {name} at {uri}"):
        import cellxgene_census
        import tiledbsoma

        with tiledbsoma.open(uri, context=cellxgene_census.get_default_soma_context()) as array:
            said = json.loads(array.metadata["CxG_embedding_info"])
            if (said["census_version"], said["experiment_name"]) != (release, organism):
                raise DataError(
                    f"{uri} is an embedding of the Census of {said['census_version']}, {said['experiment_name']}, and these "
                    f"cells are of {release}, {organism}: their ids are of other cells there. Draw the cells from that "
                    f"release: zslib data census --release {said['census_version']}."
                )
            if said["id"] != about["id"]:
                raise DataError(
                    f"{uri} says that it is {said['id']} ({said['title']}), and not {about['id']} ({about['title']}): it may be "
                    "of another model. Mend the copy, or use another method."
                )
            order = np.argsort(ids)
            rows = np.full((len(ids), array.shape[1]), np.nan, dtype=np.float32)
            inside = ids[order][ids[order] < array.shape[0]]
            for table in array.read(coords=(inside,)).tables() if len(inside) else ():
                row, column, value = (
                    table.column(c).to_numpy() for c in ("soma_dim_0", "soma_dim_1", "soma_data")
                )
                rows[order[np.searchsorted(ids[order], row)], column] = value
    if (missing := np.isnan(rows).any(axis=1)).any():
        raise DataError(
            f"The embedding {name} of the Census of {release} has no row for {int(missing.sum()):,} of {len(ids):,} cells, "
            f"first soma_joinid {ids[missing][0]}. Leave these cells out, or use another method."
        )
    said = {name: about[name] for name in ("id", "title", "submission_date") if name in about}
    return rows, {"place": uri, "release": release} | said


def check_counts(adata) -> int:
    """Compare the counts of some cells with those that the Census has under their ids.

    Parameters
    ----------
    adata
        Prepared cells of a slice, of which genes may be missing.

    Returns
    -------
    How many cells were compared.

    Raises
    ------
    DataError
        If a cell's counts are others: its name is not its own.
    """
    release, organism, ids = joinids(adata.obs_names)
    some = np.random.default_rng(0).permutation(len(ids))[:CHECKED]
    with opened(release) as census:
        there = cells_of(census, organism, ids[some], ["soma_joinid"], ["feature_id"])
    rows = pd.Index(there.obs["soma_joinid"]).get_indexer(ids[some])
    columns = pd.Index(there.var["feature_id"]).get_indexer(adata.var["ensembl_id"])
    here = adata.layers["counts"][some].toarray()[:, columns >= 0]
    same = (rows >= 0) & (here == there.X[rows][:, columns[columns >= 0]].toarray()).all(axis=1)
    if not same.all() or not here.shape[1]:
        raise DataError(
            f"{int((~same).sum())} of {len(some)} cells do not have the counts, or {here.shape[1]:,} genes the ids, that the "
            f"Census of {release} has of them, first {adata.obs_names[some][np.argmin(same)]}: cells and names do not belong "
            "together. Draw the slice anew with `zslib data census`."
        )
    return len(some)


def _hosted(name: str, release: str, organism: str) -> dict:
    """What the list of hosted embeddings says of one."""
    where = f"{os.environ[HOME] + COPY if HOME in os.environ else HOSTED}/contributions.json"
    with census_errors(f"the list of hosted embeddings at {where}"):
        import requests

        if where.startswith("http"):
            (answer := requests.get(where, timeout=60)).raise_for_status()
            listed = answer.json()
        else:
            listed = json.loads(Path(where).read_text())
        of_name = [
            e for e in listed.values()
            if (e["embedding_name"], e["experiment_name"], e["data_type"]) == (name, organism, "obs_embedding")
        ]  # fmt: skip
    found = [e for e in of_name if e["census_version"] == release]
    if not found:
        others = ", ".join(sorted({e["census_version"] for e in of_name})) or "none"
        raise DataError(
            f"No embedding {name} of {organism} is hosted for the Census of {release}; releases that have one: {others}. "
            "Draw the cells from one of these: zslib data census --release."
        )
    return max(found, key=lambda e: e["submission_date"])
