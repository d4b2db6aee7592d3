"""What must change for a stage or a page to be made again."""

import pytest

from zslib import methods
from zslib.core import registry, store
from zslib.results import sources

RUN = store.ROOT / "notebooks" / "run.ipynb"


def code(*paths):
    return [str(path.relative_to(store.ROOT)) for path in sources.code(*paths)]


def data(*paths, **parts):
    return [str(path.relative_to(store.ROOT)) for path in sources.data(*paths, **parts)]


def method(name):
    return registry.source("zslib.methods", name), sources.EMBEDDING


@pytest.fixture
def digest():
    """The digest of files, of which none is remembered."""

    def fresh(*paths, **asked):
        for known in (sources.content, sources._tree, sources._read_by, sources._imports):
            known.cache_clear()
        return sources.digest(*paths, **asked)

    return fresh


def test_a_method_depends_on_its_own_file_and_what_it_builds_on():
    for name in ("harmony", "scvi"):
        assert {"zslib/methods/hvg.py", "zslib/results/embedding.py"} <= set(code(*method(name)))
    assert "zslib/methods/hvg_pca.py" in code(*method("harmony"))


def test_a_method_does_not_depend_on_other_methods_nor_on_metrics_pages_and_paths():
    for name in ("hvg", "random", "unintegrated"):
        found = code(*method(name))
        assert {f for f in found if f.startswith("zslib/methods/")} == {
            f"zslib/methods/{x}.py" for x in (name, "card", "__init__")
        }
        assert not [
            f
            for f in found
            if any(x in f for x in ("metrics", "plots", "tables", "report", "pages", "run.py"))
        ]


def test_scores_depend_on_metrics_and_on_no_method_figure_or_study():
    found = code(sources.SCORING)
    assert {
        "zslib/metrics/biology/asw.py",
        "zslib/metrics/discovery/novelty.py",
        "zslib/core/stats/resampling.py",
    } <= set(found)
    assert not [
        f for f in found if any(x in f for x in ("methods", "plots", "tables", "report", "studies", "frozen"))
    ]


def test_the_page_of_a_run_depends_on_figures_and_on_no_study():
    found = code(RUN)
    assert "zslib/plots/theme.py" in found
    assert not [f for f in found if f.startswith("zslib/studies/")]
    assert "zslib/__init__.py" not in found  # a new version number alone runs nothing again


def test_metrics_that_are_found_by_looking_count():
    found = set(code(store.ROOT / "zslib" / "metrics" / "__init__.py"))
    for family in ("biology", "batch", "geometry", "discovery"):
        for path in (store.ROOT / "zslib" / "metrics" / family).glob("*.py"):
            assert str(path.relative_to(store.ROOT)) in found


def test_a_checkpoint_depends_on_the_table_and_on_the_code_of_both_architectures():
    for name in ("scgpt-human", "geneformer-mini-kang-permuted"):
        assert registry.source("zslib.methods", name).name == "checkpoints.py"
        assert {f"zslib/frozen/{x}.py" for x in ("scgpt/network", "geneformer/encoder")} <= set(
            code(*method(name))
        )


def test_a_package_is_followed_through_its_init(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "---\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n```{code-cell}\nfrom zslib import metrics\n```\n"
    )
    assert store.ROOT / "zslib" / "metrics" / "batch" / "components.py" in sources.code(page)


def test_a_digest_follows_what_is_computed_and_not_what_is_said_of_it(tmp_path, digest):
    own = tmp_path / "mine.py"
    own.write_text("from zslib import metrics\n")
    first = digest(own)
    own.write_text('"""Says something."""\n\nfrom zslib import metrics  # as always\n')
    assert digest(own) == first
    own.write_text("from zslib import metrics\n\nX = 1\n")
    assert digest(own) != first


def test_what_a_card_says_belongs_to_pages_and_not_to_stages(tmp_path, digest):
    own = tmp_path / "mine.py"

    def both(reading, better):
        own.write_text(f'CARD = MetricCard(name="mine", reading="{reading}", better="{better}")\n')
        return digest(own), digest(own, said=False)

    (page, stage), (new_page, same_stage), (_, new_stage) = (
        both("high is good", "higher"),
        both("high is best", "higher"),
        both("high is best", "lower"),
    )
    assert page != new_page
    assert stage == same_stage != new_stage


def test_the_words_of_agreement_with_the_labels_belong_to_pages_too(tmp_path, digest):
    text = (sources.PACKAGE / "metrics" / "biology" / "clusters.py").read_text()
    own, word = tmp_path / "mine.py", "How much the clusters of the neighbor graph say"
    assert word in text
    own.write_text(text)
    page, stage = digest(own), digest(own, said=False)
    own.write_text(text.replace(word, "How much do the clusters of the neighbor graph say"))
    assert (digest(own) != page, digest(own, said=False) == stage) == (True, True)


def test_preparing_a_dataset_depends_on_all_that_loads_it():
    found = code(registry.source("zslib.datasets", "kang"), store.ROOT / "zslib" / "datasets" / "__init__.py")
    for name in ("kang", "standardize", "files", "cache", "check", "matrices"):
        assert f"zslib/datasets/{name}.py" in found
    assert "zslib/datasets/baron.py" not in found


def test_a_small_model_depends_on_its_own_checkpoint_and_no_other():
    for name in ("scgpt-mini-kang", "scgpt-mini-kang-permuted", "scgpt-mini-kang-untrained"):
        parts = [methods.get(name).of]
        read = [path for path in data(*method(name), parts=parts) if "pretrain/checkpoints" in path]
        assert {path.split("/")[-2] for path in read} == {"scgpt-mini-kang"}
    assert not data(*method("hvg"))


def test_who_reads_the_ledger_or_published_scores_depends_on_them():
    assert "zslib/frozen/ledger.csv" in data(store.ROOT / "zslib" / "frozen" / "ledger.py")
    found = data(store.ROOT / "book" / "chapters" / "record.md")
    assert "zslib/studies/record/sources/scib.csv" in found


@pytest.mark.parametrize(
    "reads",
    [
        'Path(__file__).with_name("cells.h5ad")',
        'Path(__file__).parent / "mine" / "x.csv"',
        "Path({absolute!r})",
    ],
)
def test_a_users_own_file_depends_on_the_data_that_it_names(reads, tmp_path, digest):
    other = tmp_path.with_name(f"{tmp_path.name}-elsewhere.h5ad")
    (tmp_path / "mine").mkdir()
    paths = [tmp_path / "cells.h5ad", tmp_path / "mine" / "x.csv", other]
    for path in paths:
        path.write_text("1")
    own = tmp_path / "my_cells.py"
    own.write_text(f"from pathlib import Path\n\nFILE = {reads.format(absolute=str(other))}\n")
    assert len(sources.data(own)) == 1
    first = digest(own)
    assert digest(own) == first
    for path in paths:
        path.write_text("2")
    assert digest(own) != first
