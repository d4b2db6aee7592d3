"""``zslib report``: from a file to a book about it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from toy_cells import read
from typer.testing import CliRunner

from zslib import datasets, methods
from zslib.cli import app
from zslib.core import store
from zslib.core.errors import DataError
from zslib.datasets import own as own_files
from zslib.methods import own as own_embeddings
from zslib.results.report import met
from zslib.tables import method_card
from zslib.workflow import report

PAGE = (store.ROOT / "book" / "your-own.md").read_text()
(MODEL,) = [code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "CARD" in code]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Cells of nobody's: Ensembl-free names, a title in uns, an embedding in obsm."""
    adata = read(None)
    adata.uns["title"] = "Cells of nobody"
    adata.obs["organism"] = "Homo sapiens"
    adata.obs["tissue"] = ["blood", "spleen"] * (adata.n_obs // 2)
    adata.obsm["X_mine"] = np.random.default_rng(0).standard_normal((adata.n_obs, 4))
    path = tmp_path_factory.mktemp("mine") / "My cells.v1.h5ad"
    adata.write_h5ad(path)
    return path


def zslib(*arguments):
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


def test_a_file_says_of_itself_what_a_card_would(file):
    about = own_files.describe(file, label="type", batch="donor")
    assert (about["name"], about["title"], about["tissue"]) == (
        "my-cells",
        "Cells of nobody",
        "blood, spleen",
    )
    said = own_files.describe(file, label="type", title="Ours", organism="Mus musculus")
    assert (said["title"], said["organism"]) == ("Ours", "Mus musculus")


def test_what_nobody_says_is_not_stated(file, tmp_path):
    made = report.plan(file, label="type", out=tmp_path, chosen=["hvg"])
    card = datasets.card(made.datasets["my-cells"])
    assert card.license == card.protocol == "not stated"
    assert card.batch is None
    assert datasets.load(made.datasets["my-cells"]).n_obs == 240


def test_checkpoints_that_are_here_join_a_report_beside_what_is_added_and_not_what_was_chosen(
    file, tmp_path, monkeypatch
):
    monkeypatch.setattr(report.grid.weights, "available", lambda name: name == "scgpt-human")
    made = report.plan(file, label="type", out=tmp_path, embeddings=["X_mine"], added=["geneformer-random"])
    assert {"hvg", "scvi", "scgpt-human", "geneformer-random", "mine"} <= set(made.methods)
    made = report.plan(file, label="type", out=tmp_path, chosen=["hvg"], embeddings=["X_mine"])
    assert list(made.methods) == ["hvg", "mine"]


def test_the_baseline_is_one_of_the_methods_and_hvg_unless_said(file, tmp_path):
    usual = report.plan(file, label="type", out=tmp_path)
    assert usual.baseline == "hvg"
    assert report.plan(file, out=tmp_path, chosen=["random", "scvi"]).baseline == "scvi"
    said = report.plan(file, out=tmp_path, chosen=["hvg"], embeddings=["X_mine"], baseline="X_mine")
    assert said.baseline == "mine"
    with pytest.raises(DataError, match="the baseline 'scvi' is none of the methods that are run: hvg"):
        report.plan(file, out=tmp_path, chosen=["hvg"], baseline="scvi")


@pytest.mark.parametrize(("n_cells", "threads"), [(None, 1), (0, 3), (100, 1), (240, 3), (999, 3)])
def test_of_very_many_cells_one_run_after_the_other_has_all_cores(
    file, tmp_path, monkeypatch, n_cells, threads
):
    monkeypatch.setattr(report, "EXACT_UP_TO", 200)
    assert report.plan(file, out=tmp_path, n_cells=n_cells, cores=3).threads == threads


def test_without_labels_no_control_is_run_that_judges_scores_of_them(file, tmp_path):
    made = report.plan(file, out=tmp_path)
    assert {"hvg", "scvi", "random"} <= set(made.methods)
    assert not {"labels", "shuffled-labels", "split-half-a", "unintegrated"} & set(made.methods)


def test_nothing_old_is_shown_of_a_file_that_has_changed(file, tmp_path):
    mine, out = tmp_path / "mine.h5ad", tmp_path / "out"
    shutil.copy(file, mine)
    made, shown = report.plan(mine, out=out), [out / "_build" / "html" / "index.html", out / "scores.csv"]
    for path in shown:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    described = out / "described" / "mine.yaml"
    since = described.stat().st_mtime_ns
    report.plan(mine, out=out, chosen=["hvg"])
    assert all(path.exists() for path in shown)
    assert described.stat().st_mtime_ns == since
    os.utime(mine, (1, 1))
    with pytest.raises(DataError, match="was changed while this ran; give the same command again"):
        report.render(made, out)
    report.plan(mine, out=out)
    assert not any(path.exists() for path in shown)
    assert described.stat().st_mtime_ns > since  # so that the cells, which are older, are prepared again


def test_a_folder_with_other_files_is_not_written_to(file, tmp_path):
    (tmp_path / "pages").mkdir()
    with pytest.raises(DataError, match="give --out a new folder"):
        report.plan(file, out=tmp_path)


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".tsv", ".parquet"])
def test_an_embedding_is_found_by_the_names_of_cells(file, tmp_path, suffix, toy):
    rng, path = np.random.default_rng(1), tmp_path / f"model a{suffix}"
    names, rows = [f"cell{i}" for i in range(240)], rng.standard_normal((240, 3)).astype(np.float32)
    order = np.arange(240) if suffix == ".npy" else rng.permutation(240)
    table = pd.DataFrame(rows[order], index=np.array(names)[order], columns=["a", "b", "c"])
    if suffix == ".npy":
        np.save(path, rows)
    elif suffix == ".parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, sep="," if suffix == ".csv" else "\t")
    made = report.plan(file, label="type", out=tmp_path / "out", chosen=["hvg"], embeddings=[str(path)])
    assert list(made.methods) == ["hvg", "model-a"]
    card = methods.card(made.methods["model-a"])
    assert card.family == "own"
    assert card.competes
    assert met(made.methods["model-a"], "toy") == "not known"
    assert 'Told the cell types</th><td class="text">not known' in method_card(made.methods["model-a"]).data
    found = methods.get(made.methods["model-a"]).embed(toy)
    np.testing.assert_allclose(found, rows[[names.index(name) for name in toy.obs_names]], rtol=1e-6)


