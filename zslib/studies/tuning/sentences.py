"""Sentences computed from what was tuned, for the chapter."""

from collections.abc import Sequence

import pandas as pd

from zslib import methods
from zslib.results.comparison import Comparison
from zslib.results.report.words import markdown, number, title_of
from zslib.studies.tuning.cards import EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED
from zslib.studies.tuning.results import Tuned

NOTHING = "No small model was tuned in this build."


def splits(found: Sequence[Tuned]):
    """Say of every dataset which cells had labels, which were tested, and who was left out."""
    lines = []
    for one in found:
        about, asked = one.about, one.about["settings"]
        how = f"those of {', '.join(about['held_out'])}" if about["held_out"] else "drawn at random"
        lines.append(
            f"- **{one.dataset}**: {about['n_learn']:,} cells to learn from, of which a share has a label; "
            f"{about['n_test']:,} tested cells, {how}; {len(about['types'])} types. Shares with a label: "
            f"{', '.join(f'{share:.0%}' for share in asked['shares'])}; at most {asked['steps']:,} steps of tuning at a "
            f"rate of at most {asked['rate']:g}, {asked['draws']} draw{'s' if asked['draws'] > 1 else ''}."
        )
        lines += [f"- On {one.dataset} {who} was left out. {why}" for who, why in about["refused"].items()]
    return markdown("\n".join(lines) or NOTHING)


def robust(found: Sequence[Tuned]):
    """Say on every dataset whether regression on expression, with all labels, is ahead of the fine-tuned networks."""
    lines, ahead = [], 0
    for one in found:
        effects = [
            effect(one, network, name).iloc[-1]
            for network in one.networks
            for name in ("over expression", "twin over expression")
        ]
        rows, baseline = pd.DataFrame(effects), _last(one, "", EXPRESSION, FROZEN)
        behind, over = (rows["ci_high"] < 0).sum(), (rows["ci_low"] > 0).sum()
        ahead += behind == len(rows)
        lines.append(
            f"- On {one.dataset}, with {baseline.n_labeled:,} labels, it has a macro-F1 of {number(baseline)}. Of {len(rows)} "
            f"fine-tuned networks, pre-trained and of random weights, {behind} are behind it and {over} ahead, beyond the paired "
            f"interval; they differ from it by {rows['value'].min():+.2f} to {rows['value'].max():+.2f}."
        )
    lead = (
        f"With all labels, logistic regression on expression is ahead of every fine-tuned network on {ahead} of "
        f"{len(found)} dataset{'s' if len(found) > 1 else ''}.\n\n"
    )
    return markdown(lead + "\n".join(lines) if found else NOTHING)


def pretraining(found: Sequence[Tuned], runs: Sequence[Comparison]):
    """Say of every network what pre-training adds with all labels, or that it cannot be told.

    It cannot where the frozen embedding is not above that of the untrained twin: a network that has learned nothing
    useful does not say what learning is worth.

    Parameters
    ----------
    found
        What was tuned.
    runs
        The grid's runs on these datasets, in which networks and their untrained twins were scored.
    """
    lines, level, by_name = [], [], {run.dataset: run for run in runs}
    unscored = []
    for one in found:
        for network in one.networks:
            twin, run = methods.card(network).control, by_name.get(one.dataset)
            who = f"{title_of(network)} on {one.dataset} ({one.seen(network)})"
            if run is None or not {network, twin} <= set(run.ran):
                unscored.append(who)
                continue
            values, spread = (
                [run.value(m, metric) for m in (network, twin)]
                for metric in ("avg_bio", "participation_ratio")
            )
            said = f"AvgBIO {number(values[0])}, its untrained twin {number(values[1])}"
            if run.beats(network, twin, "avg_bio"):
                added = [effect(one, network, name).iloc[-1] for name in ("frozen gain", "gain")]
                ends = [f"{row.value:+.2f} [{row.ci_low:+.2f}, {row.ci_high:+.2f}]" for row in added]
                lines.append(
                    f"- **{who}**: frozen {said}. With all labels pre-training adds {ends[0]} frozen, {ends[1]} fine-tuned."
                )
                continue
            if all(entry is not None for entry in spread):
                said += f"; {spread[0].value:.1f} dimensions in use, and {spread[1].value:.1f}"
            level.append(f"{who}: {said}")
    if level:
        lines.append(
            "- **What it adds cannot be told** of networks whose frozen embedding is not above that of their untrained twins (dimensions in use "
            "are the participation ratio):"
        )
        lines += [f"  - {said}." for said in level]
    if unscored:
        lines.append(
            f"- **What it adds cannot be told**, since the untrained twin was not scored in this build: {'; '.join(unscored)}."
        )
    return markdown("\n".join(lines) or NOTHING)


def parts(one: Tuned, network: str) -> pd.DataFrame:
    """Take the score of a fine-tuned network apart.

    Returns
    -------
    A row a share of labels, with columns that sum up to the score: ``network alone`` (random weights, frozen),
    ``tuning`` (what it adds to these) and ``pre-training`` (what that adds to a tuned network); and ``score``.
    """
    table = one.scores[one.scores["network"] == network].pivot(
        index="share", columns=["weights", "use"], values="value"
    )
    alone, twin, tuned = table[RANDOM, FROZEN], table[RANDOM, TUNED], table[TRAINED, TUNED]
    return pd.DataFrame(
        {"network alone": alone, "tuning": twin - alone, "pre-training": tuned - twin, "score": tuned}
    )


def effect(one: Tuned, network: str, name: str) -> pd.DataFrame:
    """An effect of one network, a row a share of labels in rising order."""
    rows = one.effects[(one.effects["network"] == network) & (one.effects["effect"] == name)]
    return rows.sort_values("share")


def way(one: Tuned, network: str, weights: str, use: str) -> pd.DataFrame:
    """Scores of one way, a row a share of labels in rising order; no network for expression."""
    rows = one.scores
    rows = rows[(rows["network"] == network) & (rows["weights"] == weights) & (rows["use"] == use)]
    return rows.sort_values("share")


def _last(one: Tuned, network: str, weights: str, use: str):
    return list(way(one, network, weights, use).itertuples())[-1]
