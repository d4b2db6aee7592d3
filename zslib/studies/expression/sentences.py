"""Sentences computed from the results, for the page of a dataset and for the chapter."""

from collections.abc import Mapping, Sequence

import pandas as pd

from zslib import methods
from zslib.frozen.ledger import mark
from zslib.results.report.words import markdown, title_of
from zslib.studies.expression.cards import CEILING
from zslib.studies.expression.results import PredictionScores

BEST_OF = ("nearest cells", "PCA", "ridge", "scVI")


def verdicts(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare the R² of each network with that of the per-gene mean, which is 0, at every share of hidden genes.

    A criterion that a network passes which was never trained is none: it tests what the input gives away.

    Returns
    -------
    One row a network: dataset, network, shares, ``better`` and ``worse`` (at how many shares it lies above and
    below 0 with its whole interval), ``lowest`` value, and ``at_lowest`` and ``at_highest``, the rows of the lowest and
    of the highest; ``rival``, the name of the best baseline on the same scale, by mean over shares, with its mean
    ``rival_value``; and ``unmade_by``, the untrained network that lies above 0 by bins or by ranks as this one is asked,
    and its highest value ``unmade_at``, or None.
    """
    rows = []
    some = scores[scores["score"] == "r2"]
    own = some[some["predictor"] == some["network"]]
    passed = own[own["network"].map(untrained).astype(bool) & (own["ci_low"] > 0)].sort_values("value")
    for (scale, network), part in own.groupby(["scale", "network"], sort=False):
        others = some[(some["scale"] == scale) & some["predictor"].isin(BEST_OF)]
        means = others.groupby("predictor")["value"].mean()
        row = {"dataset": part["dataset"].iloc[0], "network": network, "shares": len(part)}
        row |= {"better": int((part["ci_low"] > 0).sum()), "worse": int((part["ci_high"] < 0).sum())}
        lowest, highest = part.loc[part["value"].idxmin()], part.loc[part["value"].idxmax()]
        row |= {"lowest": lowest["value"], "at_lowest": lowest, "at_highest": highest}
        row |= {"rival": means.idxmax(), "rival_value": means.max()}
        alike = passed[passed["scale"].str.split().str[0] == scale.split()[0]]
        best = (None, None) if alike.empty else (alike["network"].iloc[-1], alike["value"].iloc[-1])
        rows.append(row | dict(zip(("unmade_by", "unmade_at"), best, strict=True)))
    return pd.DataFrame(rows)


def untrained(network: str) -> bool:
    """Whether the weights of a network were drawn and never trained."""
    return network in methods.names() and methods.card(network).variant == "untrained"


def answer(found: Sequence[PredictionScores]):
    """Say which networks know more of hidden genes than the mean of each gene, and which do not.

    Where an untrained network does, too, it is said that this tells nothing.
    """
    if not found:
        return markdown("No network of this build predicts expression, so there is nothing to say.")
    rows = pd.concat([verdicts(f.scores).astype({"unmade_at": float}) for f in found], ignore_index=True)
    rows["verdict"] = [verdict(row) for row in rows.itertuples()]
    best = rows.loc[rows["rival_value"].idxmax()]
    lead = _lead(
        rows[~rows["network"].map(untrained)],
        f"whose mean R² is at most {best['rival_value']:.2f} ({best['rival']} on {best['dataset']})",
    )
    unmade = rows.dropna(subset="unmade_at")
    if len(unmade):
        drawn = unmade.loc[unmade["unmade_at"].idxmax()]
        lead += (
            f" Of {len(unmade)} networks it cannot be judged: {title_of(drawn['unmade_by'])}, lies above the mean of each gene "
            f"as well (R² up to {drawn['unmade_at']:.2f})."
        )
    return markdown(lead)


def _lead(trained: pd.DataFrame, reached: str) -> str:
    """Say how many are better than the mean of each gene and than the best baseline, and what that has reached."""
    if trained.empty:
        return "**No pre-trained network was asked.**"
    small = trained["network"].map(lambda name: methods.card(name).family == "small")
    judged = trained[trained["unmade_at"].isna()]
    above, ahead = judged[judged["verdict"] == ABOVE], int((judged["lowest"] > judged["rival_value"]).sum())
    seen = sum(bool(mark(row.network, row.dataset)) for row in above.itertuples())
    mixed = f"pre-trained networks ({(~small).sum()} of them scGPT or Geneformer themselves)"
    whose = "this book's small models" if small.all() else mixed
    return (
        f"**Of {len(trained)} prediction{'s' if len(trained) > 1 else ''} by {whose}, {len(above)} "
        f"{'is' if len(above) == 1 else 'are'} better than the mean of each gene at every share of hidden genes"
        + f", {'all' if seen == len(above) else seen} of them on cells that were seen in pre-training at least in part"
        * bool(len(above))
        + "; scGPT and Geneformer themselves were not asked" * bool(small.all())
        + f".** {ahead or 'None'} also {'beats' if ahead < 2 else 'beat'} the best baseline that reads the cell, {reached}."
    )


def verdict(row) -> str:
    """Say in words how a row of :func:`verdicts` lies to the mean of each gene."""
    if row.unmade_by is not None:
        return "Not to be judged"
    if row.better == row.worse == 0:
        return "Not told apart"
    if row.better and row.worse:
        return "Above and below"
    side, n = ("Above", row.better) if row.better else ("Below", row.worse)
    return f"{side} at {'every share' if n == row.shares else 'some shares'}"


ABOVE = "Above at every share"


def ceiling(found: PredictionScores):
    """Say how much of the bins is chance, which nobody can predict."""
    rows = found.scores.query("predictor == @CEILING and score == 'r2'")
    if rows.empty:
        return markdown("No network was asked for bins here.")
    return markdown(
        f"Equal counts get bins at random, so that even someone who knew every hidden count would reach R² "
        f"{rows['value'].min():.2f} to {rows['value'].max():.2f} here, and not 1: the row *{CEILING}*."
    )


def refusals(refused: Mapping[str, str]):
    """Say which networks could not be asked, and why."""
    if not refused:
        return markdown("Every network of this build could be asked.")
    return markdown(
        "\n".join(f"- **{title_of(network)}** was not asked. {reason}" for network, reason in refused.items())
    )
