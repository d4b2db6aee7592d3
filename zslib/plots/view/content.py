"""What the file of a dataset holds: coordinates, names and numbers of its cells, small enough to travel in a page."""

import base64
import zlib

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import to_hex

from zslib.datasets.parts import parts
from zslib.datasets.sample import strata_of, stratified
from zslib.datasets.variable import moments
from zslib.metrics.graph import K
from zslib.plots.theme import BATCHES, CELL_TYPES, title
from zslib.results.comparison import Comparison
from zslib.results.unlabeled import confounders, neighbors

MOST_CELLS, MOST_POINTS = 500_000, 3_000_000
"""Of one file: cells, and cells times methods, which take about five bytes each."""
MOST_SEARCHED = 12_000
"""Cells above which the nearest of each are not looked for, which takes seconds a method there."""
GENES = 12


def collect(runs: Comparison, adata) -> dict:
    """What ``view.js`` draws.

    Parameters
    ----------
    runs
        All methods on a dataset.
    adata
        Its prepared cells.

    Returns
    -------
    ``title``, ``n`` (cells it holds) and ``of`` (cells there are); ``methods``, each with its quantized UMAP ``xy``
    and the ``scores`` of its cells; ``colorings``, each a ``name`` with ``codes`` and either ``names`` and ``colors``
    or a range from ``low`` to ``high``; and the color ``ramp`` of numbers. Arrays are packed, see :func:`pack`.
    """
    ran = {m: found[0] for m in runs.methods if (found := runs.runs_of(m))}
    label, batch = adata.obs["label"], adata.obs["batch"]
    most = min(MOST_CELLS, MOST_POINTS // max(1, len(ran)))
    # In random order, or the type that is drawn last would hide the others.
    kept = stratified(strata_of(adata.obs), adata.obs_names.to_numpy(), most, seed=1)
    of = {"neighbors of its own type": (label, True), "neighbors of other batches": (batch, False)}
    searched = K < adata.n_obs <= MOST_SEARCHED
    of = {name: one for name, one in of.items() if one[0].nunique() > 1 and searched}
    shown = [
        {"name": m, "title": title(m), "xy": pack(quantize(run.layout[kept])), "scores": _scores(runs, m, of, kept)}
        for m, run in ran.items()
    ]  # fmt: skip
    colorings = [_named("cell type", label, CELL_TYPES, kept), _named("batch", batch, BATCHES, kept)]
    colorings = [one for one in colorings if len(one["names"]) > 1] or colorings[1:]
    colorings += [{"name": name, "section": "score", "low": 0, "high": 1} for name in of]
    for gene, values in _expression(adata, label).items():
        colorings.append(_number(gene, "gene", values[kept], 0))
    for name, values in confounders(adata).items():
        colorings.append(_number(name, "quality", values.to_numpy()[kept], values.min()))
    ramp = [to_hex(color) for color in sns.color_palette("mako_r", 80)[8:72]]
    about = {"title": runs.dataset, "n": len(kept), "of": adata.n_obs, "k": K}
    return about | {"methods": shown, "colorings": colorings, "ramp": ramp}


def pack(array: np.ndarray) -> str:
    """Write an array as text: zlib, then Base64. Numbers of two bytes have the lower one first."""
    raw = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def quantize(layout: np.ndarray) -> np.ndarray:
    """Coordinates as whole numbers of two bytes, both axes on one scale, the longer from end to end."""
    low, high = layout.min(axis=0), layout.max(axis=0)
    scale = 65535 / ((high - low).max() or 1)
    return np.rint((layout - (low + high) / 2) * scale + 65535 / 2).clip(0, 65535).astype(np.uint16)


def levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Numbers as 256 levels between two ends."""
    return np.rint((values - low) * (255 / ((high - low) or 1))).clip(0, 255).astype(np.uint8)


def markers(X, label: pd.Series, n: int = GENES) -> list[int]:
    """Genes that tell types apart: for each type, the most common first, the one that lies highest in it.

    By the difference of means to all other cells, in standard deviations of the gene.

    Parameters
    ----------
    X
        Log-normalized expression, in memory or on the disk, shape (n_cells, n_genes).
    label
        Type of each cell; with one type, the most variable genes.
    n
        Genes to find.

    Returns
    -------
    Columns of X.
    """
    codes, kinds = pd.factorize(label)
    size = np.bincount(codes)
    share = size / len(codes)
    inside, within = moments(X, codes, of=lambda part: part)
    mean = share @ inside
    variance = share @ (within * (1 - 1 / size)[:, None] + (inside - mean) ** 2)
    if len(kinds) == 1:
        return np.argsort(-variance, kind="stable")[:n].tolist()
    found, spread = [], np.sqrt(variance.clip(1e-12))
    for t in kinds.get_indexer(label.value_counts().index[:n]):
        lead = (inside[t] - (mean - share[t] * inside[t]) / (1 - share[t])) / spread
        found.append(next(int(g) for g in np.argsort(-lead, kind="stable") if g not in found))
    return found


def _expression(adata, label: pd.Series) -> dict[str, np.ndarray]:
    """Log-normalized expression of each marker."""
    columns = markers(adata.X, label)
    values = np.vstack([part[:, columns].toarray() for part in parts(adata.X)])
    return dict(zip(adata.var["symbol"].iloc[columns].astype(str), values.T, strict=True))


def _scores(runs: Comparison, method: str, of: dict[str, tuple], kept: np.ndarray) -> dict[str, str]:
    """For each of some names of cells, the share of a cell's nearest in the embedding that has its own, or another."""
    if not of:
        return {}
    near, found = neighbors(runs, method), {}
    for name, (names, own) in of.items():
        codes = pd.factorize(names)[0]
        share = ((codes[near] == codes[:, None]) == own).mean(axis=1)
        found[name] = pack(levels(share, 0, 1)[kept])
    return found


def _named(name: str, values: pd.Series, palette, kept: np.ndarray) -> dict:
    names = values.astype("category").cat  # in the order, and so with the colors, of the figures
    categories = names.categories.astype(str).tolist()
    colors = [palette[i % len(palette)] for i in range(len(categories))]
    codes = pack(names.codes.to_numpy()[kept].astype(np.uint16))
    return {"name": name, "section": "name", "names": categories, "colors": colors, "codes": codes}


def _number(name: str, section: str, values: np.ndarray, low: float) -> dict:
    high = float(values.max())
    codes = pack(levels(values, low, high))
    return {"name": name, "section": section, "low": float(low), "high": high, "codes": codes}
