"""Sentences computed from the results, for the page of a dataset and for the chapter."""

from collections.abc import Mapping, Sequence

import pandas as pd

from zslib import datasets
from zslib.frozen.ledger import mark
from zslib.frozen.pretrain.corpus import overlapping
from zslib.results.report.words import markdown, title_of
from zslib.studies.expression.cards import CEILING
from zslib.studies.expression.learning import Learned
from zslib.studies.expression.results import Found

BEST_OF = ("nearest cells", "PCA", "ridge", "scVI")
NOT_TRAINED = "No network was looked at while it was trained in this build."


def verdicts(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare the R² of each network with that of the per-gene mean, which is 0, at every share of hidden genes.

    Returns
    -------
    One row a network: dataset, network, shares, ``better`` and ``worse`` (at how many shares it lies above and
    below 0 with its whole interval), ``lowest`` and ``highest`` value, and ``rival``, the name of the
    best baseline on the same scale, by mean over shares, with its mean ``rival_value``.
    """
    rows = []
    some = scores[scores["score"] == "r2"]
    for (scale, network), part in some[some["predictor"] == some["network"]].groupby(
        ["scale", "network"], sort=False
    ):
        others = some[(some["scale"] == scale) & some["predictor"].isin(BEST_OF)]
        means = others.groupby("predictor")["value"].mean()
        row = {"dataset": part["dataset"].iloc[0], "network": network, "shares": len(part)}
        row |= {"better": int((part["ci_low"] > 0).sum()), "worse": int((part["ci_high"] < 0).sum())}
        row |= {"lowest": part["value"].min(), "highest": part["value"].max()}
        rows.append(row | {"rival": means.idxmax(), "rival_value": means.max()})
    return pd.DataFrame(rows)


def answer(found: Sequence[Found]):
    """Say of every network and dataset whether it knows more of hidden genes than the mean of each gene.

    A dataset that a network was pre-trained on is marked as seen.
    """
    if not found:
        return markdown("No network of this build predicts expression, so there is nothing to say.")
    lines = []
    for row in pd.concat([verdicts(f.scores) for f in found], ignore_index=True).itertuples():
        lines.append(
            f"- **{title_of(row.network)}** on {row.dataset}{mark(row.network, row.dataset)} {_verdict(row)}: R² {row.lowest:.2f} "
            f"to {row.highest:.2f}; the best baseline, {row.rival}, has {row.rival_value:.2f} on average."
        )
    return markdown("\n".join(lines))


def _verdict(row) -> str:
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


def trained(learned: Learned):
    """Say which network was looked at while it was trained: its architecture, how long, and on what."""
    if learned.table.empty:
        return markdown(NOT_TRAINED)
    settings, corpus = learned.about["settings"], learned.about["corpus"]
    return markdown(
        f"The architecture is that of {settings['architecture']}, the corpus {' and '.join(corpus)}; the training ends "
        f"after {settings['steps'][-1]:,} steps of {settings['batch_size']} cells."
    )


def learned(found: Learned):
    """Say what a network gained while it was trained, in its objective and in its embedding of each dataset."""
    if found.table.empty:
        return markdown(NOT_TRAINED)
    lines, corpus = [], found.about["corpus"]
    for (dataset, what), rows in found.table.groupby(["dataset", "what"], sort=False):
        first, last = rows.iloc[0], rows.iloc[-1]
        told = "better" if last.gain_low > 0 else "worse" if last.gain_high < 0 else "not beyond chance"
        told += f": {last.gain:+.2f} [{last.gain_low:+.2f}, {last.gain_high:+.2f}]"
        ends = f"goes from {first.value:.2f} to {last.value:.2f}"
        if what == "objective":
            lines.append(
                f"- **The objective**, on cells of {', '.join(corpus)} that were held out: the loss {ends} nats between steps "
                f"{first.step} and {last.step}, {told}, where positive is a lower loss."
            )
        else:
            lines.append(
                f"- **The embedding** of {dataset} ({_of_corpus(dataset, corpus)}): AvgBIO {ends}, {told}."
            )
    lines += [
        f"- The embedding of {who} was not scored. {why}" for who, why in found.about["refused"].items()
    ]
    return markdown("\n".join(lines))


def _of_corpus(dataset: str, corpus: Sequence[str]) -> str:
    """Whether a network has seen these cells; of a dataset that is not among the project's own it is not known."""
    if dataset in corpus:
        return "of the corpus"
    if shared := sorted(overlapping(dataset) & set(corpus)):
        return f"partly of the corpus: it shares cells with {' and '.join(shared)}"
    return "not of the corpus" if dataset in datasets.names() else "not known whether of the corpus"
