"""scGPT as a frozen model: a checkpoint or an untrained network, with the tokenizer of one dataset's genes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from zslib.datasets import cache
from zslib.datasets.card import Wheel
from zslib.errors import DataError, NotApplicable
from zslib.frozen.model import FrozenModel, hash_names, permuted
from zslib.frozen.tokenize import scgpt_recipes

Recipe = Literal["authors", "paper"]

# The authors' own package, for the gene list of the released checkpoints that it carries.
PACKAGE = Wheel(
    distribution="scgpt",
    version="0.2.4",
    sha256="aafa4ac8dcb5a3d7b81ab71f136baf324b7dc6d83109781340ba601fd236759f",
    bytes=831_725,
    members=("scgpt/tokenizer/default_census_vocab.json",),
)


def frozen(
    network,
    vocab: dict[str, int],
    var: pd.DataFrame,
    origin: str,
    *,
    recipe: Recipe = "paper",
    counts=None,
    hvg=None,
    seed: int = 0,
    max_length: int | None = None,
    permute: bool = False,
) -> FrozenModel:
    """Bring a network and the genes of a dataset together.

    Parameters
    ----------
    network
        An :class:`zslib.frozen.models.scgpt.ScGPT`.
    vocab
        Its vocabulary.
    var
        A row a gene of the dataset; ``symbol``, or else the index, names it.
    origin
        What tells these weights from others: a hash, or a seed.
    recipe
        ``"authors"``: every gene of the vocabulary. ``"paper"``: 1,200 variable genes.
    counts
        Raw counts of all cells, from which ``"paper"`` chooses its genes.
    hvg
        The genes that ``"paper"`` is to read instead, bool of shape (n_genes,); then no counts are needed.
    seed
        Of the bins of tied counts, of the genes left out of long cells, and of the permutation.
    max_length
        Most tokens of a cell, ``<cls>`` included; the network's own limit if None.
    permute
        Shuffle the identities of the genes.

    Raises
    ------
    NotApplicable
        If fewer than half of the genes are in the vocabulary.
    """
    config = network.config
    symbols = list(var.get("symbol", var.index))
    options = {
        "pad_value": config.pad_value,
        "n_bins": config.n_bins,
        "max_len": max_length or config.max_seq_len,
        "seed": seed,
        "empty": "keep",
    }
    if recipe not in scgpt_recipes.RECIPES:
        raise DataError(f"recipe is {recipe!r}; it must be one of {', '.join(scgpt_recipes.RECIPES)}.")
    _ask_for_human(symbols, vocab)
    if recipe == "paper":
        tokenizer = scgpt_recipes.paper(symbols, vocab, counts=counts, hvg=hvg, **options)
    else:
        tokenizer = scgpt_recipes.authors(symbols, vocab, **options)
    read = tokenizer.ids[tokenizer.ids >= 0]
    model = FrozenModel(
        network=network,
        tokenize=tokenizer,
        run=lambda net, genes, values, mask: net.pooled(genes, values, mask),
        n_dims=config.embsize,
        identity={"network": "scgpt", "weights": origin, "recipe": recipe, "genes read": hash_names(read)}
        | {k: v for k, v in options.items() if k != "empty"},
        report={
            "recipe": recipe,
            "genes_in_vocabulary": tokenizer.matched,
            "genes_not_in_vocabulary": len(tokenizer.dropped),
            "genes_read": len(read),
            "max_length": options["max_len"],
        },
    )
    return permuted(model, read, seed) if permute else model


def vocabulary() -> dict[str, int]:
    """Vocabulary of the released checkpoints: 60,694 genes, then ``<pad>``, ``<cls>`` and ``<eoc>``."""
    with cache.open_wheel(PACKAGE) as archive:
        genes = json.loads(archive.read(PACKAGE.members[0]))
    return genes | {token: len(genes) + i for i, token in enumerate(scgpt_recipes.SPECIAL)}


def checkpoint(folder: str | Path):
    """Network and vocabulary of a checkpoint in the official layout."""
    from zslib.frozen.models import scgpt

    return scgpt.load(folder), scgpt.read_vocab(folder)


def untrained(seed: int):
    """The whole-human network with untrained weights, and its vocabulary."""
    from zslib.frozen.models import scgpt

    vocab = vocabulary()
    return scgpt.random(scgpt.Config(ntoken=len(vocab)), seed), vocab


def _ask_for_human(symbols: Sequence[str], vocab: dict[str, int]) -> None:
    try:
        scgpt_recipes.match_genes(symbols, vocab)
    except DataError as error:
        raise NotApplicable(str(error)) from None
