"""``zslib embed``: a frozen model over an ``.h5ad`` file of any size."""

from pathlib import Path
from typing import Annotated

import typer

from zslib.cli.terminal import plain_errors


def embed(
    file: Annotated[Path, typer.Argument(help="A file with raw counts, see above.")],
    method: Annotated[
        str, typer.Option("--method", "-m", help="A method that runs a frozen network, see `zslib methods`.")
    ],
    out: Annotated[Path | None, typer.Option(help="Where the embedding goes, a .npy.")] = None,
    recipe: Annotated[str | None, typer.Option(help="Of scGPT: paper or authors.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Most tokens of a cell.")] = None,
    seed: Annotated[int, typer.Option(help="For all that is random in the method.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    budget: Annotated[int | None, typer.Option(help="Most tokens in a batch.")] = None,
    into_file: Annotated[
        bool, typer.Option("--into-file", help="Write it into the file's obsm too.")
    ] = False,
):
    """Embed the cells of a file with a frozen model, reading it piece by piece.

    The file is an `.h5ad`, a `.zarr`, a 10x `.h5` or a folder of `matrix.mtx`. Raw counts are looked for in
    `layers/counts`, `X` and `raw/X`, and every value is checked as it is read. Leaves `FILE.METHOD.npy`,
    float32 with a row a cell, NaN for cells that the model cannot read, and `FILE.METHOD.json`, which says
    what was run, what was found in the file, and which cells these are; with `--into-file` the embedding goes
    into the file too, as `obsm["X_METHOD"]`. A run that was stopped goes on where it was.

    Example: `zslib embed cells.h5ad -m geneformer-v1-10m`

    `scgpt-*` choose variable genes from all cells at once, which takes memory; `--recipe authors` reads every
    gene and streams.
    """
    from zslib import frozen, methods
    from zslib.core import store
    from zslib.core.device import device_name, pick_device, versions
    from zslib.core.errors import DataError, NotApplicable

    with plain_errors():
        module = methods.get(method)
        name = module.CARD.name
        if not hasattr(module, "build"):
            raise DataError(f"{name} runs no frozen network; `zslib run` runs it on a dataset.")
        if into_file and file.suffix not in (".h5ad", ".zarr"):
            raise DataError(
                f"--into-file writes into an .h5ad or a .zarr, which {file} is not: leave the option out."
            )
        out = out or file.with_suffix(f".{name}.npy")
        options = {k: v for k, v in {"recipe": recipe, "max_length": max_length}.items() if v is not None}
        try:
            with frozen.in_file(file) as cells:
                model = module.build(cells, seed=seed, **options)
                _, report = frozen.embed(
                    model,
                    cells,
                    device=device,
                    precision=precision,
                    budget=budget,
                    partial=out,
                    progress=True,
                )
        except NotApplicable as error:
            raise DataError(f"{name} cannot run on {file}: {error}") from None
        for line in cells.found:
            typer.echo(str(line), err=True)
        if n := report["cells_not_readable"]:
            said = f"{n:,} cells express no gene that {name} reads, first {report['first_of_these']}: their rows are NaN"
            typer.echo(f"note: {said}", err=True)
        about = {"method": name, "file": str(file), "seed": seed, "parameters": options}
        about |= {
            "identity": model.identity,
            "device": device_name(str(pick_device(device))),
            "frozen": report,
            "found": cells.found.as_dicts(),
        }
        store.write_json(out.with_suffix(".json"), about | {"versions": versions()})
        if into_file:
            _put(file, f"X_{name}", out)
    typer.echo(f"{out}: {cells.n_cells:,} cells × {model.n_dims}")


def _put(file: Path, key: str, embedding: Path) -> None:
    import h5py
    import numpy as np
    from anndata.io import write_elem

    rows = np.asarray(np.load(embedding, mmap_mode="r"))
    if file.is_dir():
        import zarr

        write_elem(zarr.open_group(file, mode="r+").require_group("obsm"), key, rows)
        return
    with h5py.File(file, "r+") as whole:
        write_elem(whole.require_group("obsm"), key, rows)
