"""A network and what makes its input: all that turns counts into embeddings."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from zslib.core.errors import NotApplicable
from zslib.frozen.cells import Cells
from zslib.frozen.tokens import Tokens

if TYPE_CHECKING:
    from torch import Tensor, nn

LEAST_KNOWN = 0.2
"""Share of the genes that a small model must have a token for."""


@dataclass(frozen=True, eq=False)
class FrozenModel:
    """A network with fixed weights, and the tokenizer of one set of genes."""

    network: "nn.Module"
    """In evaluation mode; the engine moves it to a device and a precision."""
    tokenize: Callable[[sparse.csr_matrix], Tokens]
    """From raw counts of shape (n_cells, n_genes) to tokens. A cell's depend on that cell alone."""
    run: "Callable[..., Tensor]"
    """``run(network, *arrays, mask)`` gives (n_rows, n_dims), with gradients unless torch is told otherwise; ``mask``
    is None where nothing is padded."""
    n_dims: int
    identity: dict
    """What the embedding follows from besides the counts: weights, genes, recipe, seed."""
    special: int = 0
    """Tokens of a cell that stand for no gene. A cell that has no more than these says nothing to the network."""
    report: dict = field(default_factory=dict)
    """What a reader must know of the input: genes found and not, cells cut."""

    @property
    def digest(self) -> str:
        """Hash of the identity."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()


def permuted(model: FrozenModel, ids: np.ndarray, seed: int) -> FrozenModel:
    """The same model with the identities of genes shuffled: each gene is read as another one of the data.

    Parameters
    ----------
    model
        The model.
    ids
        Ids of the genes of the data, without special tokens. They are shuffled among themselves, so that
        no id comes in that these cells would not have used.
    seed
        Of the shuffle.

    Returns
    -------
    A model with another tokenizer; order, values and number of tokens are as before.
    """
    ids = np.unique(ids)
    config = model.network.config
    table = np.arange(getattr(config, "vocab_size", None) or config.ntoken, dtype=np.int32)
    table[ids] = np.random.default_rng(seed).permutation(ids)

    def tokenize(counts) -> Tokens:
        tokens = model.tokenize(counts)
        return dataclasses.replace(tokens, flat=table[tokens.flat])

    identity = model.identity | {"genes permuted with seed": seed}
    return dataclasses.replace(model, tokenize=tokenize, identity=identity)


def of_known_genes(
    make: Callable[[Cells], FrozenModel], cells: Cells, tokens: Collection[str], name: str
) -> FrozenModel:
    """A model of a small vocabulary for these cells: genes that it has no token for are not shown to it.

    Parameters
    ----------
    make
        From cells with the genes that are shown alone, named by symbol, to their model.
    cells
        Cells to embed; ``symbol``, or else the index, names their genes.
    tokens
        Symbols that have a token.
    name
        Of the model, for the error.

    Raises
    ------
    NotApplicable
        If it has a token for fewer than a fifth of the genes.
    """
    symbols = cells.var.get("symbol", cells.var.index.to_series())
    known = symbols.isin(tokens).to_numpy()
    if known.mean() < LEAST_KNOWN:
        raise NotApplicable(
            f"{name} has a token for {known.sum()} of {len(known)} genes: it knows human symbols of its own corpus."
        )
    shown = dataclasses.replace(
        cells,
        var=pd.DataFrame({"symbol": symbols[known]}),
        read=lambda start, stop: cells.read(start, stop)[:, known],
    )
    made = make(shown)
    return dataclasses.replace(
        made,
        tokenize=lambda counts: made.tokenize(counts[:, known]),
        report=made.report | {"genes_without_a_token": int((~known).sum())},
    )


def hash_names(names) -> str:
    """Hash of a list of names, to tell one set of genes from another."""
    return hashlib.sha256("\0".join(map(str, names)).encode()).hexdigest()
