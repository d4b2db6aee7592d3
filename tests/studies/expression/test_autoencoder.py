"""scVI as a baseline: it learns from training cells, and is shown visible genes alone."""

import dataclasses
import random

import numpy as np
import pytest
import torch

from zslib.studies.expression import autoencoder, baselines, masking


@pytest.fixture(scope="module")
def case():
    """Counts of two programs, so that visible genes tell of hidden ones; values are ranks of a kind."""
    rng = np.random.default_rng(0)
    rate = rng.random((160, 2)) @ rng.gamma(1.0, 4.0, (2, 60))
    counts = rng.poisson(rate).astype(np.float32)
    values = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 100).astype(np.float32)
    masked = masking.mask(values[:120], values[120:], 0.4, seed=3)
    return masked, counts, autoencoder.fit(counts[:120], values[:120], counts[120:], epochs=60, seed=0)


def test_it_does_better_than_the_mean_of_each_gene(case):
    masked, _, trained = case
    expressed, prediction = masked.target > 0, trained.predict(masked)
    usual = baselines.predict("gene mean", masked)
    for said, mean, where in (
        (prediction.given, usual.given, expressed),
        (prediction.level, usual.level, np.ones_like(expressed)),
    ):
        assert said.shape == masked.scored.shape
        error, reference = (((x - masked.target)[where] ** 2).mean() for x in (said, mean))
        assert error < 0.97 * reference


def test_it_is_not_shown_what_is_hidden(case):
    masked, counts, trained = case
    other = counts[120:].copy()
    other[:, masked.hidden] = other[::-1, masked.hidden] + 5
    changed = dataclasses.replace(trained, counts=other)
    np.testing.assert_array_equal(trained.predict(masked).given, changed.predict(masked).given)


def test_answers_follow_its_seed_and_leave_global_chance_alone(case):
    masked, counts, trained = case
    values = np.log1p(counts[:40])
    answers = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)
        torch.manual_seed(seed)
        before = _global_chance()
        autoencoder.fit(counts[:40], values, counts[120:], epochs=1, seed=0)
        answers.append(trained.predict(masked).level)
        assert _global_chance() == before
    np.testing.assert_array_equal(*answers)
    other = dataclasses.replace(trained, seed=trained.seed + 1)
    assert (other.predict(masked).level != answers[0]).any()


def _global_chance():
    return random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # noqa: NPY002


def test_lines_by_hand():
    values, share = np.array([[1.0, 0], [3, 4]]), np.array([[0.0, 1], [2, 5]])
    _, place, slope = autoencoder._line(values, share, values.mean(axis=0), np.ones((2, 2), bool))
    np.testing.assert_allclose(place, [1, 3])
    assert slope == pytest.approx((-1 * -1 + 1 * 1 + -2 * -2 + 2 * 2) / (1 + 1 + 4 + 4))
    _, place, slope = autoencoder._line(values, share, np.array([2.0, 4]), values > 0)
    np.testing.assert_allclose(place, [1, 5])
    assert slope == pytest.approx(1.0)
