"""Claims about what pre-training and fine-tuning give."""

from collections.abc import Iterator, Mapping
from math import inf

import pandas as pd

from zslib import methods
from zslib.results.report.words import title_of
from zslib.studies.composition import differences, live, published
from zslib.studies.record import evidence
from zslib.studies.record.claims.claim import AS_WELL, BUILD, Build, Evidence, claim, over_datasets
from zslib.studies.record.claims.collect import from_record, lead, over_build
from zslib.studies.record.claims.frozen import FOLLOWERS, PAPER, TALK
from zslib.studies.record.figures import MODELS, method_of
from zslib.studies.tuning.sentences import effect

FOLLOW_UP = "DenAdel et al., Nature Methods (2026)"


@claim(
    title="A fine-tuned score may owe nothing to pre-training",
    said="A fine-tuned score may owe nothing to pre-training.",
    who=TALK,
    asks="One network that, fine-tuned from random weights on the same labels, does as well as fine-tuned from "
    "pre-trained ones.",
    can=True,
    where=(-AS_WELL, inf),
)
def tuned_owes_nothing(build: Build) -> Iterator[Evidence]:
    """Fine-tuned from random weights less from pre-trained ones, and what tuning adds to scGPT.

    A network that, frozen, is not above its untrained twin has learned nothing useful, so it decides nothing.
    """
    for one in build.tuned:
        for network in one.networks:
            *_, most = rows = list(effect(one, network, "gain").itertuples())
            learned = _has_learned(build, one.dataset, network)
            for row in (most, rows[0]):
                yield Evidence(
                    what=f"untrained less pre-trained, {title_of(network)}",
                    dataset=f"{one.dataset} ({one.seen(network)})",
                    score=f"macro-F1, {'all' if row is most else f'{row.share:.0%} of the'} labels",
                    difference=-row.value,
                    interval=(-row.ci_high, -row.ci_low),
                    over="cells",
                    decides=row is most and learned,
                )
    table = evidence.headline().set_index(["source", "dataset", "name"])["value"].unstack()
    both = table[["scGPT, fine-tuned", "scGPT"]].dropna()
    both = (both["scGPT, fine-tuned"] - both["scGPT"]).rename("difference").reset_index()
    yield from from_record(both, "scGPT fine-tuned less frozen", decides=False)


def _has_learned(build: Build, dataset: str, network: str) -> bool:
    """Whether the frozen embedding of a network is above that of its untrained twin."""
    twin = methods.card(network).control
    leads = [lead(run, network, twin, "avg_bio") for run in build.runs if run.dataset == dataset]
    return any(row is not None and row["ci_low"] > 0 for row in leads)


@claim(
    title="Labels mislead about new data",
    said="Labels within a dataset make frozen models look better than they are on new data, so that discovery needs a "
    "zero-shot test.",
    who=f"{TALK}; {PAPER}",
    asks="A model's lead on PCA where a classifier learns on other cells of the same dataset, less its lead where the "
    "dataset is new, on the same datasets.",
)
def labels_mislead(build: Build) -> Iterator[Evidence]:
    """Lead within a dataset less lead on a held-out dataset, paired by dataset; and both of them."""
    for model in MODELS:
        within, held_out = (
            evidence.differences(model, "PCA", task).set_index(["source", "dataset"])["difference"]
            for task in ("probe", "probe_held_out_dataset")
        )
        both = pd.concat({"within": within, "new": held_out}, axis=1).dropna().reset_index()
        for what, values, decides in (
            ("within a dataset less on a new one", both["within"] - both["new"], True),
            ("within a dataset", both["within"], False),
            ("on a new dataset", both["new"], False),
        ):
            table = both[["source", "dataset"]].assign(difference=values)
            yield from from_record(table, f"{model}'s lead on PCA, {what}", "probe", decides=decides)


