"""What is said below a table of scores: within what cells were drawn again, and how many were measured."""

from collections.abc import Mapping

import numpy as np

from zslib.core.stats import SMALL
from zslib.metrics.space import Space


def strata_in_words(strata: np.ndarray, space: Space) -> str:
    """Say within what the cells were drawn again, which strata were merged, and which types cannot vary."""
    given, labels = len(np.unique(space.strata)), space.codes if space.codes is not None else []
    single = int((np.bincount(labels) == 1).sum())
    drawn = len(np.unique(strata))
    kind = " and ".join(
        word for word, codes in (("cell type", space.codes), ("batch", space.batch)) if codes is not None
    )
    text = "Cells were drawn again " + (f"within {drawn} strata of {kind}" if kind else "from all cells")
    if drawn < given:
        text += f", made of {given} by merging, within a type, batches with fewer than {SMALL} of its cells"
    if single:
        text += f"; the cells of the {single} types of one cell are in every draw, so their luck is in no interval"
    return text + ". A value that no draw moved has no interval, and is not exact for that."


def regime_in_words(spaces: Mapping[str, Space]) -> str:
    """Say which cells were measured and how well the graph is known; nothing where all cells were."""
    distinct = {id(space): (name, space) for name, space in reversed(spaces.items())}.values()
    space = next(iter(spaces.values()))
    if space.exact:
        return ""
    recalls = [
        f"{space.recall:.1%}" + (f" ({name})" if len(distinct) > 1 else "")
        for name, space in reversed(distinct)
        if "_searched" in vars(space)
    ]
    text = (
        f" Of the {len(space.X):,} cells {len(space.anchors.rows):,}, dealt to all types and batches, were measured "
        f"against all: silhouettes, scores of the nearest cells and discovery are means over these, and intervals hold "
        f"what others would change"
    )
    if recalls:
        text += f"; the graph is of approximate neighbors, {' and '.join(recalls)} of which are the nearest"
    return text + "."
