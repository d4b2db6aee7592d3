"""The metrics against scib-metrics, in double precision, where the definition is the same; and why where it is not.

Its numbers are kept, as it brings JAX along: made by version 0.5.10 from the cells of `conftest.py`, with our 89
neighbors given to it, the cell itself first.
"""

import numpy as np
import pytest

from zslib import metrics
from zslib.core.errors import NotApplicable
from zslib.metrics import measure_geometry
from zslib.metrics.batch.neighborhoods import ALPHA, p_values
from zslib.metrics.checks import encode

THEIRS = {
    "ilisi": 0.565690677,
    "clisi": 0.960565776,
    "bras": 0.947712582,
    "isolated_asw": 0.544558766,
    "asw_label": 0.546888673,
    "asw_batch": 0.977946309,
}
EVERYWHERE = np.tile(["a", "b"], 200)


@pytest.mark.parametrize("name", THEIRS)
def test_where_the_definition_is_the_same(name, cells):
    found = getattr(metrics, name)(cells.X.astype(float), cells.label, cells.batch)
    assert found == pytest.approx(THEIRS[name], abs=1e-6)


def test_the_share_of_neighborhoods_of_a_type_that_are_mixed(cells):
    one = cells.label == "mono"
    batch, _ = encode(cells.batch[one], int(one.sum()), "batch")
    own = measure_geometry(cells.X[one].astype(float), k=20, device="cpu").indices
    near = batch[np.column_stack([np.arange(len(own)), own])]
    assert (p_values(near, batch) >= ALPHA).mean() == pytest.approx(0.898734177, abs=1e-6)


def test_where_it_is_not(cells):
    X = cells.X.astype(float)
    # Every type in every batch: `isolated_labels` calls all of them isolated, scib and we none.
    assert metrics.asw_label(X, EVERYWHERE) == pytest.approx(0.499966152, abs=1e-6)
    with pytest.raises(NotApplicable):
        metrics.isolated_asw(X, EVERYWHERE, cells.batch)
    # It follows directed edges and takes the largest strongly connected part; scib and we walk both ways.
    assert metrics.graph_connectivity(X, cells.label) >= 0.882280785 - 1e-9
