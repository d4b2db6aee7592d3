"""Tables of the record: its sources, its headline scores, what is left out, and what this build has too."""

import re
from collections.abc import Sequence
from html import escape
from textwrap import wrap
from types import SimpleNamespace

import numpy as np

from zslib.metrics import CARDS
from zslib.results.comparison import Comparison
from zslib.results.report.words import interval, join, parameters, signed, title_of
from zslib.studies.record import evidence, sources
from zslib.studies.record.beside import beside
from zslib.studies.record.figures import LISTED, MODELS
from zslib.studies.record.source import BASELINES, TASKS
from zslib.tables.html import NONE, difference, estimate, table


def cards():
    """Render the card of every source."""
    rows = []
    for source in sources().values():
        link = f'<a href="{escape(source.url)}">{escape(source.title)}</a>'
        tasks = "; ".join(f"{TASKS[t]}: {about['score']}" for t, about in source.tasks.items()) or "none"
        name = f"{link}<br/><code>{escape(source.name)}</code>"
        about = (
            f"{escape(source.citation)}.<br/>{escape(source.status)}; {len(source.table):,} numbers from a {source.kind} "
            f"at <code>{_breakable(source.at)}</code>.<br/>License: {_breakable(source.license)}.<br/>"
            f"Headline scores: {escape(tasks)}."
        )
        problems = "".join(f"<li>{_breakable(p)}</li>" for p in source.problems)
        rows.append((name, about, _breakable(source.controlled), f"<ul>{problems}</ul>"))
    return table(
        rows,
        ["source", "who, where and headline scores", "what was held equal", "known problems"],
        caption=f"The sources of the record: {len(rows)}, the largest first",
        text_columns=4,
        kind="prose",
    )


def headline(task: str = "cell_types"):
    """Render the headline scores of a task, a row a source and dataset, a column a model or baseline."""
    scores, names = evidence.headline(task), (*LISTED, *BASELINES)
    scores = scores[scores["name"].isin(names)]
    n_rows = scores["name"].value_counts()
    often = [name for name in names if n_rows.get(name, 0) > n_rows.max() / 4]
    rows, alone, shown = [], {}, []
    for (source, dataset), here in scores.groupby(["source", "dataset"], sort=False):
        found = {name: _cell(some) for name in names if len(some := here[here["name"] == name])}
        about = sources()[source]
        link = f'<a href="{escape(about.url)}">{escape(about.title)}</a>'
        if len(found) == 1:
            (one,) = found
            alone.setdefault(link, []).append(f"{one} on {escape(dataset)} {found[one]}")
            continue
        rare = [f"{name} {cell}" for name, cell in found.items() if name not in often]
        ends = zip(("shuffled cells", "cell types"), here[["floor", "ceiling"]].iloc[0], strict=True)
        rare += [f"{said} {end:.2f}" for said, end in ends if end == end]
        below = [*wrap(f"{about.title}, {here['score'].iloc[0]}", 36), *wrap(", ".join(rare), 60)]
        below = "<br/>".join(map(escape, below)).replace(escape(about.title), link, 1)
        title = f'{escape(dataset)}<br/><span class="zs-ci">{below}</span>'
        rows.append((title, *(found.get(name, NONE) for name in often)))
        shown.append((source, dataset))
    listed = "; ".join(f"{join(said)}, by {link}" for link, said in alone.items())
    n_sources, n_datasets = (len({key[i] for key in shown}) for i in (0, 1))
    return table(
        rows,
        ["dataset, source and score", *map(escape, often)],
        caption=f"{TASKS[task]}: {len(rows)} rows, on {n_datasets} datasets, of {n_sources} sources. "
        "Higher is better. Scores of one row compare, those of two need not. Struck through: left "
        "out of verdicts, for the reason given below. <sup>s</sup>: seen in pre-training, by the leakage ledger. Shuffled "
        "cells and cell types: the source's own negative and positive control, where it has them."
        + " Shuffled cells mix best, so for batches they are no floor." * (task == "batches")
        + (f" With nothing beside it in its source, and so in no row: {listed}." if alone else ""),
    )


def verdicts(task: str = "cell_types"):
    """Render every model against every baseline."""
    found = [(f"{v.model} less {v.baseline}", v) for v in evidence.verdicts(LISTED, task)]
    return _compared(found, f"{TASKS[task]}: frozen models against baselines")


def ahead():
    """Render every comparison on several datasets in which the mean of a model is the higher one."""
    found = [
        (f"{v.model} less {v.baseline}<br/><span class='zs-ci'>{'<br/>'.join(wrap(TASKS[t], 30))}</span>", v)
        for t in TASKS
        for v in evidence.verdicts(MODELS, t)
        if v.difference > 0 and v.n_rows > 1
    ]
    return _compared(found, "Where a model has the higher mean, on several datasets")


