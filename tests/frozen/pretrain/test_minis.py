"""The small checkpoints: hashes, size, and that they beat what knows no context."""

import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from zslib import datasets, methods
from zslib.cli import app
from zslib.core.errors import DataError, NotApplicable
from zslib.frozen import in_memory
from zslib.frozen.geneformer import files as geneformer_files
from zslib.frozen.pretrain import checkpoints, minis, pretraining
from zslib.frozen.pretrain.corpus import overlapping
from zslib.frozen.scgpt import files as scgpt_files

MOST_BYTES = 8_000_000


@pytest.fixture(scope="module")
def corpora():
    """The corpora, each read once."""
    return {}


@pytest.mark.parametrize("name", minis.RECIPES)
def test_shipped_files_are_those_of_the_card(name):
    folder, card = checkpoints.folder(name), checkpoints.card(name)
    assert sum(path.stat().st_size for path in folder.iterdir()) <= MOST_BYTES
    assert card["settings"] == minis.RECIPES[name].settings
    assert card["name"] == name
    assert card["command"] == minis.RECIPES[name].command
    load = geneformer_files.load if card["architecture"] == "geneformer" else scgpt_files.load
    assert sum(p.numel() for p in load(folder).parameters()) == card["parameters"]
    curve = pd.read_parquet(folder / checkpoints.CURVE)
    assert curve["held_out"].idxmin() == curve.index[curve["step"] == card["best_step"]][0]


def beaten(table):
    """Whether the network's loss is below everyone else's, beyond the interval."""
    return (table.query("who != 'network' and measure == 'loss'")["gain_low"] > 0).all()


@pytest.mark.parametrize("name", minis.RECIPES)
def test_beats_what_knows_no_context_on_cells_it_never_saw(name, corpora):
    """Recomputed on some of the held-out cells, and compared with the numbers that are checkpoints."""
    recipe = minis.RECIPES[name]
    if recipe.corpus not in corpora:
        corpora[recipe.corpus] = recipe.gather()
    objective = recipe.objective(corpora[recipe.corpus])
    load = geneformer_files.load if recipe.architecture == "geneformer" else scgpt_files.load
    table = pretraining.compare(
        load(checkpoints.folder(name)), recipe.network(objective), objective, recipe.schedule.seed, most=192
    )
    assert beaten(table)
    written = checkpoints.held_out(name)
    assert beaten(written)
    both = table.merge(written, on=["who", "measure"], suffixes=("", "_shipped")).query("measure == 'loss'")
    assert len(both) == len(table.query("measure == 'loss'"))
    sd = (table["ci_high"] - table["ci_low"]).max() / 2
    np.testing.assert_allclose(both["value"], both["value_shipped"], atol=1.5 * sd)


def test_no_cell_is_in_both_corpora():
    one, two = (set(names) for names in minis.CORPORA.values())
    for name in one:
        assert not overlapping(name) & two
        assert name not in two


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    import shutil

    name = next(iter(minis.RECIPES))
    shutil.copytree(checkpoints.FOLDER / name, tmp_path / name)
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    assert checkpoints.folder(name) == tmp_path / name
    with (tmp_path / name / "config.json").open("a") as file:
        file.write(" ")
    with pytest.raises(DataError, match=r"config\.json"):
        checkpoints.folder(name)
    with pytest.raises(DataError, match="no model"):
        checkpoints.card("scgpt-mini-mouse")


def test_agreement_is_told_by_the_intervals(tmp_path):
    name = next(iter(minis.RECIPES))
    table = checkpoints.held_out(name)
    table.to_parquet(tmp_path / "held_out.parquet")
    agree, line = minis.agreement(name, tmp_path)
    assert agree
    assert name in line
    worse = table.assign(value=table["value"] * 2, ci_low=table["ci_low"] * 2, ci_high=table["ci_high"] * 2)
    worse.to_parquet(tmp_path / "held_out.parquet")
    assert not minis.agreement(name, tmp_path)[0]


@pytest.fixture(scope="module")
def cells():
    """Real cells, few, with the genes that a preparation keeps."""
    from zslib.datasets.prepare import prepare

    return prepare(datasets.load("pbmc3k"), n_cells=200, n_comps=5)