def test_one_of_a_name_that_is_taken_gets_another(file, tmp_path):
    np.save(tmp_path / "hvg.npy", np.ones((240, 3)))
    made = report.plan(
        file, label="type", out=tmp_path / "out", chosen=["hvg"], embeddings=[str(tmp_path / "hvg.npy")]
    )
    assert list(made.methods) == ["hvg", "hvg-own"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: np.save(p / "e.npy", np.ones((239, 3))) or p / "e.npy", "has shape (239, 3)"),
        (lambda p: np.save(p / "e.npy", np.ones(240)) or p / "e.npy", "has shape (240,)"),
        (
            lambda p: pd.DataFrame({"a": [1.0]}).to_parquet(p / "e.parquet") or p / "e.parquet",
            "no names of cells",
        ),
        (
            lambda p: (p / "e.csv").write_text(",a\nx,1\nx,2\n") and p / "e.csv",
            "several rows for the cell 'x'",
        ),
        (lambda p: (p / "e.csv").write_text(",a,b\nx,1,q\n") and p / "e.csv", "text in the column 'b'"),
        (lambda p: (p / "e.csv").write_text(",a\nx,1\n") and p / "e.csv", "no row for"),
    ],
)
def test_vectors_that_cannot_be_of_these_cells_are_refused(file, tmp_path, toy, make, said):
    about = own_embeddings.describe(str(make(tmp_path)), file)
    described = own_files.write(tmp_path / "e.yaml", about)
    with pytest.raises(DataError) as error:
        own_embeddings.member(tmp_path / "e.yaml").embed(toy)
    assert said in str(error.value), described


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.h5ad", "--label", "type"], "no.h5ad."),
        (
            ["{file}", "--label", "kind"],
            "no obs column 'kind' for --label. It has: type, donor, organism, tissue.",
        ),
        (["{file}", "--label", "type", "--batch", "plate"], "no obs column 'plate' for --batch"),
        (
            ["{file}", "--label", "type", "--embedding", "X_other"],
            "no obsm['X_other'] for --embedding. It has: X_mine.",
        ),
        (["{file}", "--label", "type", "--embedding", "gone.npy"], "There is no file gone.npy"),
        (["{file}", "--label", "type", "--methods", "hgv"], "There is no method 'hgv'. Near it: hvg"),
        (
            ["{file}", "--label", "type", "--method", "geneformer"],
            "There is no method 'geneformer'. Near it: archive-geneformer, geneformer-v1-10m",
        ),
    ],
)
def test_what_is_wrong_is_one_line(file, tmp_path, arguments, said):
    done = zslib(*(a.format(file=file) for a in arguments), "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
    assert said in done.stderr


def test_without_labels_a_report_says_what_needs_none_and_ranks_nobody(file, tmp_path):
    out = tmp_path / "report"
    done = zslib(file, "--batch", "donor", "--out", out, "--device", "cpu", "--methods", "hvg-pca,labels")
    assert done.exit_code == 0, done.output
    assert "labels" in done.stdout
    assert "not applicable" in done.stdout
    front = (out / "_build" / "html" / "my-cells.html").read_text()
    assert "What cannot be concluded" in front
    assert "★" not in front
    assert (out / "_build" / "html" / "my-cells" / "cells.html").is_file()
    scores = pd.read_csv(out / "scores.csv")
    assert {"ilisi", "effective_rank"} <= set(scores["metric"])
    assert not {"avg_bio", "asw_label", "novelty_auroc"} & set(scores["metric"])


def whole(file, out):
    """How a report of four methods is asked for: one is the model that the page about one's own shows."""
    asked = [
        file,
        "--label",
        "type",
        "--batch",
        "donor",
        "--out",
        out,
        "--device",
        "cpu",
        "--baseline",
        "hvg-pca",
    ]
    return [
        *asked,
        "--methods",
        "hvg-pca,random",
        "--embedding",
        "X_mine",
        "--method",
        file.with_name("my_svd.py"),
    ]


@pytest.fixture(scope="module")
def undisturbed(file, tmp_path_factory):
    """The folder of such a report, and what was said."""
    out = tmp_path_factory.mktemp("undisturbed") / "report"
    file.with_name("my_svd.py").write_text(MODEL)
    done = zslib(*whole(file, out))
    assert done.exit_code == 0, done.output
    return out, done.stdout


@pytest.mark.slow
def test_a_report_holds_its_pages_and_scores(undisturbed):
    out, said = undisturbed
    assert str(out / "_build" / "html" / "index.html") in said.splitlines()[-1]
    html = out / "_build" / "html"
    front = (html / "my-cells.html").read_text()
    assert "Cells of nobody" in front
    assert "Small models of this book" not in front
    assert 'data-src="my-cells/cells.html' in front
    assert (html / "my-cells" / "cells.html").is_file()
    assert "Paired differences from HVG → PCA" in front
    assert "What fools it" in (html / "scores.html").read_text()
    assert 'href="../scores.html"' in (html / "my-cells" / "mine.html").read_text()
    for page in html.rglob("*.html"):
        for link in re.findall(r'href="([^":#]+\.(?:html|ipynb))"', page.read_text()):
            assert "_sources" in link or (page.parent / link).exists(), (page, link)
    scores = pd.read_csv(out / "scores.csv")
    assert set(scores["method"]) == {"hvg-pca", "random", "mine", "my-svd"}
    assert {"value", "ci_low", "ci_high", "space", "metric"} <= set(scores)
    assert (out / "results" / ".snakemake").is_dir()
    assert len(MODEL.splitlines()) <= 15
    value = scores.query("space == 'native' and metric == 'asw_label'").set_index("method")["value"]
    assert max(value["random"], value["mine"]) < value["my-svd"]
    assert "My SVD" in front


def finished(out) -> dict:
    """What vouches for the embeddings and the scores that are there, and since when."""
    found = [*out.glob("results/*/*/*/run.json"), *out.glob("results/*/*/*/scored.json")]
    return {path: path.stat().st_mtime_ns for path in found}


def pages(out) -> list:
    html = out / "_build" / "html"
    return sorted(str(path.relative_to(html)) for path in html.rglob("*") if path.suffix in (".html", ".png"))


@pytest.mark.slow
def test_a_report_that_is_killed_ends_as_an_undisturbed_one_and_computes_nothing_twice(
    file, undisturbed, tmp_path
):
    out = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", "zslib", "report", *map(str, whole(file, out))],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not finished(out):
        assert process.poll() is None
        time.sleep(0.05)
    # Only the process that a terminal knows of: its children must notice by themselves.
    process.send_signal(signal.SIGKILL)
    process.wait()
    until = time.monotonic() + 300
    while str(out) in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout:
        assert time.monotonic() < until, "steps outlived the run that started them"
        time.sleep(0.2)
    done = finished(out)
    assert len(done) < len(finished(undisturbed[0]))
    assert zslib(*whole(file, out)).exit_code == 0
    assert done.items() <= finished(out).items()
    one, other = (pd.read_csv(folder / "scores.csv") for folder in (out, undisturbed[0]))
    pd.testing.assert_frame_equal(one, other)
    assert pages(out) == pages(undisturbed[0])
