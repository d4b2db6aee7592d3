"""Sentences of the front page: what this build measured, with which models, and how far to trust it."""

from collections.abc import Sequence

from zslib import datasets, methods
from zslib.frozen import weights
from zslib.frozen.architectures import ARCHITECTURES
from zslib.methods.card import FAMILIES
from zslib.metrics import CARDS
from zslib.metrics.resolution import FULL
from zslib.results import ladder
from zslib.results.comparison import SPACES, Comparison
from zslib.results.report.cautions import met
from zslib.results.report.uncertainty import drawn_anew
from zslib.results.report.words import (
    best_on,
    competing,
    join,
    markdown,
    nobody,
    title_of,
    titles,
    with_result,
)


def foundation_models() -> dict[str, list[str]]:
    """The models the book is about, by title, each with the methods that run a checkpoint, frozen, or look up what it gives."""
    found: dict[str, list[str]] = {ARCHITECTURES[key].TITLE: [] for key in ("scgpt", "geneformer")}
    for card in map(methods.card, methods.names()):
        networks = {weights.card(name).network for name in card.in_record if name in weights.names()}
        key = card.architecture or (networks.pop() if len(networks) == 1 else None)
        model = ARCHITECTURES[key].TITLE if key else card.looked_up
        if model in found and card.family == "foundation":
            found[model].append(card.name)
    return found


def front_methods(runs: Sequence[Comparison]) -> list[str]:
    """Methods of the front page: foundation models first, then baselines, then the floor and the ceiling."""
    ran = with_result(runs[0].methods, runs)
    found = [m for family in ("foundation", "baseline") for m in ran if methods.card(m).family == family]
    return found + [m for m in ("random", "labels") if m in ran]


def measured(grid, runs: Sequence[Comparison]):
    """Say what this build measured: whether foundation models ran, and which method is best at what.

    Parameters
    ----------
    grid
        The grid that was run, see :class:`zslib.workflow.grid.Grid`.
    runs
        Its runs, one entry a dataset.
    """
    # Where the batch is the experiment, mixing it is no prize.
    technical = [run for run in runs if not datasets.card(grid.datasets[run.dataset]).batch_is_biology]
    return markdown(" ".join([_verdict(runs), _led(runs, "avg_bio"), _led(technical, "avg_batch")]))


def _verdict(runs: Sequence[Comparison]) -> str:
    """Say how often each foundation model beats the baselines; without one, how often these beat HVG."""
    ran = front_methods(runs)
    frozen, baselines = (
        [m for m in ran if methods.card(m).family == family] for family in ("foundation", "baseline")
    )
    if not frozen:
        counts = []
        for run in runs:
            others = [m for m in baselines if m != "hvg" and m in run.ran]
            native, reduced = (
                [m for m in others if ladder.ahead(run, m, "hvg", "avg_bio", s)] for s in SPACES
            )
            again = [m for m in others if m != ladder.in_space(run, "hvg", "pca50")]
            but = f" ({len(reduced)} of {len(again)} in the 50 leading components)"
            but *= reduced != [m for m in native if m in again]
            counts.append(f"{len(native)} of {len(others)} on {run.dataset}{but}")
        return (
            f"The published weights of {join(list(foundation_models()))} had not been fetched (`zslib weights fetch`), so neither "
            f"model was run here, and this is the bar that they have to pass: of the other baselines, {join(counts)} keep cell types apart better than variable genes alone "
            "(HVG, whose 50 leading components are HVG → PCA)."
        )
    alike: dict[tuple, list[str]] = {}
    for model in frozen:
        here = [run for run in runs if model in run.ran]
        counts = [tuple(_ahead(here, model, rivals, s) for rivals in (["hvg"], baselines)) for s in SPACES]
        alike.setdefault((*counts, len(here)), []).append(f"**{title_of(model)}**")
    parts = [
        f"{join(names)} {'each beat' if len(names) > 1 else 'beats'} HVG on {hvg} of {n_ran} datasets and every "
        f"baseline on {every}"
        + ("" if reduced == (hvg, every) else " (in the 50 leading components {} and {})".format(*reduced))
        for ((hvg, every), reduced, n_ran), names in alike.items()
    ]
    absent = _absent(frozen)
    missing = f"; {join(absent)} {'is' if len(absent) == 1 else 'are'} not in this build" if absent else ""
    return f"Frozen, {join(parts)}{missing}."


def _ahead(runs: Sequence[Comparison], model: str, rivals: Sequence[str], space: str) -> int:
    """On how many datasets a model is ahead of all of some methods that ran there."""
    return sum(
        all(ladder.ahead(run, model, m, "avg_bio", space) for m in rivals if m in run.ran) for run in runs
    )


