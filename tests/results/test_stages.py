"""A stage is computed when something that it follows from has changed, and only then."""

import numpy as np
import pandas as pd
import pytest

from zslib.core.errors import DataError
from zslib.results import SCORED, Run, embed, score, stages

QUICK = {"n_boot": 5, "device": "cpu"}


@pytest.fixture
def computed(monkeypatch):
    """Which stages have been computed, in order."""
    done = []
    for name, module in (("embedding", stages.embedding), ("scores", stages.scoring)):

        def spy(*args, compute=module.compute, name=name, **kwargs):
            done.append(name)
            return compute(*args, **kwargs)

        monkeypatch.setattr(module, "compute", spy)
    return done


def both(run, adata, n_dims=4, n_boot=5):
    embed(run, adata, "random", device="cpu", parameters={"n_dims": n_dims})
    return score(run, adata, n_boot=n_boot, device="cpu")


def test_what_holds_is_not_computed_again(toy, tmp_path, computed):
    run = Run(tmp_path, "toy-cells", "random", 0)
    first = both(run, toy)
    kept = {name: (run.folder / name).read_bytes() for name in SCORED}
    pd.testing.assert_frame_equal(both(run, toy), first)
    assert computed == ["embedding", "scores"]
    assert kept == {name: (run.folder / name).read_bytes() for name in SCORED}
    assert list(first.columns[:3]) == ["dataset", "method", "seed"]
    assert run.embedding.shape == (toy.n_obs, 4)
    assert len(run.layout) == toy.n_obs
    assert set(run.sweep["algorithm"]) == {"louvain", "leiden"}
    assert not set(run.skipped) & set(run.scores["metric"])


def test_resamples_are_scored_again_and_parameters_embedded_again(toy, tmp_path, computed):
    run = Run(tmp_path, "toy-cells", "random", 0)
    both(run, toy)
    both(run, toy, n_boot=6)
    assert computed == ["embedding", "scores", "scores"]
    assert len(run.replicates) == 6
    both(run, toy, n_boot=6, n_dims=3)
    assert computed == ["embedding", "scores", "scores", "embedding", "scores"]


def test_what_is_lost_or_comes_from_other_components_is_computed_again(toy, tmp_path, computed):
    run = Run(tmp_path, "toy-cells", "random", 0)
    both(run, toy)
    (run.folder / "sweep.parquet").unlink()
    both(run, toy)
    assert computed == ["embedding", "scores", "scores"]
    other = toy.copy()
    other.obsm["X_unintegrated"] = other.obsm["X_unintegrated"][:, :5]
    both(run, other)
    assert computed == ["embedding", "scores", "scores", "scores"]


def test_scores_that_are_refused_leave_none_of_an_earlier_embedding(toy, tmp_path):
    run = Run(tmp_path, "toy-cells", "random", 0)
    both(run, toy)
    stages.save(run, np.zeros((toy.n_obs, 3)), run.about)
    with pytest.raises(DataError, match="zero for every cell"):
        score(run, toy, **QUICK)
    assert not [name for name in SCORED if (run.folder / name).exists()]


def test_an_embedding_of_other_cells_is_not_scored(toy, tmp_path):
    run = Run(tmp_path, "toy-cells", "random", 0)
    both(run, toy)
    other = toy.copy()
    other.uns["prepare"] = {**toy.uns["prepare"], "hash": "another"}
    with pytest.raises(DataError, match="other cells"):
        score(run, other, **QUICK)
