"""What it takes to say that having seen the data helps."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from zslib import methods
from zslib.core import store
from zslib.core.errors import DataError
from zslib.datasets import prepare
from zslib.results import Run, sources, stages
from zslib.studies.leakage import crossover, figures, results, sentences
from zslib.studies.leakage.cards import LEAD, TWIN
from zslib.studies.leakage.results import Score

KANG, OTHER = "geneformer-mini-kang", "geneformer-mini-pbmc-baron"


def made(kang, baron, noise=0.001):
    """Scores on kang and on baron of the model of kang, of the other one, and of the untrained twins of both."""
    rng, found = np.random.default_rng(0), {}
    for part, values in (("kang", kang), ("baron", baron)):
        shared = 0.1 * rng.standard_normal(300)  # the draw of the cells is the same for all
        for name, value in zip((KANG, OTHER, f"{KANG}-untrained", f"{OTHER}-untrained"), values, strict=True):
            found[name, part] = Score(value, value + shared + noise * rng.standard_normal(300), 400)
    return found


HELPS = made((0.6, 0.5, 0.4, 0.4), (0.5, 0.6, 0.4, 0.4))


def thrice(found):
    """The same as if each model had been trained three times."""
    return pd.concat([found.assign(model=found["model"] + name) for name in ("", "-1", "-2")])


def test_differences_are_paired_and_by_hand():
    found = crossover.differences(HELPS).set_index(["what", "part", "model"])
    assert found.loc[(LEAD, "kang", KANG), "rival"] == OTHER
    assert found.loc[(LEAD, "baron", OTHER), "rival"] == KANG
    assert found.xs(LEAD)["value"].tolist() == pytest.approx([0.1, 0.1])
    assert found.loc[(TWIN, "baron", KANG), "value"] == pytest.approx(0.1)
    assert found.loc[(TWIN, "baron", OTHER), "value"] == pytest.approx(0.2)
    assert len(found.xs(TWIN)) == 4
    assert (found["ci_high"] - found["ci_low"]).max() < 0.01  # and not the 0.4 of the scores themselves
    table = crossover.table(HELPS).set_index(["model", "part"])["seen"]
    assert table[table].index.tolist() == [(KANG, "kang"), (OTHER, "baron")]


def test_it_is_claimed_only_where_all_agree():
    said = sentences.verdict(thrice(crossover.differences(HELPS)))
    assert "having seen the cells **helps**" in said
    assert "+0.10 [+0.10, +0.10] on kang" in said
    assert "cannot be told" not in said


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        # The half-difference of these is +0.1, which is the floor on which one model stands everywhere.
        (made((0.6, 0.4, 0.3, 0.3), (0.4, 0.4, 0.3, 0.3), noise=0.02), "above zero in 3 of 6"),
        (made((0.6, 0.5, 0.4, 0.4), (0.6, 0.5, 0.4, 0.4)), "above zero in 3 of 6"),
        (made((0.6, 0.5, 0.4, 0.4), (0.5, 0.6, 0.4, 0.7)), "9 of 12 are above their untrained twins"),
        (made((0.6, 0.5, 0.4, 0.4), (0.5, 0.6, 0.4, 0.4), noise=0.1), "above zero in 0 of 6"),
    ],
)
def test_it_is_not_claimed_where_one_condition_fails(scores, why):
    said = sentences.verdict(thrice(crossover.differences(scores)))
    assert "**cannot be told**" in said
    assert why in said
    assert "helps**" not in said


def test_one_training_tells_nothing_and_no_models_say_so():
    said = sentences.verdict(crossover.differences(HELPS))
    assert "**cannot be told**" in said
    assert "above zero in 2 of 2" in said
    assert "trainings on each corpus: 1 of 3" in said
    assert "not in this build" in sentences.verdict(crossover.differences({}))
    no_twins = {key: score for key, score in HELPS.items() if key[0] in (KANG, OTHER)}
    assert "cannot be told" in sentences.verdict(thrice(crossover.differences(no_twins)))


def test_cells_of_some_batches():
    obs = pd.DataFrame({"batch": list("abcab")}, index=list("vwxyz"))
    adata = AnnData(np.zeros((5, 1)), obs=obs)
    assert results.select(adata, ("a", "c")).tolist() == [0, 2, 3]
    assert results.select(adata, None).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(DataError, match="batch d"):
        results.select(adata, ("d",))


def test_score_is_that_of_the_metrics():
    from zslib import metrics

    rng = np.random.default_rng(0)
    label = np.repeat(["a", "b", "c"], 20)
    embedding = rng.standard_normal((60, 5)) + 3 * (label == "a")[:, None]
    found = results.score(embedding, label, n_boot=20)
    table = metrics.score(embedding, label, n_boot=20).table
    expected = table.query("space == 'native' and metric == 'avg_bio'")["value"].iloc[0]
    assert found.value == pytest.approx(expected)
    assert found.replicates.shape == (20,)
    assert found.n_cells == 60


def test_what_is_scored_is_stored_until_an_embedding_changes(toy, tmp_path, monkeypatch):
    prepare.write(toy, store.prepared_path(tmp_path, "kang"))
    rng = np.random.default_rng(0)
    array, about = rng.standard_normal((toy.n_obs, 4)), {"data_sha256": toy.uns["prepare"]["hash"]}
    models = (KANG, f"{KANG}-untrained")
    for name in models:
        stages.save(Run(tmp_path, "kang", name, 0), array, {"status": "ok", **about})
    stages.save(Run(tmp_path, "kang", OTHER, 0), array, {"status": "failed", "reason": "why", **about})
    grid = SimpleNamespace(
        results=tmp_path, datasets={"kang": "kang"}, methods=dict.fromkeys((*models, OTHER, "hvg")),
        seeds=(0,), n_boot=10, device="cpu",
    )  # fmt: skip
    found = results.of_grid(grid)
    assert set(found) == {(name, "kang") for name in models}
    direct = results.score(array.astype(np.float32), toy.obs["label"].astype(str), n_boot=10)
    assert found[KANG, "kang"].value == pytest.approx(direct.value)
    assert found[KANG, "kang"].replicates == pytest.approx(direct.replicates)
    assert found[KANG, "kang"].n_cells == toy.n_obs
    assert (tmp_path / "leakage" / "scores.parquet").exists()

    monkeypatch.setattr(results, "score", lambda *_, **__: pytest.fail("computed again"))
    again = results.of_grid(grid)
    assert crossover.table(again).equals(crossover.table(found))
    stages.save(Run(tmp_path, "kang", KANG, 0), 2 * array, {"status": "ok", **about})
    with pytest.raises(pytest.fail.Exception, match="computed again"):
        results.of_grid(grid)
    stages.save(Run(tmp_path, "kang", KANG, 0), array, {"status": "ok", "data_sha256": "of other cells"})
    with pytest.raises(DataError, match=r"embedded from other cells than kang/prepared\.h5ad holds now"):
        results.of_grid(grid)


def test_scores_follow_from_no_sentence():
    code = {path.relative_to(store.ROOT / "zslib").as_posix() for path in sources.code(results.__file__)}
    assert "metrics/scoring.py" in code
    assert not code & {
        f"studies/leakage/{name}.py" for name in ("crossover", "figures", "sentences", "tables")
    }
    assert not any(path.startswith(("plots/", "tables/", "results/report")) for path in code)


def test_the_figure_says_what_it_shows(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(
        "zslib.plots.theme.show", lambda drawn, *said, **__: shown.append((drawn["wide"], *said[:2]))
    )
    table = crossover.table(HELPS)
    figures.crossover(table)
    ((drawn, said, caption),) = shown
    assert "kang has 400, baron has 400 cells." in caption
    for words in (
        "Geneformer mini (kang) on kang (seen) 0.60",
        "Geneformer mini (pbmc-baron) on kang (not seen) 0.50",
        "untrained on kang (untrained) 0.40",
    ):
        assert words in said
    markers = [line for line in drawn.axes[0].lines if line.get_marker() in "os"]
    full = {(m.get_marker(), x) for m in markers for x in m.get_xdata() if m.get_markerfacecolor() != "white"}
    shape = {"kang": "o", "pbmc-baron": "s"}
    assert full == {(shape[methods.card(r.model).corpus], r.value) for r in table.itertuples() if r.seen}
    figures.crossover(crossover.table({}))
    assert "nothing to draw" in capsys.readouterr().out
