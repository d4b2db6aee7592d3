"""The stages of a run: each returns what is stored while the code and the data it follows from are the same."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from zslib.core import store
from zslib.core.device import peak_memory_mb, pick_device
from zslib.core.errors import DataError
from zslib.datasets.check import is_labeled
from zslib.datasets.parts import stretches
from zslib.results import embedding, repeats, robustness, scoring, titration
from zslib.results.run import SCORED, TABLES, Run, altered_path
from zslib.results.sources import ROBUSTNESS, SCORING, combine, content, digest, method_digest


def embed(
    run: Run, adata, method: str, *, device: str = "auto", parameters: dict | None = None
) -> np.ndarray:
    """The embedding of a run: the stored one if nothing that it follows from has changed, else it is computed.

    Parameters
    ----------
    run
        Where its files lie.
    adata
        Prepared cells.
    method
        Name of its method, or path of a ``.py`` file of one's own.
    device
        ``"auto"`` takes a GPU if there is one.
    parameters
        Of the method; those left out keep its defaults.

    Returns
    -------
    float32 array of shape (n_cells, n_dims), row i for cell i.
    """
    parameters = parameters or {}
    asked = {"device": device, "parameters": parameters}
    if is_embedded(run, embedding_digest(run, adata, method, **asked)):
        return run.embedding
    partial = run.folder / "embedding.partial.npy"
    array, about = embedding.compute(
        adata, method, seed=run.seed, device=device, partial=partial, **parameters
    )
    save(run, array, about | {"digest": embedding_digest(run, adata, method, **asked)})
    partial.unlink(missing_ok=True)
    return array


def embedding_digest(
    run: Run, adata, method: str, *, device: str = "auto", parameters: dict | None = None
) -> str:
    """A name for all that an embedding follows from; for the parameters see :func:`embed`."""
    return combine(
        method_digest(method),
        adata.uns["prepare"]["hash"],
        _hash(stretches(adata.X, "data")),
        run.seed,
        pick_device(device).type,
        parameters or {},
    )


def scores_digest(run: Run, adata, *, n_boot: int) -> str:
    """A name for all that the scores of a stored embedding follow from."""
    return combine(
        digest(SCORING, said=False),
        content(Path(titration.__file__), False),
        adata.uns["prepare"]["hash"],
        *(_hash([adata.obsm[name]]) for name in ("X_unintegrated", "X_within_batch")),
        run.about["embedding"]["sha256"],
        n_boot,
    )


def is_embedded(run: Run, wanted: str) -> bool:
    """Whether the embedding of this digest is stored."""
    path = run.folder / "run.json"
    return path.exists() and run.about.get("digest") == wanted and (run.folder / "embedding.npy").exists()


def save(run: Run, array: np.ndarray, about: dict) -> None:
    """Write ``embedding.npy`` and then ``run.json``, which vouches for it by hash."""
    path, record = run.folder / "embedding.npy", run.folder / "run.json"
    record.unlink(missing_ok=True)
    store.write_array(path, array)
    store.write_json(record, about | {"embedding": {"sha256": store.sha256(path)}})


def score(
    run: Run, adata, method: str | None = None, *, n_boot: int = 500, device: str = "auto"
) -> pd.DataFrame:
    """The scores of a run: the stored ones if nothing that they follow from has changed, else they are computed.

    Parameters
    ----------
    run
        A run whose method has run.
    adata
        The prepared cells of its dataset.
    method
        Path of a ``.py`` file of one's own, if the run is of one.
    n_boot
        Bootstrap resamples.
    device
        Where distances are computed.

    Returns
    -------
    One number a row; what was found besides is in the other tables of the run.

    Raises
    ------
    DataError
        If the embedding is of other cells than these, or is refused.
    """
    check_cells(run, adata)
    wanted = scores_digest(run, adata, n_boot=n_boot)
    if run.scored and json.loads((run.folder / "scored.json").read_text())["digest"] == wanted:
        return run.scores
    forget_scores(run)
    started = time.perf_counter()
    few = titration.of(method or run.method, run.about, adata, device=device)
    tables, layout, skipped = scoring.compute(run.embedding, adata, n_boot=n_boot, device=device, titrate=few)
    for name in ("scores", "discovery"):
        front = {"dataset": run.dataset, "method": run.method, "seed": run.seed}
        tables[name] = pd.concat([pd.DataFrame(front, index=tables[name].index), tables[name]], axis=1)
    for name in TABLES:
        store.write_table(run.folder / f"{name}.parquet", tables[name])
    store.write_array(run.folder / "layout.npy", layout)
    about = {"digest": wanted, "n_boot": n_boot, **cost(started), "skipped": skipped}
    store.write_json(run.folder / "scored.json", about)
    return run.scores


def check_cells(run: Run, adata) -> None:
    """Refuse to score an embedding of other cells than these."""
    if run.about["data_sha256"] != adata.uns["prepare"]["hash"]:
        raise DataError(
            f"{run.folder} was embedded from other cells than {run.dataset}/prepared.h5ad holds now; "
            "delete its run.json and run again"
        )


def forget_scores(run: Run) -> None:
    """Remove what scoring left, first what vouches for it."""
    for name in reversed(SCORED):
        (run.folder / name).unlink(missing_ok=True)


def alter(
    results: str | Path,
    dataset: str,
    adata,
    asked: dict[str, dict],
    *,
    draws: int = robustness.DRAWS,
    device: str = "auto",
) -> pd.DataFrame:
    """The scores of cells drawn and altered anew: the stored ones if nothing that they follow from has changed.

    Parameters
    ----------
    results, dataset
        Where they lie, see :func:`zslib.results.run.altered_path`.
    adata
        The prepared cells; without labels there is nothing to score.
    asked, draws, device
        See :func:`zslib.results.robustness.compute`.
    """
    wanted = combine(
        digest(ROBUSTNESS, said=False),
        adata.uns["prepare"]["hash"],
        {method: [method_digest(method), parameters] for method, parameters in asked.items()},
        draws,
        pick_device(device).type,
    )
    asked = asked if is_labeled(adata) else {}
    make = partial(robustness.compute, adata, asked, draws=draws, device=device)
    return stored(altered_path(results, dataset), wanted, make, draws=draws)


def repeat(
    results: str | Path,
    dataset: str,
    adata,
    methods: Sequence[str],
    seed: int,
    *,
    draws: int,
    share: float,
    device: str = "auto",
) -> pd.DataFrame:
    """Scores of parts of the stored embeddings: the stored ones if nothing that they follow from has changed.

    Parameters
    ----------
    results, dataset
        Where they lie, see :func:`zslib.results.repeats.path`.
    adata
        The prepared cells; without labels there is nothing to score.
    methods, seed
        Whose runs; those that did not succeed are left out.
    draws, share, device
        See :func:`zslib.results.repeats.compute`.
    """
    runs = [Run(Path(results), dataset, method, seed) for method in methods]
    runs = [run for run in runs if run.ok] if is_labeled(adata) else []
    wanted = combine(
        digest(SCORING, repeats.__file__, said=False),
        adata.uns["prepare"]["hash"],
        {run.method: run.about["embedding"]["sha256"] for run in runs},
        [draws, share, pick_device(device).type],
    )
    make = partial(repeats.compute, runs, adata, draws=draws, share=share, device=device)
    return stored(repeats.path(results, dataset), wanted, make, draws=draws, share=share)


def stored(path: Path, wanted: str, make: Callable[[], pd.DataFrame], **about) -> pd.DataFrame:
    """A stored table if what it follows from is what is wanted, else it is made; beside it stands what it cost.

    Parameters
    ----------
    path
        Of the Parquet file; the record is a JSON file of the same name.
    wanted
        A name for all that the table follows from, see :func:`zslib.results.sources.combine`.
    make
        Computes the table.
    about
        What else the record shall say.
    """
    record = path.with_suffix(".json")
    if path.exists() and record.exists() and json.loads(record.read_text())["digest"] == wanted:
        return pd.read_parquet(path)
    record.unlink(missing_ok=True)
    started = time.perf_counter()
    store.write_table(path, made := make())
    store.write_json(record, {"digest": wanted, **about, **cost(started)})
    return made


def cost(started: float) -> dict:
    """What a stage that began so took, and the memory of this process at its peak."""
    return {"seconds": time.perf_counter() - started, "peak_memory_mb": peak_memory_mb()}


def _hash(arrays: Iterable[np.ndarray]) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array))
    return found.hexdigest()
