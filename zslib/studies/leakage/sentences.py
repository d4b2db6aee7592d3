"""Whether having seen the data helps, in sentences."""

import pandas as pd

from zslib.frozen.architectures import ARCHITECTURES
from zslib.results.report.words import join, minus
from zslib.studies.leakage.cards import LEAD, PAIRS, TRAININGS, TWIN


def verdict(found: pd.DataFrame) -> str:
    """Say in a sentence for each architecture whether having seen the data helps.

    From :func:`zslib.studies.leakage.crossover.differences`. It is said to help only if every lead and every difference
    from a twin is above zero with its whole interval, on both parts, for ``TRAININGS`` trainings on each corpus or more
    (:mod:`zslib.studies.leakage.cards`).
    """
    said = []
    for architecture, pair in [(a, p) for a in dict.fromkeys(found["architecture"]) for p in PAIRS]:
        some = found[(found["architecture"] == architecture) & found["part"].isin(pair)]
        leads, twins = (some[some["what"] == what] for what in (LEAD, TWIN))
        if set(leads["part"]) != set(pair):
            continue
        above = [(rows["ci_low"] > 0).sum() for rows in (leads, twins)]
        trained = int(leads.groupby("part")["model"].nunique().min())
        holds = above == [len(leads), len(twins)] and len(twins) and trained >= TRAININGS
        told = f"{'having' if holds else 'whether having'} seen the cells {'**helps**' if holds else 'helps **cannot be told**'}"
        numbers = join(
            [f"{r.value:+.2f} [{r.ci_low:+.2f}, {r.ci_high:+.2f}] on {r.part}" for r in leads.itertuples()]
        )
        said.append(
            f"- {ARCHITECTURES[architecture].TITLE} minis, {join(pair)}: {told}. The lead of one that has seen the cells is {numbers}, "
            f"above zero in {above[0]} of {len(leads)}; {above[1]} of {len(twins)} are above their untrained twins; trainings on "
            f"each corpus: {trained} of {TRAININGS}."
        )
    return minus(
        "\n".join(said) or "The small models, or the datasets that tell them apart, are not in this build."
    )
