"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from collections.abc import Sequence

from zslib import datasets, methods, metrics
from zslib.comparison import Comparison
from zslib.metrics.clustering import REPEATS
from zslib.workflow.grid import Grid

QUESTIONED = {
    "scGPT": ("scgpt-human", "scgpt-blood", "scgpt-kidney", "scgpt-continual-pretrained"),
    "Geneformer": ("geneformer-v1-10m", "geneformer-v1-12l", "geneformer-v2-104m", "geneformer-v2-316m"),
}
"""The models the book is about, by their published weights: nothing of another name counts for them."""


def answer(runs: Sequence[Comparison]):
    """Answer the book's question in three sentences, from the results."""
    honest = _honest(runs[0].methods)
    return _markdown(
        " ".join([_led(runs, "avg_bio", honest), _led(runs, "avg_batch", honest), _verdict(runs, honest)])
    )


def biology(runs: Comparison):
    """Say which method keeps cell types apart best on one dataset, and between which ends its score lies."""
    honest = _honest(runs.ran)
    leaders = runs.leaders("avg_bio", among=honest)
    if not leaders:
        return _markdown("No method but the controls ran here.")
    ends = [
        f"the {_title(m)} control {runs.value(m, 'avg_bio').value:.2f}"
        for m in ("random", "labels")
        if m in runs.ran
    ]
    between = f" For comparison, {' and '.join(ends)}." if ends else ""
    return _markdown(_leader(runs, leaders, "avg_bio") + between + _moved_most(runs, honest))


def batches(runs: Comparison):
    """Say which method mixes batches best on one dataset, and what that is worth."""
    leaders = runs.leaders("avg_batch", among=_honest(runs.ran))
    if not leaders:
        return _markdown(
            "No average batch score here: there is one batch, or no method but the controls ran."
        )
    floor = runs.value("random", "avg_batch") if "random" in runs.ran else None
    floor = (
        f" Random numbers, which know nothing of the cells, score {floor.value:.2f}."
        if floor is not None
        else ""
    )
    return _markdown(_leader(runs, leaders, "avg_batch") + floor)


def against(runs: Sequence[Comparison], method: str, control: str, metric: str):
    """Say on each dataset by how much a method is above or below its control, with the paired interval."""
    parts = []
    for run in runs:
        if method in run.ran and control in run.ran:
            row = run.differences(control, metric).set_index("method").loc[method]
            side = "not told from"
            if run.beats(method, control, metric):
                side = "above"
            elif run.beats(control, method, metric):
                side = "below"
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
    lines = [
        f"- Baselines: {_list(ran['baseline']) or 'none'}.",
        f"- Frozen foundation models: {_list(ran['foundation']) or 'none in this build'}.",
        f"- Controls, which are no competitors: {'; '.join(map(_title, ran['control'])) or 'none'}.",
    ]
    if absent := _absent(grid.methods):
        lines.append(f"- Not available in this build: {_join(absent)}. Nothing here speaks for them.")
    return _markdown("\n".join(lines))


def trust(grid: Grid, runs: Sequence[Comparison]):
    """Say what the intervals cover, what they do not, and what a reader should not conclude."""
    cells = [f"{run.cells(run.ran[0])[0].run['n_cells']:,} of {run.dataset}" for run in runs if run.ran]
    training = (
        ", nor the luck of training"
        if len(grid.seeds) == 1
        else f"; training is repeated with {len(grid.seeds)} seeds"
    )
    lines = [
        f"The cells: {', '.join(cells) or 'none'}, the same for every method.",
        f"The intervals hold the resampling of these cells ({grid.n_boot} times, within type and batch) and the luck of "
        f"the clustering ({REPEATS} runs). They do not hold what another draw of cells, embedded anew, would change, "
        f"which is more{training}.",
        f"{len(runs)} dataset{'s are' if len(runs) > 1 else ' is'} too few to rank methods in general. A star marks what "
        "these data do not tell from the best, in the native and the pca50 space.",
        *_cautions(grid, runs),
        *_unfinished(runs),
    ]
    failed = [f"{_title(m)} on {r.dataset}" for r in runs for m in r.failed]
    lines.append(f"Failed runs: {'; '.join(failed) or 'none'}.")
    return _markdown("\n".join(f"- {line}" for line in lines))


