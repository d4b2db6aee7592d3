"""The command line. Each verb's ``--help`` says what it does, what it needs and what it leaves."""

from typing import Annotated

import typer

from zslib import __version__
from zslib.cli import check, embed, pretrain, report
from zslib.cli.data import app as data
from zslib.cli.terminal import GOES_ON, plain_errors, say_failures
from zslib.cli.weights import app as weights

app = typer.Typer(
    help="Zero-shot evaluation of single-cell embeddings: run methods on real cells, score them, render the book. "
    "For cells of your own begin with `zslib check` and `zslib report`.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and end.")
    ] = False,
):
    """Take the options that stand before a verb."""


app.add_typer(data, name="data")
app.add_typer(weights, name="weights")
app.command("report")(report.report)
app.command("check")(check.check)
app.command("embed")(embed.embed)
app.command("pretrain")(pretrain.pretrain)

BOOK_HELP = """Run the grid and render the book into `_build/html`. Any warning of the build is an error.

Example: `zslib book --profile smoke`, then open `_build/html/index.html`.
"""


@app.command("run")
@app.command("book", help=BOOK_HELP)
def run(
    context: typer.Context,
    profile: Annotated[
        str,
        typer.Option(
            help="smoke, default, full, foundation, paper, hosted, or the path of a .yaml with the same keys."
        ),
    ] = "default",
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            "--dataset", "-d", help="Only these (name, or path of a .py of your own); repeat or use commas."
        ),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method", "-m", help="Only these (name, or path of a .py of your own); repeat or use commas."
        ),
    ] = None,
    seed: Annotated[
        list[int] | None, typer.Option(help="Seeds in place of the profile's; repeatable.")
    ] = None,
    n_cells: Annotated[
        int | None, typer.Option(help="Cells a dataset in place of the profile's number.")
    ] = None,
    cores: Annotated[int, typer.Option(help="Cores of this machine to use at once.")] = 2,
    executor: Annotated[
        str,
        typer.Option(help="Who runs the jobs: local, slurm, or the folder of a Snakemake profile for Slurm."),
    ] = "local",
    threads: Annotated[int, typer.Option(help="Cores each single job may use.")] = 1,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    results: Annotated[
        str | None, typer.Option(help="Folder for results; by default one per profile.")
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run methods again whose last run failed.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all that Snakemake says.")] = False,
):
    """Run the grid of dataset × method: only what is missing or has changed.

    Leaves, for every dataset and method, the embedding, its scores with intervals and an executed page
    under the results folder, and all scores in `scores.parquet` there. Ends with status 1 if a method failed,
    which does not keep the others from running.

    Example: `zslib run --profile smoke -d kang -m hvg,scvi`
    """
    from zslib.workflow import grid, running

    target = "book" if context.info_name == "book" else "all"
    with plain_errors(GOES_ON):
        wanted = grid.load(
            profile,
            results=results,
            device=device,
            threads=threads,
            datasets=grid.names(dataset),
            methods=grid.names(method),
            seeds=seed,
            n_cells=n_cells,
        )
        status = running.run(
            wanted, target=target, cores=cores, executor=executor, retry_failed=retry_failed, verbose=verbose
        )
    if status:
        raise typer.Exit(status)
    typer.echo(
        f"results: {wanted.results}" + ("; the book: _build/html/index.html" if target == "book" else "")
    )
    say_failures(running.failures(wanted))


@app.command()
def methods():
    """List the methods: name, family, what each is told of the data."""
    from zslib import methods as known

    for name in known.names():
        card = known.card(name)
        told = [
            word
            for word, is_told in (
                ("fitted to the cells", card.trained_on_target),
                ("told the batches", card.sees_batch),
                ("told the labels", card.sees_labels),
                ("not zero-shot", card.tuned),
            )
            if is_told
        ]
        typer.echo(f"{name:20s} {card.family:11s} {', '.join(told) or 'told nothing'}")
