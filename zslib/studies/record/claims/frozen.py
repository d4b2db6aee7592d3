"""Claims about frozen models and the simple things beside them."""

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np
import pandas as pd
from scipy import stats

from zslib import methods
from zslib.measures import CARDS
from zslib.studies.composition import differences, published
from zslib.studies.record import evidence, sources
from zslib.studies.record.claims.build import BUILD, Build, lead, moved
from zslib.studies.record.claims.claim import AS_WELL, Evidence, claim, over_datasets
from zslib.studies.record.figures import LOOKS_LIKE
from zslib.studies.record.sentences import signed
from zslib.studies.record.source import BASELINES

PAPER = "Kedzierska et al., Genome Biology 26:101 (2025)"
TALK = "a talk by one of the paper's authors (Microsoft Research, May 2025)"
SCGPT = "the authors of scGPT, zero-shot tutorials of Cui et al., Nature Methods 21:1470 (2024)"
ASKED = {"cell_types": "avg_bio", "batches": "avg_batch", "probe": "linear_probe"}
"""The metric of this build that comes nearest to a task of the record."""
FOLLOWERS = "DenAdel and others"
"""The authors of the follow-up on data, whose scores are in :mod:`zslib.studies.composition`."""
RIVALS = ("HVG", "Harmony", "scVI")
"""What the paper compared with."""


@claim(
    title="scGPT is behind the baselines",
    said="Frozen, scGPT keeps cell types apart less well than HVG, Harmony and scVI.",
    who=PAPER,
    asks="The mean difference in AvgBIO from each of the three, over many datasets of several sources.",
)
def scgpt_behind(build: Build) -> Iterator[Evidence]:
    """The three baselines, and PCA beside them, less scGPT."""
    yield from _less_model(build, "scGPT")


@claim(
    title="Geneformer is behind the baselines",
    said="Frozen, Geneformer keeps cell types apart less well than HVG, Harmony and scVI.",
    who=PAPER,
    asks="The mean difference in AvgBIO from each of the three, over many datasets of several sources.",
)
def geneformer_behind(build: Build) -> Iterator[Evidence]:
    """The three baselines, and PCA beside them, less Geneformer."""
    yield from _less_model(build, "Geneformer")


@claim(
    title="Gene selection can win",
    said="Choosing variable genes and nothing more (HVG) can do better than a frozen foundation model.",
    who=f"{PAPER}; {TALK}",
    asks="One dataset where HVG is ahead in AvgBIO beyond the interval.",
    can=True,
)
def genes_can_win(build: Build) -> Iterator[Evidence]:
    """HVG less each frozen checkpoint, one dataset a comparison."""
    yield from _with_spread("HVG", ("scGPT", "Geneformer"))
    table = published.read()
    table = differences.against(published.at_random(table), published.baselines(table))
    for row in table[
        (table["model"] == "geneformer") & (table["size"] == 100) & (table["baseline"] == "hvg")
    ].itertuples():
        yield Evidence(
            what="HVG less Geneformer pre-trained by DenAdel and others",
            dataset=row.dataset.replace("_", " "),
            score="AvgBIO",
            difference=-row.value,
            interval=(-row.ci_high, -row.ci_low),
            over="seeds of pre-training",
            sources=(FOLLOWERS,),
        )
    for run in build.runs:
        for model in ("scGPT", "Geneformer"):
            if (row := lead(run, "hvg", LOOKS_LIKE[model], "avg_bio")) is not None:
                yield _on(run.dataset, f"HVG less {methods.card(LOOKS_LIKE[model]).title}", "avg_bio", row)


@claim(
    title="Gene selection suffices",
    said="Choosing variable genes and nothing more (HVG) keeps cell types apart as well as PCA, Harmony and scVI.",
    who="nobody in so many words; it is what “a basic step can win” is easily taken for",
    asks="The mean difference in AvgBIO from each of the three.",
    where=(-AS_WELL, inf),
)
def genes_suffice(build: Build) -> Iterator[Evidence]:
    """HVG less the other baselines: the record where it has both, and this build."""
    for other in ("PCA", "Harmony", "scVI"):
        yield from from_record(evidence.differences("HVG", other), f"HVG less {other}")
        if other == "PCA":
            ours = published.baselines(published.read())
            less = (ours["hvg"] - ours["pca"]).dropna()
            found = over_datasets(less, pd.Series(FOLLOWERS, less.index))
            yield Evidence(what=f"HVG less {other}, by {FOLLOWERS}", score="AvgBIO", **found)
        yield from over_build(build, "hvg", LOOKS_LIKE[other], f"HVG less {other}")


