import numpy as np
import pytest
from sklearn.metrics import f1_score, silhouette_samples

from zslib.core.errors import NotApplicable
from zslib.metrics import best_of_resolutions, isolated_asw, isolated_f1, neighbors
from zslib.metrics.biology import types


def test_the_isolated_are_in_the_fewest_batches(cells):
    names, codes = np.unique(cells.label, return_inverse=True)
    batch = np.unique(cells.batch, return_inverse=True)[1]
    assert names[types.isolated(codes, batch)].tolist() == ["plasma"]


def test_width_by_scikit_learn(cells):
    widths = silhouette_samples(cells.X.astype(float), cells.label)
    expected = (widths[cells.label == "plasma"].mean() + 1) / 2
    assert isolated_asw(cells.X, cells.label, cells.batch) == pytest.approx(expected, abs=1e-10)


def test_f1_by_scikit_learn(cells):
    graph = neighbors(cells.X, device="cpu").connectivities
    own = cells.label == "plasma"
    found = best_of_resolutions(graph, cells.label, repeats=1).found
    expected = max(f1_score(own, row == c) for row in found for c in np.unique(row))
    assert isolated_f1(cells.X, cells.label, cells.batch) == pytest.approx(expected, abs=1e-12)
    # Of drawn cells, the cluster that was best on all of them.
    drawn = np.random.default_rng(0).integers(0, 3, 400)
    code = int(np.flatnonzero(np.unique(cells.label) == "plasma").item())
    label = np.unique(cells.label, return_inverse=True)[1]
    statistic = types.best_f1(np.array([code]), label, found)
    best = max(
        ((row == c) for row in found for c in np.unique(row)), key=lambda cluster: f1_score(own, cluster)
    )
    again = f1_score(np.repeat(own, drawn), np.repeat(best, drawn))
    assert statistic(drawn[:, None].astype(float)).item() == pytest.approx(again, abs=1e-12)


def test_without_isolated_types_there_is_no_score(cells):
    label = np.tile(["a", "b"], 200)
    batch = np.repeat(["x", "y"], 200)
    with pytest.raises(NotApplicable, match="none is isolated"):
        isolated_asw(cells.X, label, batch)
