"""Cells with types, batches and every awkwardness a metric must stand."""

from dataclasses import dataclass

import numpy as np
import pytest


@dataclass
class Cells:
    X: np.ndarray
    label: np.ndarray
    batch: np.ndarray
    raw: np.ndarray


@pytest.fixture(scope="session")
def cells() -> Cells:
    """400 cells: five types in three batches, one type in one batch only, one of a cell in each of two."""
    rng = np.random.default_rng(0)
    n, d = 400, 60
    label = np.array(["B", "T", "NK", "mono", "plasma"])[rng.integers(0, 5, n)]
    batch = np.array(["run1", "run2", "run3"])[rng.choice(3, n, p=[0.5, 0.3, 0.2])]
    batch[label == "plasma"] = "run2"
    label[:2], batch[:2] = "rare", ["run1", "run3"]
    centres = {name: rng.standard_normal(d) for name in np.unique(label)}
    shifts = {name: 0.6 * rng.standard_normal(d) for name in np.unique(batch)}
    shared = np.stack([centres[name] for name in label]) + 1.5 * rng.standard_normal((n, d))
    shift = np.stack([shifts[name] for name in batch])
    X, raw = shared + 0.5 * shift, shared + shift
    return Cells(X=X.astype(np.float32), label=label, batch=batch, raw=raw.astype(np.float32))
