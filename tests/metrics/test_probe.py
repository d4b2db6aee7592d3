import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier

from zslib.core.errors import NotApplicable
from zslib.metrics import batch_probe, knn_probe, linear_probe, measure_geometry, probe, projection
from zslib.metrics.biology.probes import vote
from zslib.metrics.checks import encode
from zslib.metrics.distances import numbers


@pytest.fixture(scope="module")
def known(cells):
    """The cells without the type of a single batch, which no probe with held-out batches can learn."""
    kept = ~np.isin(cells.label, ["plasma", "rare"])
    return cells.X[kept].astype(float), cells.label[kept], cells.batch[kept]


def scaled(X):
    X = X - X.mean(axis=0)
    return X / np.sqrt((X**2).mean())


def held_out(model, X, y, fold):
    found = np.empty_like(y)
    for held in np.unique(fold):
        found[fold == held] = model.fit(X[fold != held], y[fold != held]).predict(X[fold == held])
    return found


def test_folds_are_those_of_scikit_learn():
    batch = np.repeat(np.arange(9), [50, 7, 30, 31, 12, 90, 5, 44, 21])
    fold = probe.grouped_folds(batch, np.arange(len(batch)))
    for held, (_, test) in enumerate(GroupKFold(5).split(batch, groups=batch)):
        np.testing.assert_array_equal(np.flatnonzero(fold == held), test)
    assert probe.grouped_folds(np.array([0, 1, 1]), np.arange(3)).tolist() == [
        1,
        0,
        0,
    ]  # no more folds than batches


def test_stratified_folds_share_every_stratum_out():
    strata = np.repeat(np.arange(4), [50, 23, 5, 1])
    order = np.random.default_rng(0).permutation(len(strata))
    fold = probe.stratified_folds(strata, order, seed=3)
    table = np.array([[((strata == s) & (fold == f)).sum() for f in range(5)] for s in range(4)])
    assert (table.max(axis=1) - table.min(axis=1) <= 1).all()
    assert np.ptp(table.sum(axis=0)) <= 1
    assert (fold != probe.stratified_folds(strata, order, seed=4)).any()
    renamed = probe.stratified_folds(np.array([2, 0, 3, 1])[strata], order, seed=3)
    np.testing.assert_array_equal(renamed, fold)


@pytest.fixture
def to_the_end(monkeypatch):
    """Both solvers stop within a tolerance of the same minimum; here they go on to it."""
    monkeypatch.setitem(probe.OPTIONS, "gtol", 1e-8)
    monkeypatch.setitem(probe.OPTIONS, "ftol", 0)


def test_linear_probe_is_the_logistic_regression_of_scikit_learn(known, to_the_end):
    X, label, batch = known
    fold = probe.grouped_folds(encode(batch, len(X), "batch")[0], np.arange(len(X)))
    theirs = held_out(LogisticRegression(C=1, tol=1e-8, max_iter=2000), scaled(X), label, fold)
    assert linear_probe(X, label, batch) == pytest.approx(f1_score(label, theirs, average="macro"), abs=1e-6)


def test_the_usual_tolerance_is_near_enough(known, request):
    X, label, batch = known
    usual = linear_probe(X, label, batch), batch_probe(X, label, batch)
    request.getfixturevalue("to_the_end")
    exact = linear_probe(X, label, batch), batch_probe(X, label, batch)
    assert usual == pytest.approx(exact, abs=0.01)


def test_batch_probe_is_the_logistic_regression_of_scikit_learn(known, to_the_end):
    X, label, batch = known
    (codes, names), kinds = encode(batch, len(X), "batch"), encode(label, len(X), "label")[0]
    order = np.argsort(numbers(X, kinds, codes))
    fold = probe.stratified_folds(kinds * len(names) + codes, order)
    theirs = held_out(LogisticRegression(C=1, tol=1e-8, max_iter=2000), scaled(X), batch, fold)
    assert batch_probe(X, label, batch) == pytest.approx(balanced_accuracy_score(batch, theirs), abs=1e-6)


def test_knn_probe_is_the_vote_of_scikit_learn(known):
    X, label, batch = known
    codes, fold = (
        encode(label, len(X), "label")[0],
        probe.grouped_folds(encode(batch, len(X), "batch")[0], np.arange(len(X))),
    )
    model = KNeighborsClassifier(15, algorithm="brute")
    theirs = held_out(model, X, label, fold)
    votes = np.empty((len(X), codes.max() + 1))
    for held in np.unique(fold):
        votes[fold == held] = model.fit(X[fold != held], label[fold != held]).predict_proba(X[fold == held])
    two = np.sort(votes, axis=1)[:, -2:]
    clear = two[:, 0] < two[:, 1]
    assert clear.mean() > 0.8
    nearest = measure_geometry(X, k=1, fold=fold, device="cpu").other_indices
    mine = vote(codes[nearest])
    np.testing.assert_array_equal(np.unique(label)[mine][clear], theirs[clear])
    expected = f1_score(codes, mine, average="macro")
    assert knn_probe(X, label, batch) == pytest.approx(expected, abs=1e-12)


