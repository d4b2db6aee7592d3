"""The steps of the grid, as Snakemake calls them: ``python -m zslib.workflow.steps NAME JSON``.

A step prints one line when it is done, writes its outputs whole or not at all, and turns the failure of a
method into a recorded status so that the rest of the grid goes on.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from zslib import methods, pages, store

NOTEBOOKS = store.ROOT / "notebooks"
BOOK = store.ROOT / "book"
GRID_PID = "ZSLIB_GRID_PID"


def prepare(results: str, dataset: str, spec: str, n_cells: int | None) -> str:
    """Load a dataset, pick its cells once for all methods, write ``prepared.h5ad``."""
    from zslib import datasets
    from zslib import prepare as preparation

    adata = preparation.prepare(datasets.load(spec), n_cells=n_cells)
    preparation.write(adata, store.prepared_path(results, dataset))
    return f"{adata.n_obs} cells × {adata.n_vars} genes"


def embed(
    results: str, dataset: str, method: str, spec: str, seed: int, device: str, parameters: dict
) -> str:
    """Embed with one method; a method that fails or does not apply leaves its reason instead."""
    cell = store.Cell(Path(results), dataset, method, seed)
    values = {"results": results, "dataset": dataset, "method": spec, "seed": seed, "device": device}
    page = cell.folder / "embed.ipynb"
    try:
        pages.execute(
            NOTEBOOKS / "embed.ipynb",
            {**values, "parameters": parameters},
            page,
            names={"title": methods.card(spec).title},
        )
    except pages.CellFailed as error:
        status = "not applicable" if error.name == "NotApplicable" else "failed"
        run = {
            "status": status,
            "reason": error.message or error.name,
            "method": method,
            "parameters": parameters,
            "seed": seed,
        }
        if status == "failed":
            run |= {"reason": f"{error.name}: {error.message}", "traceback": error.traceback}
        for name in ("embedding.npy", "embed.ipynb"):
            (cell.folder / name).unlink(missing_ok=True)
        store.write_json(cell.folder / "run.json", run)
    return cell.run["status"] if cell.ok else f"{cell.run['status']}: {cell.run['reason']}"


def evaluate(results: str, dataset: str, method: str, spec: str, seed: int, device: str, n_boot: int) -> str:
    """Score one embedding and make its page."""
    cell = store.Cell(Path(results), dataset, method, seed)
    title = f"{methods.card(spec).title} on {dataset}"
    page = cell.folder / "page.ipynb"
    if not cell.ok:
        pages.write(pages.status_page(title, cell.run), page)
        return "nothing to score"
    values = {"results": results, "dataset": dataset, "method": spec, "seed": seed, "device": device}
    pages.execute(NOTEBOOKS / "evaluate.ipynb", {**values, "n_boot": n_boot}, page, names={"title": title})
    return "scored"


def compare(results: str, dataset: str, spec: str, grid: str) -> str:
    """Make the page of a dataset."""
    from zslib import datasets

    pages.execute(
        NOTEBOOKS / "compare.ipynb",
        {"results": results, "dataset": spec, "grid": grid},
        Path(results) / dataset / "page.ipynb",
        names={"title": datasets.card(spec).title},
    )
    return "compared"


def summary(results: str, grid: str) -> str:
    """Make the front page, and one table of all scores."""
    pages.execute(
        NOTEBOOKS / "summary.ipynb", {"results": results, "grid": grid}, Path(results) / "page.ipynb"
    )
    return "done"


def chapter(results: str, grid: str, name: str) -> str:
    """Run a chapter of the book that has code in it."""
    source = BOOK / "chapters" / f"{name}.md"
    pages.execute(source, {"results": results, "grid": grid}, Path(results) / "chapters" / f"{name}.ipynb")
    return "done"


def book(results: str, runs: dict[str, str]) -> str:
    """Put the executed pages where the book looks for them and build it, refusing any warning.

    Parameters
    ----------
    results
        Not used but for the record of what the book shows.
    runs
        Page in the book (relative to ``book/``) → executed notebook.
    """
    for stale in (BOOK / "runs", BOOK / "index.ipynb", *(BOOK / "chapters").glob("*.ipynb")):
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink(missing_ok=True)
    for page, notebook in runs.items():
        target = BOOK / page
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, target)
    # Unchanged pages are not read again, and their warnings not seen again, without --all.
    command = [
        sys.executable,
        "-m",
        "jupyter_book.cli.main",
        "build",
        str(BOOK),
        "-n",
        "-W",
        "--keep-going",
        "--all",
    ]
    files = ["--config", str(store.ROOT / "_config.yml"), "--toc", str(store.ROOT / "_toc.yml")]
    shutil.rmtree(store.ROOT / "_build" / "html", ignore_errors=True)
    built = subprocess.run(
        [*command, *files, "--path-output", str(store.ROOT)], capture_output=True, text=True, check=False
    )
    if built.returncode:
        lines = (built.stdout + built.stderr).splitlines()
        sys.exit(
            "\n".join([x for x in lines if "WARNING" in x or "ERROR" in x or "rror:" in x] or lines[-30:])
        )
    return f"{len(runs)} executed pages"


def _die_with_grid() -> None:
    """Exit when the process that started the grid is gone.

    A step left over from a killed run must not write after a newer run has begun.
    """
    pid = os.environ.get(GRID_PID)
    if not pid:
        return

    def watch() -> None:
        while True:
            try:
                os.kill(int(pid), 0)
            except ProcessLookupError:
                os._exit(1)
            time.sleep(0.5)

    threading.Thread(target=watch, daemon=True).start()


def main(name: str, arguments: str) -> None:
    """Run one step and say in a line what it did."""
    _die_with_grid()
    step = {f.__name__: f for f in (prepare, embed, evaluate, compare, summary, chapter, book)}[name]
    values = json.loads(arguments)
    started = time.perf_counter()
    outcome = step(**values)
    where = " · ".join(str(values[k]) for k in ("dataset", "method", "seed", "name") if k in values)
    print(f"{name:9s} {where:36s} {time.perf_counter() - started:6.1f} s  {outcome}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
