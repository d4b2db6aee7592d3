"""Sentences about the record: every number in them is computed."""

from collections.abc import Sequence

from zslib.results.comparison import Comparison
from zslib.results.report.words import WIDEST, counted, difference, join, markdown, signed, title_of
from zslib.studies.record import evidence, sources
from zslib.studies.record.beside import beside, repeatable
from zslib.studies.record.figures import LISTED, MODELS
from zslib.studies.record.source import BASELINES, TASKS, TOLD

MOSTLY = (
    "*Mostly*: only one of two intervals leaves out zero (one lets datasets of a source resemble each other, the other "
    "takes all as independent), or there are two sources or fewer."
)
"""What the word means wherever a verdict has it, see :attr:`zslib.studies.record.evidence.Verdict.word`."""


def answer():
    """Answer the book's question about scGPT and Geneformer from the record."""
    found = [v for v in evidence.verdicts(MODELS) if v.n_rows > 1]
    where = " of ".join(counted(len(_used(found, column)), column) for column in ("dataset", "source"))
    ahead = [f"{v.model} of {v.baseline}" for v in found if v.word == "ahead"]
    if not found:
        said = "The record holds no model beside a baseline on more than one dataset."
    elif ahead:
        said = f"**In part**: on {where} a frozen model is ahead at keeping cell types apart, {join(ahead)}."
    else:
        whom = join([b for b in BASELINES if any(v.baseline == b for v in found)]).replace(" and ", " or ")
        said = (
            f"**Public evidence does not show that frozen {' or '.join(MODELS)} keeps cell types apart better than {whom}**: "
            f"on {where} neither is ahead of any of them."
        )
    alone = [] if any(v.baseline == "HVG" for v in found) else evidence.verdicts(MODELS, baselines=["HVG"])
    n, told = counted(max((v.n_datasets for v in alone), default=0), "dataset"), _told_from_genes()
    return markdown(said + f" Against HVG there is {n}{told and f', where {told}'}." * bool(alone))


def in_numbers():
    """Say by how much each model differs from each baseline, and what others do."""
    found = [v for v in evidence.verdicts(MODELS) if v.n_rows > 1]
    each = " ".join(_against(model, [v for v in found if v.model == model]) for model in MODELS)
    all_ = evidence.tally(found)
    first = f"At keeping cell types apart the model is {all_}. {each}" + f" {MOSTLY}" * ("mostly" in each)
    return markdown("\n\n".join([first, _genes(), leaders().data]))


def leaders():
    """Say which models of the record are ahead of PCA at keeping cell types apart, in a sentence."""
    names = [n for n in evidence.headline()["name"].unique() if n not in BASELINES]
    found = evidence.verdicts(names, baselines=["PCA"])
    by_word: dict[str, list[str]] = {"ahead": [], "mostly ahead": []}
    for v in found:
        told = f"; [told cell types]({TOLD[v.model]}) in its pre-training" if v.model in TOLD else ""
        over = f"{counted(v.n_datasets, 'dataset')} of {counted(v.n_sources, 'source')}"
        said = f"{v.model} ({difference(v.difference, v.interval)}; {over}{told})"
        by_word.setdefault(v.word, []).append(said)
    ahead, mostly = by_word["ahead"], by_word["mostly ahead"]
    alone = sum(v.n_datasets == 1 for v in found)
    return markdown(
        f"**Of {len(found)} published models, frozen, {join(ahead) or 'none'} {'are' if len(ahead) > 1 else 'is'} ahead of "
        "PCA** at keeping cell types apart"
        + (f"; mostly ahead {'are' if len(mostly) > 1 else 'is'} {join(mostly)}." if mostly else ".")
        + (f" {alone} of them {'was' if alone == 1 else 'were'} scored on one dataset only." if alone else "")
    )


def _used(found: Sequence[evidence.Verdict], column: str) -> set[str]:
    """The datasets or the sources of some comparisons."""
    return {x for v in found for x in evidence.differences(v.model, v.baseline)[column]}