def test_of_equal_votes_the_nearest_wins_whatever_the_names():
    """scikit-learn takes the name that sorts first, so that renaming the types moves its score."""
    assert vote(np.array([[2, 1, 1, 2, 0], [0, 1, 1, 2, 2]])).tolist() == [2, 1]
    X, y = np.array([[0.0], [3.0]]), ["b", "a"]
    theirs = KNeighborsClassifier(2).fit(X, y).predict([[1.0]])
    renamed = KNeighborsClassifier(2).fit(X, ["a", "b"]).predict([[1.0]])
    assert theirs == renamed == ["a"]  # the far cell's type, then the near one's


def test_types_of_one_fold_are_left_out(cells):
    value = linear_probe(cells.X, cells.label, cells.batch)
    fold = probe.grouped_folds(encode(cells.batch, 400, "batch")[0], np.arange(400))
    codes, names = encode(cells.label, 400, "label")
    found = probe.held_out(cells.X, codes, fold, np.arange(len(fold)))
    used = np.flatnonzero(names != "plasma")
    scored = names[codes] != "plasma"
    expected = f1_score(codes[scored], found[scored], labels=used, average="macro")
    assert value == pytest.approx(expected, abs=1e-12)
    with pytest.raises(NotApplicable, match="fewer than two cell types"):
        linear_probe(cells.X, cells.batch, cells.batch)


def test_a_class_not_learned_is_not_guessed():
    X = np.random.default_rng(0).standard_normal((60, 2))
    y = np.repeat([0, 1, 2], 20)
    fold = np.where(y == 2, 0, np.arange(60) % 2)
    assert (probe.held_out(X, y, fold, np.arange(len(y)))[fold == 0] < 2).all()


def test_of_many_cells_a_regression_learns_from_some_of_every_fold_but_the_one_it_is_asked(
    cells, monkeypatch
):
    codes, order = encode(cells.label, 400, "label")[0], np.random.default_rng(0).permutation(400)
    fold = probe.stratified_folds(codes, order)
    few = {held: np.sort(order[fold[order] != held][:100]) for held in range(5)}
    monkeypatch.setattr(probe, "LEARNED", 100)
    found = probe.held_out(cells.X, codes, fold, order)
    for held, rows in few.items():
        model = LogisticRegression(C=1, tol=1e-8, max_iter=2000).fit(scaled(cells.X)[rows], codes[rows])
        assert (model.predict(scaled(cells.X)[fold == held]) == found[fold == held]).mean() > 0.98


def test_held_out_batches_are_harder_than_held_out_cells():
    """Types told apart in each batch by a direction of its own: known cells help, other batches do not."""
    rng = np.random.default_rng(0)
    label, batch = np.tile(["a", "b"], 150), np.repeat(["x", "y", "z"], 100)
    X = 0.3 * rng.standard_normal((300, 6))
    for i, name in enumerate("xyz"):
        X[batch == name, i] += np.where(label[batch == name] == "a", 2, -2)
        X[batch == name, 3 + i] += 3
    for measure in (knn_probe, linear_probe):
        assert measure(X, label) > measure(X, label, batch) + 0.2


def test_chance_of_the_batch_probe_is_one_over_the_batches():
    rng = np.random.default_rng(0)
    X, batch = rng.standard_normal((900, 5)), rng.permutation(np.repeat(["a", "b", "c"], 300))
    label = ["T"] * 900
    assert batch_probe(X, label, batch) == pytest.approx(1 / 3, abs=0.05)
    assert batch_probe(X + 9 * np.eye(5)[encode(batch, 900, "batch")[0]], label, batch) == 1
    with pytest.raises(NotApplicable, match="one batch"):
        batch_probe(X, label, ["a"] * 900)


def test_large_embeddings_are_converted_in_parts(known, monkeypatch):
    X, label, batch = known
    whole = linear_probe(X, label, batch)
    monkeypatch.setattr(probe, "HELD", 0)
    monkeypatch.setattr(projection, "ROWS", 5000)
    assert linear_probe(X, label, batch) == pytest.approx(whole, abs=1e-9)
