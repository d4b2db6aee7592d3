"""The reconstruction test as published: how well a network gives back the very input it was shown.

Kedzierska et al., Genome Biology 26:101 (2025), doi:10.1186/s13059-025-03574-x. Nothing is hidden here, so
a good score may be no more than copying; :mod:`zslib.studies.expression.masking` asks the harder question. What is
averaged over what, and what happens to genes that are missing on one side, follows the published code.
"""

import numpy as np
import pandas as pd
from scipy import stats

from zslib.core.errors import DataError
from zslib.frozen.scgpt.tokenizer import match_genes, paper
from zslib.studies.expression import predict_geneformer, predict_scgpt, scores
from zslib.studies.expression.cards import Settings
from zslib.studies.expression.networks import Network
from zslib.studies.expression.scales import encode, most_variable


def bins(network: Network, counts, rows, settings: Settings, device: str) -> pd.DataFrame:
    """Errors of a scGPT on the bins it was shown, from each token (GEP) and from the cell (GEPC).

    Parameters
    ----------
    network
        Whom to ask.
    counts
        Raw counts of all cells, CSR of shape (n_cells, n_all_genes), among which variable genes are chosen.
    rows
        Cells to show, by number.

    Returns
    -------
    One row a predictor and score. The baseline is one number, the mean of all bins shown.
    """
    hvg = most_variable(counts, match_genes(network.genes, network.vocab) >= 0, settings.n_genes)
    longest = network.model.config.max_seq_len
    read = paper(network.genes, network.vocab, hvg=hvg, max_len=longest, seed=settings.seed, empty="keep")
    tokens = read(counts[rows])
    cell = np.repeat(np.arange(len(tokens)), tokens.lengths)
    said = predict_scgpt.published(network.model, tokens, device=device)
    said["mean bin"] = np.full(len(tokens.values), tokens.values[tokens.values > 0].mean())
    return pd.DataFrame(
        _row("bins", network, predictor, score, pair, settings, "lower")
        for predictor, predicted in said.items()
        for score, pair in bin_errors(tokens.values, predicted, cell).items()
    )


def ranks(network: Network, counts, rows, settings: Settings, device: str) -> pd.DataFrame:
    """Correlation of the ranks that a Geneformer gives back with those it was shown; as :func:`bins`.

    Cells with fewer than two known genes are left out.

    Returns
    -------
    One row a predictor: mean over cells of the Pearson correlation.
    """
    tokens = encode(counts[rows], network, settings.window)
    counted = np.flatnonzero(tokens.lengths >= 2 + len(network.special))
    tokens = encode(counts[rows][counted], network, settings.window)
    likeliest = predict_geneformer.published(network.model, tokens, device=device)
    found = rank_correlations(
        rank_table(*predict_geneformer.without_special(tokens, likeliest, network.special))
    )
    defined = found.notna().to_numpy(float)
    return pd.DataFrame(
        _row("ranks", network, name, "pearson", (r.fillna(0).to_numpy(), known), settings, "higher")
        for (name, r), known in zip(found.items(), defined.T, strict=True)
    )


def bin_errors(true, predicted, cell) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Errors of predicted bins, as sums over each cell, so that cells can be resampled.

    Parameters
    ----------
    true
        Bins that were shown, shape (n_entries,); entries that are not above 0 are passed over.
    predicted
        What the network says, shape (n_entries,).
    cell
        Cell of each entry, integer codes of shape (n_entries,), 0 to the largest.

    Returns
    -------
    For ``mse``, ``mae`` and ``mre`` the sum of errors and the number of entries of each cell, two arrays
    of shape (n_cells,); the published score is the ratio of their sums, lower is better. ``mre`` is the
    absolute error over the *predicted* bin: so the published code has it, which favors predicting much, and
    so come its numbers about (an error of 12.3 around a mean bin of 25.2 is its 0.49). Where a prediction is
    negative, so is this error.

    Raises
    ------
    DataError
        If a prediction is not finite.
    """
    true, predicted, cell = np.asarray(true, np.float64), np.asarray(predicted, np.float64), np.asarray(cell)
    n_cells, kept = int(cell.max(initial=-1)) + 1, true > 0
    true, predicted, cell = true[kept], predicted[kept], cell[kept]
    if not np.isfinite(predicted).all():
        raise DataError(f"{(~np.isfinite(predicted)).sum()} of {len(predicted)} predictions are not finite.")
    off = np.abs(predicted - true)
    n = np.bincount(cell, minlength=n_cells).astype(np.float64)
    kinds = {"mse": off**2, "mae": off, "mre": off / (predicted + 1e-6)}  # the published small number
    return {name: (np.bincount(cell, weights=error, minlength=n_cells), n) for name, error in kinds.items()}


def rank_table(tokens, offsets, predicted) -> pd.DataFrame:
    """Bring shown and predicted ranks together, as published.

    Parameters
    ----------
    tokens
        Genes of the cells from the highest rank down, one cell after another, two or more each, shape (n_tokens,).
    offsets
        Where each cell starts, and the end: shape (n_cells + 1,).
    predicted
        The likeliest gene at each position, shape (n_tokens,). One may stand at several positions.

    Returns
    -------
    A row for each gene (``token``) that stands in a ``cell``'s input or in its output: ``shown``, its scaled rank in the
    input, 1 at the top and 0 at the end; ``predicted``, the mean of the scaled ranks at which the network puts it;
    ``average``, the mean of its rank in the input over the cells that show it, leaving out where it came last, since a
    rank of 0 counts as missing; each 0 where there is none; and ``own``, whether it stands in the cell's input.
    """
    lengths = np.diff(offsets)
    cell = np.repeat(np.arange(len(lengths)), lengths)
    rank = 1 - (np.arange(len(tokens)) - np.asarray(offsets)[cell]) / (lengths - 1)[cell]
    shown = pd.DataFrame({"cell": cell, "token": tokens, "shown": rank, "own": True})
    said = pd.DataFrame({"cell": cell, "token": predicted, "predicted": rank})
    table = shown.merge(said.groupby(["cell", "token"], as_index=False).mean(), "outer", ["cell", "token"])
    average = shown[shown["shown"] > 0].groupby("token")["shown"].mean()
    table = table.assign(average=table["token"].map(average), own=table["own"].notna())
    return table.fillna({"shown": 0, "predicted": 0, "average": 0})


def rank_correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Pearson correlation with the ranks shown, a row a cell, in [-1, 1], higher is better, NaN where a side is constant.

    Parameters
    ----------
    table
        From :func:`rank_table`.

    Returns
    -------
    Columns ``network``; ``mean rank``, the published baseline, which is judged on the same rows, those of genes
    that only the network named included; and ``mean rank, own genes``, the same baseline on the genes of the
    cell alone, which does not depend on what the network said.
    """

    def pearson(rows: pd.DataFrame, other: str) -> float:
        pair = rows["shown"], rows[other]
        return stats.pearsonr(*pair).statistic if min(map(np.ptp, pair)) > 1e-12 else np.nan

    found = {
        cell: (pearson(rows, "predicted"), pearson(rows, "average"), pearson(rows[rows["own"]], "average"))
        for cell, rows in table.groupby("cell")
    }
    columns = ["network", "mean rank", "mean rank, own genes"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def _row(scale: str, network: Network, predictor: str, score: str, pair, settings: Settings, better: str):
    about = {"scale": scale, "network": network.name, "predictor": predictor, "score": score}
    return about | scores.values(score, [pair], n_boot=settings.n_boot) | {"better": better}