def _compared(found: Sequence[tuple[str, evidence.Verdict]], title: str):
    """Render comparisons with both intervals."""
    rows = []
    for name, v in found:
        ends = against_zero(v.difference, v.interval), interval(v.apart) or NONE
        rows.append((name, v.word, *ends, f"{v.ahead} of {v.n_rows}", str(v.n_sources)))
    return table(
        rows,
        ["model less baseline", "verdict", "mean difference", "if independent", "higher on", "sources"],
        caption=f"{title}. Mean over datasets of model less baseline with its 95 % interval, and that interval if all datasets "
        "were independent of their source."
        + " A dataset counts once in each source that has it."
        * any(v.n_rows > v.n_datasets for _, v in found),
        text_columns=2,
    )


def by_source(pairs: Sequence[tuple[str, str]]):
    """Render the mean difference of each model from a baseline, a row a source."""
    means = {
        f"{m} less {b}": evidence.differences(m, b).groupby("source")["difference"].agg(["mean", "size"])
        for m, b in pairs
    }
    names = dict.fromkeys(name for mean in means.values() for name in mean.sort_values("mean").index[::-1])
    rows = [
        (
            escape(_title(name)),
            *(f"{signed(mean.loc[name, 'mean'])} ({mean.loc[name, 'size']:.0f})" if name in mean.index else "–" for mean in means.values()),
        )
        for name in names
    ]  # fmt: skip
    return table(rows, ["source", *means], caption="Mean difference by source. In parentheses: datasets.")


def left_out():
    """Render what is flagged, by which rule, and why."""
    rows = [
        (
            f"{escape(_title(r.source))}<br/><span class='zs-ci'>"
            f"{escape(sources()[r.source].title_of(r.dataset) if r.dataset else 'all datasets')}</span>",
            escape(_method(r.source, r.method)),
            r.rule,
            escape(r.reason),
        )
        for r in evidence.flags().itertuples()
    ]
    return table(
        rows,
        ["source and dataset", "method or metric", "rule", "what was found"],
        caption=f"In the record, and in no verdict: {len(rows)} findings. "
        "A metric of several meanings is compared within a source alone.",
        text_columns=4,
        kind="prose",
    )


def together(runs: Sequence[Comparison]):
    """Render published scores beside those of this build, each pair with a verdict; nothing where there is none."""
    rows = [
        (
            escape(row.dataset),
            escape(title_of(row.method)),
            escape(CARDS[row.metric].title),
            f"{row.published:.2f}",
            estimate(SimpleNamespace(value=row.here, ci_low=row.ci_low, ci_high=row.ci_high)),
            escape(row.verdict),
            escape("; ".join(row.differs) or "nothing known"),
            f"{escape(_title(row.source))}: {escape(row.settings or 'not stated')}; here: {escape(parameters(row.parameters))}",
        )
        for row in beside(runs).itertuples()
    ]
    header = ["dataset", "method", "metric", "published", "here", "verdict", "what differs", "settings"]
    caption = (
        "Scores of the same dataset, method and metric, published and of this build with its 95 % interval. A difference "
        "beyond the interval counts as one only where nothing else is known to differ."
    )
    return table(rows, header, caption=caption, text_columns=8, kind="prose") if rows else None


def against_zero(mean: float, ends: tuple[float, float], digits: int = 2) -> str:
    """Write a difference with its interval, if it has one, and draw both about a line at zero."""
    said = interval(ends, digits)
    drawn = ends if said.startswith("[") else (np.nan, np.nan)
    return f'{signed(mean, digits)} <span class="zs-ci">{said or NONE}</span>' + difference(mean, *drawn)


def _breakable(text: str) -> str:
    """Text whose paths and hashes may go on in the next line, so that no column is as wide as one of them."""
    return re.sub(r"([/@_:]|[0-9a-f]{10})(?=[^\s.])", r"\1<wbr/>", escape(text, quote=False))


def _cell(found) -> str:
    parts = []
    for row in found.itertuples():
        text = f"{row.value:.2f}" + "<sup>s</sup>" * row.seen
        parts.append(f"<s>{text}</s>" if row.left_out else text)
    return " ".join(parts)


def _method(source: str, method: str) -> str:
    """A method as its source calls it, but spelled as in the record where that is the same name; or a metric."""
    name = sources()[source].role(method, "").get("is", "") if source else ""
    return name if name.casefold() == method.casefold() and name else method or "all"


def _title(source: str) -> str:
    return sources()[source].title if source else "several"
