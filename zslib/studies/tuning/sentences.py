"""Sentences computed from what was tuned, for the chapter."""

from collections.abc import Sequence

import pandas as pd

from zslib.results.report.words import markdown, number
from zslib.studies.tuning.cards import EXPRESSION, FROZEN, RANDOM, TRAINED, TUNED
from zslib.studies.tuning.results import UNKNOWN, Tuned

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


def random_twins(found: Sequence[Tuned]):
    """Say of every network how much of its fine-tuned score with all labels its random twin reaches."""
    lines = []
    for one in found:
        for network in one.networks:
            tuned, twin = (_last(one, network, weights, TUNED) for weights in (TRAINED, RANDOM))
            other = _last(one, "", EXPRESSION, FROZEN)
            reached = effect(one, network, "reached").iloc[-1]
            lines.append(
                f"- **{network}** on {one.dataset} ({one.seen(network)}), fine-tuned on {tuned.n_labeled:,} labels: "
                f"{number(tuned)}. The same network with random weights: {number(twin)}. "
                f"Random weights reach **{reached.value:.0%}** [{reached.ci_low:.0%}, {reached.ci_high:.0%}] of the "
                f"score, which owe nothing to pre-training. Regression on expression: {number(other)}."
            )
    return markdown("\n".join(lines) or NOTHING)


def gains(found: Sequence[Tuned]):
    """Count at how many shares of labels pre-training helps beyond the interval, frozen and tuned."""
    if not found:
        return markdown(NOTHING)
    lines = []
    groups = (("not seen", "have not seen"), ("seen", "have seen"), (UNKNOWN, "may have seen or not"))
    for seen, who in groups:
        pairs = [(one, network) for one in found for network in one.networks if one.seen(network) == seen]
        if not pairs:
            continue
        said = []
        for name, use in (("frozen gain", "frozen"), ("gain", "fine-tuned")):
            rows = pd.concat([effect(one, network, name) for one, network in pairs])
            more, less = (rows["ci_low"] > 0).sum(), (rows["ci_high"] < 0).sum()
            said.append(
                f"{use}, it adds from {rows['value'].min():+.2f} to {rows['value'].max():+.2f}; the interval lies "
                f"above zero in {more} and below in {less} of {len(rows)} comparisons"
            )
        lines.append(f"- Where the networks {who} the cells, pre-training does this: {'; '.join(said)}.")
    return markdown("\n".join(lines))


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
