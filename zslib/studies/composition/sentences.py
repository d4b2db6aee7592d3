"""What the scores say, in sentences whose numbers are computed."""

from collections.abc import Mapping

import pandas as pd

from zslib.results.report.words import join, minus
from zslib.studies.composition.differences import LEVEL, count, over_datasets
from zslib.studies.composition.published import MODELS, SCHEMES
from zslib.studies.composition.saturation import GAIN, MAXIMUM


def interval(row) -> str:
    """A difference with its interval."""
    return minus(f"{row.value:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}]")


def opening(first: pd.DataFrame, rest: pd.DataFrame, seeds: int) -> str:
    """Say in one sentence what the first per cent of the corpus adds, and what the other ninety-nine."""
    some, more = count(first), count(rest)
    return (
        f"The first per cent of the corpus raises AvgBIO in {some.above} of {some.n} pairs of model and dataset and lowers it in "
        f"{some.below or 'none'}, by more than {seeds} seeds differ; the other ninety-nine raise it in {more.above} of "
        f"{more.n} and lower it in {more.below or 'none'}."
    )


def luck(differences: pd.DataFrame) -> str:
    """Say how many intervals lie beside zero, and how many would by luck alone."""
    found = count(differences)
    return (
        f"Of {found.n} intervals, {found.above} lie above zero and {found.below} below; about {found.by_luck:.0f} would "
        f"lie off zero if nothing were there. Held to all {found.n} at once (Bonferroni), {found.firm_above} stay above "
        f"and {found.firm_below} below."
    )


def gains(steps: Mapping[str, pd.DataFrame], models: Mapping = MODELS) -> list[tuple[str, ...]]:
    """What each step, to a larger size or from a baseline, adds to each model: rows of a table.

    Returns
    -------
    Model, and for each step the datasets on which it is better beyond seeds, and worse, and below them the mean over
    datasets with an interval of what other datasets would change.
    """
    of_step = [dict(list(differences.groupby("model"))) for differences in steps.values()]
    return [
        (title, *(_gain(some[model]) if model in some else "–" for some in of_step))
        for model, title in models.items()
        if any(model in some for some in of_step)
    ]


def _gain(differences: pd.DataFrame) -> str:
    found, mean = count(differences), over_datasets(differences)
    over = interval(mean.iloc[0]) if (mean["n"] > 1).any() else "–"
    return f"{found.above} up, {found.below} down <br/>of {found.n}: {over.replace(' [', ' <br/>[')}"


def left_out(scores: pd.DataFrame, differences: pd.DataFrame) -> str:
    """Say which curves no verdict counts, and why, and what they would have said."""
    found = scores[scores["suspect"]].drop_duplicates(["model", "dataset"])
    lines = [
        f"{MODELS[m]}, on {join(list(some['dataset']))}" for m, some in found.groupby("model", sort=False)
    ]
    would = [
        f"{interval(r)} ({MODELS[r.model]}, {r.dataset})"
        for r in differences[differences["suspect"]].itertuples()
    ]
    sizes = scores["size"].nunique()
    curves = scores.groupby(["model", "dataset"], sort=False)["size"].agg(["nunique", "max"])
    short = [f"{MODELS[m]} on {d}" for (m, d), row in curves.iterrows() if row["nunique"] < sizes]
    said = []
    if lines:
        added = f" From 1 to 100 % they would have added {join(would)}." if would else ""
        said.append(
            f"Left out by rule: {'; '.join(lines)}, where the mean of every size and scheme lies below that of the untrained "
            f"network.{added} Mind that such a rule looks at the result."
        )
    if short:
        said.append(f"{join(short)} lacks a size, and is left out where that is needed.")
    return " ".join(said) or (
        "No curve is left out: none lies below its untrained network at every size, and none lacks a size."
    )


def saturation(points: pd.DataFrame) -> str:
    """Say where curves saturate by the two rules, and how the rules differ."""
    wide = points.pivot(index=["model", "dataset"], columns="rule", values="size")
    published, gain, n = wide[MAXIMUM], wide[GAIN], len(wide)
    by_gain = points[points["rule"] == GAIN]
    wide_ends = int((by_gain["ci_low"] < by_gain["ci_high"]).sum())
    floor = points.drop_duplicates(["model", "dataset"])["floor"]
    return (
        f"Of {n} curves, the published rule names a smaller share than ours in {int((published < gain).sum())}, the "
        f"same in {int((published == gain).sum())} and a larger one in {int((published > gain).sum())}. "
        f"The untrained network already has {floor.min():.0%} to {floor.max():.0%} of the highest score. "
        f"By our rule the interval covers more than one size in {wide_ends} of {n} curves."
    )


def passes(against: pd.DataFrame) -> dict[str, str]:
    """On how many datasets some size makes a model better than each baseline, when all intervals must hold at once, by title."""
    kept = against[~against["suspect"]]
    firm = kept[(kept["value"] > 0) & (kept["p"] * len(kept) < 1 - LEVEL)]
    ever = firm.groupby(["model", "baseline"])["dataset"].nunique()
    return {
        MODELS[model]: ", ".join(
            f"{name.upper()} {ever.get((model, name), 0)}" for name in some["baseline"].unique()
        )
        + f" of {some['dataset'].nunique()}"
        for model, some in kept.groupby("model", sort=False)
    }


def schemes(differences: pd.DataFrame) -> list[tuple[str, ...]]:
    """Whether each scheme beats cells at random: rows of a table.

    Returns
    -------
    Scheme, comparisons in which it is better beyond seeds, and worse, both also where all must hold at once, how many
    there would be by luck, the mean difference and the middle half of them.
    """
    rows = []
    for scheme, title in SCHEMES.items():
        if (some := differences[differences["scheme"] == scheme]).empty:
            continue
        found, kept = count(some), some.loc[~some["suspect"], "value"]
        sides = (
            f"{n} of {found.n} ({firm})"
            for n, firm in ((found.above, found.firm_above), (found.below, found.firm_below))
        )
        middle = f"{kept.quantile(0.25):+.3f} to {kept.quantile(0.75):+.3f}"
        rows.append((title, *sides, f"{found.by_luck:.0f}", minus(f"{kept.mean():+.3f}"), minus(middle)))
    return rows