@claim(
    title="Gene selection mixes batches best",
    said="On every dataset, the best batch integration score is that of HVG.",
    who=PAPER,
    asks="On each dataset, HVG less the best other method in the silhouette of batches (batch ASW), each embedding in its "
    "own dimensions.",
)
def genes_mix_best(build: Build) -> Iterator[Evidence]:
    """HVG less the best other method in batch ASW, dataset by dataset."""
    for run, rival in _best_rivals(build):
        row = lead(run, "hvg", rival, "asw_batch")
        yield _on(run.dataset, f"HVG less {methods.card(rival).title}", "asw_batch", row)


@claim(
    title="It does so for its many dimensions",
    said="That is so because scores are calculated in full dimensions.",
    who=PAPER,
    asks="How much of HVG's lead is gone when every embedding is reduced to its 50 leading components.",
)
def full_dimension(build: Build) -> Iterator[Evidence]:
    """The lead of HVG over the best other method, in full less in 50 components, dataset by dataset."""
    for run, rival in _best_rivals(build):
        if (found := moved(run, "hvg", rival, "asw_batch")) is None:
            continue
        left = lead(run, "hvg", rival, "asw_batch", "pca50")
        yield Evidence(
            what=f"HVG's lead on {methods.card(rival).title}, in full less in 50 components",
            dataset=run.dataset,
            score=CARDS["asw_batch"].title,
            difference=float(found.estimate),
            interval=(float(found.low), float(found.high)),
            over="cells",
            note="What is left of it in 50 components: "
            f"{signed(left.difference)} [{signed(left.ci_low)}, {signed(left.ci_high)}].",
        )


@claim(
    title="scGPT is ahead of components",
    said="Frozen scGPT keeps cell types apart better than variable genes with principal components.",
    who=SCGPT,
    asks="The mean difference in AvgBIO, in their tutorials and in everybody else's tables.",
)
def scgpt_ahead(build: Build) -> Iterator[Evidence]:
    """ScGPT less PCA: its authors, the others, this build; and a classifier within datasets beside it."""
    table = evidence.differences("scGPT", "PCA")
    own = table["source"].map(lambda name: "scGPT" in sources()[name].by_authors_of)
    yield from from_record(table[own], "scGPT less PCA, by its authors")
    yield from from_record(table[~own], "scGPT less PCA, by others")
    yield from over_build(build, LOOKS_LIKE["scGPT"], "hvg-pca", "scGPT less PCA")
    table = evidence.differences("scGPT", "PCA", "probe")
    table = table[
        table["source"].isin(evidence.differences("scGPT", "PCA", "probe_held_out_dataset")["source"])
    ]
    yield from from_record(table, "scGPT less PCA, read by a classifier", "probe", decides=False)


@claim(
    title="Similar cells close, distinct ones apart",
    said="In a frozen embedding similar cells lie close and distinct ones apart, more so than in the plain components of "
    "their expression.",
    who=f"{TALK}: what a useful embedding should do",
    asks="How much of the way from shuffled cells (0) to the cell types themselves (1) a model goes beyond PCA.",
)
def close_and_apart(build: Build) -> Iterator[Evidence]:
    """Share of the way from floor to ceiling of each model less that of PCA, and of everything beside it."""
    table = evidence.headline()
    table = table[table["share"].notna() & (table["left_out"] == "")]
    shares = table.pivot_table(index=["source", "dataset"], columns="name", values="share")
    models = [n for n in shares if n not in BASELINES]
    for name in models if "PCA" in shares else ():
        both = shares[[name, "PCA"]].dropna()
        difference = (both[name] - both["PCA"]).rename("difference").reset_index()
        yield from from_record(difference, f"{name} less PCA", score="share of the way")
    for name in [*(b for b in BASELINES if b in shares), *models]:
        alone = shares[name].dropna().rename("difference").reset_index()
        yield from from_record(alone, f"{name} less shuffled cells", score="share of the way", decides=False)
    for model in ("scGPT", "Geneformer"):
        yield from over_build(build, LOOKS_LIKE[model], "hvg-pca", f"{model} less PCA", floor_to_ceiling=True)


@claim(
    title="Having seen the cells gives no advantage",
    said="Having seen a dataset in pre-training gives a model no consistent advantage on it.",
    who=PAPER,
    asks="A model's lead on baselines where it has seen the cells, less its lead where it is not known to have, within a "
    "source.",
    where=(-inf, AS_WELL),
)
def seen_no_advantage(build: Build) -> Iterator[Evidence]:
    """Lead on seen datasets less lead on the others, a source and model a comparison."""
    for model in ("scGPT", "Geneformer"):
        table = pd.concat([evidence.differences(model, b) for b in BASELINES])
        mean = table.groupby(["source", "dataset", "seen"])["difference"].mean().reset_index()
        for source, rows in mean.groupby("source"):
            seen, other = (rows.loc[rows["seen"] == s, "difference"].to_numpy() for s in (True, False))
            if not len(seen) or not len(other):
                continue
            known = rows.loc[rows["seen"], "dataset"]
            yield Evidence(
                what=f"{model}'s lead on seen less on other datasets",
                score=evidence_score(source),
                difference=float(seen.mean() - other.mean()),
                interval=_welch(seen, other),
                n_datasets=len(rows),
                sources=(sources()[source].title,),
                note=f"Seen: {', '.join(known)}. Of the others nobody has said.",
            )


