"""What the record says: headline scores by source and dataset, what is left out, and paired differences."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from zslib.frozen import ledger
from zslib.studies.record import sources
from zslib.studies.record.source import BASELINES, CONTROLS, Source

COLUMNS = ["source", "dataset", "name", "checkpoint", "score", "value", "floor", "ceiling", "left_out"]


@cache
def headline(task: str = "cell_types") -> pd.DataFrame:
    """The headline score of every method for one of :data:`zslib.studies.record.source.TASKS`, source by source and dataset by dataset.

    Returns
    -------
    Columns source, dataset (the book's title of it), name (model or baseline), checkpoint, score (what the source's
    headline is called), value (higher is better), floor and ceiling (the source's own negative and positive control,
    NaN without), share (of the way from floor to ceiling), seen (by the ledger, in pre-training), left_out (why it has
    no part in verdicts; empty if it has). Of several methods of one name in a source it is their mean.
    """
    tables = [_headline(source, task) for source in sources().values() if task in source.tasks]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    keys = ["source", "dataset", "name", "score", "left_out"]
    merged = table.groupby(keys, sort=False, as_index=False).agg(
        checkpoint=("checkpoint", lambda names: ", ".join(dict.fromkeys(filter(None, names)))),
        value=("value", "mean"),
        floor=("floor", "first"),
        ceiling=("ceiling", "first"),
    )
    abouts = [about for source in sources().values() for about in source.datasets.values()]
    ours = {about["title"]: about["ours"] for about in abouts if "ours" in about}
    met = ledger.ledger().query("seen in ['yes', 'partly']")
    known = set(zip(met["model"], met["dataset"], strict=True))
    seen = [
        any((name, ours.get(dataset, dataset)) in known for name in checkpoints.split(", "))
        for checkpoints, dataset in zip(merged["checkpoint"], merged["dataset"], strict=True)
    ]
    share = (merged["value"] - merged["floor"]) / (merged["ceiling"] - merged["floor"])
    return merged.assign(share=share, seen=seen)


def flags() -> pd.DataFrame:
    """Published scores that have no part in verdicts, and metrics whose name means several things.

    Returns
    -------
    Columns source, dataset, method, rule, reason; the dataset is empty where the reason holds for all of them.
    """
    rows, meant = [], {}
    for source in sources().values():
        rows += [(source.name, *key, "at the floor", reason) for key, reason in at_the_floor(source).items()]
        for (dataset, method, _), reason in misprinted(source).items():
            rows.append((source.name, dataset, method, "table against itself", reason))
        for method, role in source.roles.items():
            if "left_out" in role:
                rows.append((source.name, "", method, "not zero-shot", role["left_out"]))
        for dataset, about in source.datasets.items():
            if "left_out" in about:
                rows.append((source.name, dataset, "", "not comparable", about["left_out"]))
        for metric, meaning in source.definitions.items():
            meant.setdefault(metric, {}).setdefault(meaning, []).append(source.title)
    for metric, meanings in meant.items():
        if len(meanings) > 1:
            said = "; ".join(f"{', '.join(titles)}: {meaning}" for meaning, titles in meanings.items())
            rows.append(("", "", metric, "one name, several quantities", said))
    return pd.DataFrame(rows, columns=["source", "dataset", "method", "rule", "reason"])


def with_roles(source: Source, table: pd.DataFrame) -> pd.DataFrame:
    """Name, checkpoint and the reason to leave it out of each method, by the card; the name is None without a role."""
    roles = [source.role(*pair) for pair in zip(table["method"], table["variant"], strict=True)]
    return table.assign(
        name=[role.get("is") for role in roles],
        checkpoint=[role.get("checkpoint", "") for role in roles],
        left_out=[role.get("left_out", "") for role in roles],
    )


def at_the_floor(source: Source) -> dict[tuple[str, str], str]:
    """Methods that score at or below the source's own negative control, by dataset and method, with what was found.

    Asked are the parts of the headline score and the metrics that the card names besides, for what should lie above
    knowing nothing; mixing does not, since shuffled cells mix perfectly.
    """
    table, found = wide(source), {}
    asked = [m for task, t in source.tasks.items() if task != "batches" for m in _parts(source, t["formula"])]
    floors = table[table["name"] == "negative control"].groupby("dataset")
    table = table[table["name"].notna() & ~table["name"].isin(CONTROLS)]
    for metric in dict.fromkeys([*asked, *source.also_above_floor]):
        bound = table["dataset"].map(floors[metric].max())
        low = table[table[metric] <= bound]
        for row, value in zip(low.itertuples(), low[metric], strict=True):
            said = f"{source.metric_title(metric)} {value:.3f}, shuffled {bound[row.Index]:.3f}"
            found.setdefault((row.dataset, row.method), []).append(said)
    return {key: "; ".join(sorted(said)) for key, said in found.items()}


def misprinted(source: Source) -> dict[tuple[str, str, str], str]:
    """Printed aggregates that do not follow from their parts, by dataset, method and metric, with what was found."""
    table, found = wide(source), {}
    for metric, about in source.printed.items():
        made = table.eval(about["formula"], engine="python")
        for i in table.index[(made - table[metric]).abs() > about["within"]]:
            key = (table["dataset"][i], table["method"][i], metric)
            found[key] = f"{metric} is printed as {table[metric][i]:.3f}, its parts make {made[i]:.3f}"
    return found


def left_out(source: Source, table: pd.DataFrame, formula: str) -> list[str]:
    """Why each row of a table of :func:`wide` has no part in verdicts by a score of this formula; empty if it has."""
    low, printed = at_the_floor(source), set(_parts(source, formula))
    wrong = {(d, m): why for (d, m, metric), why in misprinted(source).items() if metric in printed}
    return [
        why or source.datasets.get(d, {}).get("left_out") or low.get((d, m)) or wrong.get((d, m)) or ""
        for why, d, m in zip(table["left_out"], table["dataset"], table["method"], strict=True)
    ]


class Verdict(NamedTuple):
    """A model against a baseline, over the datasets of all sources that hold both."""

    model: str
    baseline: str
    difference: float
    """Mean of model less baseline over rows, a row being a dataset of a source."""
    interval: tuple[float, float]
    """95 % interval of it that lets datasets of one source resemble each other (:func:`mean_interval`)."""
    apart: tuple[float, float]
    """95 % interval if every dataset were independent, whatever source it is from; mostly the narrower one."""
    ahead: int
    n_rows: int
    """Of how many rows the model has the higher score in ``ahead``."""
    n_datasets: int  # no more than rows, as a dataset may be in several sources
    n_sources: int

    @property
    def word(self) -> str:
        """``ahead`` or ``behind`` if both intervals say so and there are three sources or more.

        ``mostly`` so if only one of the intervals does, or if there are fewer sources; else ``not told apart``.
        """
        told = [(low, high) for low, high in (self.interval, self.apart) if low > 0 or high < 0]
        sides = {"ahead" if low > 0 else "behind" for low, _ in told}
        if len(sides) != 1:
            return "not told apart" if self.n_rows > 1 else "one dataset"
        return sides.pop() if len(told) == 2 and self.n_sources > 2 else f"mostly {sides.pop()}"


def differences(model: str, baseline: str, task: str = "cell_types") -> pd.DataFrame:
    """A model's headline score less a baseline's, on every dataset where a source has both.

    Returns
    -------
    Columns source, dataset, model, baseline (values), difference, seen.
    """
    table = headline(task)
    table = table[table["left_out"] == ""].set_index(["source", "dataset"])
    mine, theirs = (table[table["name"] == name] for name in (model, baseline))
    both = mine.join(theirs["value"].rename("baseline"), how="inner").dropna(subset=["value", "baseline"])
    both = both.rename(columns={"value": "model"}).assign(difference=both["value"] - both["baseline"])
    return both.reset_index()[["source", "dataset", "model", "baseline", "difference", "seen"]]


def joint(differences: pd.Series, clusters: pd.Series, datasets: pd.Series) -> dict:
    """Read differences together, each of which has a source and a dataset: the last fields of :class:`Verdict`."""
    return {
        "difference": float(differences.mean()),
        "interval": mean_interval(differences, clusters),
        "apart": mean_interval(differences),
        "ahead": int((differences > 0).sum()),
        "n_rows": len(differences),
        "n_datasets": datasets.nunique(),
        "n_sources": clusters.nunique(),
    }


def verdict(model: str, baseline: str, task: str = "cell_types") -> Verdict | None:
    """Read the differences of a model from a baseline together; ``None`` where no source has both."""
    table = differences(model, baseline, task)
    if table.empty:
        return None
    return Verdict(model, baseline, **joint(table["difference"], table["source"], table["dataset"]))


def verdicts(
    models: Sequence[str], task: str = "cell_types", baselines: Sequence[str] = BASELINES
) -> list[Verdict]:
    """The verdicts of some models against the baselines, those that some source allows."""
    found = [verdict(model, baseline, task) for model in models for baseline in baselines]
    return [v for v in found if v is not None]


def tally(found: Sequence[Verdict]) -> str:
    """How often which verdict is given, in words: ``mostly behind in 4 of 6 comparisons, not told apart in 2``."""
    counts = Counter(v.word for v in found).most_common()
    said = [f"{word} in {n}" for word, n in counts]
    return ", ".join([f"{said[0]} of {len(found)} comparisons", *said[1:]]) if said else "never compared"


def on_subsamples(models: Sequence[str], baseline: str) -> pd.DataFrame:
    """Every checkpoint of models against a baseline, on datasets of which a source gives the spread over subsamples.

    Returns
    -------
    Columns source, dataset (the book's title of it), score, name, checkpoint, difference (checkpoint less baseline) and
    the ends of its 95 % interval, low and high, among others.
    """
    tables = []
    for source in sources().values():
        about = source.tasks.get("cell_types", {"formula": "", "score": ""})
        rows = with_roles(source, source.table[source.table["metric"] == about["formula"]])
        rows[["sd", "n"]] = rows["spread"].str.extract(r"^sd ([\d.]+) over (\d+)$").astype(float)
        base = rows.loc[rows["name"] == baseline, ["dataset", "value", "sd"]]
        both = rows[rows["name"].isin(models)].merge(base, on="dataset", suffixes=("", "_base"))
        gap = both["value"] - both["value_base"]
        # Subsamples share cells, so their mean is not surer than one of them.
        half = stats.t.ppf(0.975, both["n"] - 1) * np.hypot(both["sd"], both["sd_base"])
        both["dataset"] = both["dataset"].map(source.title_of)
        both = both.assign(
            source=source.name, score=about["score"], difference=gap, low=gap - half, high=gap + half
        )
        tables.append(both.dropna(subset="low"))
    return pd.concat(tables, ignore_index=True)


def mean_interval(values: Sequence[float], clusters: Sequence[str] | None = None) -> tuple[float, float]:
    """95 % interval of a mean of values that may resemble each other within clusters; NaN for fewer than two values.

    The cluster-robust variance with the small-sample correction and degrees of freedom of Bell and McCaffrey (Survey
    Methodology 28:169, 2002), for which a handful of clusters of unequal size is enough. Without clusters, or with one,
    every value is a cluster of its own, which makes it Student's interval.
    """
    values = np.asarray(values, float)
    if (n := len(values)) < 2:
        return np.nan, np.nan
    several = clusters is not None and len(set(clusters)) > 1
    codes = np.unique(np.asarray(clusters, str) if several else np.arange(n), return_inverse=True)[1]
    member = np.eye(codes.max() + 1)[codes]
    size = member.sum(axis=0)
    scale = 1 / (n * np.sqrt(1 - size / n))
    sums = (values - values.mean()) @ member
    influence = (member - size / n) * scale
    gram = influence.T @ influence
    freedom = np.trace(gram) ** 2 / (gram**2).sum()
    half = stats.t.ppf(0.975, freedom) * np.sqrt(((sums * scale) ** 2).sum())
    return values.mean() - half, values.mean() + half


def wide(source: Source) -> pd.DataFrame:
    """The table of a source with a column a metric, one row a dataset, method and variant, and what each method is."""
    keys = ["dataset", "method", "variant"]
    return with_roles(
        source, source.table.pivot_table(index=keys, columns="metric", values="value").reset_index()
    )


def _parts(source: Source, formula: str) -> list[str]:
    """Metrics of a source that a formula is made of: those that stand in it quoted, or as a name of their own."""
    words = formula.replace("(", " ").replace(")", " ").split()
    return [m for m in source.table["metric"].unique() if f"`{m}`" in formula or m in words]


def _headline(source: Source, task: str) -> pd.DataFrame:
    table, about = wide(source), source.tasks[task]
    table = table.assign(
        source=source.name, score=about["score"], value=table.eval(about["formula"], engine="python")
    )
    for end, name in zip(("floor", "ceiling"), CONTROLS, strict=True):
        best = table[table["name"] == name].groupby("dataset")["value"].max()
        table[end] = table["dataset"].map(best).astype(float)
    table["left_out"] = left_out(source, table, about["formula"])
    table["dataset"] = table["dataset"].map(source.title_of)
    kept = table["name"].notna() & ~table["name"].isin(CONTROLS) & table["value"].notna()
    return table.loc[kept, COLUMNS]
