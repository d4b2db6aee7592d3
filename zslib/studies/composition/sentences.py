"""What the scores say, in sentences whose numbers are computed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from zslib.results.report.words import join, minus
from zslib.studies.composition.differences import LEVEL, between, count, over_datasets
from zslib.studies.composition.published import BASELINES, MODELS, SCHEMES
from zslib.studies.composition.saturation import GAIN, MAXIMUM, SHARE


def interval(row) -> str:
    """A difference with its interval."""
    return minus(f"{row.value:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}]")


def luck(differences: pd.DataFrame) -> str:
    """Say how many intervals lie beside zero, and how many would by luck alone."""
    found = count(differences)
    return (
        f"Of {found.n} intervals, {found.above} lie above zero and {found.below} below; about {found.by_luck:.0f} would "
        f"lie off zero if nothing were there. Held to all {found.n} at once (Bonferroni), {found.firm_above} stay above "
        f"and {found.firm_below} below."
    )


def gains(differences: pd.DataFrame, models: Mapping = MODELS) -> str:
    """Say of each model what a larger size adds: on how many datasets, and over datasets."""
    mean = over_datasets(differences).set_index("model")
    lines = []
    for model, some in differences.groupby("model", sort=False):
        found, row = count(some), mean.loc[model] if model in mean.index else None
        if row is None or row.n < 2:
            over = ", ".join(f"{interval(r)} on {r.dataset}" for r in some.itertuples())
        else:
            over = f"{interval(row)} on average, with what other datasets would change"
        worse = f", worse on {found.below}" if found.below else ""
        lines.append(
            f"- **{models[model]}**: better beyond seeds on {found.above} of {found.n} datasets{worse}; {over}."
        )
    return "\n".join([*lines, "", luck(differences)])


def left_out(scores: pd.DataFrame, differences: pd.DataFrame) -> str:
    """Say which curves no verdict counts, and why, and what they would have said."""
    found = scores[scores["suspect"]].drop_duplicates(["model", "dataset"])
    lines = [f"{MODELS[r.model]} on {r.dataset}" for r in found.itertuples()]
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
            f"Left out by rule: {join(lines)}, where the mean of every size and scheme lies below that of the untrained "
            f"network; figures show them hollow or gray.{added} Mind that such a rule looks at the result."
        )
    if short:
        said.append(f"{join(short)} lacks a size, and is left out where that is needed.")
    return " ".join(said) or (
        "No curve is left out: none lies below its untrained network at every size, and none lacks a size."
    )


def saturation(points: pd.DataFrame) -> str:
    """Say where models saturate, and how the two rules differ."""
    wide = points.pivot(index=["model", "dataset"], columns="rule", values="size")
    published, gain, n = wide[MAXIMUM], wide[GAIN], len(wide)
    lines = []
    for model in MODELS:
        if model not in wide.index:
            continue
        some = wide.loc[model]
        sizes = {rule: [f"{s:g}" for s in sorted(some[rule].dropna().unique())] for rule in (MAXIMUM, GAIN)}
        none = f" (no gain on {join(list(some.index[some[GAIN].isna()]))})" if some[GAIN].isna().any() else ""
        lines.append(
            f"- **{MODELS[model]}**: at {join(sizes[MAXIMUM])} % by the published rule, at {join(sizes[GAIN])} % of the "
            f"gain{none}."
        )
    by_gain = points[points["rule"] == GAIN]
    wide_ends = int((by_gain["ci_low"] < by_gain["ci_high"]).sum())
    floor = points.drop_duplicates(["model", "dataset"])["floor"]
    text = (
        f"Of {n} curves, the published rule names a smaller share than ours in {int((published < gain).sum())}, the "
        f"same in {int((published == gain).sum())} and a larger one in {int((published > gain).sum())}. It names 1 % in "
        f"{int((published == 1).sum())} curves, ours in {int((gain == 1).sum())}. The untrained network already has "
        f"{floor.min():.0%} to {floor.max():.0%} of the highest score, and {SHARE:.0%} of it in {int((floor > SHARE).sum())}. "
        f"By our rule the interval covers more than one size in {wide_ends} of {n} curves."
    )
    return "\n".join([*lines, "", text])


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


def schemes(differences: pd.DataFrame) -> str:
    """Say of each scheme whether it beats cells at random."""
    lines = []
    for scheme, title in SCHEMES.items():
        if (some := differences[differences["scheme"] == scheme]).empty:
            continue
        found, kept = count(some), some[~some["suspect"]]
        lines.append(
            f"- **{title.capitalize()}**: better in {found.above} of {found.n} comparisons, worse in {found.below} (about "
            f"{found.by_luck:.0f} by luck; {found.firm_above} and {found.firm_below} held to all at once); {kept['value'].mean():+.3f} "
            f"on average, half of them between {kept['value'].quantile(0.25):+.3f} and {kept['value'].quantile(0.75):+.3f}."
        )
    return minus("\n".join(lines))


def live(scores: pd.DataFrame | None, models: Mapping) -> str:
    """Say what more cells add to each model that was pre-trained here, on each held-out dataset."""
    if scores is None:
        return "The profile of this build has no `composition`, so the grid trained no models for this page."
    if scores["seed"].nunique() < 2:
        return "With one seed, as in this build, no interval says what luck would change."
    _, least, *_, most = np.sort(scores["size"].dropna().unique())
    lines = [
        f"- **{models[row.model]}** on {row.dataset}, from {small:g} to {large:g} cells: {interval(row)}"
        for small, large in ((0, least), (least, most))
        for row in between(scores, small, large).itertuples()
    ]
    return "\n".join(sorted(lines))
