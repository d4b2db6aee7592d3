"""The advantage of having seen the data, where the truth is known."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st

from zslib.core.errors import DataError
from zslib.studies.leakage import crossover, figures
from zslib.studies.leakage.crossover import CORPORA, PAIRS, Score


def made(quality, hardness, seen, noise=0.0, seed=0):
    """Scores of both corpora on a pair of parts: quality of the model, less hardness, plus what seeing adds."""
    rng = np.random.default_rng(seed)
    scores = {}
    for place, part in enumerate(PAIRS[0]):
        for which, corpus in enumerate(CORPORA):
            value = quality[which] - hardness[place] + seen * (which == place)
            scores[corpus, part] = Score(value=value, replicates=value + noise * rng.standard_normal(400))
    return scores


@settings(max_examples=50, deadline=None)
@given(st.tuples(*[st.floats(0, 1)] * 2), st.tuples(*[st.floats(0, 1)] * 2), st.floats(-0.5, 0.5))
def test_better_models_and_easier_data_cancel(quality, hardness, seen):
    found = crossover.advantage(made(quality, hardness, seen), *PAIRS[0])
    assert float(found.estimate) == pytest.approx(seen, abs=1e-9)


def test_interval_has_the_width_of_four_independent_scores():
    found = crossover.advantage(made((0, 0), (0, 0), 0.1, noise=0.05), *PAIRS[0])
    assert found.low < 0.1 < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.05, rel=0.2)  # half of the sum of four


def test_what_is_shared_by_both_models_on_a_part_cancels():
    scores = made((0.3, 0.5), (0, 0.1), 0.05, noise=1e-6)
    common = np.random.default_rng(1).standard_normal(400)
    scores = {key: Score(value=s.value, replicates=s.replicates + common) for key, s in scores.items()}
    found = crossover.advantage(scores, *PAIRS[0])
    assert found.high - found.low == pytest.approx(0, abs=1e-5)


def test_tables_and_words():
    scores = {("geneformer", *key): s for key, s in made((0.5, 0.6), (0.1, 0.2), 0.2, noise=0.01).items()}
    table = crossover.table(scores)
    seen = table.set_index(["corpus", "part"])["seen"]
    assert seen["kang", "kang"]
    assert seen["pbmc-baron", "baron"]
    assert not seen["kang", "baron"]
    found = crossover.advantages(scores)
    assert len(found) == 1  # the other pair is not there
    assert "helps" in crossover.verdict(found)
    hurt = found.assign(value=-0.2, ci_low=-0.3, ci_high=-0.1)
    assert "hurts" in crossover.verdict(hurt)
    assert "no difference" in crossover.verdict(found.assign(ci_low=-1))
    assert "not in this build" in crossover.verdict(found[:0])
    assert crossover.advantages({}).empty


def test_cells_of_some_batches():
    obs = pd.DataFrame({"batch": list("abcab")}, index=list("vwxyz"))
    adata = AnnData(np.zeros((5, 1)), obs=obs)
    assert crossover.select(adata, ("a", "c")).tolist() == [0, 2, 3]
    assert crossover.select(adata, None).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(DataError, match="batch d"):
        crossover.select(adata, ("d",))


def test_score_is_that_of_the_metrics():
    from zslib import metrics

    rng = np.random.default_rng(0)
    label = np.repeat(["a", "b", "c"], 20)
    embedding = rng.standard_normal((60, 5)) + 3 * (label == "a")[:, None]
    found = crossover.score(embedding, label, n_boot=20)
    table = metrics.score(embedding, label, n_boot=20).table
    expected = table.query("space == 'native' and metric == 'avg_bio'")["value"].iloc[0]
    assert found.value == pytest.approx(expected)
    assert found.replicates.shape == (20,)


def test_figures_say_what_they_show(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr("zslib.plots.theme.show", lambda figure, alt: shown.append((figure, alt)))
    scores = {("geneformer", *key): s for key, s in made((0.5, 0.6), (0.1, 0.2), 0.2, noise=0.01).items()}
    figures.crossover(crossover.table(scores))
    figures.advantages(crossover.advantages(scores))
    (first, said), (second, worth) = shown
    assert "geneformer-mini-kang on kang (seen) 0.60" in said
    assert "geneformer-mini-pbmc-baron on kang (not seen) 0.50" in said
    assert "+0.20" in worth
    markers = [line for line in first.axes[0].lines if line.get_marker() in "os"]
    filled = {
        (line.get_marker(), value): line.get_markerfacecolor() != "white"
        for line in markers
        for value in line.get_xdata()
    }
    corpora = {"kang": "o", "pbmc-baron": "s"}
    rows = crossover.table(scores).itertuples()
    assert filled == {(corpora[row.corpus], row.value): row.seen for row in rows}
    assert len(second.axes) == 1
    figures.crossover(crossover.table({}))
    figures.advantages(crossover.advantages({}))
    assert capsys.readouterr().out.count("nothing to draw") == 2
