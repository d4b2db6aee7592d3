"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from collections.abc import Sequence

from zslib import methods, metrics
from zslib.comparison import Comparison, median_over_datasets
from zslib.workflow.grid import Grid

QUESTIONED = {
    "scGPT": ("scgpt-human", "scgpt-blood", "scgpt-kidney", "scgpt-continual-pretrained"),
    "Geneformer": ("geneformer-v1-10m", "geneformer-v1-12l", "geneformer-v2-104m", "geneformer-v2-316m"),
}
"""The models the book is about, by their published weights: nothing of another name counts for them."""


def answer(runs: Sequence[Comparison]):
    """Answer the book's question in three sentences, from the results."""
    honest = [m for m in runs[0].methods if methods.card(m).family != "control"]
    foundation = [m for m in honest if methods.card(m).family == "foundation"]
    biology = _led(runs, "avg_bio", honest)
    batch = _led(runs, "avg_batch", honest)
    verdict = _verdict(runs, honest, foundation) if foundation else _bar(runs, honest)
    return _markdown(" ".join([biology, batch, verdict]))


def biology(runs: Comparison):
    """Say which methods keep cell types apart best on one dataset, and how far from floor and ceiling."""
    honest = [m for m in runs.ran if methods.card(m).family != "control"]
    leaders = runs.leaders("avg_bio", among=honest)
    if not leaders:
        return _markdown("No method but the controls ran here.")
    best = runs.value(leaders[0], "avg_bio")
    tied = f", not to be told apart from {_list(leaders[1:])}" if leaders[1:] else ", ahead of all others"
    sentences = [f"**{_title(leaders[0])}** has the highest AvgBIO, {_number(best)}{tied}."]
    ends = {name: runs.value(name, "avg_bio") for name in ("random", "labels") if name in runs.ran}
    if len(ends) == 2:
        floor, ceiling = ends["random"].value, ends["labels"].value
        share = (best.value - floor) / (ceiling - floor)
        sentences.append(
            f"That is {share:.0%} of the way from the random floor ({floor:.2f}) to the labels' ceiling ({ceiling:.2f})."
        )
    moved = _moved_most(runs, honest)
    return _markdown(" ".join([*sentences, moved]))


def batches(runs: Comparison):
    """Say which methods mix batches best on one dataset, and what the score costs."""
    honest = [m for m in runs.ran if methods.card(m).family != "control"]
    leaders = runs.leaders("avg_batch", among=honest)
    if not leaders:
        return _markdown(
            "No average batch score here: there is one batch, or no method but the controls ran."
        )
    best = runs.value(leaders[0], "avg_batch")
    tied = f", not to be told apart from {_list(leaders[1:])}" if leaders[1:] else ", ahead of all others"
    text = f"**{_title(leaders[0])}** has the highest average batch score, {_number(best)}{tied}."
    noise = runs.value("random", "avg_batch") if "random" in runs.ran else None
    if noise is not None:
        text += f" Random numbers score {_number(noise)}."
    return _markdown(text)


def against(runs: Sequence[Comparison], method: str, control: str, metric: str):
    """Say on each dataset by how much a method is above or below its control, with the paired interval."""
    parts = []
    for run in runs:
        if method in run.ran and control in run.ran:
            row = run.differences(control, metric).set_index("method").loc[method]
            side = "above" if row.ci_low > 0 else "below" if row.ci_high < 0 else "not told from"
            parts.append(
                f"{side} it on {run.dataset} ({row.difference:+.2f} [{row.ci_low:+.2f}, {row.ci_high:+.2f}])"
            )
    if not parts:
        return _markdown(f"{_title(method)} or its control did not run in this build.")
    return _markdown(
        f"In {metrics.CARDS[metric].title}, **{_title(method)}** against its control is {_join(parts)}."
    )


def models(grid: Grid):
    """Say plainly which models ran in this build and which were not available."""
    ran = {
        f: [m for m in grid.methods if methods.card(m).family == f]
        for f in ("baseline", "foundation", "control")
    }
    missing = [model for model, names in QUESTIONED.items() if not set(names) & set(grid.methods)]
    lines = [
        f"- Baselines: {_list(ran['baseline']) or 'none'}.",
        f"- Frozen foundation models: {_list(ran['foundation']) or 'none in this build'}.",
        f"- Controls, which are no competitors: {_list(ran['control']) or 'none'}.",
    ]
    if missing:
        lines.append(f"- Not available in this build: {_join(missing)}. Nothing here speaks for them.")
    return _markdown("\n".join(lines))


