"""Sentences about the record: every number in them is computed."""

from collections.abc import Sequence

from zslib.results.comparison import Comparison
from zslib.results.report.words import join, markdown, title_of
from zslib.studies.record import evidence, sources
from zslib.studies.record.beside import beside, repeatable
from zslib.studies.record.figures import MODELS
from zslib.studies.record.source import BASELINES


def answer():
    """Answer the book's question about scGPT and Geneformer from the record, in a sentence."""
    found = _verdicts()
    if not any(found.values()):
        return markdown("The record holds no model beside a baseline on more than one dataset.")
    return markdown(_lead(found))


def in_numbers():
    """Say by how much each model differs from each baseline, and what a classifier with labels makes of them."""
    found = _verdicts()
    return markdown(" ".join(_against(m, found[m]) for m in MODELS) + "\n\n" + _probes())


def _verdicts() -> dict[str, list[evidence.Verdict]]:
    return {m: [v for v in evidence.verdicts([m]) if v.n_datasets > 1] for m in MODELS}


def how_sure():
    """Say what the intervals hold, how many sources there are, and what is missing from the record."""
    table = [evidence.differences(m, b) for m in MODELS for b in BASELINES]
    used = {s for t in table for s in t["source"]}
    datasets = {d for t in table for d in t["dataset"]}
    shared = _shared(used)
    words = {0: "none", 1: "one"}
    reviewed = sum("peer-reviewed" in sources()[s].status for s in used)
    own = [sources()[s].title for s in used if sources()[s].by_authors_of]
    alone = [f"{m} on {n}" for m in MODELS if (n := len(evidence.differences(m, "HVG"))) < 3]
    n_intervals = sum(v.n_datasets > 1 for v in evidence.verdicts(MODELS))
    left = evidence.flags()
    lines = [
        f"The verdicts rest on {len(used)} sources with {len(datasets)} datasets between them; {words.get(reviewed, reviewed)} of these "
        f"score tables {'was itself' if reviewed == 1 else 'were themselves'} peer reviewed"
        + (f", and {join(own)} judge a model of their own." if own else "."),
        "A 95 % interval says how far the mean could be off because these datasets were scored and not others; those of one "
        "source may resemble each other. Where it has zero inside, the two methods are not told apart. *Mostly* means that "
        "it has zero inside and the narrower one, which takes every dataset as independent, has not, or the other way "
        "round, or that there are no more than two sources.",
        f"One in twenty such intervals is wrong by luck alone. There are {n_intervals} here: if they were independent, the "
        f"chance that at least one is wrong would be {1 - 0.95**n_intervals:.0%}.",
        f"{join(shared)} {'was' if len(shared) == 1 else 'were'} used by several sources, which are not independent there."
        if shared
        else "No dataset was used twice.",
        f"Variable genes alone (HVG), the paper's simplest baseline, stand beside the models on too few public datasets to "
        f"judge: {join(alone)}."
        if alone
        else "",
        f"{len(left[left['rule'] == 'at the floor'])} scores that are no higher than those of shuffled cells, and others that "
        "are not zero-shot or not comparable, are shown and have no part in this.",
    ]
    return markdown("\n".join(f"- {line}" for line in lines if line))


def merged(task: str = "cell_types"):
    """Say which numbers stand for several checkpoints, and which datasets are parts of one."""
    table, lines = evidence.headline(task), []
    for row in table[(table["left_out"] == "") & table["checkpoint"].str.contains(", ")].itertuples():
        names = [title_of(name) for name in row.checkpoint.split(", ")]
        lines.append(
            f"{sources()[row.source].title}'s {row.name} is the mean of {len(names)} checkpoints ({'; '.join(names)})."
        )
    for source in sources().values():
        parts: dict[str, list[str]] = {}
        for name, about in source.datasets.items():
            parts.setdefault(about.get("part_of", ""), []).append(source.title_of(name))
        lines += [
            f"{len(titles)} rows of {source.title} ({'; '.join(titles)}) are one {whole}, divided in different ways: they count "
            f"as {len(titles)} datasets and are not independent."
            for whole, titles in parts.items()
            if whole
        ]
    return markdown(" ".join(dict.fromkeys(lines)))


def shares(task: str = "cell_types"):
    """Say how far baselines and models go from a source's own floor to its own ceiling, where it ran both."""
    table = evidence.headline(task)
    table = table[
        (table["left_out"] == "") & table["share"].notna() & table["name"].isin([*BASELINES, *MODELS, "UCE"])
    ]
    lines = []
    for source, here in table.groupby("source", sort=False):
        mean = here.groupby("name")["share"].agg(["mean", "size"]).sort_values("mean", ascending=False)
        said = [f"{name} {row['mean']:.0%} ({row['size']:.0f})" for name, row in mean.iterrows()]
        lines.append(f"{sources()[source].title}: {join(said)}.")
    return markdown(" ".join(lines) or "No source has both a floor and a ceiling.")


def met(runs: Sequence[Comparison]):
    """Say how many published scores stand beside one of this build, and how they agree; nothing where none does."""
    if not len(here := beside(runs)):
        return None
    words = here["verdict"].str.extract(r"^(agrees|differs|cannot be told)")[0].value_counts()
    said = {
        "agrees": "within the interval",
        "differs": "beyond it",
        "cannot be told": "beyond it with other settings, or left out of verdicts",
    }
    counts = ", ".join(f"{words[word]} {what}" for word, what in said.items() if word in words)
    stands = "score stands" if len(here) == 1 else "scores stand"
    return markdown(f"{len(here)} published {stands} beside one of this build: {counts}.")


