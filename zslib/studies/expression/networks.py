"""The networks that can be asked, and what turns a dataset's genes into what they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from zslib import methods
from zslib.errors import DataError, NotApplicable
from zslib.frozen import weights

if TYPE_CHECKING:
    from torch import nn

    from zslib.frozen.tokenize import Dictionaries

UNTRAINED = ("scgpt-random", "geneformer-random")
MINI = "-mini-"
"""In the name of every small model that this project pre-trained."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Network:
    """A network, and the genes of a dataset as it knows them.

    Attributes
    ----------
    name
        That of its method: lower case with hyphens.
    kind
        Which of the two architectures it is.
    model
        The network itself.
    genes
        Name of each gene of the dataset, as vocabulary or dictionaries have them.
    vocab
        Of a scGPT: id of each gene symbol and special token.
    dictionaries
        Of a Geneformer: tokens, medians and names of genes.
    """

    name: str
    kind: Literal["scgpt", "geneformer"]
    model: "nn.Module"
    genes: Sequence[str]
    vocab: Mapping[str, int] | None = None
    dictionaries: "Dictionaries | None" = None


def names(specs: Mapping[str, str]) -> list[str]:
    """Of the methods of a grid, those that are networks with a pre-training objective; told from their cards.

    Parameters
    ----------
    specs
        Name of each method, and where it is from: its name again, or a file of the user's own, which is not asked.
    """
    known = [name for name, spec in specs.items() if not spec.endswith(".py")]
    return [name for name in known if name in UNTRAINED or _is_mini(name) or _is_released(name)]


def load(listed: Iterable[str], adata, *, seed: int = 0) -> tuple[list[Network], dict[str, str]]:
    """Load networks for the genes of prepared cells.

    Parameters
    ----------
    listed
        Names of networks, see :func:`names`.
    adata
        The prepared cells.
    seed
        Of untrained weights.

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
    from zslib.frozen import geneformer, scgpt
    from zslib.frozen.models import geneformer as geneformer_models
    from zslib.frozen.tokenize import read_dictionaries
    from zslib.frozen.tokenize.scgpt_recipes import match_genes

    kind = name.split("-")[0]
    if kind == "scgpt":
        model, vocab = scgpt.untrained(seed) if name in UNTRAINED else scgpt.checkpoint(_folder(name))
        genes = list(adata.var["symbol"])
        match_genes(genes, vocab)  # genes of another species are refused before anything is run
        return Network(name=name, kind=kind, model=model, genes=genes, vocab=vocab)
    genes = geneformer.gene_names(adata.var)
    if name in UNTRAINED:
        dictionaries = geneformer.own_dictionaries(adata.layers["counts"], adata.var)
        model = geneformer.untrained(seed, dictionaries)
    elif MINI in name:
        model, dictionaries = geneformer_models.load(_folder(name)), read_dictionaries(_folder(name))
        genes = list(
            adata.var["symbol"]
        )  # small models know the symbols of their corpus, whatever else is known
    else:
        model, dictionaries = geneformer.checkpoint(_files(name))
    dictionaries.map(genes)
    return Network(name=name, kind=kind, model=model, genes=genes, dictionaries=dictionaries)


def _is_mini(name: str) -> bool:
    """Whether a method runs one of the small models, as it is."""
    from zslib.frozen.pretrain import shipped

    return name in shipped.names()


def _is_released(name: str) -> bool:
    """Whether a method runs published weights, as they are."""
    return methods.card(name).checkpoint == name


def _files(name: str) -> dict[str, Path]:
    """Checked files of published weights by role, fetched if need be."""
    weights.fetch(name)
    return weights.files(name)


def _folder(name: str) -> Path:
    """Folder of a checkpoint, published or one of the small ones."""
    if MINI in name:
        from zslib.frozen.pretrain import shipped

        return shipped.folder(name)
    return _files(name)["weights"].parent