def _cautions(grid: Grid, runs: Sequence[Comparison]) -> list[str]:
    """What the cards of methods and datasets say that bears on fairness."""
    honest = _honest(grid.methods)
    fitted = [m for m in honest if methods.card(m).trained_on_target]
    told = [m for m in honest if methods.card(m).sees_batch]
    cards = [datasets.card(spec) for spec in grid.datasets.values()]
    lines = []
    if fitted:
        lines.append(
            f"Fitted to the very cells they embed: {_list(fitted)}. Told the batches: {_list(told) or 'none'}. "
            "A frozen model is neither."
        )
    lines += [
        f"On {card.name} the batch is also an experiment's condition, so perfect mixing is not the aim there."
        for card in cards
        if card.batch_is_biology
    ]
    lines += [
        f"{card.name} shares cells with {other}: the two are not independent."
        for card in cards
        for other in card.overlaps
        if other in grid.datasets
    ]
    return lines


def _unfinished(runs: Sequence[Comparison]) -> list[str]:
    """Methods whose training ended at its limit with the held-out loss still falling."""
    where: dict[tuple[str, int], list[str]] = {}
    for run in runs:
        for method in run.ran:
            first = run.cells(method)[0].run
            loss, limit = first.get("training", {}).get("held_out", []), first["parameters"].get("max_epochs")
            if limit and len(loss) >= limit and min(loss) >= min(loss[-3:]):
                where.setdefault((method, limit), []).append(run.dataset)
    return [
        f"{_title(method)} was stopped after {limit} epochs on {_join(names)} with its held-out loss still falling: "
        "longer training may serve it better."
        for (method, limit), names in where.items()
    ]


def _leader(runs: Comparison, leaders: Sequence[str], metric: str) -> str:
    tied = (
        f"these cells do not tell it from {_list(leaders[1:])}"
        if leaders[1:]
        else "its lead holds in both spaces"
    )
    title = metrics.CARDS[metric].title
    return f"**{_title(leaders[0])}** has the highest {title}, {_number(runs.value(leaders[0], metric))}; {tied}."


def _led(runs: Sequence[Comparison], metric: str, honest: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for run in runs:
        leaders = run.leaders(metric, among=honest)
        if leaders:
            tie = f"; not told from {_list(leaders[1:])}" if leaders[1:] else ""
            places.setdefault(leaders[0], []).append(
                f"{run.dataset} ({_number(run.value(leaders[0], metric))}{tie})"
            )
    if not places:
        return ""
    card = metrics.CARDS[metric]
    best = _join([f"**{_title(leader)}** on {_join(where)}" for leader, where in places.items()])
    if card.family == "biology":
        return f"Best at keeping cell types apart ({card.title}): {best}."
    floor = [run.value("random", metric) for run in runs if "random" in run.ran]
    floor = [entry.value for entry in floor if entry is not None]
    worth = f", where random numbers reach {min(floor):.2f}" if floor else ""
    return f"Best at mixing batches ({card.title}{worth}): {best}."


def _verdict(runs: Sequence[Comparison], honest: Sequence[str]) -> str:
    frozen = [m for m in honest if methods.card(m).family == "foundation"]
    baselines = [m for m in honest if m not in frozen]
    if not frozen:
        counts = []
        for run in runs:
            others = [m for m in baselines if m != "hvg" and m in run.ran]
            better = [m for m in others if run.beats(m, "hvg", "avg_bio")]
            counts.append(f"{len(better)} of {len(others)} on {run.dataset}")
        return (
            "No frozen foundation model is part of this build, so it sets the bar and gives no verdict: of the other "
            f"baselines, {_join(counts)} beat gene selection alone (HVG)."
        )
    parts = []
    for model in frozen:
        ran = [run for run in runs if model in run.ran]
        counts = [
            sum(
                all(run.beats(model, rival, "avg_bio") for rival in rivals if rival in run.ran) for run in ran
            )
            for rivals in (["hvg"], baselines)
        ]
        parts.append(
            f"**{_title(model)}** beats HVG on {counts[0]} of {len(ran)} datasets and every baseline on {counts[1]}"
        )
    absent = _absent(honest)
    return f"Frozen, {_join(parts)}{f'; {_join(absent)} are not in this build' if absent else ''}."


def _moved_most(runs: Comparison, honest: Sequence[str]) -> str:
    moves = {}
    for method in honest:
        native, reduced = (runs.value(method, "asw_label", space) for space in ("native", "pca50"))
        moves[method] = reduced.value - native.value
    method = max(moves, key=lambda m: abs(moves[m]))
    if abs(moves[method]) < 0.005:
        return ""
    return (
        f" Projected on its own 50 leading components, {_title(method)}'s label ASW moves by {moves[method]:+.2f}: what the "
        "projection leaves out is mostly unstructured variance, which blurs distances."
    )


def _honest(names: Sequence[str]) -> list[str]:
    return [m for m in names if methods.card(m).family != "control"]


def _absent(names: Sequence[str]) -> list[str]:
    return [model for model, weights in QUESTIONED.items() if not set(weights) & set(names)]


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
