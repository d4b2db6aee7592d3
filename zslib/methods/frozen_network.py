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
) -> tuple[np.ndarray, dict]:
    """The embedding by the model that `build` makes for these cells, and what was run."""
    cells = frozen.in_memory(adata)
    found, report = frozen.embed(
        build(cells, seed=seed, **options),
        cells,
        device=device,
        precision=precision,
        budget=budget,
        partial=partial,
    )
    return np.asarray(found), {"frozen": report}
