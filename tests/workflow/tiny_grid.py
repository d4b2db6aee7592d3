"""A small grid, and the command that runs it, for the tests that run one."""

import subprocess
import sys

import pandas as pd
import yaml

BROKEN = """
from pathlib import Path
import numpy as np
from zslib.methods import MethodCard
CARD = MethodCard(name="broken", title="Broken", family="foundation", summary="s", recipe="r", caveat="c", citation="b")

def embed(adata, *, batch_key, seed, device):
    if not Path(__file__).with_suffix(".weights").exists():
        raise RuntimeError("no [weights](today.md)")
    return np.random.default_rng(seed).random((adata.n_obs, 5))
"""


def _other(name: str, line: str) -> str:
    text = BROKEN.replace("broken", name).replace("Broken", name.capitalize())
    return text.replace("if not Path", f"{line}\n    if not Path")


OWN = {
    "broken": BROKEN,
    "hollow": _other("hollow", "return np.zeros((adata.n_obs, 3))"),
    "killed": _other("killed", "import os; os.kill(os.getpid(), 9)"),
}


def write_profile(folder, toy_path, *, broken: bool = True):
    """Two quick methods on the toy cells and, if wanted, some that fail: see `OWN`."""
    for name, text in OWN.items():
        (folder / f"{name}.py").write_text(text)
    own = [str(folder / f"{name}.py") for name in OWN] if broken else []
    profile = {
        "datasets": [toy_path],
        "methods": ["random", "labels", *own],
        "seeds": [0],
        "n_cells": 120,
        "n_boot": 20,
        "altered": {"draws": 2},
        "reconstruct": {
            "n_train": 60,
            "epochs": 1,
            "n_cells": 20,
            "n_large": 2,
            "n_genes": 100,
            "draws": 1,
            "n_boot": 10,
        },
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(profile))
    return path


def command(profile, results, *more):
    return [
        sys.executable, "-m", "zslib", "run", "--profile", str(profile), "--results", str(results), "--device", "cpu", *more
    ]  # fmt: skip


def run_grid(profile, results, *more, status=0) -> str:
    """What a run says; its exit status is 1 where a method fails."""
    done = subprocess.run(command(profile, results, *more), capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def read_scores(results) -> pd.DataFrame:
    return pd.read_parquet(results / "scores.parquet").sort_values(
        ["method", "space", "metric"], ignore_index=True
    )
