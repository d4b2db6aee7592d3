"""From counts to the two scales of expression that networks were trained to predict, and the genes asked about.

On the scale of a scGPT, a gene has a bin from 1 to 50 within its cell; on that of a Geneformer, a rank. Networks
that read the same genes in the same way share a scale, and so the baselines on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from zslib.core.errors import DataError
from zslib.frozen.scgpt.binning import bin_values
from zslib.frozen.scgpt.tokenizer import match_genes, variable_genes
from zslib.frozen.tokens import Tokens
from zslib.studies.expression.networks import Network
from zslib.studies.expression.predict_geneformer import scaled_ranks


@dataclass(frozen=True, eq=False, kw_only=True)
class Scale:
    """Values of training and evaluated cells, and the networks that can be asked for them."""

    name: str
    """``bins`` or ``ranks``; where ranks differ between networks, with the name of the first of them."""
    top: float
    """The largest possible value."""
    train: np.ndarray
    truth: np.ndarray
    """Values as in :class:`zslib.studies.expression.masking.MaskedGenes`."""
    networks: tuple[Network, ...]
    ids: dict[str, np.ndarray]
    """Token of each gene, shape (n_genes,), by the name of the network."""
    counts: tuple[np.ndarray, np.ndarray]
    """Raw counts behind `train` and `truth`, of the same shapes, 0 wherever these are."""
    ceiling: np.ndarray | None = None
    """The best that could be said of the evaluated cells by someone who knew every count, where values hold chance:
    equal counts get bins at random. Shape as `truth`; None where there is no chance."""


def bins(train, test, networks: Sequence[Network], *, n_genes: int, seed: int) -> Scale:
    """Bins of the most variable genes that all networks know, chosen on the training cells.

    Parameters
    ----------
    train, test
        Raw counts, CSR of shape (n_cells, n_all_genes).
    networks
        At least one scGPT, all with the same number of bins.
    n_genes
        Most genes to choose.
    seed
        Of the bins of equal counts.

    Raises
    ------
    DataError
        If the numbers of bins differ, or a vocabulary knows fewer than half of the genes.
    """
    if len(n_bins := {network.model.config.n_bins for network in networks}) > 1:
        raise DataError(f"Networks with {sorted(n_bins)} bins cannot be asked for the same values.")
    n_bins = n_bins.pop()
    ids = {network.name: match_genes(network.genes, network.vocab) for network in networks}
    known = np.all([tokens >= 0 for tokens in ids.values()], axis=0)
    chosen = np.flatnonzero(most_variable(train, known, n_genes))

    def binned(counts, ties: str) -> np.ndarray:
        some = sparse.csr_matrix(counts[:, chosen])
        some.eliminate_zeros()
        data = bin_values(some.data, some.indices, some.indptr, n_bins=n_bins, seed=seed, ties=ties)
        return sparse.csr_matrix((data, some.indices, some.indptr), some.shape).toarray()

    return Scale(
        name="bins",
        top=n_bins - 1,
        train=binned(train, "random"),
        truth=binned(test, "random"),
        ceiling=binned(test, "middle"),
        networks=tuple(networks),
        ids={name: tokens[chosen] for name, tokens in ids.items()},
        counts=(train[:, chosen].toarray(), test[:, chosen].toarray()),
    )


def most_variable(counts, known: np.ndarray, n_genes: int, least: int = 3) -> np.ndarray:
    """Mark at most so many variable genes, of those that are known and have a few counts."""
    often = known & (np.asarray(counts.sum(axis=0)).ravel() >= least)
    return variable_genes(counts, known, min(n_genes, int(often.sum())), least)


def encode(counts, network: Network, window: int) -> Tokens:
    """Tokens of a Geneformer, at most `window` genes a cell; cells without a known gene are left empty."""
    room = network.model.config.max_position_embeddings
    encoder = network.dictionaries.encoder(min(window + len(network.special), room))
    return encoder.encode(counts, network.genes, empty="keep")


def ranks(train, test, networks: Sequence[Network], *, window: int, least: float = 0.01) -> list[Scale]:
    """Scaled ranks within the window of each network, of genes found there in some share of training cells.

    Parameters
    ----------
    train, test
        As for :func:`bins`.
    networks
        Geneformers. Those with equal ranks come together in one scale.
    window
        Most genes of a cell, from the top.
    least
        Share of the training cells that must have a gene in their window; cells are read without the others.
    """
    groups: dict[tuple, tuple[list[np.ndarray], list[tuple[Network, np.ndarray]]]] = {}
    for network in networks:
        encoded = [encode(counts, network, window) for counts in (train, test)]
        found, times = np.unique(encoded[0].flat, return_counts=True)
        common = (times >= max(least * train.shape[0], 1)) & ~np.isin(found, network.special)
        kept = found[common].tolist()
        if len(kept) < 2:
            raise DataError(f"{network.name} knows too few genes of these cells to ask for any.")
        # By gene rather than token, so that networks with other ids but the same medians meet.
        gene = {token: name for name, token in network.dictionaries.tokens.items()}
        ids = np.array(sorted(kept, key=gene.get))
        tables = [scaled_ranks(tokens.flat, tokens.offsets, ids) for tokens in encoded]
        key = (*(table.tobytes() for table in tables), *(gene[token] for token in ids.tolist()))
        groups.setdefault(key, (tables, []))[1].append((network, ids))
    found = []
    for (learn, truth), members in groups.values():
        name = f"ranks of {members[0][0].name}" if len(groups) > 1 else "ranks"
        counted = _counted(train, learn, *members[0]), _counted(test, truth, *members[0])
        ids, asked = {network.name: ids for network, ids in members}, tuple(network for network, _ in members)
        found.append(
            Scale(name=name, top=1.0, train=learn, truth=truth, networks=asked, ids=ids, counts=counted)
        )
    return found


def _counted(counts, values: np.ndarray, network: Network, ids: np.ndarray) -> np.ndarray:
    """Counts of the genes of a scale where they have a value; those of a gene in several columns are summed."""
    tokens = network.dictionaries.tokens
    column = np.array([tokens.get(name, -1) for name in network.genes])
    there, place = np.nonzero(column[:, None] == ids)
    gather = sparse.csr_matrix((np.ones(len(there)), (there, place)), (len(column), len(ids)))
    return np.where(values > 0, (counts @ gather).toarray(), 0)
