"""What must change for a step to be run again."""

from zslib import registry, store
from zslib.workflow import sources
from zslib.workflow.sources import code, digest


def _embed(method):
    return code(registry.source("zslib.methods", method), store.ROOT / "notebooks" / "embed.ipynb")


def test_a_method_depends_on_its_own_file_and_what_it_builds_on():
    assert "zslib/methods/hvg.py" in _embed("harmony")
    assert "zslib/methods/hvg.py" in _embed("scvi")
    assert "zslib/methods/hvg_pca.py" in _embed("harmony")
    assert "zslib/results/embedding.py" in _embed("harmony")


def test_a_method_does_not_depend_on_other_methods_nor_on_metrics_and_figures():
    for method in ("hvg", "random", "unintegrated"):
        others = {f for f in _embed(method) if f.startswith("zslib/methods/")}
        assert others == {f"zslib/methods/{x}.py" for x in (method, "card", "__init__")}
        assert not {f for f in _embed(method) if "metrics" in f or "plots" in f or "report" in f}


def test_a_checkpoint_depends_on_the_table_and_on_the_code_of_both_architectures():
    for method in ("scgpt-human", "geneformer-mini-kang-permuted"):
        assert registry.source("zslib.methods", method).name == "checkpoints.py"
        assert {f"zslib/frozen/{x}.py" for x in ("scgpt/network", "geneformer/encoder")} <= set(
            _embed(method)
        )


def test_scoring_depends_on_metrics_and_figures_but_on_no_method():
    found = code(store.ROOT / "notebooks" / "evaluate.ipynb")
    assert "zslib/metrics/silhouette.py" in found
    assert "zslib/stats/resampling.py" in found
    assert "zslib/plots/house.py" in found
    assert "zslib/methods/scvi.py" not in found


def test_a_package_is_followed_through_its_init(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "---\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n```{code-cell}\nfrom zslib import metrics\n```\n"
    )
    assert "zslib/metrics/batch/components.py" in code(page)


def test_metrics_that_are_found_by_looking_count(tmp_path):
    page = tmp_path / "page.py"
    page.write_text("from zslib.metrics import score\n")
    found = set(code(page))
    for family in ("biology", "batch", "geometry", "discovery"):
        for path in (store.ROOT / "zslib" / "metrics" / family).glob("*.py"):
            assert str(path.relative_to(store.ROOT)) in found


def test_a_digest_follows_the_content_of_what_is_used_and_nothing_else(tmp_path):
    method = tmp_path / "mine.py"
    method.write_text("from zslib import metrics\n")
    first = digest(method)
    method.touch()
    sources._hash.cache_clear()
    assert digest(method) == first
    method.write_text("from zslib import metrics\n\nX = 1\n")
    sources._hash.cache_clear()
    assert digest(method) != first


def test_a_new_version_number_alone_runs_nothing_again():
    assert "zslib/__init__.py" not in code(store.ROOT / "notebooks" / "evaluate.ipynb")


def test_preparing_a_dataset_depends_on_all_that_loads_it():
    found = code(registry.source("zslib.datasets", "kang"), store.ROOT / "zslib" / "datasets" / "__init__.py")
    for name in ("kang", "standardize", "files", "cache", "check", "matrices"):
        assert f"zslib/datasets/{name}.py" in found
    assert "zslib/datasets/baron.py" not in found
