"""The networks that can be asked, and what turns a dataset's genes into what they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from zslib import methods
from zslib.core.errors import DataError, NotApplicable
from zslib.frozen import geneformer, scgpt
from zslib.frozen.architectures import ARCHITECTURES
from zslib.frozen.scgpt.tokenizer import match_genes
from zslib.methods import checkpoints

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, eq=False, kw_only=True)
class Network:
    """A network, and the genes of a dataset as it knows them."""

    name: str
    """That of its method."""
    kind: Literal["scgpt", "geneformer"]
    model: "nn.Module"
    genes: Sequence[str]
    """Name of each gene of the dataset, as vocabulary or dictionaries have them."""
    vocab: Mapping[str, int] | None = None
    """Of a scGPT: id of each gene symbol and special token."""
    dictionaries: geneformer.Dictionaries | None = None
    """Of a Geneformer: tokens, medians and names of genes."""

    @property
    def special(self) -> tuple[int, ...]:
        """Of a Geneformer, the ids of ``<cls>`` and ``<eos>`` where it has them."""
        return self.dictionaries.encoder(10).special


def names(specs: Mapping[str, str]) -> list[str]:
    """Of the methods of a grid, those that are networks with a pre-training objective; told from their cards.

    Parameters
    ----------
    specs
        Name of each method, and where it is from: its name again, or a file of the user's own, which is not asked.
    """
    cards = [methods.card(name) for name, spec in specs.items() if not spec.endswith(".py")]
    # Checkpoints as they are, and untrained networks of published size.
    return [
        card.name
        for card in cards
        if card.variant == "trained" or (card.variant == "untrained" and card.family == "control")
    ]


def load(listed: Iterable[str], adata, *, seed: int = 0) -> tuple[list[Network], dict[str, str]]:
    """Load networks for the genes of prepared cells, untrained ones by the seed.

    Returns
    -------
    The networks, and of those that cannot be asked about these cells the reasons, by name.

    Raises
    ------
    NotApplicable
        If none of them can.
    """
    found, refused = [], {}
    for name in listed:
        try:
            found.append(_load(name, adata, seed))
        except (DataError, NotApplicable) as error:
            refused[name] = str(error)
    if not found:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
        raise NotApplicable(f"No network can be asked for the expression of these cells. {reasons}")
    return found, refused


def _load(name: str, adata, seed: int) -> Network:
    card = methods.card(name)
    kind, architecture = card.architecture, ARCHITECTURES[card.architecture]
    if card.variant == "trained":
        model, known = architecture.checkpoint(checkpoints.files_of(name))
    else:
        own = kind == "geneformer"
        known = geneformer.own_dictionaries(adata.layers["counts"], adata.var) if own else scgpt.vocabulary()
        model = architecture.untrained(known, seed)
    # Genes of another species are refused before anything is run.
    if kind == "scgpt":
        genes = list(adata.var["symbol"])
        match_genes(genes, known)
        return Network(name=name, kind=kind, model=model, genes=genes, vocab=known)
    # Small models know the symbols of their corpus, whatever else is known.
    genes = known.map(adata.var[["symbol"]] if card.family == "small" else adata.var).tolist()
    return Network(name=name, kind=kind, model=model, genes=genes, dictionaries=known)


def alike(lengths: np.ndarray, size: int) -> list[np.ndarray]:
    """Rows of so many cells of like length, batch by batch, so that little is padded."""
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]


def entries(tokens, rows: np.ndarray) -> np.ndarray:
    """Where the tokens of some cells stand among those of all."""
    return np.concatenate([np.arange(tokens.offsets[row], tokens.offsets[row + 1]) for row in rows])