def evidence_score(source: str, task: str = "cell_types") -> str:
    """What a source calls its headline score."""
    return sources()[source].tasks[task]["score"]


def _less_model(build: Build, model: str) -> Iterator[Evidence]:
    for baseline in (*RIVALS, "PCA"):
        table = evidence.differences(model, baseline)
        what, decides = f"{baseline} less {model}", baseline in RIVALS
        yield from from_record(table.assign(difference=-table["difference"]), what, decides=decides)
        yield from over_build(build, LOOKS_LIKE[baseline], LOOKS_LIKE[model], what, decides=decides)


def from_record(
    table: pd.DataFrame, what: str, task: str = "cell_types", *, score: str = "", decides: bool = True
) -> Iterator[Evidence]:
    """Differences of the record, with columns source, dataset and difference, as one comparison."""
    if len(table):
        scores = dict.fromkeys(evidence_score(s, task) for s in table["source"])
        said = score or (next(iter(scores)) if len(scores) == 1 else "each source's own score")
        found = over_datasets(table["difference"], table["source"].map(lambda s: sources()[s].title))
        yield Evidence(what=what, score=said, decides=decides, **found)


def over_build(
    build: Build, method: str, rival: str, what: str, *, decides: bool = True, floor_to_ceiling: bool = False
) -> Iterator[Evidence]:
    """Differences in AvgBIO over the datasets of this build as one comparison; none where one of both did not run."""
    found = {}
    for run in build.runs:
        if (row := lead(run, method, rival, "avg_bio")) is not None:
            found[run.dataset] = row.difference
            if floor_to_ceiling:
                way = lead(run, "labels", "random", "avg_bio")
                found[run.dataset] = row.difference / way.difference if way is not None else np.nan
    table = pd.Series(found, dtype=float).dropna()
    if len(table):
        score = "share of the way" if floor_to_ceiling else CARDS["avg_bio"].title
        read = over_datasets(table, pd.Series(BUILD, table.index))
        yield Evidence(what=what, score=score, decides=decides, **read)


def _on(dataset: str, what: str, metric: str, row) -> Evidence:
    """One comparison on one dataset of this build."""
    ends = float(row.ci_low), float(row.ci_high)
    return Evidence(
        what=what,
        dataset=dataset,
        score=CARDS[metric].title,
        difference=float(row.difference),
        interval=ends,
        over="cells",
    )


def _best_rivals(build: Build) -> Iterator[tuple]:
    """Datasets where HVG and another method have a batch ASW, and the best of the others."""
    for run in build.runs:
        values = {m: run.value(m, "asw_batch") for m in run.rivals}
        values = {m: entry.value for m, entry in values.items() if entry is not None}
        if "hvg" in values and len(values) > 1:
            yield run, max((m for m in values if m != "hvg"), key=values.get)


def _with_spread(baseline: str, models: Sequence[str]) -> Iterator[Evidence]:
    """A baseline less every checkpoint, on datasets of which a source gives the spread over its subsamples."""
    for source in sources().values():
        about = source.tasks.get("cell_types", {})
        rows = source.table[source.table["metric"] == about.get("formula")]
        spread = rows["spread"].str.extract(r"^sd ([\d.]+) over (\d+)$").astype(float)
        rows = rows.assign(sd=spread[0], n=spread[1]).dropna(subset=["sd", "n"])
        roles = [source.role(*pair) for pair in zip(rows["method"], rows["variant"], strict=True)]
        rows = rows.assign(
            name=[r.get("is") for r in roles], checkpoint=[r.get("checkpoint", "") for r in roles]
        )
        for base in rows[rows["name"] == baseline].itertuples():
            for row in rows[rows["name"].isin(models) & (rows["dataset"] == base.dataset)].itertuples():
                # Subsamples share cells, so their mean is not surer than one of them.
                half = stats.t.ppf(0.975, row.n - 1) * np.hypot(base.sd, row.sd)
                difference = base.value - row.value
                yield Evidence(
                    what=f"{baseline} less {row.checkpoint or row.name}",
                    dataset=source.title_of(base.dataset),
                    score=about["score"],
                    difference=difference,
                    interval=(difference - half, difference + half),
                    over="cells",
                    sources=(source.title,),
                )


def _welch(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """95 % interval of the difference of two means; NaN where one of them is of a single value."""
    if min(len(one), len(other)) < 2:
        return np.nan, np.nan
    ends = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    return float(ends.low), float(ends.high)
