"""The published protocol, run: cells shown whole to a network, and what it gives back."""

import numpy as np
import pandas as pd

from zslib.frozen.scgpt.tokenizer import match_genes, paper, variable_genes
from zslib.studies.expression import predict_geneformer, predict_scgpt, published, scores
from zslib.studies.expression.networks import Network
from zslib.studies.expression.scales import encode

ERRORS = {
    "mse": "mean squared error of bins",
    "mae": "mean absolute error of bins",
    "mre": "mean relative error of bins",
}
MEAN_BIN = "mean bin"


def bins(
    network: Network,
    counts,
    rows,
    *,
    n_genes: int,
    seed: int,
    n_boot: int,
    device: str,
) -> pd.DataFrame:
    """Errors of a scGPT on the bins it was shown, from each token (GEP) and from the cell (GEPC).

    Parameters
    ----------
    network
        Whom to ask.
    counts
        Raw counts of all cells, CSR of shape (n_cells, n_all_genes), among which variable genes are chosen.
    rows
        Cells to show, by number.
    n_genes
        Most variable genes to choose; the paper's number is 1,200.
    seed, n_boot
        Of bins of equal counts, and resamples of cells.

    Returns
    -------
    One row a predictor and score. The baseline is one number, the mean of all bins shown.
    """
    known = match_genes(network.genes, network.vocab) >= 0
    often = known & (np.asarray(counts.sum(axis=0)).ravel() >= 3)
    hvg = variable_genes(counts, known, min(n_genes, int(often.sum())))
    longest = network.model.config.max_seq_len
    read = paper(network.genes, network.vocab, hvg=hvg, max_len=longest, seed=seed, empty="keep")
    tokens = read(counts[rows])
    cell = np.repeat(np.arange(len(tokens)), tokens.lengths)
    said = predict_scgpt.published(network.model, tokens, device=device)
    said[MEAN_BIN] = np.full(len(tokens.values), tokens.values[tokens.values > 0].mean())
    found = []
    for predictor, predicted in said.items():
        for score, pair in published.bin_errors(tokens.values, predicted, cell).items():
            row = {"scale": "bins", "network": network.name, "predictor": predictor, "score": score}
            found.append(row | scores.values(score, [pair], n_boot=n_boot) | {"better": "lower"})
    return pd.DataFrame(found)


def ranks(network: Network, counts, *, window: int, n_boot: int, device: str) -> pd.DataFrame:
    """Correlation of the ranks that a Geneformer gives back with those it was shown.

    Cells with fewer than two known genes are left out.

    Parameters
    ----------
    network, n_boot
        As for :func:`bins`.
    counts
        Raw counts of the cells to show, CSR of shape (n_cells, n_all_genes).
    window
        Most genes of a cell; the paper's number is 2,048.

    Returns
    -------
    One row a predictor: mean over cells of the Pearson correlation.
    """
    special = network.dictionaries.encoder(10).special
    tokens = encode(counts, network, window)
    counted = np.flatnonzero(tokens.lengths >= 2 + len(special))
    tokens = encode(counts[counted], network, window)
    likeliest = predict_geneformer.published(network.model, tokens, device=device)
    found = published.ranks(*predict_geneformer.without_special(tokens, likeliest, special))
    rows = []
    for predictor, r in published.rank_correlations(found).items():
        defined = np.isfinite(r)
        row = {"scale": "ranks", "network": network.name, "predictor": predictor, "score": "pearson"}
        pair = np.where(defined, r, 0), defined.astype(float)
        rows.append(row | scores.values("pearson", [pair], n_boot=n_boot) | {"better": "higher"})
    return pd.DataFrame(rows)