@claim(
    title="Pre-training adds something",
    said="Frozen, a pre-trained network keeps cell types apart better than the same network untrained.",
    who=f"{PAPER}, of scGPT; {FOLLOW_UP}",
    asks="The mean difference in AvgBIO of each model from its own untrained network.",
)
def pretraining_adds(build: Build) -> Iterator[Evidence]:
    """Pre-trained on the whole corpus less untrained; in this build, published checkpoints less untrained networks."""
    yield from _between(0, 100, "pre-trained less untrained")
    for name in map(method_of, MODELS):
        if control := methods.card(name).control:
            yield from over_build(build, name, control, f"{title_of(name)} less untrained")


@claim(
    title="1 % of the data does as well",
    said="Pre-trained on a small fraction of the data, a model does as well as on all of them.",
    who=f"{FOLLOW_UP}; {TALK}",
    asks="AvgBIO on 1 % of the corpus less on 100 %, over seeds and datasets, for every model.",
    where=(-AS_WELL, inf),
)
def fraction_does(build: Build) -> Iterator[Evidence]:
    """One percent less all, a model a comparison; and what this build pre-trained itself."""
    yield from _between(100, 1, "on 1 % less on 100 %")
    for percent in (10, 25):
        yield from _between(100, percent, f"on {percent} % less on 100 %", decides=False)
    if build.pretrained is not None:
        few, all_ = (build.pretrained.query("size > 0")["size"].agg(which) for which in ("min", "max"))
        what = f"on {few:,.0f} less on {all_:,.0f} cells"
        yield from _of_curves(build.pretrained, live.MODELS, (all_, few), what, BUILD, decides=False)


@claim(
    title="Which data matter little",
    said="Which cells a model is pre-trained on matters little: choosing them for diversity, or adding perturbed ones, changes the score by hardly anything.",
    who=FOLLOW_UP,
    asks="At 1 % of the corpus, where a choice matters most, AvgBIO with each way of choosing less with as many cells at "
    "random.",
    where=(-AS_WELL, AS_WELL),
)
def choice_matters_little(build: Build) -> Iterator[Evidence]:
    """Each way of choosing less cells at random, over datasets, of all models."""
    table = differences.of_schemes(published.read())
    table = table[(table["size"] == 1) & ~table["suspect"]]
    for scheme, rows in table.groupby("scheme", sort=False):
        mean = rows.groupby("dataset")["value"].mean()
        found = over_datasets(mean, pd.Series(FOLLOWERS, mean.index))
        what = f"{published.SCHEMES[scheme]} less at random, mean of {rows['model'].nunique()} models"
        yield Evidence(what=what, score="AvgBIO", **found)


def _between(reference: float, percent: float, what: str, *, decides: bool = True) -> Iterator[Evidence]:
    """Models of the follow-up on a percentage of its corpus less on another, seeds averaged, over its datasets."""
    curves = published.at_random(published.read())
    yield from _of_curves(curves, published.MODELS, (reference, percent), what, FOLLOWERS, decides=decides)


def _of_curves(
    curves: pd.DataFrame,
    titles: Mapping,
    sizes: tuple[float, float],
    what: str,
    source: str,
    *,
    decides: bool,
) -> Iterator[Evidence]:
    """Each model at the second size less at the first, its seeds averaged, over datasets."""
    (reference, size), (small, large) = sizes, sorted(sizes)
    table = differences.between(curves, small, large)
    table = table[~table["suspect"]].assign(value=table["value"] * (1 if size == large else -1))
    for model, rows in table.groupby("model", sort=False):
        found = over_datasets(rows["value"], pd.Series(source, rows.index))
        own = curves[(curves["model"] == model) & curves["dataset"].isin(rows["dataset"])]
        mean = own.groupby("size")["value"].mean()
        # Training that fails its own untrained network says nothing of how much data it takes.
        fails = 0 < size < reference and mean[size] < mean[0]
        if fails:
            found["note"] += f" It lies {mean[0] - mean[size]:.2f} below its own untrained network."
        counts = decides and not fails
        yield Evidence(what=f"{titles[model]}: {what}", score="AvgBIO", decides=counts, **found)
