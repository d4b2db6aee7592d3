"""Sentences computed from what was tuned, for the chapter."""

from collections.abc import Sequence

import pandas as pd

from zslib import methods
from zslib.results.comparison import Comparison
from zslib.results.report.words import markdown, minus, number, title_of
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
        rows, baseline = pd.DataFrame(effects), way(one, "", EXPRESSION, FROZEN).iloc[-1]
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


def told(found: Sequence[Tuned], runs: Sequence[Comparison]):
    """Say of how many networks a fine-tuned score can tell what pre-training adds: those above their untrained twins."""
    by_name = {run.dataset: run for run in runs}
    pairs = [(by_name.get(one.dataset), n, methods.card(n).control) for one in found for n in one.networks]
    scored = [(run, n, twin) for run, n, twin in pairs if run and {n, twin} <= set(run.ran)]
    if not scored:
        return markdown(NOTHING)
    above = sum(run.beats(n, twin, "avg_bio") for run, n, twin in scored)
    return markdown(
        f"**In {above} of {len(scored)} cases a pre-trained network is above its untrained twin before any tuning: only there can a "
        "fine-tuned score say what pre-training adds.**"
    )


def pretraining(found: Sequence[Tuned], runs: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """What pre-training adds to every network with all labels, or that it cannot be told: rows of a table.

    It cannot where the frozen embedding is not above that of the untrained twin: a network that has learned nothing
    useful does not say what learning is worth.

    Parameters
    ----------
    found
        What was tuned.
    runs
        The grid's runs on these datasets, in which networks and their untrained twins were scored.

    Returns
    -------
    Network, dataset and whether it has seen it; AvgBIO and dimensions in use of the frozen embedding, each beside the
    twin's; what pre-training adds frozen, and fine-tuned.
    """
    rows, by_name = [], {run.dataset: run for run in runs}
    for one in found:
        for network in one.networks:
            twin, run = methods.card(network).control, by_name.get(one.dataset)
            who = title_of(network), f"{one.dataset} ({one.seen(network)})"
            if run is None or not {network, twin} <= set(run.ran):
                rows.append((*who, "–", "–", "not told: no twin ran", "–"))
                continue
            beside = [
                " / ".join(f"{entry.value:.{digits}f}" if entry is not None else "–" for entry in values)
                for metric, digits in (("avg_bio", 2), ("participation_ratio", 1))
                for values in [[run.value(m, metric) for m in (network, twin)]]
            ]
            added = ["not told: not above its twin", "–"]
            if run.beats(network, twin, "avg_bio"):
                gains = [effect(one, network, name).iloc[-1] for name in ("frozen gain", "gain")]
                added = [minus(f"{row.value:+.2f} [{row.ci_low:+.2f}, {row.ci_high:+.2f}]") for row in gains]
            rows.append((*who, *beside, *added))
    return rows


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
    return one.effects.query("network == @network and effect == @name").sort_values("share")


def way(one: Tuned, network: str, weights: str, use: str) -> pd.DataFrame:
    """Scores of one way, a row a share of labels in rising order; no network for expression."""
    rows = one.scores.query("network == @network and weights == @weights and use == @use")
    return rows.sort_values("share")
