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
from zslib.studies.expression.predict_geneformer import scaled_ranks, without_special


@dataclass(frozen=True, eq=False, kw_only=True)
class Scale:
    """Values of training and evaluated cells, and the networks that can be asked for them.

    Attributes
    ----------
    name
        ``bins`` or ``ranks``; where ranks differ between networks, with the name of the first of them.
    unit
        What a value is, for an axis.
    top
        The largest possible value.
    train, truth
        Values as in :class:`zslib.studies.expression.masking.MaskedGenes`.
    networks
        Who is asked.
    ids
        Token of each gene, shape (n_genes,), by the name of the network.
    counts
        Raw counts behind `train` and `truth`, of the same shapes, 0 wherever these are.
    ceiling
        The best that could be said of the evaluated cells by someone who knew every count, where values hold
        chance: equal counts get bins at random. Shape as `truth`; None where there is no chance.
    """

    name: str
    unit: str
    top: float
    train: np.ndarray
    truth: np.ndarray
    networks: tuple[Network, ...]
    ids: dict[str, np.ndarray]
    counts: tuple[np.ndarray, np.ndarray]
    ceiling: np.ndarray | None = None


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
    ids = {network.name: match_genes(network.genes, network.vocab) for network in networks}
    known = np.all([tokens >= 0 for tokens in ids.values()], axis=0)
    least = 3
    often = known & (np.asarray(train.sum(axis=0)).ravel() >= least)
    chosen = np.flatnonzero(variable_genes(train, known, min(n_genes, int(often.sum())), least))

    def binned(counts, ties: str) -> np.ndarray:
        some = sparse.csr_matrix(counts[:, chosen])
        some.eliminate_zeros()
        data = bin_values(some.data, some.indices, some.indptr, n_bins=n_bins, seed=seed, ties=ties)
        return sparse.csr_matrix((data, some.indices, some.indptr), some.shape).toarray()

    n_bins = n_bins.pop()
    return Scale(
        name="bins",
        unit="bin of expression",
        top=n_bins - 1,
        train=binned(train, "random"),
        truth=binned(test, "random"),
        ceiling=binned(test, "middle"),
        networks=tuple(networks),
        ids={name: tokens[chosen] for name, tokens in ids.items()},
        counts=(train[:, chosen].toarray(), test[:, chosen].toarray()),
    )


def encode(counts, network: Network, window: int) -> Tokens:
    """Tokens of a Geneformer, at most `window` genes a cell; cells without a known gene are left empty."""
    ids = network.dictionaries.map(network.genes)
    room = network.model.config.max_position_embeddings
    encoder = network.dictionaries.encoder(min(window, room))
    if encoder.special:
        encoder = network.dictionaries.encoder(min(window + len(encoder.special), room))
    return encoder.encode(counts, ids, empty="keep")


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
    groups: dict[bytes, list] = {}
    for network in networks:
        special = network.dictionaries.encoder(10).special
        cells = []
        for counts in (train, test):
            tokens = encode(counts, network, window)
            cells.append(without_special(tokens, tokens.flat, special)[:2])
        found, times = np.unique(cells[0][0], return_counts=True)
        ids = found[times >= max(least * train.shape[0], 1)].astype(np.int64)
        if len(ids) < 2:
            raise DataError(f"{network.name} knows too few genes of these cells to ask for any.")
        tables = [scaled_ranks(*_only(flat, offsets, ids), ids) for flat, offsets in cells]
        # By gene rather than token, so that networks with other ids but the same medians meet.
        gene = {token: name for name, token in network.dictionaries.tokens.items()}
        order = np.argsort([gene[token] for token in ids.tolist()])
        tables, ids = [table[:, order] for table in tables], ids[order]
        key = b"".join(
            [*(table.tobytes() for table in tables), repr([gene[t] for t in ids.tolist()]).encode()]
        )
        groups.setdefault(key, []).append((network, ids, tables))
    scales = []
    for members in groups.values():
        several = f" of {members[0][0].name}" if len(groups) > 1 else ""
        scales.append(
            Scale(
                name=f"ranks{several}",
                unit="scaled rank in the cell",
                top=1.0,
                train=members[0][2][0],
                truth=members[0][2][1],
                networks=tuple(network for network, _, _ in members),
                ids={network.name: ids for network, ids, _ in members},
                counts=tuple(
                    _counted(counts, values, *members[0][:2])
                    for counts, values in zip((train, test), members[0][2], strict=True)
                ),
            )
        )
    return scales


def _counted(counts, values: np.ndarray, network: Network, ids: np.ndarray) -> np.ndarray:
    """Counts of the genes of a scale where they have a value; those of a gene in several columns are summed."""
    tokens = network.dictionaries.tokens
    column = np.array([tokens.get(name, -1) for name in network.dictionaries.map(network.genes).tolist()])
    order = np.argsort(ids)
    place = order[np.minimum(np.searchsorted(ids, column, sorter=order), len(ids) - 1)]
    there = np.flatnonzero(ids[place] == column)
    gather = sparse.csr_matrix((np.ones(len(there)), (there, place[there])), (len(column), len(ids)))
    return np.where(values > 0, (counts @ gather).toarray(), 0)


def _only(flat, offsets, ids) -> tuple[np.ndarray, np.ndarray]:
    """Cells without the tokens that are not among `ids`."""
    keep = np.isin(flat, ids)
    return flat[keep], np.concatenate([[0], np.cumsum(keep)])[offsets]