def how_sure():
    """Say what the intervals hold, how many sources there are, and what is missing from the record."""
    found = evidence.verdicts(MODELS)
    used, datasets = (_used(found, column) for column in ("source", "dataset"))
    n_used = evidence.headline().query("source in @used").groupby("dataset")["source"].nunique()
    shared = sorted(n_used.index[n_used > 1])
    words = {0: "none", 1: "one"}
    reviewed = sum("peer-reviewed" in sources()[s].status for s in used)
    own = [sources()[s].title for s in used if sources()[s].by_authors_of]
    n_intervals = sum(v.n_rows > 1 for v in found)
    left = evidence.flags()
    lines = [
        f"The verdicts rest on {len(used)} sources with {len(datasets)} datasets between them; {words.get(reviewed, reviewed)} of these "
        f"score tables {'was itself' if reviewed == 1 else 'were themselves'} peer reviewed"
        + (f", and {join(own)} judge a model of their own." if own else "."),
        "A 95 % interval says how far the mean could be off because these datasets were scored and not others; those of one "
        "source may resemble each other.",
        f"One in twenty such intervals is wrong by luck alone. There are {n_intervals} here: if they were independent, the "
        f"chance that at least one is wrong would be {1 - 0.95**n_intervals:.0%}.",
        f"{join(shared)} {'was' if len(shared) == 1 else 'were'} used by several sources, which are not independent there."
        if shared
        else "No dataset was used twice.",
        f"{len(left[left['rule'] == 'at the floor'])} scores that are no higher than those of shuffled cells, and others that "
        "are not zero-shot or not comparable, are shown and have no part in this.",
    ]
    return markdown("\n".join(f"- {line}" for line in lines))


def merged():
    """Say which numbers stand for several checkpoints, and which datasets are parts of one."""
    table, lines = evidence.headline(), []
    for row in table[(table["left_out"] == "") & table["checkpoint"].str.contains(", ")].itertuples():
        names = [title_of(name) for name in row.checkpoint.split(", ")]
        lines.append(
            f"{sources()[row.source].title}'s {row.name} is the mean of {len(names)} checkpoints ({'; '.join(names)})."
        )
    parts: dict[tuple[str, str], list[str]] = {}
    for source in sources().values():
        for name, about in source.datasets.items():
            if "part_of" in about:
                parts.setdefault((source.title, about["part_of"]), []).append(source.title_of(name))
    lines += [
        f"{len(titles)} rows of {source} ({'; '.join(titles)}) are one {whole}, divided in different ways: they count "
        f"as {len(titles)} datasets and are not independent."
        for (source, whole), titles in parts.items()
    ]
    return markdown(" ".join(dict.fromkeys(lines)))


def shares():
    """Say how far baselines and models go from a source's own floor to its own ceiling, where it ran both."""
    lines, most = [], 0.0
    for task in ("cell_types", "probe"):
        table = evidence.headline(task)
        named = table["name"].isin([*BASELINES, *LISTED])
        table = table[(table["left_out"] == "") & table["share"].notna() & named]
        for source, here in table.groupby("source", sort=False):
            said = []
            for name, values in sorted(here.groupby("name")["share"], key=lambda one: -one[1].mean()):
                low, high = evidence.mean_interval(values)
                ends = f" [{low:.0%}, {high:.0%}]" if high - low < WIDEST else ""
                few = "" if ends else ", too few or too far apart for an interval"
                said.append(f"{name} {values.mean():.0%}{ends} ({counted(len(values), 'dataset')}{few})")
                most = max(most, values.mean())
            lines.append(f"- {sources()[source].title} ({TASKS[task].lower()}): {join(said)}.")
    if not lines:
        return markdown("No source has both a floor and a ceiling.")
    labels = "With labels or without" if len(lines) > 1 else "So"
    return markdown("\n".join(lines) + f"\n\n{labels}, no mean goes farther than {most:.0%} of the way.")


def met(runs: Sequence[Comparison]):
    """Say how many published scores stand beside one of this build, and how they agree; nothing where none does."""
    if not len(here := beside(runs)):
        return None
    said = {
        "agrees": "within the interval",
        "differs": "beyond it",
        "cannot be told": "beyond it with other settings, or left out of verdicts",
    }
    counts = {what: here["verdict"].str.startswith(word).sum() for word, what in said.items()}
    stands = "score stands" if len(here) == 1 else "scores stand"
    numbers = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
    return markdown(f"{len(here)} published {stands} beside one of this build: {numbers}.")


