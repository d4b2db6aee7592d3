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


def values(X, label, batch, before):
    """All scores by name, of one space as the grid has them; None where one is not defined."""
    space = metrics.Space.of(X, label, batch, unintegrated=before, within_batch=before, device="cpu")
    return {name: value(name, space) for name in metrics.METRICS}


def value(name, space):
    try:
        return metrics.METRICS[name].of(space)
    except NotApplicable:
        return None


def alike(found, expected, abs=1e-9, but=()):
    """Whether all scores are the same, except some."""
    for name in set(expected) - set(but):
        near = expected[name] if expected[name] is None else pytest.approx(expected[name], abs=abs, rel=abs)
        assert found[name] == near, name


@few
@given(cells=data())
def test_in_range_and_blind_to_names_and_units(cells):
    X, label, batch, before, _ = cells
    found = values(X, label, batch, before)
    for name, score in found.items():
        low, high = metrics.CARDS[name].range
        assert score is None or low - 1e-12 <= score <= high + 1e-12, name
    # Cells that coincide are told apart by the codes of their names; batches are dealt into folds by them.
    names = np.array(["a", "b", "c", "d"])
    alike(values(X, names[label], names[batch], before), found)
    # LISI's search for a scale stops near the mark, and where depends on the unit of length.
    for unit in (2.0**-70, 2.0**600):
        again = values(X * unit, label, batch, before * min(unit, 8))
        alike(again, found, but=LISI)
        alike(again, {name: found[name] for name in LISI}, abs=1e-3)


@few
@given(cells=data())
def test_blind_to_the_order_of_names_and_cells(cells):
    X, label, batch, before, rng = cells
    found = values(X, label, batch, before)
    order = rng.permutation(N)
    alike(values(X[order], label[order], batch[order], before[order]), found)
    X = X + 1e-3 * np.arange(N)[:, None]  # no cell twice
    found, again = values(X, label, batch, before), values(X, 7 - label, np.array([2, 0, 1])[batch], before)
    alike(again, found)


@few
@given(cells=data())
def test_blind_to_rotation_and_where_it_is_so_to_place(cells):
    X, label, batch, before, rng = cells
    X = X + 1e-3 * np.arange(N)[:, None]
    turn = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    found = values(X, label, batch, before)
    turned, moved = values(X @ turn, label, batch, before), values(X + 1000, label, batch, before)
    scgraph = [name for name in found if name.startswith("scgraph")]  # a trimmed mean is taken along the axes
    alike(turned, found, abs=1e-6, but=(*LISI, *scgraph))
    alike(moved, found, abs=1e-6, but=(*LISI, *PLACED))
    for again in (turned, moved):
        alike(again, {name: found[name] for name in LISI}, abs=1e-4)


@few
@given(cells=data())
def test_an_embedding_alone_is_split_alike_in_whatever_order_and_turned_however(cells):
    X, label, batch, _, rng = cells
    X = X + 1e-3 * np.arange(N)[:, None]
    order, turn = rng.permutation(N), np.linalg.qr(rng.standard_normal((6, 6)))[0]
    names = ["nmi_leiden", "linear_probe", "batch_probe", "novelty_auroc"]
    given = (X, label, batch), (3 * (X @ turn)[order] + 10, 7 - label[order], 2 - batch[order])
    one, other = (metrics.Space.of(*cells, device="cpu") for cells in given)
    alike({name: value(name, other) for name in names}, {name: value(name, one) for name in names})


@settings(few, max_examples=1)
@given(cells=data())
def test_blind_to_type_and_layout(cells):
    X, label, batch, before, _ = cells
    X = np.round(64 * X)  # whole numbers, which all types hold
    X[~X.any(axis=1)] = 1
    found = values(X, label, batch, before)
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
    for given_form in forms.values():
        alike(values(given_form, *kinds, before), found, abs=1e-6)


def one_metric(name, X, label, batch, before):
    return metrics.METRICS[name](X, label, batch, unintegrated=before, within_batch=before, device="cpu")


@pytest.mark.parametrize("name", list(metrics.METRICS))
def test_cells_that_are_not_numbers_or_nothing_are_refused(name):
    X, label = np.random.default_rng(0).standard_normal((N, 6)), np.arange(N) % 4
    batch = np.where(label == 3, 0, np.arange(N) // 75)
    for bad, words in ((np.nan, "NaN or infinite"), (0.0, "zero in every dimension")):
        spoiled = X.copy()
        spoiled[5] = bad
        with pytest.raises(DataError, match=f"row 5.*{words}"):
            one_metric(name, spoiled, label, batch, X[:, :5])


def test_of_one_batch_and_of_tiny_types_what_needs_more_is_not_scored():
    X = np.random.default_rng(0).standard_normal((N, 6))
    one = values(X, np.arange(N) % 4, np.zeros(N, dtype=int), X[:, :5])
    of_batches = {name for name, card in metrics.CARDS.items() if card.family == "batch"} | {"isolated_asw"}
    assert {name for name in of_batches if one[name] is not None} == {"graph_connectivity"}  # needs none
    tiny = metrics.Space.of(X, np.arange(N) % 50, np.arange(N) // 75, device="cpu")
    assert value("cilisi", tiny) is value("kbet_per_label", tiny) is None
