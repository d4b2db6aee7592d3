"""A network that is looked at while it is trained."""

from pathlib import Path

import pandas as pd
import pytest

from zslib import plots
from zslib.core import store
from zslib.core.errors import DataError
from zslib.datasets import prepare
from zslib.studies.expression import learning, sentences
from zslib.workflow import grid

TOY = str(Path(__file__).parents[2] / "toy_cells.py")


@pytest.fixture(scope="module")
def results(toy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    prepare.write(toy, store.prepared_path(folder, "toy-cells"))
    return folder


@pytest.mark.parametrize("architecture", ["geneformer", "scgpt"])
def test_objective_and_embedding_at_every_step(results, architecture, monkeypatch):
    asked = learning.Settings(
        corpus=(TOY,), architecture=architecture, steps=(0, 4, 20), window=24, n_cells=80, n_boot=20
    )
    found = learning.measure(results, ["toy-cells"], asked)
    table = found.table
    assert table.groupby("what")["step"].apply(list).to_dict() == {
        "avg_bio": [0, 4, 20],
        "objective": [0, 4, 20],
    }
    assert (table.query("step == 0")["gain"] == 0).all()
    rows = table.query("what == 'objective'").set_index("step")
    assert rows.loc[20, "gain_low"] > 0
    assert rows.loc[20, "gain"] == pytest.approx(rows.loc[0, "value"] - rows.loc[20, "value"])
    assert (rows["ci_low"] < rows["value"]).all()
    assert (rows["value"] < rows["ci_high"]).all()
    learning.write(results, found)
    said = sentences.learned(learning.read(results)).data
    assert "toy-cells (of the corpus)" in said
    said = sentences.trained(learning.read(results)).data
    assert f"that of {architecture}, the corpus toy-cells; the training ends after 20 steps" in said
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *objects, **more: shown.append(more))
    plots.learning(table)
    assert "AvgBIO on toy-cells" in shown[0]["metadata"]["alt"]


def test_without_a_training_it_says_so(tmp_path, capsys):
    plots.learning(learning.read(tmp_path).table)
    assert "No network" in capsys.readouterr().out
    learning.write(tmp_path, learning.Learned())
    assert "No network" in sentences.learned(learning.read(tmp_path)).data
    assert "No network" in sentences.trained(learning.Learned()).data


def test_a_dataset_with_too_few_known_genes_is_left_out_with_its_reason(results, toy):
    other = toy[:, :300].copy()
    symbols = [f"OTHER{i}" for i in range(other.n_vars)]
    symbols[:30] = other.var["symbol"].astype(str)[:30]
    other.var["symbol"] = symbols
    prepare.write(other, store.prepared_path(results, "other-cells"))
    asked = learning.Settings(corpus=(TOY,), steps=(0, 2), window=24, n_cells=80, n_boot=20)
    found = learning.measure(results, ["toy-cells", "other-cells"], asked)
    assert set(found.table["dataset"]) == {"", "toy-cells"}
    assert list(found.about["refused"]) == ["other-cells"]
    assert "of other-cells was not scored. Of its 300 genes" in sentences.learned(found).data


def row(dataset, what, gain):
    ends = dict(zip(("gain", "gain_low", "gain_high"), gain, strict=True))
    return {"step": 9, "dataset": dataset, "what": what, "value": 1.0, "ci_low": 0.9, "ci_high": 1.1} | ends


@pytest.mark.parametrize(
    ("dataset", "word"),
    [
        ("baron", "(of the corpus)"),
        ("pbmc-studies", "(partly of the corpus: it shares cells with pbmc3k)"),
        ("kang", "(not of the corpus)"),
        ("my-cells", "(not known whether of the corpus)"),
    ],
)
def test_whether_cells_are_of_the_corpus(dataset, word):
    about = {"corpus": ["pbmc3k", "hao", "baron"], "refused": {}}
    table = pd.DataFrame([row(dataset, "avg_bio", (0.1, 0.05, 0.2))])
    assert f"{dataset} {word}" in sentences.learned(learning.Learned(table, about)).data


@pytest.mark.parametrize(
    ("gain", "word"),
    [((0.2, 0.1, 0.3), "better"), ((-0.2, -0.3, -0.1), "worse"), ((0.1, -0.1, 0.3), "not beyond chance")],
)
def test_words_follow_the_interval(gain, word):
    table = pd.DataFrame([row("", "objective", gain), row("kang", "avg_bio", gain)])
    said = sentences.learned(learning.Learned(table, {"corpus": ["kang"], "refused": {}})).data
    assert said.count(f", {word}: {gain[0]:+.2f} [".replace("-", "−")) == 2
    assert "highest" not in said


@pytest.mark.parametrize("profile", grid.profiles())
def test_every_profile_has_settings_that_make_sense(profile):
    learning.Settings(**grid.load(profile).learning)


@pytest.mark.parametrize("steps", [(0,), (5, 0), (0, 0, 5), (-1, 5)])
def test_steps_must_rise(steps):
    with pytest.raises(DataError, match="rising"):
        learning.Settings(corpus=(TOY,), steps=steps)
