"""The leakage ledger: model by dataset, what is known to overlap, and by whom it is known.

What is not in the ledger is not known. It is never taken for "no".
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from zslib import datasets as known_datasets
from zslib.core.errors import DataError
from zslib.frozen import weights
from zslib.frozen.pretrain import checkpoints
from zslib.frozen.pretrain.corpus import overlapping

SEEN = ("yes", "partly", "no", "not found", "not known")
"""``not found``: somebody looked and found none; ``not known``: nobody has said."""
COLUMNS = ["model", "dataset", "seen", "what", "source"]


def ledger(models: Sequence[str] = (), datasets: Sequence[str] = ()) -> pd.DataFrame:
    """The whole ledger, one row a model and dataset.

    Parameters
    ----------
    models, datasets
        Each pair of these has a row, whether anything is known of it or not.

    Returns
    -------
    Columns model, dataset, seen (one of :data:`SEEN`), what, source.
    """
    written = read(Path(__file__).with_name("ledger.csv"))
    known = pd.concat([written, _own(datasets)], ignore_index=True)
    there = set(zip(known["model"], known["dataset"], strict=True))
    gaps = [_gap(m, d) for m in models for d in datasets if (m, d) not in there]
    return pd.concat([known, pd.DataFrame(gaps, columns=COLUMNS)], ignore_index=True)


@cache
def mark(model: str, dataset: str) -> str:
    """What to put after the name of a model on a page about a dataset: whether it has seen its cells, if so."""
    table = ledger([model], [dataset])
    seen = table[(table["model"] == model) & (table["dataset"] == dataset)]["seen"].iloc[0]
    return {"yes": " (seen)", "partly": " (partly seen)"}.get(seen, "")


def read(path: str | Path) -> pd.DataFrame:
    """Read a ledger from a file.

    Raises
    ------
    DataError
        If a column, a source or a word is not as it must be, or a pair is there twice.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(table.columns) != COLUMNS:
        raise DataError(
            f"{path} must have the columns {', '.join(COLUMNS)}; it has {', '.join(table.columns)}."
        )
    if bad := sorted(set(table["seen"]) - set(SEEN)):
        raise DataError(f"{path} says {', '.join(map(repr, bad))}; known words are {', '.join(SEEN)}.")
    if not (table != "").all(axis=None):
        raise DataError(f"{path} has an empty field. Each row needs what is known and who says so.")
    if table.duplicated(["model", "dataset"]).any():
        raise DataError(f"{path} has two rows for one model and dataset.")
    return table


def _own(datasets: Sequence[str]) -> pd.DataFrame:
    """What the small checkpoints have seen of these datasets, from their cards: here nothing is hearsay.

    Of a dataset that is not among the project's own nothing is known.
    """
    rows = []
    for model in checkpoints.names():
        trained = {
            source["name"]: source["cells"] - source["held_out"]
            for source in checkpoints.card(model)["corpus"]
        }
        for dataset in datasets:
            shared = sorted(overlapping(dataset) & trained.keys())
            if dataset in trained:
                found = "yes", f"pre-trained on {trained[dataset]:,} of its cells"
            elif shared:
                found = "partly", f"pre-trained on {' and '.join(shared)}, which shares cells with it"
            elif dataset in known_datasets.names():
                found = "no", "none of its cells are in the corpus"
            else:
                studies = " and ".join(sorted(trained))
                found = "not known", f"nobody has said whether it shares cells with {studies}"
            rows.append((model, dataset, *found, "the model's own card"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _gap(model: str, dataset: str) -> tuple[str, ...]:
    corpus = weights.card(model).corpus if model in weights.names() else "not described here"
    return model, dataset, "not known", f"corpus: {corpus}", "no public statement was found"
