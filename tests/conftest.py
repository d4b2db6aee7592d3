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
    """Start the files that have slow tests first, or they end a parallel run alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
