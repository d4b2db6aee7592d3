"""``zslib data``: the datasets, fetching and checking their files, and slices of the CELLxGENE Census."""

from pathlib import Path
from typing import Annotated

import typer

from zslib.cli.terminal import plain_errors, show_card

app = typer.Typer(
    help="Datasets: list, describe, download and check them.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)


@app.command("list")
def show_all():
    """List the datasets."""
    from zslib import datasets

    for name in datasets.names():
        typer.echo(f"{name:20s} {datasets.card(name).title}")


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Name of a dataset, or path of a .py of your own.")]):
    """Show a dataset's card."""
    from zslib import datasets

    with plain_errors():
        show_card(datasets.card(name))


@app.command("fetch")
def fetch(
    names: Annotated[list[str], typer.Argument(help="Names of datasets; see `zslib data list`.")],
):
    """Download datasets into the cache (`ZSLIB_CACHE`), each file checked against its SHA-256.

    Where its owner publishes none, the file that comes first is trusted, and any other is refused from then on.
    """
    from zslib import datasets

    with plain_errors():
        for name in names:
            typer.echo(f"{name:20s} license: {datasets.card(name).license}")
            for path in datasets.fetch(name):
                typer.echo(f"{name:20s} {path}")


@app.command("verify")
def verify():
    """Check every file in the cache against its SHA-256; ends with status 1 if one is damaged or its hash not known."""
    from zslib import datasets

    files = datasets.verify()
    for file in files:
        typer.echo(f"{file.state:10s} {file.path}")
    raise typer.Exit(int(any(file.state not in ("ok", "missing") for file in files)))


@app.command("census")
def census(
    tissue: Annotated[
        str | None, typer.Option(help="Cells of this tissue, as tissue_general calls it, each once.")
    ] = None,
    dataset_id: Annotated[str | None, typer.Option(help="Cells of this dataset of CELLxGENE.")] = None,
    cells: Annotated[int, typer.Option(min=1, help="Cells to draw.")] = 5000,
    release: Annotated[
        str | None, typer.Option(help="Date of the release; by default that of the embeddings.")
    ] = None,
    organism: Annotated[str, typer.Option(help="homo_sapiens or mus_musculus.")] = "homo_sapiens",
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    out: Annotated[Path | None, typer.Option(help="FILE, by default TISSUE.h5ad.")] = None,
):
    """Draw cells out of the CELLxGENE Census: raw counts, stratified by type and batch, with the ids of the Census.

    By these ids the methods `census-scgpt` and `census-uce` look up embeddings that are hosted for that
    release, without a GPU; `census-geneformer`, which was fine-tuned, and `census-scvi`, which was trained on
    the Census, are shown beside them and are not zero-shot. Leaves FILE, and a `.yaml` beside it by which it
    is a dataset of the grid. Needs `cellxgene-census` (`pip install -c constraints.txt -e ".[census]"`) and a
    connection.

    Example: `zslib data census --tissue lung --cells 5000`, then
    `zslib report lung.h5ad --label cell_type --batch dataset_id -m census-scgpt -m census-uce`
    """
    from zslib.core.registry import name_from
    from zslib.datasets import census, own

    with plain_errors():
        slice_ = census.address(
            tissue=tissue, dataset_id=dataset_id, cells=cells, release=release or census.RELEASE,
            organism=organism, seed=seed,
        )  # fmt: skip
        out = out or Path(f"{name_from(tissue or dataset_id, 'census')}.h5ad")
        typer.echo(f"license: {census.LICENSE}")
        label, batch = census.draw(slice_.url, out)
        described = out.with_suffix(".yaml")
        own.write(described, own.describe(out, label=label, batch=batch))
    typer.echo(f"{out}: zslib report {out} --label {label} --batch {batch} -m census-scgpt -m census-uce")
    typer.echo(f"{described}: zslib book --dataset {described} --method hvg,census-scgpt")
