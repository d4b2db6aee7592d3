"""Training: what a killed run leaves, that it goes on to the same end, and the official layouts."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from zslib.core import store
from zslib.core.errors import DataError
from zslib.frozen.geneformer import files as geneformer_files
from zslib.frozen.geneformer import read_dictionaries
from zslib.frozen.pretrain.pretraining import pretrain
from zslib.frozen.pretrain.recipe import Recipe
from zslib.frozen.pretrain.training import CHECKPOINT, Schedule, rows_of, train
from zslib.frozen.scgpt import files as scgpt_files
from zslib.frozen.weights.readers import read_tensors

TOY = str(Path(__file__).parents[2] / "toy_cells.py")
SCHEDULE = Schedule(steps=24, batch_size=8, evaluate_every=4, learning_rate=3e-3)
SIZES = {"corpus": (TOY,), "layers": 2, "width": 16, "max_length": 24, "min_cells": 5, "max_genes": 300}
OPTIONS = ["--layers=2", "--width=16", "--max-length=24", "--min-cells=5", "--max-genes=300"]
OPTIONS += ["--steps=24", "--batch-size=8", "--evaluate-every=4", "--learning-rate=0.003", "--device=cpu"]


def recipe(architecture, **changes):
    return Recipe(architecture=architecture, schedule=replace(SCHEDULE, **changes), **SIZES)


@pytest.fixture(scope="module", params=["geneformer", "scgpt"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    return folder, pretrain(recipe(request.param), folder)


def assert_same(folder, card, undisturbed):
    """Curve and weights are those of the undisturbed run, bit for bit."""
    assert not (folder / CHECKPOINT).exists()
    curves = (pd.read_parquet(each / "curve.parquet") for each in (folder, undisturbed))
    pd.testing.assert_frame_equal(*curves, check_exact=True)
    remade = json.loads((folder / "card.json").read_text())
    assert remade["files"] == card["files"]
    assert remade["loss"] == card["loss"]


def test_killed_and_gone_on_it_ends_the_same(made, tmp_path):
    """SIGKILL after some checkpoints, then the same command again."""
    undisturbed, card = made
    if card["architecture"] == "scgpt":
        pytest.skip("the loop is the same for both; that scgpt goes on to the same end is tested below")
    command = [
        sys.executable,
        "-m",
        "zslib",
        "pretrain",
        "geneformer",
        "--corpus",
        TOY,
        "--out",
        str(tmp_path),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    with subprocess.Popen(
        [*command, *OPTIONS], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        looks = 0
        for line in process.stderr:
            looks += line.startswith("step")
            if looks == 2:
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    assert (tmp_path / CHECKPOINT).exists()
    assert not (tmp_path / "card.json").exists()
    again = subprocess.run([*command, *OPTIONS], capture_output=True, text=True, env=environment, check=True)
    steps = [line.split()[1] for line in again.stderr.splitlines() if line.startswith("step")]
    assert steps[0] in ("12/24", "16/24")  # not from the beginning
    assert_same(tmp_path, card, undisturbed)


def test_interrupted_anywhere_it_ends_the_same(made, tmp_path):
    """Stopped after every single checkpoint."""
    undisturbed, card = made

    def stop(line):
        raise KeyboardInterrupt

    for _ in range(6):
        with pytest.raises(KeyboardInterrupt):
            pretrain(recipe(card["architecture"]), tmp_path, say=stop)
    pretrain(recipe(card["architecture"]), tmp_path)
    assert_same(tmp_path, card, undisturbed)


def test_the_same_seed_gives_the_same_and_another_does_not(made, tmp_path):
    _, card = made
    same = pretrain(recipe(card["architecture"]), tmp_path / "same")
    other = pretrain(recipe(card["architecture"], seed=1), tmp_path / "other")
    assert same["files"] == card["files"]
    assert other["loss"] != card["loss"]


def test_made_already_is_not_made_again_nor_overwritten(made):
    folder, card = made
    began = time.perf_counter()
    assert pretrain(recipe(card["architecture"]), folder) == card
    assert time.perf_counter() - began < 5
    with pytest.raises(DataError, match="another recipe"):
        pretrain(recipe(card["architecture"], seed=5), folder)


def test_training_lowers_the_loss(made):
    folder, card = made
    table = (
        pd.read_parquet(folder / "held_out.parquet").query("who == 'untrained' and measure == 'loss'").iloc[0]
    )
    assert table.gain_low > 0
    assert table.gain == pytest.approx(table.value - card["loss"])


def test_layout_is_the_official_one(made):
    folder, card = made
    for name, expected in card["files"].items():
        assert store.sha256(folder / name) == expected["sha256"]
    if card["architecture"] == "scgpt":
        model, found = scgpt_files.load(folder), read_tensors(folder / "best_model.pt")
        assert {n: tuple(t.shape) for n, t in found.items()} == scgpt_files.expected_tensors(model.config)
        assert list(scgpt_files.read_vocab(folder))[-3:] == ["<pad>", "<cls>", "<eoc>"]
        assert len(found) == 2 * 12 + 19
    else:
        model, found = geneformer_files.load(folder), read_tensors(folder / "model.safetensors")
        assert {n: tuple(t.shape) for n, t in found.items()} == geneformer_files.expected_tensors(
            model.config
        )
        read = read_dictionaries(folder)
        assert read.version == 1
        assert set(read.tokens) - {"<pad>", "<mask>"} == set(read.medians)
        ids = read.map(pd.DataFrame(index=list(read.medians)))
        assert ids.tolist() == list(read.medians)
    assert sum(p.numel() for p in model.parameters()) == card["parameters"]


def test_weights_are_the_best_and_not_the_last(made):
    folder, card = made
    curve = pd.read_parquet(folder / "curve.parquet")
    assert card["best_step"] == curve["step"][curve["held_out"].idxmin()]
    assert curve["step"].tolist() == list(range(4, 25, 4))


class Falling:
    """An objective whose held-out loss rises from the third look on, and whose training loss can break."""

    def __init__(self, breaks=False):
        self.corpus = type("Cells", (), {"train": np.arange(9), "test": np.arange(3)})
        self.looks, self.breaks = 0, breaks

    def batch(self, rows, rng):
        return (torch.from_numpy(rng.standard_normal(len(rows))).float(),)

    def loss(self, model, batch, step):
        return model.weight.sum() * (torch.nan if self.breaks else 1)

    def measure(self, model, batch):
        self.looks += 1
        return {"loss": np.full(len(batch[0]), abs(self.looks - 2.0))}

    def cell_of(self, batch):
        return np.arange(len(batch[0]))


def test_stops_when_nothing_is_gained():
    objective = Falling()
    schedule = Schedule(steps=100, evaluate_every=2, patience=3)
    found = train(torch.nn.Linear(1, 1), objective, schedule)
    assert found.best_step == 4
    assert found.curve["step"].tolist() == [2, 4, 6, 8, 10]


def test_a_loss_that_is_no_number_is_an_error():
    with pytest.raises(DataError, match="learning rate"):
        train(torch.nn.Linear(1, 1), Falling(breaks=True), Schedule(steps=4, evaluate_every=2))


def test_checkpoint_of_another_training_is_refused(tmp_path):
    schedule = Schedule(steps=4, evaluate_every=2)
    train(torch.nn.Linear(1, 1), Falling(), schedule, folder=tmp_path, identity={"corpus": "a"})
    with pytest.raises(DataError, match="another training"):
        train(torch.nn.Linear(1, 1), Falling(), schedule, folder=tmp_path, identity={"corpus": "b"})


def test_global_chance_is_left_alone():
    model = torch.nn.Linear(1, 1)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    train(model, Falling(), Schedule(steps=4, evaluate_every=2))
    torch.testing.assert_close(torch.rand(2), expected)


def test_every_cell_once_an_epoch_in_a_new_order():
    cells = np.arange(100, 117)
    rows = np.concatenate([rows_of(step, cells, 5, seed=0) for step in range(17)])  # five times through
    epochs = rows.reshape(5, 17)
    for epoch in epochs:
        assert sorted(epoch) == cells.tolist()
    assert len({tuple(epoch) for epoch in epochs}) == 5


def test_rate_warms_up_and_falls_to_nothing():
    schedule = Schedule(steps=100, warm_up=0.1, learning_rate=1.0)
    rates = np.array([schedule.rate(step) for step in range(100)])
    np.testing.assert_allclose(rates[:10], np.arange(1, 11) / 10)
    assert (np.diff(rates[10:]) < 0).all()
    assert rates[10] == 1
    assert rates[-1] < 1e-3


@pytest.mark.parametrize(
    "changes", [{"steps": 0}, {"learning_rate": 0}, {"warm_up": 1}, {"clip": 0}, {"patience": 0}]
)
def test_schedules_that_are_refused(changes):
    with pytest.raises(DataError):
        Schedule(**changes)


@pytest.mark.parametrize(
    "changes", [{"architecture": "bert"}, {"heads": 3}, {"max_length": 2}, {"dropout": 1}]
)
def test_recipes_that_are_refused(changes):
    with pytest.raises(DataError):
        Recipe(**({"architecture": "scgpt", "corpus": ("kang",)} | changes))


def test_settings_and_command_say_the_whole_recipe():
    given = recipe("geneformer", seed=7)
    assert given.settings["corpus"] == [TOY]
    assert given.settings["schedule"]["seed"] == 7
    assert (
        given.command
        == f"zslib pretrain geneformer --corpus {TOY} --layers 2 --width 16 --max-length 24 "
        + (
            "--min-cells 5 --max-genes 300 --steps 24 --batch-size 8 --learning-rate 0.003 --evaluate-every 4 --seed 7"
        )
    )