def _led(runs: Sequence[Comparison], metric: str) -> str:
    """Say which method is best at what a metric measures, and where nobody is called so; empty if none has a score."""
    best, card = best_on(runs, metric), CARDS[metric]
    failing = "".join(f" {said}" for run in runs if run.rivals and (said := nobody(run, metric)))
    if not best:
        return failing.strip()
    if card.family == "biology":
        return f"Best at keeping cell types apart ({card.title}): {best}.{failing}"
    floor = [entry.value for run in runs if (entry := run.value("random", metric)) is not None]
    worth = f", where random numbers reach {min(floor):.2f}" if floor else ""
    return f"Best at mixing batches ({card.title}{worth}): {best}.{failing}"


def models(grid, runs: Sequence[Comparison]):
    """Say plainly which models ran in this build and which were not available."""
    here = with_result(grid.methods, runs)
    ran = {f: [m for m in here if methods.card(m).family == f] for f in FAMILIES}
    lines = [
        f"- Baselines: {titles(ran['baseline']) or 'none'}.",
        f"- Frozen foundation models: {titles(ran['foundation']) or 'none in this build'}.",
        f"- Controls, which are no competitors: {'; '.join(map(title_of, ran['control'])) or 'none'}.",
    ]
    if ran["tuned"]:
        lines.append(
            f"- Fine-tuned, or trained on such cells, and so neither zero-shot nor competitors: {'; '.join(map(title_of, ran['tuned']))}."
        )
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


def _absent(names: Sequence[str]) -> list[str]:
    return [model for model, weights in foundation_models().items() if not set(weights) & set(names)]


def trust(grid, runs: Sequence[Comparison]):
    """Say what the intervals cover, what they do not, and what a reader should not conclude."""
    cells = [
        f"{run.n_cells:,} of {run.dataset}, {datasets.card(grid.datasets[run.dataset]).title}"
        for run in runs
        if run.ran
    ]
    repeated = [m for m in competing(grid.methods) if m in grid.more_seeds]
    drawn = sorted({len(grid.seeds_of(m)) for m in repeated})
    training = (
        ", and not the luck of training"
        if len(grid.seeds) == 1
        else f"; training is repeated with {len(grid.seeds)} seeds"
    )
    if drawn:
        training += f"; that of the weights they hold for {titles(repeated)} alone, run with {join([str(n) for n in drawn])} seeds"
    lines = [
        f"The cells, the same for every method: {'; '.join(cells) or 'none'}.",
        f"The intervals hold the resampling of these cells ({grid.n_boot} times, within type and batch) and the luck of "
        f"the clustering ({FULL.repeats} runs){training}. {drawn_anew(runs).data}",
        f"{len(runs)} dataset{'s are' if len(runs) > 1 else ' is'} too few to rank methods in general. A star marks what "
        "these data do not tell from the best in the space that is shown.",
        _labels(grid),
        *_cautions(grid, runs),
        *_unfinished(runs),
    ]
    failed = [f"{title_of(m)} on {r.dataset}" for r in runs for m in r.failed]
    lines.append(f"Failed runs: {'; '.join(failed) or 'none'}.")
    return markdown("\n".join(f"- {line}" for line in lines))


def _labels(grid) -> str:
    """What made the labels that scores are asked to agree with."""
    origins = {
        "clustering": "made by clustering the RNA itself on",
        "design": "known before sequencing on",
        None: "of unstated origin on",
    }
    made = {origin: [] for origin in origins}
    for name, spec in grid.datasets.items():
        made[datasets.card(spec).labels_from].append(name)
    said = [f"{origins[origin]} {join(names)}" for origin, names in made.items() if names]
    return (
        f"The labels are {'; '.join(said)}. A score says how well an embedding agrees with them, and a method that works as "
        "the clustering did that made them is favored. Continuous biology, such as development, is in none of them."
    )


def _cautions(grid, runs: Sequence[Comparison]) -> list[str]:
    """What the cards of methods and datasets say that bears on fairness."""
    rivals = competing(grid.methods)
    fitted = [m for m in rivals if methods.card(m).trained_on_target]
    with_batch = [m for m in rivals if methods.card(m).sees_batch]
    cards = [datasets.card(spec) for spec in grid.datasets.values()]
    lines = []
    if fitted:
        lines.append(
            f"Fitted to the very cells they embed: {titles(fitted)}. Told the batches: {titles(with_batch) or 'none'}. "
            "A frozen model is neither."
        )
    for known, said in (
        ("pre-training", "Met some of these cells in pre-training"),
        ("not known", "Not known to have met them or not"),
    ):
        if pairs := [f"{title_of(m)} ({d})" for m in rivals for d in grid.datasets if known in met(m, d)]:
            lines.append(f"{said}: {join(pairs)}.")
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
