"""Which cells have labels and which are tested: cells of different batches or libraries, where there are several.

Donors are not told apart: the same ones may be on both sides, where a batch is a condition or a library of theirs.
"""

from typing import NamedTuple

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.studies.expression.masking import split

LEAST = 3
"""Cells that a type must have on either side to be told from others."""


class Division(NamedTuple):
    """Cells to learn from and cells to test on."""

    learn: np.ndarray
    test: np.ndarray
    """Rows of either."""
    label: np.ndarray
    """Code of each cell's type, shape (n_cells,); −1 for types that are left out."""
    types: tuple[str, ...]
    """Name of each code."""
    held_out: tuple[str, ...]
    """Groups that are tested; empty where all cells are of one group and cells were divided at random."""

    @property
    def truth(self) -> np.ndarray:
        """Codes of the tested cells, shape (n_test,)."""
        return self.label[self.test]


def groups(obs) -> np.ndarray:
    """What must not be on both sides: the batch, or the library where there is one batch; shape (n_cells,)."""
    column = "library" if obs["batch"].nunique() == 1 and "library" in obs else "batch"
    return obs[column].astype(str).to_numpy()


def divide(label, group, *, n_learn: int, n_test: int, seed: int) -> Division:
    """Divide cells, whole groups at a time where there are several.

    Parameters
    ----------
    label
        Type of each cell, shape (n_cells,).
    group
        What must not be on both sides, see :func:`groups`, shape (n_cells,); of a single group cells are divided at
        random.
    n_learn, n_test
        Most cells of each side.
    seed
        Of the groups and cells that are chosen.

    Raises
    ------
    NotApplicable
        If fewer than two types have three cells on each side.
    """
    label, group = np.asarray(label).astype(str), np.asarray(group).astype(str)
    learn, test = split(group, n_learn, n_test, seed)
    known = [t for t in np.unique(label) if min((label[rows] == t).sum() for rows in (learn, test)) >= LEAST]
    if len(known) < 2:
        raise NotApplicable(
            f"Fewer than two cell types have {LEAST} cells to learn from and {LEAST} to test on."
        )
    order = {name: code for code, name in enumerate(known)}
    code = np.array([order.get(name, -1) for name in label])
    held_out = tuple(map(str, np.unique(group[test]))) if len(set(group)) > 1 else ()
    return Division(learn[code[learn] >= 0], test[code[test] >= 0], code, tuple(map(str, known)), held_out)


def labeled(division: Division, share: float, seed: int) -> np.ndarray:
    """Draw the cells that have a label: a share of those to learn from, and of each type at least one.

    With the same seed a larger share holds a smaller one.
    """
    order = np.random.default_rng(seed).permutation(division.learn)
    first = np.unique(division.label[order], return_index=True)[1]
    order = np.concatenate([order[first], np.delete(order, first)])
    return order[: max(len(first), round(share * len(order)))]
