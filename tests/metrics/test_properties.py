"""What must hold of every metric there is, whatever the cells."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zslib import metrics
from zslib.core.errors import DataError, NotApplicable

# The same examples in every run.
few = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

PLACED = ("bras", "anisotropy", *(f"scgraph_{kind}" for kind in ("rank", "corr", "weighted")))
"""Metrics that a move of all cells changes, or a turn: they look from the origin, or along the axes."""
LISI = ("clisi", "ilisi", "cilisi")
N = 150
EVERY = pytest.mark.parametrize("name", list(metrics.METRICS))


@st.composite
def data(draw):
    """Cells of four types, some far apart, in two or three batches, of which one may lack a type; some cells twice."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    label = rng.permutation(np.arange(N) % 4)
    batch = rng.integers(0, draw(st.integers(2, 3)), N)
    batch[label == 3] = 0
    X = draw(st.sampled_from([0.0, 1.0, 10.0])) * rng.standard_normal((4, 6))[label]
    X += draw(st.sampled_from([0.0, 3.0])) * rng.standard_normal((3, 6))[batch]
    X += rng.standard_normal((N, 6)) + 0.1
    before = rng.standard_normal((N, 5)) + batch[:, None]
    kept = np.arange(N)
    kept[: draw(st.sampled_from([0, 20]))] = N - 1
    return X[kept], label[kept], batch[kept], before[kept], rng


def value(name, X, label, batch, before):
    """The score; None where it is not defined."""
    try:
        return metrics.METRICS[name](X, label, batch, unintegrated=before, within_batch=before, device="cpu")
    except NotApplicable:
        return None


def near(found, *, abs):
    return found if found is None else pytest.approx(found, abs=abs, rel=abs)


@EVERY
@few
@given(cells=data())
def test_in_range_and_blind_to_names_and_units(name, cells):
    X, label, batch, before, _ = cells
    found = value(name, X, label, batch, before)
    if found is not None:
        low, high = metrics.CARDS[name].range
        assert low - 1e-12 <= found <= high + 1e-12
    # Cells that coincide are told apart by the codes of their names; batches are dealt into folds by them.
    names = np.array(["a", "b", "c", "d"])
    assert value(name, X, names[label], names[batch], before) == near(found, abs=1e-9)
    # LISI's search for a scale stops near the mark, and where depends on the unit of length.
    for unit in (2.0**-70, 8.0, 2.0**70, 2.0**600):
        again = value(name, X * unit, label, batch, before * min(unit, 8))
        assert again == near(found, abs=1e-3 if name in LISI else 1e-9)


@EVERY
@few
@given(cells=data())
def test_blind_to_the_order_of_names(name, cells):
    X, label, batch, before, _ = cells
    X = X + 1e-3 * np.arange(N)[:, None]  # no cell twice
    found, again = (
        value(name, X, *codes, before) for codes in ((label, batch), (7 - label, np.array([2, 0, 1])[batch]))
    )
    assert again == near(found, abs=1e-9)


@EVERY
@few
@given(cells=data())
def test_blind_to_the_order_of_cells(name, cells):
    X, label, batch, before, rng = cells
    order = rng.permutation(N)
    found = value(name, X[order], label[order], batch[order], before[order])
    expected = value(name, X, label, batch, before)
    assert found == near(expected, abs=1e-9)


@EVERY
@few
@given(cells=data())
def test_blind_to_rotation_and_where_it_is_so_to_place(name, cells):
    X, label, batch, before, rng = cells
    X = X + 1e-3 * np.arange(N)[:, None]
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    found = value(name, X, label, batch, before)
    far = 1e-4 if name in LISI else 1e-6
    if not name.startswith("scgraph"):  # a trimmed mean is taken along the axes
        assert value(name, X @ turn, label, batch, before) == near(found, abs=far)
    if name not in PLACED:
        assert value(name, X + 1000, label, batch, before) == near(found, abs=far)


@pytest.mark.parametrize("name", ["nmi_leiden", "linear_probe", "batch_probe", "novelty_auroc"])
@few
@given(cells=data())
def test_an_embedding_alone_is_split_alike_in_whatever_order_and_turned_however(name, cells):
    X, label, batch, _, rng = cells
    X = X + 1e-3 * np.arange(N)[:, None]
    order, turn = rng.permutation(N), np.linalg.qr(rng.standard_normal((6, 6)))[0]
    found = value(name, X, label, batch, None)
    again = value(name, 3 * (X @ turn)[order] + 10, 7 - label[order], 2 - batch[order], None)
    assert again == near(found, abs=1e-9)


@EVERY
@few
@given(cells=data())
def test_blind_to_type_and_layout(name, cells):
    X, label, batch, before, _ = cells
    X = np.round(64 * X)  # whole numbers, which all types hold
    X[~X.any(axis=1)] = 1
    found = value(name, X, label, batch, before)
    np.testing.assert_array_equal(X, np.round(X))  # it was not changed in place
    forms = {
        "single precision": X.astype(np.float32),
        "half precision": X.astype(np.float16) if abs(X).max() < 2048 else X,
        "whole numbers": X.astype(np.int32),
        "big-endian": X.astype(">f8"),
        "columns side by side": np.asfortranarray(X),
        "backward": X[::-1].copy()[::-1],
        "columns backward": X[:, ::-1].copy()[:, ::-1],
        "every second row": np.repeat(X, 2, axis=0)[::2],
        "table": pd.DataFrame(X),
        "read-only": np.broadcast_to(X, X.shape),
    }
    kinds = pd.Categorical(label, categories=range(7)), [str(b) for b in batch]
    for form, given_form in forms.items():
        assert value(name, given_form, *kinds, before) == near(found, abs=1e-6), form


@EVERY
def test_cells_that_are_not_numbers_or_nothing_are_refused(name):
    X, label = np.random.default_rng(0).standard_normal((N, 6)), np.arange(N) % 4
    batch = np.where(label == 3, 0, np.arange(N) // 75)
    for bad, words in ((np.nan, "NaN or infinite"), (0.0, "zero in every dimension")):
        spoiled = X.copy()
        spoiled[5] = bad
        with pytest.raises(DataError, match=f"row 5.*{words}"):
            value(name, spoiled, label, batch, X[:, :5])


@pytest.mark.parametrize(
    "name", [name for name, card in metrics.CARDS.items() if card.family == "batch"] + ["isolated_asw"]
)
def test_one_batch_is_not_scored(name):
    X = np.random.default_rng(0).standard_normal((N, 6))
    one = value(name, X, np.arange(N) % 4, np.zeros(N, dtype=int), X[:, :5])
    assert (one is None) == (name != "graph_connectivity")  # the one that needs no batches


@pytest.mark.parametrize("name", ["cilisi", "kbet_per_label"])
def test_tiny_types_are_not_scored(name):
    X = np.random.default_rng(0).standard_normal((N, 6))
    assert value(name, X, np.arange(N) % 50, np.arange(N) // 75, X[:, :5]) is None