@pytest.mark.parametrize(
    "name",
    [
        *minis.RECIPES,
        "geneformer-mini-kang-permuted",
        "scgpt-mini-kang-permuted",
        "scgpt-mini-pbmc-baron-permuted",
        *(f"{name}-untrained" for name in minis.RECIPES),
    ],
)
def test_methods_embed(name, cells):
    module = methods.get(name)
    found, said = module.embed(cells.copy(), seed=0)
    assert found.shape == (cells.n_obs, 64)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(module.embed(cells.copy()[::-1].copy(), seed=0)[0][::-1], found, atol=1e-4)
    assert 0 <= said["frozen"]["genes_without_a_token"] < 0.8 * cells.n_vars
    assert "mini" in module.CARD.title
    assert module.CARD.family == "small"
    if not name.endswith("-untrained"):
        assert module.CARD.weights_sha256 == checkpoints.weights_sha256(name.removesuffix("-permuted"))


@pytest.mark.parametrize("name", minis.RECIPES)
def test_a_twin_has_the_size_and_the_tokens_of_its_model_and_other_weights(name, cells):
    twin = methods.card(name).control
    counts = in_memory(cells)
    model, untrained, other = (
        methods.get(who).build(counts, seed=seed) for who, seed in ((name, 1), (twin, 1), (twin, 2))
    )
    networks = [dict(each.network.named_parameters()) for each in (model, untrained, other)]
    shapes = [{key: weight.shape for key, weight in each.items()} for each in networks]
    assert shapes[0] == shapes[1] == shapes[2]
    assert sum(shape.numel() for shape in shapes[1].values()) == checkpoints.card(name)["parameters"]
    read = [each.tokenize(counts.read(0, 30)).padded(np.arange(30)) for each in (model, untrained)]
    for mine, theirs in zip(*read, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for a, b in itertools.combinations(networks, 2):
        assert all(not a[key].equal(b[key]) for key in a if "norm" not in key and not key.endswith("bias"))
    assert len({each.digest for each in (model, untrained, other)}) == 3


@pytest.mark.parametrize("name", minis.RECIPES)
def test_the_seed_moves_a_twin(name, cells):
    twin = methods.get(methods.card(name).control)
    one, again, other = (twin.embed(cells.copy(), seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.01


def test_a_scgpt_mini_reads_variable_genes_as_all_scgpts_do_or_all_where_asked(cells):
    read = {}
    for recipe in ("paper", "authors"):
        _, said = methods.get("scgpt-mini-kang").embed(cells.copy(), seed=0, recipe=recipe)
        read[recipe] = said["frozen"]["genes_read"]
    assert read["paper"] == 1200 < read["authors"]


def test_a_file_is_embedded_as_the_grid_would(cells, tmp_path):
    path, name = tmp_path / "cells.h5ad", "geneformer-mini-kang"
    cells.write_h5ad(path)
    done = CliRunner().invoke(app, ["embed", str(path), "-m", name, "--device", "cpu"])
    assert done.exit_code == 0, done.output
    found = np.load(tmp_path / f"cells.{name}.npy")
    np.testing.assert_array_equal(found, methods.get(name).embed(cells.copy(), seed=0)[0])


def test_permuted_genes_are_read_as_others(cells):
    for name in ("geneformer-mini-kang", "scgpt-mini-kang", "scgpt-mini-pbmc-baron"):
        plain, shuffled = (
            methods.get(f"{name}{end}").embed(cells.copy(), seed=0)[0] for end in ("", "-permuted")
        )
        assert np.abs(plain - shuffled).max() > 0.01


def test_genes_of_another_species_are_not_applicable(cells):
    mouse = cells.copy()
    mouse.var["symbol"] = mouse.var["symbol"].str.capitalize()
    with pytest.raises(NotApplicable, match="human symbols"):
        methods.get("geneformer-mini-kang").embed(mouse)


def test_models_are_never_counted_for_the_published_ones():
    from zslib.results.report import foundation_models

    assert checkpoints.names() == sorted(minis.RECIPES)
    assert not set(minis.RECIPES) & {name for names in foundation_models().values() for name in names}


def test_listing_methods_loads_no_torch():
    code = "import sys; from zslib import methods; methods.names(); print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
