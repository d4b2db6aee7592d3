"""``zslib weights``: what there is, where it comes from, fetching and checking it."""

from typing import Annotated

import typer

from zslib.cli.terminal import plain_errors, show_card

app = typer.Typer(
    help="Pre-trained weights: list, describe, download and check them, or use a folder you have.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Name = Annotated[str, typer.Argument(help="Name of weights, see `zslib weights list`.")]
Unverified = Annotated[
    bool,
    typer.Option(
        "--unverified",
        help="Accept files whose hash is not known. It is recorded, and nothing else is accepted after.",
    ),
]


@app.command("list")
def show_all():
    """List the weights: whether they are here, their size, what they were pre-trained on."""
    from zslib.frozen import weights

    with plain_errors():
        for name in weights.names():
            card = weights.card(name)
            size = card.file("weights").bytes
            state = "here" if weights.available(name) else "can be fetched" if card.revision else "by hand"
            typer.echo(f"{name:28s} {f'{size / 1e6:.0f} MB' if size else '':>8s}  {state:15s} {card.corpus}")


@app.command()
def show(name: Name):
    """Show the card of weights: publisher, revision, files with their hashes, license, corpus and its cut-off."""
    from zslib.frozen import weights

    with plain_errors():
        card = weights.card(name)
        show_card(card, unknown="not known")
        typer.echo(
            f"folder: {weights.folder(name)}" + ("" if weights.available(name) else " (not all there)")
        )


@app.command()
def fetch(name: Name, unverified: Unverified = False):
    """Download weights into the cache (`ZSLIB_CACHE`), each file checked against its SHA-256.

    What is there already is not fetched, and an interrupted download goes on where it stopped. Files
    come from the revision on the card, from `HF_ENDPOINT` if that names a mirror; no account is needed.
    Nothing that is fetched is ever executed.

    Example: `zslib weights fetch geneformer-v1-10m`
    """
    from zslib.frozen import weights

    with plain_errors():
        typer.echo(str(weights.fetch(name, unverified=unverified)))


@app.command()
def verify(
    what: Annotated[str, typer.Argument(help="Name of weights, or path of a folder or file you have.")],
    as_: Annotated[
        str | None, typer.Option("--as", help="What the path should hold; told by its hash if not given.")
    ] = None,
):
    """Check files against their hashes, without fetching any; ends with status 1 if one is missing or wrong.

    Example: `zslib weights verify scgpt-human`, or of files you have:
    `zslib weights verify ~/Downloads/scGPT_human`
    """
    from zslib.frozen import weights

    with plain_errors():
        found = weights.verify(what, as_)
    for status in found:
        typer.echo(f"{status.state:9s} {status.path}" + (f": {status.detail}" if status.detail else ""))
    raise typer.Exit(int(not all(status.usable for status in found)))


@app.command()
def path(name: Name):
    """Print the folder of weights, after checking every file in it."""
    from zslib.frozen import weights

    with plain_errors():
        typer.echo(str(weights.path(name)))


@app.command()
def use(
    name: Name,
    folder: Annotated[str, typer.Argument(help="Folder that holds the files.")],
    unverified: Unverified = False,
):
    """Use weights from a folder you have, from now on. The folder is checked first, and never written to.

    It may hold the files side by side, or be a clone or snapshot of the publisher's repository.

    Example: `zslib weights use scgpt-blood ~/Downloads/scGPT_bc --unverified`
    """
    from zslib.frozen import weights

    with plain_errors():
        typer.echo(f"{name} is now read from {weights.use(name, folder, unverified=unverified)}")
