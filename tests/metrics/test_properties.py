"""What must hold of every score, whatever the cells."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zslib import metrics
from zslib.core.errors import DataError, NotApplicable

few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PLACED = ("bras", "anisotropy", "scgraph_corr")
"""Scores that a move of all cells changes."""
SCORES = (
    *("knn_purity", "knn_probe", "clisi", "ilisi", "cilisi", "kbet_per_label", "isolated_asw", "asw_label"),
    *("asw_batch", "hubness", "effective_rank", "participation_ratio", "neighbor_preservation", *PLACED),
)
LISI = ("clisi", "ilisi", "cilisi")
N = 150
AXES = np.random.default_rng(0).standard_normal((N, 5))


@st.composite
def data(draw):
    """Cells of four types, some far apart, in two or three batches, of which one may lack a type."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    label = rng.permutation(np.arange(N) % 4)
    batch = rng.integers(0, draw(st.integers(2, 3)), N)
    batch[label == 3] = 0
    X = draw(st.sampled_from([0.0, 1.0, 10.0])) * rng.standard_normal((4, 6))[label]
    X += draw(st.sampled_from([0.0, 3.0])) * rng.standard_normal((3, 6))[batch]
    return X + rng.standard_normal((N, 6)) + 0.1, label, batch, rng


def value(name, X, label, batch):
    given = {"unintegrated": AXES, "within_batch": AXES}
    return metrics.METRICS[name](X, label.astype(str), batch.astype(str), **given)


@pytest.mark.parametrize("name", SCORES)
@few
@given(cells=data())
def test_in_range_and_blind_to_names_and_units(name, cells):
    X, label, batch, _ = cells
    found = value(name, X, label, batch)
    card = metrics.CARDS[name]
    assert card.range[0] - 1e-12 <= found <= card.range[1] + 1e-12
    renamed = value(name, X, 7 - label, np.array([2, 0, 1])[batch])
    assert renamed == pytest.approx(found, abs=1e-9)
    # LISI's search for a scale stops near the mark, and where depends on the unit of length.
    assert value(name, 8 * X, label, batch) == pytest.approx(found, abs=1e-3 if name in LISI else 1e-9)


@pytest.mark.parametrize(
    "name", [name for name in SCORES if name not in ("scgraph_corr", "neighbor_preservation")]
)
@few
@given(cells=data())
def test_blind_to_the_order_of_cells(name, cells):
    X, label, batch, rng = cells
    order = rng.permutation(N)
    found = value(name, X[order], label[order], batch[order])
    assert found == pytest.approx(value(name, X, label, batch), abs=1e-9)


@pytest.mark.parametrize("name", SCORES)
@few
@given(cells=data())
def test_blind_to_rotation_and_where_it_is_so_to_place(name, cells):
    X, label, batch, rng = cells
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    found = value(name, X, label, batch)
    if name != "scgraph_corr":  # a trimmed mean is taken along the axes
        assert value(name, X @ turn, label, batch) == pytest.approx(found, abs=1e-4)
    if name not in PLACED:
        assert value(name, X + 3, label, batch) == pytest.approx(found, abs=1e-4)


@pytest.mark.parametrize("name", SCORES)
def test_cells_that_are_not_numbers_or_nothing_are_refused(name):
    X, label = np.random.default_rng(0).standard_normal((N, 6)), np.arange(N) % 4
    batch = np.where(label == 3, 0, np.arange(N) // 75)
    for bad, words in ((np.nan, "NaN or infinite"), (0.0, "zero in every dimension")):
        spoiled = X.copy()
        spoiled[5] = bad
        with pytest.raises(DataError, match=f"row 5.*{words}"):
            value(name, spoiled, label, batch)


@pytest.mark.parametrize("name", ["asw_batch", "bras", "ilisi", "cilisi", "kbet_per_label", "isolated_asw"])
def test_one_batch_is_not_scored(name):
    X = np.random.default_rng(0).standard_normal((N, 6))
    with pytest.raises(NotApplicable):
        value(name, X, np.arange(N) % 4, np.zeros(N, dtype=int))


@pytest.mark.parametrize("name", ["cilisi", "kbet_per_label"])
def test_tiny_types_are_not_scored(name):
    X = np.random.default_rng(0).standard_normal((N, 6))
    with pytest.raises(NotApplicable):
        value(name, X, np.arange(N) % 50, np.arange(N) // 75)
