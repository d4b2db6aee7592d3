"""The two small networks: what they are told, what they are not, and that they come out the same again."""

import numpy as np
import pytest
import torch

from zslib import metrics
from zslib.core.errors import DataError
from zslib.studies import teaching


@pytest.fixture(scope="module")
def made():
    return teaching.simulate_cells(240, n_types=3, n_dims=30, separation=0.3, batch_shift=0, seed=0)


def test_a_supervised_embedding_keeps_apart_what_it_was_told(made):
    told = teaching.supervised_embedding(made.X, made.label, epochs=40)
    assert told.embedding.shape == (240, 16)
    np.testing.assert_allclose(told.probability.sum(axis=1), 1)
    assert (told.types[told.probability.argmax(axis=1)] == made.label).mean() > 0.95
    raised = metrics.asw_label(told.embedding, made.label) - metrics.asw_label(made.X, made.label)
    assert raised > 0.1


def test_cells_it_was_not_trained_on_change_nothing(made):
    known = made.label != "B cell"
    first = teaching.supervised_embedding(made.X, made.label, known=known, epochs=2)
    X = made.X.copy()
    X[~known] += 5
    renamed = np.where(known, made.label, "anything")
    second = teaching.supervised_embedding(X, renamed, known=known, epochs=2)
    np.testing.assert_array_equal(first.embedding[known], second.embedding[known])
    assert set(first.types) == set(made.label) - {"B cell"}


def test_one_type_is_too_few_to_learn_from(made):
    with pytest.raises(DataError, match="two"):
        teaching.supervised_embedding(made.X, np.repeat("T cell", 240))


def test_training_leaves_torch_as_it_was(made):
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    teaching.supervised_embedding(made.X, made.label, epochs=1)
    teaching.pretrain(made.X, steps=2)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


def test_a_model_remembers_the_cells_it_was_trained_on():
    X = np.random.default_rng(0).standard_normal((80, 40)) @ np.random.default_rng(1).standard_normal(
        (40, 60)
    )
    model = teaching.pretrain(X[:40], steps=400)
    seen, unseen = model.error(X[:40]), model.error(X[40:])
    assert seen.shape == (40,)
    assert seen.mean() < 0.7 * unseen.mean()
    assert model.embed(X).shape == (80, 32)
    again = teaching.pretrain(X[:40], steps=400)
    np.testing.assert_array_equal(model.embed(X), again.embed(X))
    np.testing.assert_array_equal(seen, model.error(X[:40]))
