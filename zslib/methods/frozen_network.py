"""What the methods that run a frozen network share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from zslib import frozen
from zslib.core.errors import DataError
from zslib.frozen import FrozenModel


def embed(
    build: Callable[..., FrozenModel],
    adata,
    *,
    seed: int,
    device: str,
    partial: str | Path | None,
    precision: frozen.Precision = "auto",
    budget: int | None = None,
    **options,
) -> tuple[np.ndarray, dict]:
    """The embedding by the model that `build` makes for these cells, and what was run.

    Raises
    ------
    DataError
        If it cannot read some of them: every method is scored on the same cells.
    """
    cells = frozen.in_memory(adata)
    found, report = frozen.embed(
        build(cells, seed=seed, **options),
        cells,
        device=device,
        precision=precision,
        budget=budget,
        partial=partial,
    )
    if n := report["cells_not_readable"]:
        raise DataError(
            f"{n} of {cells.n_cells} cells, first {report['first_of_these']}, express no gene that the model has a token "
            "for, so it has no embedding of them. Leave these cells out for all methods."
        )
    return np.asarray(found), {"frozen": report}
