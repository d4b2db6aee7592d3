"""Sentences computed from the results, for the page of a dataset and for the chapter."""

from collections.abc import Mapping, Sequence

import pandas as pd

from zslib import methods
from zslib.frozen.ledger import mark
from zslib.results.report.words import markdown, title_of
from zslib.studies.expression.cards import CEILING
from zslib.studies.expression.results import Found

BEST_OF = ("nearest cells", "PCA", "ridge", "scVI")


def verdicts(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare the R² of each network with that of the per-gene mean, which is 0, at every share of hidden genes.

    A criterion that a network passes which was never trained is none: it tests what the input gives away.

    Returns
    -------
    One row a network: dataset, network, shares, ``better`` and ``worse`` (at how many shares it lies above and
    below 0 with its whole interval), ``lowest`` and ``highest`` value; ``rival``, the name of the
    best baseline on the same scale, by mean over shares, with its mean ``rival_value``; and ``unmade_by``, the untrained
    network that lies above 0 by bins or by ranks as this one is asked, and its highest value ``unmade_at``, or None.
    """
    rows = []
    some = scores[scores["score"] == "r2"]
    passed = some[(some["predictor"] == some["network"]) & (some["ci_low"] > 0)]
    passed = passed[passed["network"].map(untrained).astype(bool)].sort_values("value")
    for (scale, network), part in some[some["predictor"] == some["network"]].groupby(
        ["scale", "network"], sort=False
    ):
        others = some[(some["scale"] == scale) & some["predictor"].isin(BEST_OF)]
        means = others.groupby("predictor")["value"].mean()
        row = {"dataset": part["dataset"].iloc[0], "network": network, "shares": len(part)}
        row |= {"better": int((part["ci_low"] > 0).sum()), "worse": int((part["ci_high"] < 0).sum())}
        row |= {"lowest": part["value"].min(), "highest": part["value"].max()}
        row |= {"rival": means.idxmax(), "rival_value": means.max()}
        alike = passed[passed["scale"].str.split().str[0] == scale.split()[0]]
        best = (None, None) if alike.empty else (alike["network"].iloc[-1], alike["value"].iloc[-1])
        rows.append(row | dict(zip(("unmade_by", "unmade_at"), best, strict=True)))
    return pd.DataFrame(rows)


def untrained(network: str) -> bool:
    """Whether the weights of a network were drawn and never trained."""
    return network in methods.names() and methods.card(network).variant == "untrained"


def answer(found: Sequence[Found]):
    """Say of every network and dataset whether it knows more of hidden genes than the mean of each gene.

    Where an untrained network does, too, it is said that this tells nothing.
    A dataset that a network was pre-trained on is marked as seen.
    """
    if not found:
        return markdown("No network of this build predicts expression, so there is nothing to say.")
    lines = []
    for row in pd.concat([verdicts(f.scores) for f in found], ignore_index=True).itertuples():
        lines.append(
            f"- **{title_of(row.network)}** on {row.dataset}{mark(row.network, row.dataset)} {verdict(row)}: R² {row.lowest:.2f} "
            f"to {row.highest:.2f}; the best baseline, {row.rival}, has {row.rival_value:.2f} on average."
        )
    return markdown("\n".join(lines))


def verdict(row) -> str:
    """Say in words what a row of :func:`verdicts` comes to."""
    if row.unmade_by is not None:
        return (
            f"cannot be judged by the mean of each gene, above which an untrained network lies as well "
            f"({title_of(row.unmade_by)}, R² up to {row.unmade_at:.2f})"
        )
    mean, some = "the mean of each gene", f"of {row.shares} shares"
    if row.better == row.worse == 0:
        return f"cannot be told from {mean}"
    if not row.worse:
        return f"beats {mean}" + (f" at {row.better} {some}" if row.better < row.shares else "")
    if not row.better:
        return f"is worse than {mean}" + (f" at {row.worse} {some}" if row.worse < row.shares else "")
    return f"beats {mean} at {row.better} {some} and is worse at {row.worse}"


def ceiling(found: Found):
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
