"""Sentences computed from the results: every number in the book's prose comes from here or from a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zslib import datasets, methods
from zslib.frozen.architectures import ARCHITECTURES
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.metrics.resolution import REPEATS
from zslib.results.comparison import Comparison
from zslib.results.report.words import competing, join, markdown, number, title_of, titles

if TYPE_CHECKING:
    from zslib.workflow.grid import Grid


def questioned() -> dict[str, list[str]]:
    """The models the book is about, by title, with the methods that run their published weights: only these count."""
    cards = [methods.card(name) for name in methods.names()]
    return {
        ARCHITECTURES[key].TITLE: [
            c.name for c in cards if c.architecture == key and c.family == "foundation"
        ]
        for key in ("scgpt", "geneformer")
    }


def front_methods(runs: Sequence[Comparison]) -> list[str]:
    """Methods of the front page: published checkpoints first, then baselines, then the floor and the ceiling."""
    ran = _ran(runs[0].methods, runs)
    found = [m for family in ("foundation", "baseline") for m in ran if methods.card(m).family == family]
    return found + [m for m in ("random", "labels") if m in ran]


def measured(grid: "Grid", runs: Sequence[Comparison]):
    """Say what this build measured: whether published checkpoints ran, and which method is best at what."""
    rivals = [m for m in front_methods(runs) if methods.card(m).family != "control"]
    # Where the batch is the experiment, mixing it is no prize.
    technical = [run for run in runs if not datasets.card(grid.datasets[run.dataset]).batch_is_biology]
    return markdown(
        " ".join(
            [_verdict(runs, rivals), _led(runs, "avg_bio", rivals), _led(technical, "avg_batch", rivals)]
        )
    )


def biology(runs: Comparison):
    """Say which method keeps cell types apart best on one dataset, and between which ends its score lies."""
    rivals = runs.rivals
    leaders = runs.leaders("avg_bio", among=rivals)
    if not leaders:
        return markdown("No method but the controls ran here.")
    ends = [
        f"the {title_of(m)} control {runs.value(m, 'avg_bio').value:.2f}"
        for m in ("random", "labels")
        if m in runs.ran
    ]
    between = f" For comparison, {' and '.join(ends)}." if ends else ""
    return markdown(_leader(runs, leaders, "avg_bio") + between + _moved_most(runs, rivals))


def batches(runs: Comparison):
    """Say which method mixes batches best on one dataset, and what that is worth."""
    leaders = runs.leaders("avg_batch", among=runs.rivals)
    if not leaders:
        reasons = [run.skipped.get("avg_batch", "") for m in runs.rivals for run in runs.runs_of(m)]
        why = next(filter(None, reasons), "no method but the controls ran")
        return markdown(f"No average batch score here: {why}.")
    floor = runs.value("random", "avg_batch") if "random" in runs.ran else None
    floor = (
        f" Random numbers, which know nothing of the cells, score {floor.value:.2f}."
        if floor is not None
        else ""
    )
    return markdown(_leader(runs, leaders, "avg_batch") + floor)


def against(runs: Sequence[Comparison], method: str, control: str, metric: str):
    """Say on each dataset by how much a method is above or below a control, with the paired interval."""
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
        return markdown(f"{title_of(method)} or {title_of(control)} did not run in this build.")
    return markdown(
        f"In {CARDS[metric].title}, **{title_of(method)}** against *{title_of(control)}* is {join(parts)}."
    )


def gains(runs: Sequence[Comparison], metric: str = "avg_bio", family: str = "foundation"):
    """Say of each frozen model of a family by how much it is above or below its untrained twin."""
    cards = [methods.card(m) for m in _ran(runs[0].methods, runs)]
    pairs = [(card.name, card.control) for card in cards if card.family == family and card.control]
    lines = [against(runs, *pair, metric).data for pair in pairs]
    return markdown(
        "\n".join(f"- {line}" for line in lines)
        or f"Of the {FAMILIES[family]}, none with an untrained twin ran in this build."
    )


def small_models(runs: Comparison, metric: str = "avg_bio"):
    """Say in a sentence how many small models are above and below their untrained twins on one dataset."""
    pairs = runs.twins("small")
    if not pairs:
        return markdown("No small model and its untrained twin ran here.")
    above = [m for m, twin in pairs.items() if runs.beats(m, twin, metric)]
    below = [m for m, twin in pairs.items() if runs.beats(twin, m, metric)]
    level = [m for m in pairs if m not in above + below]
    places = [(above, "above it"), (below, "below it"), (level, "not told from it")]
    said = [f"{len(names)} {place} ({titles(names)})" for names, place in places if names]
    return markdown(
        f"Each against its untrained twin of the same size, in {CARDS[metric].title} and in both spaces: of {len(pairs)} "
        f"small model{'s' if len(pairs) > 1 else ''}, {join(said)}."
    )


def models(grid: "Grid", runs: Sequence[Comparison]):
    """Say plainly which models ran in this build and which were not available."""
    here = _ran(grid.methods, runs)
    ran = {f: [m for m in here if methods.card(m).family == f] for f in FAMILIES}
    lines = [
        f"- Baselines: {titles(ran['baseline']) or 'none'}.",
        f"- Frozen foundation models: {titles(ran['foundation']) or 'none in this build'}.",
        f"- Controls, which are no competitors: {'; '.join(map(title_of, ran['control'])) or 'none'}.",
    ]
    if ran["small"]:
        lines.append(
            f"- Small models of this book and their controls, no competitors either: {len(ran['small'])}, each beside its "
            "untrained twin on the pages of the datasets and in the chapters that teach with them."
        )
    if absent := _absent(here):
        lines.append(f"- Not available in this build: {join(absent)}. Nothing here speaks for them.")
    if missing := [m for m in grid.methods if m not in here]:
        lines.append(
            f"- Asked for, and without a result on any dataset: {titles(missing)}. Their pages say why."
        )
    return markdown("\n".join(lines))


def trust(grid: "Grid", runs: Sequence[Comparison]):
    """Say what the intervals cover, what they do not, and what a reader should not conclude."""
    cells = [f"{run.runs_of(run.ran[0])[0].about['n_cells']:,} of {run.dataset}" for run in runs if run.ran]
    repeated = [m for m in competing(grid.methods) if m in grid.more_seeds]
    drawn = sorted({len(grid.seeds_of(m)) for m in repeated})
    training = (
        ", nor the luck of training"
        if len(grid.seeds) == 1
        else f"; training is repeated with {len(grid.seeds)} seeds"
    )
    if drawn:
        training += f"; that of the weights they hold for {titles(repeated)} alone, run with {join([str(n) for n in drawn])} seeds"
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
    failed = [f"{title_of(m)} on {r.dataset}" for r in runs for m in r.failed]
    lines.append(f"Failed runs: {'; '.join(failed) or 'none'}.")
    return markdown("\n".join(f"- {line}" for line in lines))


def _cautions(grid: "Grid", runs: Sequence[Comparison]) -> list[str]:
    """What the cards of methods and datasets say that bears on fairness."""
    rivals = competing(grid.methods)
    fitted = [m for m in rivals if methods.card(m).trained_on_target]
    told = [m for m in rivals if methods.card(m).sees_batch]
    cards = [datasets.card(spec) for spec in grid.datasets.values()]
    lines = []
    if fitted:
        lines.append(
            f"Fitted to the very cells they embed: {titles(fitted)}. Told the batches: {titles(told) or 'none'}. "
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
            first = run.runs_of(method)[0].about
            loss, limit = first.get("training", {}).get("held_out", []), first["parameters"].get("max_epochs")
            if limit and len(loss) >= limit and min(loss) >= min(loss[-3:]):
                where.setdefault((method, limit), []).append(run.dataset)
    return [
        f"{title_of(method)} was stopped after {limit} epochs on {join(names)} with its held-out loss still falling: "
        "longer training may serve it better."
        for (method, limit), names in where.items()
    ]


def _leader(runs: Comparison, leaders: Sequence[str], metric: str) -> str:
    tied = (
        f"these cells do not tell it from {titles(leaders[1:])}"
        if leaders[1:]
        else "its lead holds in both spaces"
    )
    metric_title = CARDS[metric].title
    return f"**{title_of(leaders[0])}** has the highest {metric_title}, {number(runs.value(leaders[0], metric))}; {tied}."


def _led(runs: Sequence[Comparison], metric: str, rivals: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for run in runs:
        leaders = run.leaders(metric, among=rivals)
        if leaders:
            tie = f"; not told from {titles(leaders[1:])}" if leaders[1:] else ""
            places.setdefault(leaders[0], []).append(
                f"{run.dataset} ({number(run.value(leaders[0], metric))}{tie})"
            )
    if not places:
        return ""
    card = CARDS[metric]
    best = join([f"**{title_of(leader)}** on {join(where)}" for leader, where in places.items()])
    if card.family == "biology":
        return f"Best at keeping cell types apart ({card.title}): {best}."
    floor = [run.value("random", metric) for run in runs if "random" in run.ran]
    floor = [entry.value for entry in floor if entry is not None]
    worth = f", where random numbers reach {min(floor):.2f}" if floor else ""
    return f"Best at mixing batches ({card.title}{worth}): {best}."


def _verdict(runs: Sequence[Comparison], rivals: Sequence[str]) -> str:
    frozen = [m for m in _ran(rivals, runs) if methods.card(m).family == "foundation"]
    baselines = [m for m in rivals if methods.card(m).family == "baseline"]
    if not frozen:
        counts = []
        for run in runs:
            others = [m for m in baselines if m != "hvg" and m in run.ran]
            better = [m for m in others if run.beats(m, "hvg", "avg_bio")]
            counts.append(f"{len(better)} of {len(others)} on {run.dataset}")
        return (
            f"No published checkpoint was in the cache, so {join(list(questioned()))} were not run here, and this is the bar they "
            f"have to pass: of the other baselines, {join(counts)} keep cell types apart better than variable genes alone "
            "(HVG)."
        )
    alike: dict[tuple[int, ...], list[str]] = {}
    for model in frozen:
        ran = [run for run in runs if model in run.ran]
        counts = [
            sum(
                all(run.beats(model, rival, "avg_bio") for rival in rivals if rival in run.ran) for run in ran
            )
            for rivals in (["hvg"], baselines)
        ]
        alike.setdefault((*counts, len(ran)), []).append(f"**{title_of(model)}**")
    parts = [
        f"{join(names)} {'each beat' if len(names) > 1 else 'beats'} HVG on {hvg} of {n_ran} datasets and every "
        f"baseline on {every}"
        for (hvg, every, n_ran), names in alike.items()
    ]
    absent = _absent(frozen)
    return f"Frozen, {join(parts)}{_not_here(absent)}."


def _not_here(absent: Sequence[str]) -> str:
    return f"; {join(absent)} {'is' if len(absent) == 1 else 'are'} not in this build" if absent else ""


def _moved_most(runs: Comparison, rivals: Sequence[str]) -> str:
    moves = {}
    for method in rivals:
        native, reduced = (runs.value(method, "asw_label", space) for space in ("native", "pca50"))
        moves[method] = reduced.value - native.value
    method = max(moves, key=lambda m: abs(moves[m]))
    if abs(moves[method]) < 0.005:
        return ""
    return (
        f" Projected on its own 50 leading components, {title_of(method)}'s label ASW moves by {moves[method]:+.2f}: what the "
        "projection leaves out is mostly unstructured variance, which blurs distances."
    )


def _ran(names: Sequence[str], runs: Sequence[Comparison]) -> list[str]:
    """Those with a result on some dataset."""
    return [name for name in names if any(name in run.ran for run in runs)]


def _absent(names: Sequence[str]) -> list[str]:
    return [model for model, weights in questioned().items() if not set(weights) & set(names)]
