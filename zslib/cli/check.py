"""``zslib check``: whether a file can be used as it is, before anything runs on it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from zslib.cli.terminal import plain_errors


def check(
    file: Annotated[Path, typer.Argument(help="A file with raw counts.")],
    label: Annotated[str | None, typer.Option(help="Column of obs that holds the cell type.")] = None,
    batch: Annotated[str | None, typer.Option(help="Column of obs that holds the batch.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
):
    """Look at every value, gene, label and batch of a file, and say what is used, mended, left out or refused.

    Reads what `zslib embed` reads: an `.h5ad`, a `.zarr`, a 10x `.h5` or a folder of `matrix.mtx`. Changes
    nothing. Ends with status 1 if the file cannot be used as it is, each line of `refused` saying what to do,
    and with status 2 if it cannot be opened.

    Example: `zslib check cells.h5ad --label cell_type --batch donor`
    """
    from zslib.datasets.inspect import inspect

    with plain_errors():
        seen = inspect(file, label, batch)
    if as_json:
        said = {"holds": seen.holds, "found": seen.found.as_dicts(), "refused": seen.refused}
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        for what, value in seen.holds.items():
            each = ", ".join(f"{k} {n:,}" for k, n in value.items()) if isinstance(value, dict) else value
            typer.echo(f"{what}: {', '.join(each) if isinstance(each, list) else each}")
        for line in (*seen.found, *(f"refused: {one}" for one in seen.refused)):
            typer.echo(str(line))
    raise typer.Exit(int(bool(seen.refused)))
