"""``zslib report``: from a file of one's own to a book about it."""

from pathlib import Path
from typing import Annotated

import typer

from zslib.cli.terminal import GOES_ON, plain_errors, say_failures


def report(
    file: Annotated[
        Path, typer.Argument(help="Cells with raw counts: .h5ad, .zarr, 10x .h5, or a folder of matrix.mtx.")
    ],
    label: Annotated[
        str | None, typer.Option(help="obs column of cell types; without it only what needs none is scored.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(help="obs column of batches; without it all cells are one batch.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the report; by default FILE's name and -report.")
    ] = None,
    embedding: Annotated[
        list[str] | None,
        typer.Option(
            help="An embedding you have: a key of obsm, or a .npy, .csv, .tsv or .parquet; repeatable."
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option("--method", "-m", help="One more method: a name, or a .py of your own; repeatable."),
    ] = None,
    methods: Annotated[
        str | None, typer.Option(help="These in place of the usual ones, with commas between.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            help="The method, or the key given as --embedding, that others are compared with; hvg unless said."
        ),
    ] = None,
    cells: Annotated[
        int | None,
        typer.Option(help="Cells to draw, stratified by label and batch; 5000 unless said, 0 for all."),
    ] = None,
    organism: Annotated[
        str | None, typer.Option(help="Such as 'Homo sapiens', if the file does not say.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Heading of the report, if the file does not say.")
    ] = None,
    batch_is_biology: Annotated[
        bool,
        typer.Option(
            "--batch-is-biology", help="Batches are conditions of the experiment: mixing them is no aim."
        ),
    ] = False,
    cores: Annotated[int, typer.Option(help="Cores to use at once.")] = 2,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all that Snakemake says.")] = False,
):
    """Compare methods on cells of your own: from one file to a small book that opens from disk.

    Leaves in the folder `--out` the rendered pages, the notebooks behind them, and all scores with intervals
    as `scores.csv`. Unless told otherwise it runs HVG, HVG→PCA, Harmony, scVI, the controls, and every
    published checkpoint whose weights are here. A run that was stopped goes on where it was, and what has not
    changed is not computed again.

    Example: `zslib report cells.h5ad --label cell_type --batch donor`, and, with an embedding of your own in
    obsm, the same with `--embedding X_mine`
    """
    from zslib.methods import card
    from zslib.workflow import grid, running
    from zslib.workflow import report as reporting

    out = out or Path(f"{file.name.split('.')[0]}-report")
    chosen, added = (grid.names(given) for given in ([methods] if methods else None, method))
    with plain_errors(GOES_ON):
        made = reporting.plan(
            file,
            label=label,
            batch=batch,
            out=out,
            chosen=chosen,
            added=added or (),
            embeddings=embedding or (),
            baseline=baseline,
            n_cells=cells,
            cores=cores,
            device=device,
            organism=organism,
            title=title,
            batch_is_biology=batch_is_biology or None,
        )
        if status := running.run(made, target="report", cores=cores, verbose=verbose):
            raise typer.Exit(status)
        typer.echo("rendering the pages")
        page = reporting.render(made, out)
    asked = {card(name).name for name in (*(chosen or ()), *(added or ()))}
    for line in running.failures(made, "not applicable", asked):  # the rest may not apply
        typer.echo(f"not run: {line}", err=True)
    say_failures(running.failures(made), last=f"report: {page}")
