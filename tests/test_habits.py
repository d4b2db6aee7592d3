"""The habits of this repository: what CONTRIBUTING.md promises, checked without starting a kernel."""

import ast
import re
import subprocess
import textwrap
import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from anndata import AnnData
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from scipy import sparse

import zslib
from zslib import methods, metrics
from zslib.datasets import DatasetCard
from zslib.methods import MethodCard
from zslib.workflow import pages

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(ROOT.glob("notebooks/*.ipynb"))
CHAPTERS = sorted(ROOT.glob("book/chapters/*.md"))
LONGEST_CELL = 12

# Split, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")
LOCAL_PATH = re.compile(r"(?<![\w.~/)}])(?:/(?:home|Users|root|work|mnt)/\w|[A-Z]:\\Users)")


def by_name(path):
    return str(path.relative_to(ROOT))


def tracked():
    """Every text file that git holds, or would hold."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    for name in filter(None, found.split("\0")):
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def sources(page, kind):
    return [cell.source for cell in page.cells if cell.cell_type == kind]


def without_code(markdown):
    return re.sub(r"^(`{3,}).*?^\1", "", markdown, flags=re.DOTALL | re.MULTILINE)


def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


# One list of dependencies


def test_environment_is_a_thin_door():
    content = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, last = content["dependencies"]
    assert set(content) == {"name", "channels", "dependencies"}
    assert content["channels"] == ["conda-forge"]
    assert [re.split("[=<>]", item)[0] for item in conda] == ["python", "pip"]
    first, second = last.pop("pip")
    assert not last
    assert first == "-c constraints.txt"
    assert re.fullmatch(r"-e \.\[[a-z,]+\]", second)


def requirements():
    project = pyproject()["project"]
    listed = [
        *project["dependencies"],
        *(r for extra in project["optional-dependencies"].values() for r in extra),
    ]
    found = [Requirement(text) for text in listed]
    return [r for r in found if r.name not in (project["name"], "pip")]  # pip comes before any constraint


def pins():
    lines = (line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines())
    return {canonicalize_name(name): version for name, version in (li.split("==") for li in lines if li)}


@pytest.mark.parametrize("requirement", requirements(), ids=lambda r: r.name)
def test_every_requirement_is_pinned_to_a_version_it_allows(requirement):
    pinned = pins()
    assert canonicalize_name(requirement.name) in pinned
    assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])


# Notebooks and chapters


@pytest.mark.parametrize("path", TEMPLATES, ids=by_name)
def test_notebook_is_stripped(path):
    page = pages.read(path)
    assert set(page.metadata) <= {"kernelspec", "language_info"}
    for cell in page.cells:
        assert set(cell.metadata) <= {"tags", "mystnb"}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("path", TEMPLATES + CHAPTERS, ids=by_name)
def test_page_starts_with_its_only_title(path):
    page = pages.read(path)
    assert page.cells[0].cell_type == "markdown"
    titles = re.findall(r"^# .+", "\n".join(map(without_code, sources(page, "markdown"))), re.MULTILINE)
    assert len(titles) == 1
    assert page.cells[0].source.startswith(titles[0])


@pytest.mark.parametrize("path", TEMPLATES + CHAPTERS, ids=by_name)
def test_page_has_one_cell_of_typed_and_commented_parameters(path):
    page = pages.read(path)
    tagged = [c for c in page.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert tagged[0] is next(c for c in page.cells if c.cell_type == "code")
    lines = tagged[0].source.splitlines()
    for line, statement in zip(lines, ast.parse(tagged[0].source).body, strict=True):
        assert isinstance(statement, ast.AnnAssign), line
        ast.literal_eval(statement.value)
        assert re.search(r"  # \w.+", line), f"what is it? {line}"


@pytest.mark.parametrize("path", TEMPLATES + CHAPTERS, ids=by_name)
def test_code_cells_are_short(path):
    for source in sources(pages.read(path), "code"):
        assert len(source.splitlines()) <= LONGEST_CELL, source


@pytest.mark.parametrize("path", CHAPTERS, ids=by_name)
def test_chapter_says_what_one_learns_and_ends_with_exercises(path):
    text = "\n".join(sources(pages.read(path), "markdown"))
    assert "**What you will learn**" in text
    assert "## Exercises" in text


def test_every_metric_has_its_card_where_scores_are_explained():
    text = (ROOT / "book/chapters/how-to-read-these-scores.md").read_text()
    assert re.findall(r'tables\.metric_card\("(\w+)"\)', text) == list(metrics.CARDS)


# Words


def test_no_unfinished_work_and_no_path_of_one_machine():
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in tracked()
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line) or LOCAL_PATH.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "book/rerun.md"])
def test_links_lead_somewhere(name):
    text = without_code((ROOT / name).read_text())
    targets = [t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in t]
    for target in filter(None, targets):
        path = ROOT / Path(name).parent / target
        made_from = path.with_suffix(".md") if path.suffix == ".ipynb" else path
        assert made_from.exists(), f"{name} links to {target}"


def test_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation.get("version", zslib.__version__) == zslib.__version__
    assert citation["license"] == pyproject()["project"]["license"]
    assert "10.1186/s13059-025-03574-x" in {entry.get("doi") for entry in citation["references"]}


def test_changelog_knows_this_version():
    assert f"## [{zslib.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


# The examples of CONTRIBUTING.md


def example(marker):
    """The code block of CONTRIBUTING.md in which the marker stands."""
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL | re.MULTILINE
    )
    (block,) = [b for b in blocks if marker in b]
    return textwrap.dedent(block)


def cells():
    rng = np.random.default_rng(0)
    adata = AnnData(sparse.csr_matrix(rng.poisson(1.0, (40, 30)).astype(np.float32)))
    adata.obs_names = [f"cell{i}" for i in range(adata.n_obs)]
    adata.obs["batch"] = np.tile(["a", "b"], 20)
    return adata


def test_example_of_a_dataset():
    found = {"__file__": "my_cells.py"}
    exec(example("# my_cells.py"), found)
    assert isinstance(found["CARD"], DatasetCard)
    assert callable(found["read"])


def test_example_of_a_method():
    found = {}
    exec(example("# my_method.py"), found)
    assert isinstance(found["CARD"], MethodCard)
    embedding = found["embed"](cells(), batch_key="batch", seed=1)
    assert np.asarray(embedding).shape == (40, 10)


def test_example_of_an_embedding_that_exists(tmp_path):
    adata = cells()
    stored = adata.to_df().iloc[::-1, :5]  # in another order than the cells
    stored.to_csv(tmp_path / "my_embedding.csv")
    found = {"__file__": str(tmp_path / "my_embedding.py")}
    exec(example("# my_embedding.py"), found)
    assert isinstance(found["CARD"], MethodCard)
    np.testing.assert_allclose(found["embed"](adata), adata.X[:, :5].toarray())


def test_example_of_a_metric(tmp_path):
    (tmp_path / "my_metric.py").write_text(example("# my_metric.py"))
    label = np.arange(40) % 2
    X = np.random.default_rng(0).standard_normal((40, 3)) + 50 * label[:, None]
    try:
        found = metrics.score(X, label, only=["knn_purity", str(tmp_path / "my_metric.py")], n_boot=5)
        assert list(metrics.CARDS).index("pure_neighborhoods") < list(metrics.CARDS).index("avg_batch")
        assert metrics.METRICS["pure_neighborhoods"](X, label) == 1
    finally:
        for entered in (metrics.METRICS, metrics.CARDS):
            entered.pop("pure_neighborhoods", None)
    assert set(found.table["metric"]) == {"knn_purity", "pure_neighborhoods"}
    np.testing.assert_allclose(found.table["value"], 1)
    assert found.table["ci_low"].isna().all()  # no resample moves them


def test_example_of_a_chapter(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (chapter,) = re.findall(r"^````markdown\n(.*?)^````", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "chapter.md").write_text(chapter)
    page = pages.read(tmp_path / "chapter.md")
    first = next(cell for cell in page.cells if cell.cell_type == "code")
    assert first.metadata["tags"] == ["parameters", "remove-cell"]


def test_the_numbers_in_the_readme_are_those_of_the_default_results():
    import pandas as pd

    results = ROOT / "results" / "scores.parquet"
    if not results.exists():
        pytest.skip("no default results; run `make book` first")
    scores = pd.read_parquet(results).query("metric == 'avg_bio' and space == 'native'")
    found = scores.set_index(["method", "dataset"])["value"]
    lines = [
        line.strip("| ").split(" | ") for line in (ROOT / "README.md").read_text().splitlines() if "|" in line
    ]
    head = next(line for line in lines if line[0] == "AvgBIO")
    rows = {line[0]: line[1:] for line in lines if line[0] in set(scores["method"])}
    # Every method that competes has a row; controls and small models have theirs in the book.
    assert set(rows) >= {m for m in set(scores["method"]) if methods.card(m).competes}
    for method, cells in rows.items():
        for dataset, cell in zip(head[1:], cells, strict=True):
            if (method, dataset) in found.index:
                within = 0.05 if method == "scvi" else 0.03  # as the README says
                assert float(cell) == pytest.approx(found[method, dataset], abs=within), (method, dataset)
            else:
                assert cell == "–"
