"""How much one draw of random weights differs from another."""

from collections.abc import Iterable

import pandas as pd

from zslib import frozen, methods
from zslib.metrics import silhouette_label


def over_seeds(adata, method: str, *, n_cells: int, seeds: Iterable[int], **options) -> pd.DataFrame:
    """Embed the same cells with networks of other random weights, and score each by the labels.

    Parameters
    ----------
    adata
        Prepared cells, which come in random order; the first ones are taken.
    method
        A method with a network, such as ``geneformer-random``.
    n_cells
        How many cells.
    seeds
        Of the weights.
    options
        Of the method.

    Returns
    -------
    A row a seed; ``label ASW``, in [0, 1], higher is better.
    """
    some = adata[:n_cells].copy()
    sizes = some.obs["label"].value_counts()
    some = some[some.obs["label"].isin(sizes[sizes > 1].index)].copy()
    cells, build = frozen.in_memory(some), methods.get(method).build
    found = {
        f"seed {seed}": silhouette_label(
            frozen.embed(build(cells, seed=seed, **options), cells)[0], some.obs["label"].to_numpy()
        )
        for seed in seeds
    }
    return pd.DataFrame({"label ASW": found})
