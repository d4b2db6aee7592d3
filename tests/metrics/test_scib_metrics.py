"""The metrics against scib-metrics, in double precision, where the definition is the same; and why where it is not.

Importing it takes long, so all comparisons are of one process and few cells.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from zslib import metrics
from zslib.core.errors import NotApplicable
from zslib.metrics import measure_geometry
from zslib.metrics.batch.neighborhoods import ALPHA, p_values
from zslib.metrics.checks import encode

pytestmark = pytest.mark.slow

THEIRS = """
import json
import numpy as np, jax
jax.config.update("jax_enable_x64", True)
import scib_metrics as sm
from scib_metrics.nearest_neighbors import NeighborsResults

given = np.load("in.npz")
X, label, batch, indices, distances = (given[k] for k in ("X", "label", "batch", "indices", "distances"))
near = NeighborsResults(indices=indices, distances=distances)
one = label == "mono"
inside = NeighborsResults(indices=given["own"], distances=np.zeros(given["own"].shape))
found = {
    "ilisi": sm.ilisi_knn(near, batch),
    "clisi": sm.clisi_knn(near, label),
    "bras": sm.bras(X, label, batch),
    "isolated_asw": sm.isolated_labels(X, label, batch),
    "asw_label": sm.silhouette_label(X, label),
    "asw_batch": sm.silhouette_batch(X, label, batch),
    "kbet of one type": sm.kbet(inside, batch[one])[0],
    "isolated, none is": sm.isolated_labels(X, given["everywhere"], batch),
    "connectivity, directed": sm.graph_connectivity(near.subset_neighbors(15), label),
}
json.dump({name: float(value) for name, value in found.items()}, open("out.json", "w"))
"""


@pytest.fixture(scope="module")
def both(cells, tmp_path_factory):
    """Our neighbors, given to both, and what scib-metrics makes of them."""
    if find_spec("scib_metrics") is None:
        pytest.skip("scib-metrics is not installed")
    X = cells.X.astype(float)
    found = measure_geometry(X, k=89, device="cpu")
    indices = np.column_stack([np.arange(400), found.indices])  # theirs count the cell itself
    distances = np.column_stack([np.zeros(400), found.distances])
    one = np.flatnonzero(cells.label == "mono")
    own = measure_geometry(X[one], k=20, device="cpu").indices
    folder = tmp_path_factory.mktemp("scib_metrics")
    np.savez(
        folder / "in.npz",
        X=X,
        label=cells.label,
        batch=cells.batch,
        indices=indices,
        distances=distances,
        own=np.column_stack([np.arange(len(one)), own]),
        everywhere=np.tile(["a", "b"], 200),
    )
    # What numba would compile for a minute runs in a second as it stands.
    plainly = {**os.environ, "NUMBA_DISABLE_JIT": "1", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", THEIRS], cwd=folder, env=plainly, check=True)
    return X, own, json.loads((folder / "out.json").read_text())


def test_where_the_definition_is_the_same(both, cells):
    X, own, theirs = both
    label, batch = cells.label, cells.batch
    mine = {
        "ilisi": metrics.ilisi(X, batch=batch),
        "clisi": metrics.clisi(X, label),
        "bras": metrics.bras(X, label, batch),
        "isolated_asw": metrics.isolated_asw(X, label, batch),
        "asw_label": metrics.asw_label(X, label),
        "asw_batch": metrics.asw_batch(X, label, batch),
    }
    for name, value in mine.items():
        assert value == pytest.approx(theirs[name], abs=1e-6), name
    of_type = encode(batch[label == "mono"], len(own), "batch")[0]
    near = of_type[np.column_stack([np.arange(len(own)), own])]
    accepted = (p_values(near, of_type) >= ALPHA).mean()
    assert accepted == pytest.approx(theirs["kbet of one type"], abs=1e-6)


def test_where_it_is_not(both, cells):
    X, _, theirs = both
    # Every type in every batch: they call all of them isolated, scib and we none.
    assert theirs["isolated, none is"] == pytest.approx(
        metrics.asw_label(X, np.tile(["a", "b"], 200)), abs=1e-6
    )
    with pytest.raises(NotApplicable):
        metrics.isolated_asw(X, np.tile(["a", "b"], 200), cells.batch)
    # They follow directed edges and take the largest strongly connected part; scib and we walk both ways.
    assert theirs["connectivity, directed"] <= metrics.graph_connectivity(X, cells.label) + 1e-12
