"""scGPT as a frozen model: a checkpoint or an untrained network, with the tokenizer of one dataset's genes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from zslib.core.errors import DataError, NotApplicable
from zslib.datasets import cache
from zslib.datasets.card import Wheel
from zslib.frozen.cells import Cells
from zslib.frozen.model import FrozenModel, hash_names, permuted
from zslib.frozen.scgpt import tokenizer as tokenizers

TITLE = "scGPT"
Recipe = Literal["authors", "paper"]

# The authors' own package, for the gene list of the published checkpoints that it carries.
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
    cells: Cells,
    origin: str,
    *,
    recipe: Recipe = "paper",
    hvg=None,
    seed: int = 0,
    max_length: int | None = None,
    permute: bool = False,
) -> FrozenModel:
    """Bring a network and the genes of a dataset together.

    Parameters
    ----------
    network
        An :class:`zslib.frozen.scgpt.network.ScGPT`.
    vocab
        Its vocabulary.
    cells
        Cells to embed; ``symbol``, or else the index, names their genes.
    origin
        What tells these weights from others: a hash, or a seed.
    recipe
        ``"authors"``: every gene of the vocabulary. ``"paper"``: 1,200 variable genes, chosen from the counts of all
        cells.
    hvg
        The genes that ``"paper"`` is to read instead, bool of shape (n_genes,).
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
    symbols = list(cells.var.get("symbol", cells.var.index))
    options = {
        "pad_value": config.pad_value,
        "n_bins": config.n_bins,
        "max_len": max_length or config.max_seq_len,
        "seed": seed,
    }
    if recipe not in tokenizers.RECIPES:
        raise DataError(f"recipe is {recipe!r}; it must be one of {', '.join(tokenizers.RECIPES)}.")
    try:
        tokenizers.match_genes(symbols, vocab)
    except DataError as error:
        raise NotApplicable(str(error)) from None
    if recipe == "paper":
        choice = {"counts": cells.read(0, cells.n_cells)} if hvg is None else {"hvg": hvg}
        tokenizer = tokenizers.paper(symbols, vocab, empty="keep", **choice, **options)
    else:
        tokenizer = tokenizers.authors(symbols, vocab, empty="keep", **options)
    read = tokenizer.ids[tokenizer.ids >= 0]
    model = FrozenModel(
        network=network,
        tokenize=tokenizer,
        run=lambda net, genes, values, mask: net.pooled(genes, values, mask),
        n_dims=config.embsize,
        identity={
            "network": "scgpt",
            "weights": origin,
            "recipe": recipe,
            "genes read": hash_names(read),
            **options,
        },
        special=1,
        report={
            "recipe": recipe,
            "genes_in_vocabulary": tokenizer.matched,
            "genes_not_in_vocabulary": len(symbols) - tokenizer.matched,
            "genes_read": len(read),
            "max_length": options["max_len"],
        },
    )
    return permuted(model, read, seed) if permute else model


# Torch is loaded by those that make a network alone, so that what is listed or read of it needs none.


def checkpoint(files: Mapping[str, Path]):
    """Network and vocabulary of a checkpoint in the official layout, its files by role."""
    from zslib.frozen.scgpt.files import load, read_vocab

    folder = files["weights"].parent
    return load(folder), read_vocab(folder)


def untrained(vocab: dict[str, int], seed: int):
    """A network of the size of whole-human with untrained weights, for the tokens of a vocabulary."""
    from zslib.frozen.scgpt.network import Config, ScGPT

    return ScGPT.untrained(Config(ntoken=len(vocab)), seed)


def dictionary(cells: Cells) -> tuple[dict[str, int], dict]:
    """What an untrained network names genes by, whatever the cells, and nothing to report of it."""
    return vocabulary(), {}


def vocabulary() -> dict[str, int]:
    """Vocabulary of the published checkpoints: 60,694 genes, then ``<pad>``, ``<cls>`` and ``<eoc>``."""
    with cache.open_wheel(PACKAGE) as archive:
        genes = json.loads(archive.read(PACKAGE.members[0]))
    return genes | {token: len(genes) + i for i, token in enumerate(tokenizers.SPECIAL)}


def tokens(vocab: dict[str, int]) -> dict[str, int]:
    """Token of each gene."""
    return vocab