def together(runs: Sequence[Comparison]):
    """Say what :func:`met` says, and which published scores any build could meet."""
    could, here = repeatable(), met(runs)
    named = join([f"`{name}` ({n})" for name, n in could["dataset"].value_counts().items()])
    return markdown(
        f"{here.data if here else 'No run of this build meets a published score.'} {len(could)} published scores are of a "
        f"dataset, a method and a metric that this project has, on {named}; `make book PROFILE=paper` runs the datasets of "
        "the paper, `zslib book --dataset NAME` any of them."
    )


def _lead(found: dict) -> str:
    used = [evidence.differences(v.model, v.baseline) for vs in found.values() for v in vs]
    n_sources, n_datasets = (len({x for table in used for x in table[c]}) for c in ("source", "dataset"))
    where = f"on {n_datasets} datasets of {n_sources} sources"
    ahead = [f"{v.model} of {v.baseline}" for vs in found.values() for v in vs if v.word == "ahead"]
    if ahead:
        return f"**In part.** Frozen, and {where}, ahead at keeping cell types apart: {join(ahead)}."
    n = sum(len(vs) for vs in found.values())
    behind = sum(v.word.endswith("behind") for vs in found.values() for v in vs)
    return (
        f"**No public evidence shows it.** Frozen, and {where}, neither {' nor '.join(found)} is ahead of "
        f"{join(sorted({v.baseline for vs in found.values() for v in vs}))} at keeping cell types apart, and in {behind} of "
        f"{n} comparisons it is behind, surely or mostly. {_genes()}"
    )


def _against(model: str, found: Sequence[evidence.Verdict]) -> str:
    """Say where a model stands to each baseline."""
    by_word: dict[str, list[str]] = {}
    for v in found:
        by_word.setdefault(v.word, []).append(f"{v.baseline} {_numbers(v)}")
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


def _numbers(v: evidence.Verdict) -> str:
    """The mean difference and its interval, unless that is wider than any score."""
    low, high = v.interval
    ends = f"{signed(low)} to {signed(high)}" if high - low < 1 else "sources too far apart for an interval"
    return f"({signed(v.difference)}, {ends})"


def signed(value: float) -> str:
    """A difference with its sign, two decimals, and a third where two would hide on which side of zero it lies."""
    digits = 3 if 0.0005 <= abs(value) < 0.005 else 2
    return f"{value:+.{digits}f}".replace("-", "−") if abs(value) >= 0.0005 else "0.00"


def _genes() -> str:
    """What there is of the models against variable genes alone."""
    found = evidence.verdicts(MODELS, baselines=["HVG"])
    if not found:
        return "No source has them beside variable genes alone (HVG)."
    n = max(v.n_datasets for v in found)
    said = join([f"{v.model} {signed(v.difference)}" for v in found])
    return (
        f"Variable genes alone (HVG) stand beside them on {n} public dataset{'s' if n > 1 else ''} ({said})."
    )


def _probes() -> str:
    """Models against components, read by a classifier: within a dataset, on new donors and on a new dataset."""
    places = {
        "": "within a dataset",
        "_held_out_donor": "on new donors",
        "_held_out_dataset": "on a new dataset",
    }
    found = {
        m: {p: evidence.differences(m, "PCA", f"probe{how}") for how, p in places.items()} for m in MODELS
    }
    held = {m: set(tables["on a new dataset"]["source"]) for m, tables in found.items()}
    names, used = [m for m in MODELS if held[m]], set().union(*held.values())
    parts: dict[str, list[str]] = {}
    beyond = n = 0
    for place in places.values():
        tables = {m: found[m][place] for m in names}
        values = [table.loc[table["source"].isin(held[m]), "difference"] for m, table in tables.items()]
        values = [some for some in values if len(some) > 1]
        ends = [evidence.mean_interval(some) for some in values]
        n, beyond = n + len(ends), beyond + sum(low > 0 or high < 0 for low, high in ends)
        signs = {some.mean() > 0 for some in values}
        word = "as well or not" if len(signs) > 1 else "better" if signs == {True} else "worse"
        if values:
            parts.setdefault(word, []).append(f"{place} ({join([signed(some.mean()) for some in values])})")
    if not parts:
        return "No source reads the models by a classifier both within a dataset and on another."
    said = ", and ".join(f"{word} {join(where)}" for word, where in parts.items())
    sure = "each mean" if beyond == n else f"{beyond} of these {n} means"
    alone = join([f"{sources()[s].title} ({sources()[s].status})" for s in sorted(used)])
    whole = evidence.verdict("scGPT", "PCA", "probe")
    return (
        f"Beside variable genes with PCA, a classifier that is given labels reads {join(names)} {said}, {sure} with its 95 % "
        f"interval beside zero. So says {alone} alone; over all {whole.n_sources} sources that ask within a dataset, {_against('scGPT', [whole])}"
    )


def _shared(used) -> list[str]:
    table = evidence.headline()
    several = table[table["source"].isin(used)].groupby("dataset")["source"].nunique()
    return sorted(several.index[several > 1])
