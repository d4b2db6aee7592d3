"""The steps of the grid, as Snakemake calls them: ``python -m zslib.workflow.steps NAME JSON``.

A step prints one line when it is done, writes its outputs whole or not at all, and turns the failure of a
method into a recorded status so that the rest of the grid goes on.
"""

import json
import sys
import time
from pathlib import Path

from zslib import datasets, methods
from zslib.core import store
from zslib.core.errors import DataError
from zslib.core.store import BOOK, NOTEBOOKS
from zslib.datasets import prepare as prepared
from zslib.results import Run, stages
from zslib.studies.composition import cards, live
from zslib.studies.expression import results as expression
from zslib.studies.tuning import results as tuned
from zslib.studies.tuning.cards import Settings
from zslib.workflow import pages, rendering
from zslib.workflow.forked import die_with_grid

FULL = "No space left on device"
"""How every writer says so."""
DIED = {"status": "failed", "reason": "the process died, most likely for want of memory"}


def prepare(results: str, dataset: str, spec: str, n_cells: int | None) -> str:
    """Load a dataset, pick its cells once for all methods, write ``prepared.h5ad``."""
    started, path = time.perf_counter(), store.prepared_path(results, dataset)
    adata = prepared.prepare(datasets.load(spec, whole=False), n_cells=n_cells)
    prepared.write(adata, path)
    store.write_json(path.with_suffix(".json"), stages.cost(started))
    return f"{adata.n_obs} cells × {adata.n_vars} genes"


def run(
    results: str, dataset: str, method: str, spec: str, seed: int, device: str, parameters: dict, n_boot: int,
    labeled: bool = True, died: bool = False,
) -> str:  # fmt: skip
    """Embed and score with one method, and make its page; what fails or does not apply leaves its reason instead.

    A stage whose digest holds is not computed again, and a method that failed with this code and these cells is not
    asked again.
    """
    this = Run(Path(results), dataset, method, seed)
    title, page = f"{methods.card(spec).title} on {dataset}", this.folder / "page.ipynb"
    asked = {"device": device, "parameters": parameters}
    (this.folder / "unscored.json").unlink(missing_ok=True)
    if died:
        _record(this, spec, asked, DIED)
    elif not _has_failed(this, spec, asked):
        values = {"results": results, "dataset": dataset, "method": spec, "seed": seed, "n_boot": n_boot}
        before = _computed(this)
        try:
            without = "" if labeled else "about-labels"
            pages.execute(NOTEBOOKS / "run.ipynb", values | asked, page, title=title, without=without)
            done = [stage for stage, when in _computed(this).items() if before.get(stage) != when]
            return ", ".join([*done, "drawn"])
        except pages.CellFailed as error:
            _record(this, spec, asked, _outcome(error))
    pages.write(pages.status_page(title, this.outcome, methods.card(spec)), page)
    return f"{this.outcome['status']}: {this.outcome['reason']}"


def _computed(this: Run) -> dict[str, int]:
    """The stages that are stored, each with when it was written."""
    stored = {"embedded": this.folder / "run.json", "scored": this.folder / "scored.json"}
    return {stage: path.stat().st_mtime_ns for stage, path in stored.items() if path.exists()}


def _has_failed(this: Run, spec: str, asked: dict) -> bool:
    """Whether the method has been tried with this code and these cells, in vain."""
    record = this.folder / "run.json"
    if not record.exists() or this.ok:
        return False
    return this.about.get("digest") == _digest(this, spec, asked)


def _record(this: Run, spec: str, asked: dict, outcome: dict) -> None:
    """Write down why there is no embedding, or, if there is one, why it has no page."""
    digest = _digest(this, spec, asked)
    if stages.is_embedded(this, digest):
        store.write_json(this.folder / "unscored.json", outcome)
        return
    (this.folder / "embedding.npy").unlink(missing_ok=True)
    stages.forget_scores(this)
    about = {"method": this.method, "parameters": asked["parameters"], "seed": this.seed, "digest": digest}
    store.write_json(this.folder / "run.json", outcome | about)


def _digest(this: Run, spec: str, asked: dict) -> str:
    adata = prepared.read(store.prepared_path(this.results, this.dataset))
    return stages.embedding_digest(this, adata, spec, **asked)


def alter(results: str, dataset: str, asked: dict[str, dict], settings: dict, device: str) -> str:
    """Draw and alter the cells anew, embed them by the methods that are cheap, and score them."""
    adata = prepared.read(store.prepared_path(results, dataset))
    found = stages.alter(results, dataset, adata, asked, device=device, **settings)
    times = len(found[["alteration", "draw"]].drop_duplicates())
    return f"{found['method'].nunique()} methods, {times} times"


