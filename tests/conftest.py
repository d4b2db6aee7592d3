"""What several tests share: a small prepared dataset."""

from pathlib import Path

import pytest

TOY = str(Path(__file__).parent / "toy_cells.py")


@pytest.fixture(scope="session")
def toy():
    """Synthetic cells of four types in two batches, prepared as the grid prepares them."""
    from zslib import datasets
    from zslib.datasets import prepare

    return prepare.prepare(datasets.load(TOY), n_cells=None)


@pytest.fixture(scope="session")
def toy_path() -> str:
    """Path of the dataset file the toy cells come from."""
    return TOY


def pytest_collection_modifyitems(items):
    """Start the tests that run a grid first, or they end a parallel run alone."""
    items.sort(key=lambda item: "tests/workflow" not in item.path.as_posix())
