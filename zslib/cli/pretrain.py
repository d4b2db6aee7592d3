"""``zslib pretrain``: train a small model of either architecture from scratch."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from zslib.cli.terminal import plain_errors


def pretrain(
    what: Annotated[str, typer.Argument(help="geneformer, scgpt, the name of a shipped model, or minis.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    corpus: Annotated[
        list[str] | None, typer.Option(help="Dataset to train on (name, or path of a .py); repeatable.")
    ] = None,
    layers: Annotated[int | None, typer.Option(help="Layers of the network.")] = None,
    width: Annotated[int | None, typer.Option(help="Features of a token.")] = None,
    heads: Annotated[int | None, typer.Option(help="Heads of attention.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Most tokens of a cell.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Share of features left out in training.")] = None,
    min_cells: Annotated[
        int | None, typer.Option(help="Cells a gene must be found in to get a token.")
    ] = None,
    max_genes: Annotated[int | None, typer.Option(help="Most genes of the vocabulary.")] = None,
    n_cells: Annotated[int | None, typer.Option(help="Most cells of each dataset.")] = None,
    share: Annotated[float | None, typer.Option(help="Share of the cells that is held out.")] = None,
    steps: Annotated[int | None, typer.Option(help="Most steps.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Cells of a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="After warming up.")] = None,
    warm_up: Annotated[float | None, typer.Option(help="Share of the steps.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of matrices.")] = None,
    clip: Annotated[float | None, typer.Option(help="Largest norm of a gradient.")] = None,
    evaluate_every: Annotated[int | None, typer.Option(help="Steps between looks at held-out cells.")] = None,
    evaluate_cells: Annotated[int | None, typer.Option(help="Most cells of such a look.")] = None,
    patience: Annotated[int | None, typer.Option(help="Looks without progress before stopping.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything that is random.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
):
    """Train a model from scratch on datasets, and write it in the official file layout.

    WHAT is an architecture, `geneformer` (hidden genes of a ranked cell are named) or `scgpt` (values of genes
    are generated from those of others); or the name of a shipped model, whose recipe is then repeated; or
    `minis`, for all of these. Vocabulary and gene medians come from the corpus. A share of the cells is held
    out, and the weights of the lowest loss on them are kept. Killed at any moment, the same command goes on
    where it left off, to the same end.

    Leaves weights and dictionaries, `card.json`, the loss curve `curve.parquet`, and `held_out.parquet`, which
    says whether the model beats an untrained one and the frequencies of genes. Of a shipped model it says
    whether the new one agrees with it, and ends with status 1 if not.

    Example: `zslib pretrain geneformer --corpus pbmc3k --steps 500 --out my-model`
    """
    given = {name: value for name, value in locals().items() if value is not None}
    from zslib.core.device import pick_device
    from zslib.frozen.pretrain import minis
    from zslib.frozen.pretrain.pretraining import pretrain as run
    from zslib.frozen.pretrain.recipe import Recipe
    from zslib.frozen.pretrain.training import Schedule

    own = {
        f.name: given[f.name] for f in dataclasses.fields(Recipe) if f.name in given and f.name != "corpus"
    }
    schedule = {f.name: given[f.name] for f in dataclasses.fields(Schedule) if f.name in given}
    chosen = list(minis.RECIPES) if what == "minis" else [what] if what in minis.RECIPES else []
    with plain_errors():
        if chosen and (own or schedule or corpus):
            raise typer.BadParameter(
                "a shipped model is made by its own recipe: give --out and --device alone."
            )
        if not chosen:
            recipe = Recipe(
                architecture=what, corpus=tuple(corpus or ()), schedule=Schedule(**schedule), **own
            )
            card = run(recipe, out, device=pick_device(device), say=_say)
            typer.echo(
                f"{card['name']}: held-out loss {card['loss']:.4f} after {card['best_step']} steps, in {out}"
            )
        differ = 0
        for name in chosen:
            folder = out / name if what == "minis" else out
            typer.echo(name)
            run(minis.RECIPES[name], folder, device=pick_device(device), say=_say, name=name)
            agree, line = minis.agreement(name, folder)
            typer.echo(line)
            differ += not agree
    if differ:
        raise typer.Exit(1)


def _say(line: str) -> None:
    typer.echo(line, err=True)
