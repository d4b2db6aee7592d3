"""The habits of this repository: what CONTRIBUTING.md promises, checked without starting a kernel."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import zslib
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


@pytest.mark.parametrize(
    "path", [path for path in CHAPTERS if path.stem != "metrics"], ids=by_name
)  # a reference
def test_chapter_says_what_one_learns_and_ends_with_exercises(path):
    text = "\n".join(sources(pages.read(path), "markdown"))
    assert "**What you will learn**" in text
    assert "## Exercises" in text


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


# Numbers


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
    assert rows
    for method, cells in rows.items():
        for dataset, cell in zip(head[1:], cells, strict=True):
            if (method, dataset) in found.index:
                within = 0.05 if method == "scvi" else 0.03  # as the README says
                assert float(cell) == pytest.approx(found[method, dataset], abs=within), (method, dataset)
            else:
                assert cell == "–"
