"""What the scores say, in sentences whose numbers are computed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from zslib.results.report.words import join, minus
from zslib.studies.composition.differences import LEVEL, between, count, over_datasets
from zslib.studies.composition.published import BASELINES, MODELS, SCHEMES
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
    """What each step to a larger size adds to each model: rows of a table.

    Returns
    -------
    Model, step, datasets on which it is better beyond seeds, and worse, and the mean over datasets with an interval of
    what other datasets would change.
    """
    rows = []
    for step, differences in steps.items():
        mean = over_datasets(differences).set_index("model")
        for model, some in differences.groupby("model", sort=False):
            found = count(some)
            over = interval(mean.loc[model]) if model in mean.index and mean.loc[model, "n"] > 1 else "–"
            rows.append(
                (models[model], step, f"{found.above} of {found.n}", f"{found.below} of {found.n}", over)
            )
    return sorted(rows, key=lambda row: list(models.values()).index(row[0]))


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


def passes(against: pd.DataFrame, whole: float = 100) -> list[tuple[str, ...]]:
    """On how many datasets each model is better than HVG and than PCA of the same cells: rows of a table.

    Returns
    -------
    Model, baseline, datasets on which the whole corpus makes it better beyond seeds, and worse; and datasets on which
    any size makes it better when all intervals of the table must hold at once.
    """
    kept, rows = against[~against["suspect"]], []
    firm = (kept["value"] > 0) & (kept["p"] * len(kept) < 1 - LEVEL)
    for (model, name), some in kept.groupby(["model", "baseline"], sort=False):
        found, n = count(some[some["size"] == whole]), some["dataset"].nunique()
        ever = some.loc[firm[some.index], "dataset"].nunique()
        parts = f"{found.above} of {found.n}", f"{found.below} of {found.n}", f"{ever} of {n}"
        rows.append((MODELS[model], BASELINES[name], *parts))
    return rows


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


def live(scores: pd.DataFrame | None, models: Mapping) -> list[tuple[str, ...]]:
    """What more cells add to each model that was pre-trained here, on each held-out dataset: rows of a table.

    Returns
    -------
    Dataset, model, what is added from no training to the smallest size, and from there to the largest. None where no
    models were trained, or with one seed, since no interval says what luck would change.
    """
    if scores is None or scores["seed"].nunique() < 2:
        return []
    _, least, *_, most = np.sort(scores["size"].dropna().unique())
    steps = [between(scores, *ends).set_index(["dataset", "model"]) for ends in ((0, least), (least, most))]
    return [
        (dataset, models[model], *(interval(step.loc[dataset, model]) for step in steps))
        for dataset, model in sorted(steps[0].index)
    ]
