"""Claims about frozen models and the simple things beside them."""

from collections.abc import Iterator
from math import inf, nan

import pandas as pd

from zslib.metrics import CARDS
from zslib.results.report.words import interval, signed, title_of
from zslib.studies.composition import differences, published
from zslib.studies.record import evidence, sources
from zslib.studies.record.claims.claim import AS_WELL, Build, Evidence, claim, over_datasets
from zslib.studies.record.claims.collect import (
    best_rivals,
    from_record,
    hvg_on_dataset,
    lead,
    moved,
    over_build,
)
from zslib.studies.record.figures import MODELS, method_of
from zslib.studies.record.source import BASELINES, TOLD

PAPER = "Kedzierska et al., Genome Biology 26:101 (2025)"
TALK = "a talk by one of the paper's authors (Microsoft Research, May 2025)"
SCGPT = "the authors of scGPT, zero-shot tutorials of Cui et al., Nature Methods 21:1470 (2024)"
FOLLOWERS = "DenAdel and others"
"""The authors of the follow-up on data, whose scores are in :mod:`zslib.studies.composition`."""
RIVALS = ("HVG", "Harmony", "scVI")
"""What the paper compared with."""


def _behind(model: str):
    """The claim that a model is behind the three baselines."""

    def collect(build: Build) -> Iterator[Evidence]:
        for baseline in (*RIVALS, "PCA"):
            table = evidence.differences(model, baseline)
            what, decides = f"{baseline} less {model}", baseline in RIVALS
            yield from from_record(table.assign(difference=-table["difference"]), what, decides=decides)
            yield from over_build(build, method_of(baseline), method_of(model), what, decides=decides)

    collect.__name__ = f"{model.lower()}_behind"
    return claim(
        title=f"{model} is behind the baselines",
        said=f"Frozen, {model} keeps cell types apart less well than HVG, Harmony and scVI.",
        who=PAPER,
        asks="The mean difference in AvgBIO from each of the three, over many datasets of several sources.",
    )(collect)


scgpt_behind, geneformer_behind = map(_behind, MODELS)


@claim(
    title="Gene selection can win",
    said="Choosing variable genes and nothing more (HVG) can do better than a frozen foundation model.",
    who=f"{PAPER}; {TALK}",
    asks="One dataset where HVG is ahead in AvgBIO beyond the interval.",
    can=True,
)
def genes_can_win(build: Build) -> Iterator[Evidence]:
    """HVG less each frozen checkpoint, one dataset a comparison."""
    for row in evidence.on_subsamples(MODELS, "HVG").itertuples():
        yield Evidence(
            what=f"HVG less {title_of(row.checkpoint) if row.checkpoint else row.name}",
            dataset=row.dataset,
            score=row.score,
            difference=-row.difference,
            interval=(-row.high, -row.low),
            over="cells",
            sources=(sources()[row.source].title,),
        )
    table = published.read()
    table = differences.against(published.at_random(table), published.baselines(table))
    for row in table.query("model == 'geneformer' and size == 100 and baseline == 'hvg'").itertuples():
        yield Evidence(
            what="HVG less Geneformer pre-trained by DenAdel and others",
            dataset=row.dataset,
            score="AvgBIO",
            difference=-row.value,
            interval=(-row.ci_high, -row.ci_low),
            over="seeds of pre-training",
            sources=(FOLLOWERS,),
        )
    for run in build.runs:
        for model in map(method_of, MODELS):
            yield from hvg_on_dataset(run, model, "avg_bio")


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
        yield from over_build(build, "hvg", method_of(other), f"HVG less {other}")


@claim(
    title="Gene selection mixes batches best",
    said="On every dataset, the best batch integration score is that of HVG.",
    who=PAPER,
    asks="On each dataset, HVG less the best other method in the silhouette of batches (batch ASW), each embedding in its "
    "own dimensions.",
)
def genes_mix_best(build: Build) -> Iterator[Evidence]:
    """HVG less the best other method in batch ASW, dataset by dataset."""
    for run, rival in best_rivals(build):
        yield from hvg_on_dataset(run, rival, "asw_batch")


@claim(
    title="HVG mixes best for its many dimensions",
    said="HVG has the best batch integration scores because scores are calculated in full, and not in reduced, dimensions.",
    who=PAPER,
    asks="How much of HVG's lead is gone when every embedding is reduced to its 50 leading components.",
)
def full_dimension(build: Build) -> Iterator[Evidence]:
    """The lead of HVG over the best other method, in full less in 50 components, dataset by dataset."""
    for run, rival in best_rivals(build):
        if (found := moved(run, "hvg", rival, "asw_batch")) is None:
            continue
        left = lead(run, "hvg", rival, "asw_batch", "pca50")
        ends = interval((left.ci_low, left.ci_high))
        yield Evidence(
            what=f"HVG's lead on {title_of(rival)}, in full less in 50 components",
            dataset=run.dataset,
            score=CARDS["asw_batch"].title,
            difference=float(found.estimate),
            interval=(float(found.low), float(found.high)),
            over="cells",
            note=f"What is left of it in 50 components: {signed(left.difference)} {ends}.",
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
    yield from over_build(build, method_of("scGPT"), "hvg-pca", "scGPT less PCA")
    table, last = (evidence.differences("scGPT", "PCA", f"probe{how}") for how in ("", "_held_out_dataset"))
    table = table[table["source"].isin(last["source"])]
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
    models = sorted((n for n in shares if n not in BASELINES), key=lambda name: name not in MODELS)
    for name in models if "PCA" in shares else ():
        both = shares[[name, "PCA"]].dropna()
        difference = (both[name] - both["PCA"]).rename("difference").reset_index()
        told = " (told cell types)" * (name in TOLD)
        yield from from_record(difference, f"{name}{told} less PCA", score="share of the way")
    for name in [*(b for b in BASELINES if b in shares), *models]:
        alone = shares[name].dropna().rename("difference").reset_index()
        yield from from_record(alone, f"{name} less shuffled cells", score="share of the way", decides=False)
    for model in MODELS:
        yield from over_build(build, method_of(model), "hvg-pca", f"{model} less PCA", floor_to_ceiling=True)


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
    for model in MODELS:
        table = pd.concat([evidence.differences(model, b) for b in BASELINES])
        mean = table.groupby(["source", "dataset", "seen"])["difference"].mean().reset_index()
        for source, rows in mean.groupby("source"):
            seen, other = (rows.loc[rows["seen"] == s, "difference"].to_numpy() for s in (True, False))
            if not len(seen) or not len(other):
                continue
            known = rows.loc[rows["seen"], "dataset"]
            ends = (nan, nan) if min(len(seen), len(other)) < 2 else differences.welch(seen, other)[1:3]
            yield Evidence(
                what=f"{model}'s lead on seen less on other datasets",
                score=sources()[source].tasks["cell_types"]["score"],
                difference=float(seen.mean() - other.mean()),
                interval=ends,
                n_datasets=len(rows),
                sources=(sources()[source].title,),
                note=f"Seen: {', '.join(known)}. The others are not known to be.",
            )
