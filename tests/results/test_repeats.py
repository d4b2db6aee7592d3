"""The paper's repeats, and what its grid would cost."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from zslib import metrics, tables
from zslib.core import store
from zslib.datasets import prepare
from zslib.results import Run, comparison, costs, embed, repeats, score, stages
from zslib.workflow.grid import Grid


@pytest.fixture(scope="module")
def results(toy, toy_path, tmp_path_factory):
    """Two methods on the toy cells, scored, and repeated four times on a third of the cells."""
    folder, names = tmp_path_factory.mktemp("results"), ["random", "labels"]
    store.write_json(folder / "grid.json", asdict(Grid("tiny", str(folder), {"toy-cells": toy_path}, dict(zip(names, names, strict=True)), [0], None, 20)))  # fmt: skip
    prepare.write(toy, store.prepared_path(folder, "toy-cells"))
    for method in names:
        run = Run(folder, "toy-cells", method, 0)
        embed(run, toy, method, device="cpu")
        score(run, toy, n_boot=20, device="cpu")
    stages.repeat(folder, "toy-cells", toy, names, 0, draws=4, share=1 / 3, device="cpu")
    return folder


def runs_of(folder):
    return comparison.Comparison(folder, "toy-cells", ("random", "labels"), (0,))


def test_a_repeat_is_the_score_of_a_random_part_of_the_stored_embedding(results, toy):
    found = repeats.read(results, "toy-cells")
    parts = found[found["share"] < 1]
    assert set(parts["draw"]) == {0, 1, 2, 3}
    assert set(found["space"]) == {"embedding", "UMAP"}
    cells = np.sort(np.random.default_rng([0, 2]).choice(toy.n_obs, round(toy.n_obs / 3), replace=False))
    for where, array in (("embedding", "embedding"), ("UMAP", "layout")):
        own = getattr(Run(results, "toy-cells", "labels", 0), array)[cells]
        alone = metrics.score(
            own, toy.obs["label"].to_numpy()[cells], only=["avg_bio"], n_boot=0, spaces=["native"]
        )
        asked = (parts["method"] == "labels") & (parts["metric"] == "avg_bio") & (parts["draw"] == 2)
        row = parts[asked & (parts["space"] == where)]
        assert row["value"].item() == pytest.approx(alone.table["value"].item())
    # Of all cells the embedding's score is known, and the UMAP's is made.
    assert set(found.loc[found["share"] == 1, "space"]) == {"UMAP"}


def test_repeats_are_made_again_where_an_embedding_changed_and_else_are_not(results, toy, monkeypatch):
    asked = (results, "toy-cells", toy, ["random", "labels"], 0)
    settings = {"draws": 4, "share": 1 / 3, "device": "cpu"}
    monkeypatch.setattr(repeats, "compute", lambda *a, **k: pytest.fail("computed again"))
    stages.repeat(*asked, **settings)
    with pytest.raises(pytest.fail.Exception):
        stages.repeat(*asked, **settings | {"draws": 5})
    monkeypatch.undo()
    stages.repeat(*asked, **settings)


def test_a_part_of_one_type_or_of_too_few_cells_has_no_scores(results, toy):
    run = Run(results, "toy-cells", "labels", 0)
    found = repeats.compute([run], toy, draws=1, share=0.01, device="cpu")
    assert set(found["share"]) == {1.0}


def test_the_table_shows_all_cells_beside_parts(results):
    run = runs_of(results)
    shown = tables.repeats([run], "avg_bio").data
    assert shown.count("<tr>") == 2 + 1
    assert "33% of the cells" in shown
    assert f'<td class="number">{run.value("labels", "avg_bio").value:.2f}</td>' in shown
    values = repeats.read(results, "toy-cells").query(
        "method == 'random' and metric == 'avg_bio' and share < 1 and space == 'UMAP'"
    )["value"]
    assert (
        f'{values.median():.2f} <span class="zs-ci">[{values.min():.2f}, {values.max():.2f}]</span>' in shown
    )
    # A score may be defined on a part of the cells and not on all of them.
    (undefined := runs_of(results)).__dict__["_rows"] = {}
    assert "Without any number here: embedding, all" in tables.repeats([undefined], "avg_bio").data
    (empty := comparison.Comparison(results / "none", "toy-cells", (), ()))
    assert "asked for no repeats" in tables.repeats([empty], "avg_bio").data


def test_costs_are_those_that_were_written_down(results):
    found = costs.measured([runs_of(results)]).set_index(["stage", "method"])
    run = Run(results, "toy-cells", "labels", 0)
    assert found.loc[("embed", "labels"), "seconds"] == run.about["seconds"]
    assert found.loc[("embed", "labels"), "disk_mb"] == (run.folder / "embedding.npy").stat().st_size / 1e6
    scored = json.loads((run.folder / "scored.json").read_text())
    assert found.loc[("score", "labels"), ["seconds", "memory_mb"]].tolist() == [
        scored["seconds"],
        scored["peak_memory_mb"],
    ]
    assert found.loc[("repeat", ""), "seconds"] > 0
    assert np.isnan(found.loc[("prepare", ""), "seconds"])  # no step of a grid prepared these cells
    assert "repeat" in tables.stages([runs_of(results)]).data


def test_what_grows_with_pairs_grows_with_the_square_and_what_was_run_whole_is_measured():
    table = pd.DataFrame(
        [
            ("embed", "kang", "hvg", 1_000, 2.0, 100.0, 8.0),
            ("embed", "small", "hvg", 500, 9.0, 900.0, 9.0),
            ("score", "kang", "hvg", 1_000, 3.0, 100.0, 1.0),
            ("score", "whole", "hvg", 950, 5.0, 70.0, 2.0),
        ],
        columns=["stage", "dataset", "method", "n_cells", *costs.COST],
    )
    found = costs.extrapolated(table, {"whole": 1_000, "large": 10_000}).set_index(["stage", "dataset"])
    assert found.loc[("embed", "large"), costs.COST].tolist() == [20.0, 1_000.0, 80.0]
    assert found.loc[("score", "large"), costs.COST].tolist() == [300.0, 1_000.0, 10.0]
    assert found.loc[("score", "whole"), [*costs.COST, "from_cells"]].tolist() == [5.0, 70.0, 2.0, 950]
    assert found.loc[("embed", "whole"), "seconds"] == 2.0  # it was not embedded: from the most cells


def test_the_extrapolation_says_from_how_many_cells(results):
    shown = tables.extrapolated([runs_of(results)]).data
    assert "from <" not in shown
    assert (
        shown.count("<small>") == 5 * 2
    )  # prepare and repeat: neither method competes, so neither has a row
    assert "tabula-sapiens (483k)" in shown