def repeat(results: str, dataset: str, methods: list[str], seed: int, settings: dict, device: str) -> str:
    """Score the stored embeddings and their UMAPs again on random parts of the cells."""
    adata = prepared.read(store.prepared_path(results, dataset))
    found = stages.repeat(results, dataset, adata, methods, seed, device=device, **settings)
    return f"{found['method'].nunique()} methods, {found['draw'].nunique()} times"


def compare(results: str, dataset: str, spec: str, grid: str) -> str:
    """Make the page of a dataset."""
    card, page = datasets.card(spec), Path(results) / dataset / "page.ipynb"
    template = NOTEBOOKS / ("compare.ipynb" if card.label else "unlabeled.ipynb")
    pages.execute(template, {"dataset": spec, "grid": grid}, page, title=card.title)
    return "compared"


def reconstruct(
    results: str, dataset: str, spec: str, networks: list[str], seed: int, device: str, settings: dict,
    died: bool = False,
) -> str:  # fmt: skip
    """Ask the networks of the grid for expression, and make the page of a dataset about it."""
    title = datasets.card(spec).title
    page = expression.folder(results, dataset) / "page.ipynb"
    outcome = {"status": "not applicable", "reason": "None of the methods of this build is a network."}
    if died:
        outcome = DIED
    elif networks:
        asked = {"networks": networks, "seed": seed, "device": device, "settings": settings}
        values = {"results": results, "dataset": spec, **asked}
        try:
            pages.execute(NOTEBOOKS / "reconstruct.ipynb", values, page, title=f"{title}: expression")
            return f"asked {len(networks)} networks"
        except pages.CellFailed as error:
            outcome = _outcome(error)
    expression.clear(results, dataset)
    missing = "no network was asked for the expression of these cells"
    pages.write(pages.status_page(f"{title}: expression", outcome, missing=missing), page)
    return f"{outcome['status']}: {outcome['reason']}"


def tune(results: str, dataset: str, networks: list[str], seed: int, device: str, settings: dict) -> str:
    """Fine-tune the small models of the grid, and networks of random weights beside them."""
    asked = Settings(**{"seed": seed, **settings})
    found = tuned.run(results, dataset, networks, asked, device)
    return f"tuned {len(found.networks)} networks"


def composition(results: str, settings: dict) -> str:
    """Pre-train small models on subsets of a corpus, and score them on held-out datasets."""
    table = live.run(cards.Settings.of(settings))
    store.write_table(live.path(results), table)
    return f"{table['size'].nunique()} sizes"


def summary(results: str, grid: str) -> str:
    """Make the front page, and one table of all scores."""
    pages.execute(NOTEBOOKS / "summary.ipynb", {"grid": grid}, Path(results) / "page.ipynb")
    return "done"


def chapter(results: str, grid: str, name: str) -> str:
    """Run a chapter of the book that has code in it."""
    source, page = BOOK / "chapters" / f"{name}.md", Path(results) / "chapters" / f"{name}.ipynb"
    pages.execute(source, {"grid": grid}, page, lesson=rendering.part_of(name) == "Learning")
    return "done"


def book(runs: dict[str, str]) -> str:
    """Put the executed pages into the book and render it, refusing any warning."""
    rendering.assemble(runs)
    rendering.build()
    return f"{len(runs)} executed pages"


def _outcome(error: pages.CellFailed) -> dict:
    """Say how a notebook ended, as the book shows it; a full disk is nothing that a method did."""
    if FULL in error.message:
        raise error
    if error.name == "NotApplicable":
        return {"status": "not applicable", "reason": error.message}
    return {"status": "failed", "reason": f"{error.name}: {error.message}", "traceback": error.traceback}


def main(name: str, arguments: str) -> None:
    """Run one step and say in a line what it did."""
    die_with_grid()
    steps = (
        prepare, run, alter, repeat, compare, reconstruct, tune, composition, summary, chapter, book
    )  # fmt: skip
    step = {f.__name__: f for f in steps}[name]
    values = json.loads(arguments)
    where = " · ".join(str(values[k]) for k in ("dataset", "method", "seed", "name") if k in values)
    started = time.perf_counter()
    try:
        outcome = step(**values)
    except DataError as error:
        sys.exit(f"error: {name} {where}: {error}")
    except Exception as error:
        if FULL not in str(error):
            raise
        disk = f"no space is left on the disk of {values.get('results', BOOK)}"
        sys.exit(f"error: {name} {where}: {disk}; make some and run again, what is done is kept")
    print(f"{name:9s} {where:36s} {time.perf_counter() - started:6.1f} s  {outcome}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
