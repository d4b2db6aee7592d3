"""What a changed line, table or checkpoint makes a grid do again, in a copy of the project."""

import json
import os
import shutil
import subprocess

import pytest
import yaml
from tiny_grid import command

from zslib.core import store

DATASET = """
import json
from pathlib import Path

import anndata as ad

from zslib.datasets import DatasetCard

CARD = DatasetCard(
    name="mine", title="Mine", summary="s", organism="Homo sapiens", tissue="none", protocol="simulated", source="s",
    citation=("c",), doi=("none",), license="CC0", label="type", label_meaning="l", batch="donor", batch_meaning="b",
)


def read(files):
    return ad.read_h5ad(Path(__file__).with_name("mine.h5ad"))
"""
MINI = "scgpt-mini-kang"
CHECKPOINT = f"zslib/frozen/pretrain/checkpoints/{MINI}"


class Project:
    """A copy of the project, and its grid."""

    def __init__(self, folder, cells):
        self.folder, self.results = folder / "project", folder / "results"
        for name in ("zslib", "notebooks", "book"):
            shutil.copytree(store.ROOT / name, self.folder / name)  # with what is compiled
        for name in ("_config.yml", "_toc.yml"):
            shutil.copy(store.ROOT / name, self.folder / name)
        (folder / "mine.py").write_text(DATASET)
        cells.write_h5ad(folder / "mine.h5ad")
        profile = yaml.safe_load((store.ROOT / "zslib/workflow/profiles/smoke.yaml").read_text())
        profile |= {
            "datasets": [str(folder / "mine.py")],
            "methods": ["random", MINI],
            "n_cells": 120,
            "n_boot": 5,
        }
        profile |= {"more_seeds": {}, "parameters": {MINI: {"max_length": 16}}, "composition": None}
        profile |= {
            "tuning": {"draws": 1, "steps": 2, "n_learn": 60, "n_test": 40, "n_genes": 100, "n_boot": 20}
        }
        profile |= {"altered": {"draws": 1}}
        self.profile = folder / "mine.yaml"
        self.profile.write_text(yaml.safe_dump(profile))

    def run(self) -> tuple[set[str], set[str]]:
        """Bring the grid up to date; the steps that ran, and the files of runs that are others than before."""
        before = self._files()
        done = subprocess.run(
            command(self.profile, self.results),
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        steps = {
            line.split("] ", 1)[1].split("  ")[0].strip() for line in done.stdout.splitlines() if "] " in line
        }
        return {step.split()[0] for step in steps}, {
            f for f, when in self._files().items() if before.get(f) != when
        }

    def _files(self) -> dict[str, int]:
        found = {
            f"{method}/{name}": self.results / "mine" / method / "0" / name
            for method in ("random", MINI)
            for name in ("embedding.npy", "scored.json")
        }
        found["expression"] = self.results / "mine" / "expression" / "about.json"
        return {name: path.stat().st_mtime_ns for name, path in found.items() if path.exists()}

    def replace(self, name: str, old: str, new: str) -> None:
        """Change words of a file of the project."""
        path = self.folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def append(self, name: str, text: str) -> None:
        """Add a line to a file of the project."""
        with (self.folder / name).open("a") as file:
            file.write(text)


@pytest.mark.notebook
@pytest.mark.slow
def test_what_changed_is_made_again_and_nothing_else(toy_path, tmp_path):
    from zslib import datasets

    toy = datasets.get(toy_path).read(None)
    vocabulary = json.loads((store.ROOT / CHECKPOINT / "vocab.json").read_text())
    toy.var_names = sorted(name for name in vocabulary if not name.startswith("<"))[: toy.n_vars]
    project = Project(tmp_path, toy)
    scores = {f"{m}/scored.json" for m in ("random", MINI)}
    every = {"random/embedding.npy", f"{MINI}/embedding.npy", *scores, "expression"}
    assert project.run()[1] == every

    # Sentences of studies and cards, and the ledger: the pages that say and read them are made again, and no score.
    project.append("zslib/studies/record/sentences.py", '\nSENTENCE = "More is known by now."\n')
    project.append("zslib/studies/expression/sentences.py", '\nSENTENCE = "More is predicted by now."\n')
    project.append("zslib/frozen/ledger.csv", "\n")
    project.replace("zslib/metrics/biology/asw.py", "fooled_by=", 'fooled_by="Once more. " + ')
    project.replace("../mine.py", 'summary="s"', 'summary="Cells."')
    project.replace("zslib/methods/checkpoint_cards.py", 'color="#D2602A"', 'color="#D2602B"')
    steps, files = project.run()
    assert {"run", "compare", "summary", "reconstruct"} <= steps
    assert "prepare" not in steps
    assert not files

    # A metric: scores are made again, embeddings are not. A replaced checkpoint: what reads it is embedded and asked again.
    project.append("zslib/metrics/silhouette.py", "\nEXTRA = 1\n")
    card = project.folder / CHECKPOINT / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"note": "another"}))
    steps, files = project.run()
    assert files == scores | {f"{MINI}/embedding.npy", "expression"}
    assert "tune" in steps

    # The user's own cells: all that follows from them.
    toy.X = toy.X * 2
    toy.write_h5ad(tmp_path / "mine.h5ad")
    steps, files = project.run()
    assert "prepare" in steps
    assert files == every
