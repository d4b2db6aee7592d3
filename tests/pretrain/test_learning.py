"""A network that is looked at while it is trained."""

from pathlib import Path

import pytest

from zslib import plots, prepare, store
from zslib.errors import DataError
from zslib.pretrain import learning
from zslib.reconstruct import reading
from zslib.workflow import grid

TOY = str(Path(__file__).parents[1] / "toy_cells.py")


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
    table = learning.measure(results, ["toy-cells"], asked)
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
    learning.write(results, table)
    said = reading.learned(learning.read(results), ["toy-cells"]).data
    assert "toy-cells (of the corpus)" in said
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *objects, **more: shown.append(more))
    plots.learning(table)
    assert "AvgBIO on toy-cells" in shown[0]["metadata"]["alt"]


def test_without_a_training_it_says_so(tmp_path, capsys):
    plots.learning(learning.read(tmp_path))
    assert "No network" in capsys.readouterr().out
    assert "No network" in reading.learned(learning.nothing(), []).data


@pytest.mark.parametrize("profile", grid.profiles())
def test_every_profile_has_settings_that_make_sense(profile):
    learning.Settings(**grid.load(profile).learning)


@pytest.mark.parametrize("steps", [(0,), (5, 0), (0, 0, 5), (-1, 5)])
def test_steps_must_rise(steps):
    with pytest.raises(DataError, match="rising"):
        learning.Settings(corpus=(TOY,), steps=steps)