def together(runs: Sequence[Comparison]):
    """Say what :func:`met` says, and which published scores any build could meet."""
    could, here = repeatable(), met(runs)
    named = join([f"`{name}` ({n})" for name, n in could["dataset"].value_counts().items()])
    return markdown(
        f"{here.data if here else 'No run of this build meets a published score.'} {len(could)} published scores are of a "
        f"dataset, a method and a metric that this project has, on {named}; `make book PROFILE=paper` runs the datasets of "
        "the paper, `zslib book --dataset NAME` any of them."
    )


def _against(model: str, found: Sequence[evidence.Verdict]) -> str:
    """Say where a model stands to each baseline."""
    by_word: dict[str, list[str]] = {}
    for v in found:
        by_word.setdefault(v.word, []).append(f"{v.baseline} ({difference(v.difference, v.interval)})")
    heads = {
        "not told apart": "cannot be told from",
        "ahead": "is ahead of",
        "mostly ahead": "is mostly ahead of",
    }
    parts = [
        f"{heads.get(word, f'is {word}')} {' or '.join(whom) if 'not' in word else join(whom)}"
        for word, whom in by_word.items()
    ]
    return f"**{model}** {', and '.join(parts) or 'has no comparison'}."


def _told_from_genes() -> str:
    """Which checkpoints lie above or below variable genes alone with their whole interval; nothing without intervals."""
    rows = evidence.on_subsamples(MODELS, "HVG")
    sides = {"ahead": rows[rows["low"] > 0], "behind": rows[rows["high"] < 0]}
    said = [
        f"{'one is' if len(some) == 1 else f'{len(some)} are'} {side} ({join(list(map(title_of, some.checkpoint)))})"
        for side, some in sides.items()
        if len(some)
    ]
    return f"of {len(rows)} checkpoints {join(said) or 'none is told from it'}" if len(rows) else ""


def _genes() -> str:
    """What there is of the models against variable genes alone."""
    found = evidence.verdicts(MODELS, baselines=["HVG"])
    if not found:
        return "No source has them beside variable genes alone (HVG)."
    where: dict[str, list[str]] = {}
    for row in evidence.on_subsamples(MODELS, "HVG").itertuples():
        said = f"{title_of(row.checkpoint)} {difference(row.difference, (row.low, row.high))}"
        where.setdefault(f"{row.dataset} ({sources()[row.source].title})", []).append(said)
    numbers = ", ".join(
        f"{place}, over subsamples of its cells: {'; '.join(said)}" for place, said in where.items()
    )
    numbers = numbers or "; ".join(f"{v.model} {signed(v.difference)}" for v in found)
    n = counted(max(v.n_datasets for v in found), "public dataset")
    told = _told_from_genes()
    return f"Variable genes alone (HVG) stand beside them on {n}, {numbers}." + f" So {told}." * bool(told)


def probes():
    """Say what a classifier makes of models and of components: within a dataset, on new donors and on a new dataset."""
    places = {
        "": "within a dataset",
        "_held_out_donor": "on new donors",
        "_held_out_dataset": "on a new dataset",
    }
    found = {p: [evidence.differences(m, "PCA", f"probe{how}") for m in MODELS] for how, p in places.items()}
    used = sorted({source for table in found["on a new dataset"] for source in table["source"]})
    parts: dict[str, list[str]] = {}
    for place, tables in found.items():
        values = [table.loc[table["source"].isin(used), "difference"] for table in tables]
        if min(map(len, values)) > 1:
            signs = {some.mean() > 0 for some in values}
            word = "as well or not" if len(signs) > 1 else "better" if signs == {True} else "worse"
            said = [difference(some.mean(), evidence.mean_interval(some)) for some in values]
            parts.setdefault(word, []).append(f"{place} ({join(said)})")
    if not parts:
        return markdown("No source reads the models by a classifier both within a dataset and on another.")
    said = ", and ".join(f"{word} {join(where)}" for word, where in parts.items())
    alone = join([f"{sources()[s].title} ({sources()[s].status})" for s in used])
    whole = evidence.verdict("scGPT", "PCA", "probe")
    return markdown(
        f"Given labels, a classifier finds types in {join(MODELS)} {said} than in PCA: {counted(len(used), 'source')}, {alone}. "
        f"Over all {whole.n_sources} sources that ask within a dataset, {_against('scGPT', [whole])}"
    )
