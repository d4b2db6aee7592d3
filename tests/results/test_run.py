"""File contracts: whole or not at all, and vouched for."""

import numpy as np
import pytest

from zslib.core import store
from zslib.core.errors import DataError
from zslib.results import Run, stages


def test_a_write_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "x.json"
    store.write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        store.write_json(path, {"a": object()})
    assert path.read_text() == '{\n  "a": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_an_embedding_comes_back_and_a_swapped_one_is_refused(tmp_path):
    run = Run(tmp_path, "toy", "hvg", 0)
    X = np.random.default_rng(0).normal(size=(5, 3))
    stages.save(run, X, {"status": "ok"})
    np.testing.assert_array_equal(run.embedding, X.astype(np.float32))
    store.write_array(run.folder / "embedding.npy", X + 1)
    with pytest.raises(DataError, match=r"run\.json"):
        _ = run.embedding


def test_a_refused_embedding_overrides_the_status_of_its_method(tmp_path):
    run = Run(tmp_path, "toy", "hvg", 0)
    stages.save(run, np.ones((2, 1)), {"status": "ok"})
    assert run.ok
    store.write_json(run.folder / "unscored.json", {"status": "failed", "reason": "constant"})
    assert not run.ok
    assert run.outcome["reason"] == "constant"