def trust(grid: Grid, runs: Sequence[Comparison]):
    """Say what the intervals cover, what they do not, and what a reader should not conclude."""
    cells = ", ".join(f"{int(r.cells(r.ran[0])[0].run['n_cells']):,} of {r.dataset}" for r in runs)
    seeds = "one seed" if len(grid.seeds) == 1 else f"{len(grid.seeds)} seeds"
    failed = [
        f"{_title(row.method)} on {r.dataset}"
        for r in runs
        for row in r.statuses.itertuples()
        if row.status == "failed"
    ]
    lines = [
        f"- The cells: {cells}, the same for every method.",
        f"- The intervals hold the draw of cells ({grid.n_boot} resamples within type and batch), given the embedding "
        f"and its clustering; with {seeds} a method, they "
        + ("do not hold" if len(grid.seeds) == 1 else "also hold")
        + " the luck of training.",
        f"- {len(runs)} datasets are too few to rank methods in general: a star means that these data cannot tell a "
        "method from the best, not that it is as good everywhere.",
        "- Harmony and scVI are fitted to the very cells they embed and told the batches; HVG and PCA are not told.",
        "- Failed runs: " + ("none." if not failed else "; ".join(failed) + "."),
    ]
    return _markdown("\n".join(lines))


def _led(runs: Sequence[Comparison], metric: str, honest: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for run in runs:
        leaders = run.leaders(metric, among=honest)
        if leaders:
            tie = f", level with {_list(leaders[1:])}" if leaders[1:] else ""
            value = run.value(leaders[0], metric).value
            places.setdefault(leaders[0], []).append(f"{run.dataset} ({value:.2f}{tie})")
    parts = [f"**{_title(leader)}** on {_join(where)}" for leader, where in places.items()]
    card = metrics.CARDS[metric]
    aim = "keeping cell types apart" if card.family == "biology" else "mixing batches"
    return f"Best at {aim} ({card.title}): {_join(parts)}." if parts else ""


def _verdict(runs: Sequence[Comparison], honest: Sequence[str], foundation: Sequence[str]) -> str:
    baselines = [m for m in honest if m not in foundation]
    parts = []
    for model in foundation:
        ran = [run for run in runs if model in run.ran]
        counts = [
            f"{sum(_beats(run, model, rivals) for run in ran)} of {len(ran)}"
            for rivals in (["hvg"], baselines)
        ]
        parts.append(
            f"**{_title(model)}** clearly beats HVG on {counts[0]} datasets and all baselines on {counts[1]}"
        )
    return f"Of the frozen models in this build, {_join(parts)} (AvgBIO)."


def _beats(run: Comparison, model: str, rivals: Sequence[str]) -> bool:
    """Whether a model's score is higher than all rivals' that ran, by paired intervals."""
    rivals = [m for m in rivals if m in run.ran]
    tables = [run.differences(rival, "avg_bio").set_index("method") for rival in rivals]
    return bool(rivals) and all(table.loc[model, "ci_low"] > 0 for table in tables)


def _bar(runs: Sequence[Comparison], honest: Sequence[str]) -> str:
    median = median_over_datasets(runs, "avg_bio")
    verdicts = []
    for run in runs:
        table = run.differences("hvg", "avg_bio").set_index("method") if "hvg" in run.ran else None
        others = [m for m in honest if table is not None and m in table.index]
        if others:
            better = [m for m in others if table.loc[m, "ci_low"] > 0]
            verdicts.append(f"{len(better)} of {len(others)} on {run.dataset}")
    if not verdicts or "hvg" not in median.index:
        return "No frozen foundation model is part of this build: it sets a bar and gives no verdict."
    return (
        "No frozen foundation model is part of this build, so it sets the bar and gives no verdict: "
        f"gene selection alone (HVG) reaches a median AvgBIO of {median['hvg']:.2f} over the datasets, and of the "
        f"other baselines {_join(verdicts)} clearly beat it."
    )


def _moved_most(runs: Comparison, honest: Sequence[str]) -> str:
    moves = {}
    for method in honest:
        native, reduced = (runs.value(method, "asw_label", space) for space in ("native", "pca50"))
        moves[method] = reduced.value - native.value
    method = max(moves, key=lambda m: abs(moves[m]))
    if abs(moves[method]) < 0.005:
        return ""
    return (
        f"Reduced to 50 dimensions, with not a cell changed, {_title(method)}'s label ASW moves by "
        f"{moves[method]:+.2f}: that part of a score is owed to dimension."
    )


def _number(entry) -> str:
    return f"{entry.value:.2f} [{entry.ci_low:.2f}, {entry.ci_high:.2f}]"


def _title(method: str) -> str:
    return methods.card(method).title


def _list(names: Sequence[str]) -> str:
    return _join([_title(n) for n in names])


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else ""


def _markdown(text: str):
    from IPython.display import Markdown

    return Markdown(text)
