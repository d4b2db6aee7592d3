"""What a verb says of a mistake: one line to the error stream, no traceback, and status 2."""

import numpy as np
import pytest
from toy_cells import read
from typer.testing import CliRunner

from zslib.cli import app

NETWORK = ["-m", "geneformer-random"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A readable file, one with decimals, one that is no file of cells, and a dataset that reads the second."""
    folder = tmp_path_factory.mktemp("files")
    adata = read(None)[:40].copy()
    adata.write_h5ad(folder / "ok.h5ad")
    adata.X = adata.X * 0.5
    adata.write_h5ad(folder / "half.h5ad")
    (folder / "text.h5ad").write_text("no")
    (folder / "broken.py").write_text("CARD = \n")
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check text.h5ad", "text.h5ad is not a readable .h5ad file"),
        ("check gone.h5ad", "There is no file"),
        ("check gone.h5ad --json", "There is no file"),
        ("embed text.h5ad -m geneformer-random", "not a readable .h5ad file"),
        ("embed gone.h5ad -m geneformer-random", "There is no file"),
        ("embed half.h5ad -m geneformer-random", "in row 0, cell 'cell0', gene 'GENE5' is 0.5"),
        ("embed ok.h5ad -m geneformer-random --precision half", "precision is 'half'; it must be auto"),
        ("embed ok.h5ad -m geneformer-random --device gpu", "device is 'gpu'; it must be auto, cpu or cuda"),
        ("embed ok.h5ad -m scgpt-random --recipe mine", "recipe is 'mine'"),
        ("embed ok.h5ad -m best", "There is no method 'best'"),
        ("report gone.h5ad", "There is no file"),
        ("report text.h5ad", "not a readable .h5ad file"),
        ("report half.h5ad --label type", "gene 'GENE5' is 0.5"),
        ("report ok.h5ad --label kind", "no obs column 'kind' for --label"),
        ("run -d half.h5ad", "half.h5ad holds cells; --dataset takes a name"),
        ("run -d gone.py", "There is no file"),
        ("run -d broken.py", "broken.py, line 1: SyntaxError"),
        ("run --profile huge", "there are default, foundation"),
        ("book -m best", "harmony"),
        ("data show nothing", "There are: baron, census-immune, hao, immune-330k, kang"),
        ("data fetch nothing", "There is no dataset 'nothing'"),
        ("weights show nothing", "There are: scgpt-human"),
        ("weights fetch nothing", "There are no weights called 'nothing'"),
        ("weights verify nothing", "neither a path nor the name of weights"),
        ("weights path nothing", "There are no weights called"),
        ("weights use nothing .", "There are no weights called"),
        ("pretrain geneformer --corpus nothing --out x", "There is no dataset 'nothing'"),
        ("pretrain bert --corpus kang --out x", "There is no architecture 'bert'"),
        ("pretrain geneformer --out x", "A corpus needs a dataset"),
    ],
)
def test_a_mistake_is_one_line_to_the_error_stream_and_ends_with_status_2(
    folder, monkeypatch, arguments, said
):
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    done = CliRunner().invoke(app, arguments.split())
    assert done.exit_code == 2, done.output
    assert not done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert sorted(folder.iterdir()) == before or arguments.startswith(("embed", "pretrain"))
    assert not list(folder.glob("*.npy"))


def test_what_a_check_finds_is_its_output_and_ends_with_status_1(folder):
    done = CliRunner().invoke(app, ["check", str(folder / "half.h5ad"), "--label", "type"])
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith(f"refused: {folder / 'half.h5ad'} holds no raw counts")
    done = CliRunner().invoke(app, ["check", str(folder / "ok.h5ad"), "--label", "type", "--batch", "donor"])
    assert (done.exit_code, done.stderr) == (0, "")


def test_what_an_embedding_is_made_of_goes_to_the_error_stream_and_where_it_is_to_the_output(folder):
    asked = ["embed", str(folder / "ok.h5ad"), *NETWORK, "--max-length", "8", "--out", str(folder / "e.npy")]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{folder / 'e.npy'}: 40 cells × 256\n"
    assert "have a human symbol: other species?" in done.stderr
    assert np.load(folder / "e.npy").shape == (40, 256)
    (folder / "e.npy").unlink()
