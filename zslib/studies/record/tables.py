"""Tables of the record: its sources, its headline scores, and what is left out."""

from collections.abc import Sequence
from html import escape

import numpy as np

from zslib.studies.record import evidence, sources
from zslib.studies.record.figures import MODELS
from zslib.studies.record.sentences import signed
from zslib.studies.record.source import BASELINES, TASKS
from zslib.tables.html import table


def cards():
    """Render the card of every source."""
    rows = []
    for source in sources().values():
        link = f'<a href="{escape(source.url)}">{escape(source.title)}</a>'
        tasks = "; ".join(f"{TASKS[t]}: {about['score']}" for t, about in source.tasks.items()) or "–"
        problems = "".join(f"<li>{escape(p)}</li>" for p in source.problems)
        rows.append(
            (
                f"{link}<br/><code>{escape(source.name)}</code>",
                f"{escape(source.citation)}.<br/>{escape(source.status)}; {len(source.table):,} numbers from a {source.kind} "
                f"at <code>{escape(source.at)}</code>.<br/>License: {escape(source.license)}.",
                escape(source.controlled),
                f"<ul>{problems}</ul>",
                escape(tasks),
            )
        )
    return table(
        rows,
        ["source", "who and where", "what was held equal", "known problems", "headline scores"],
        caption=f"{len(rows)} sources, the largest first.",
        text_columns=5,
        kind="prose",
    )


def headline(task: str = "cell_types", names: Sequence[str] = (*BASELINES, *MODELS, "UCE")):
    """Render the headline scores of a task, a row a source and dataset, a column a model or baseline."""
    scores = evidence.headline(task)
    scores = scores[scores["name"].isin(names)]
    rows = []
    for (source, dataset), here in scores.groupby(["source", "dataset"], sort=False):
        cells = [_cell(here[here["name"] == name]) for name in names]
        ends = [_number(here[end].iloc[0]) for end in ("floor", "ceiling")]
        about = sources()[source]
        title = f'<a href="{escape(about.url)}">{escape(about.title)}</a>: {escape(dataset)}'
        rows.append((title, escape(here["score"].iloc[0]), *cells, *ends))
    return table(
        rows,
        ["source and dataset", "score", *map(escape, names), "floor", "ceiling"],
        caption=f"{TASKS[task]}; higher is better. Scores of one row compare, those of two need not. Struck through: left "
        "out of verdicts, for the reason given below. <sup>s</sup>: seen in pre-training, by the leakage ledger. Floor "
        "and ceiling: the source's own negative and positive control, where it has them.",
        text_columns=2,
    )


def verdicts(task: str = "cell_types", models: Sequence[str] = (*MODELS, "UCE")):
    """Render every model against every baseline, with both intervals."""
    rows = [
        (
            escape(f"{v.model} against {v.baseline}"),
            v.word,
            f'{signed(v.difference)} <span class="zs-ci">{_interval(v.interval)}</span>',
            _interval(v.apart),
            f"{v.ahead} of {v.n_datasets}",
            str(v.n_sources),
        )
        for v in evidence.verdicts(models, task)
    ]
    return table(
        rows,
        ["", "verdict", "mean difference", "if independent", "ahead", "sources"],
        caption=f"{TASKS[task]}: mean over datasets of model less baseline with its 95 % interval, that interval if all "
        "datasets were independent of their source, and on how many the model is ahead.",
        text_columns=2,
    )


def left_out():
    """Render what is flagged, by which rule, and why."""
    rows = [
        (
            escape(_title(r.source)),
            escape(sources()[r.source].title_of(r.dataset) if r.dataset else "all"),
            escape(_method(r.source, r.method)),
            r.rule,
            escape(r.reason),
        )
        for r in evidence.flags().itertuples()
    ]
    return table(
        rows,
        ["source", "dataset", "method or metric", "rule", "what was found"],
        caption="In the record, and in no verdict. A metric of several meanings is compared within a source alone.",
        text_columns=5,
        kind="prose",
    )


def _cell(found) -> str:
    parts = []
    for row in found.itertuples():
        text = _number(row.value) + ("<sup>s</sup>" if row.seen else "")
        parts.append(f"<s>{text}</s>" if row.left_out else text)
    return " ".join(parts) or "–"


def _number(value: float) -> str:
    return f"{value:.2f}" if np.isfinite(value) else "–"


def _interval(ends: tuple[float, float]) -> str:
    return f"[{signed(ends[0])}, {signed(ends[1])}]" if np.isfinite(ends[0]) else "–"


def _method(source: str, method: str) -> str:
    """A method as its source calls it, but spelled as in the record where that is the same name; or a metric."""
    name = sources()[source].role(method, "").get("is", "") if source else ""
    return name if name.casefold() == method.casefold() and name else method or "all"


def _title(source: str) -> str:
    return sources()[source].title if source else "several"
