"""The published scores of models that were pre-trained on 0 to 100 % of a corpus, five seeds a size."""

from pathlib import Path

import pandas as pd

from zslib.core.errors import DataError

FILE = Path(__file__).with_name("denadel.csv")
"""Scores, below lines of comment that say where they come from and what is wrong with them."""
SCORES = ["NMI", "ARI", "ASW_label", "graph_conn", "PCR_batch", "avg_bio"]
COLUMNS = ["model", "dataset", "scheme", "percent", "seed", *SCORES]
MODELS = {
    "pre-trained-pca": "PCA, pre-trained",
    "scvi": "scVI, pre-trained",
    "ssl": "SSL, masked autoencoder",
    "geneformer": "Geneformer",
    "scimilarity": "SCimilarity",
}
"""Models by name, and what they are called in figures. Geneformer here is the authors' own, of six layers."""
BASELINES = {"hvg": "HVG of these cells", "pca": "PCA of these cells"}
SCHEMES = {
    "random": "at random",
    "reweighted": "types alike",
    "sketching": "sketched",
    "spike-in-10": "10 % perturbed",
    "spike-in-50": "50 % perturbed",
}
"""How the cells were chosen, and what that is called in figures."""


def about() -> list[tuple[str, str]]:
    """What the file says of itself: citation, source, license, problems, in its order."""
    lines = [line[2:].strip() for line in FILE.read_text().splitlines() if line.startswith("# ")]
    return [(name.capitalize(), text) for name, text in (line.split(": ", 1) for line in lines)]


def read(path: Path = FILE) -> pd.DataFrame:
    """Read the scores.

    Returns
    -------
    One row a model, scheme, percent, seed and dataset: ``size`` is the percent of the corpus pre-trained on (missing
    for HVG and PCA, whose scheme is ``target``), ``value`` is AvgBIO, from about 0 to 1, higher is better, and
    ``suspect`` marks curves that no verdict counts, see :func:`suspect`.

    Raises
    ------
    DataError
        If columns or scores are missing, or a row stands twice.
    """
    table = pd.read_csv(path, comment="#")
    if list(table.columns) != COLUMNS:
        raise DataError(f"{path.name} has columns {', '.join(table.columns)}; it needs {', '.join(COLUMNS)}.")
    if table[["model", "dataset", "scheme", *SCORES]].isna().any(axis=None):
        raise DataError(f"{path.name} has rows without a score; take them out.")
    if table.duplicated(COLUMNS[:5]).any():
        raise DataError(f"{path.name} has rows that stand twice; take one of each out.")
    table = table.rename(columns={"percent": "size", "avg_bio": "value"})
    return table.assign(suspect=suspect(table))


def suspect(table: pd.DataFrame) -> pd.Series:
    """Whether a row is of a model that no training lifts to the level of its own untrained network on that dataset.

    The rule: whatever the size and the scheme, the mean over seeds stays below that of the untrained network.
    Training that always harms points to a fault of that run and not to a need for data.

    Returns
    -------
    Bool, shape (n_rows,).
    """
    found = pd.Series(False, index=table.index)
    for _, rows in table[table["size"].notna()].groupby(["model", "dataset"]):
        mean = rows.groupby(["size", "scheme"])["value"].mean()
        found[rows.index] = mean.drop(index=0, level="size").max() < mean[0].max()
    return found


def at_random(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of learning curves: cells chosen at random, and no training."""
    return table[table["scheme"] == "random"]


def baselines(table: pd.DataFrame) -> pd.DataFrame:
    """Scores of HVG and PCA of the very cells that are scored: a row a dataset, a column each."""
    return table[table["size"].isna()].pivot(index="dataset", columns="model", values="value")
