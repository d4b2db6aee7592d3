"""What the methods that run a frozen network share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from zslib import frozen
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
) -> np.ndarray:
    """Run the model that `build` makes for these cells; what was run is left in ``adata.uns["frozen"]``."""
    cells = frozen.in_memory(adata)
    found, report = frozen.embed(
        build(cells, seed=seed, **options),
        cells,
        device=device,
        precision=precision,
        budget=budget,
        partial=partial,
    )
    adata.uns["frozen"] = report
    return np.asarray(found)
