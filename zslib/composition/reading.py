"""What the experiment says, in sentences whose numbers are its results."""

from collections.abc import Sequence

import pandas as pd

from zslib import datasets
from zslib.composition.saturation import SHARE
from zslib.composition.settings import MODELS, SCHEMES, Settings
from zslib.datasets import DatasetCard
from zslib.measures import CARDS


def gains(points: pd.DataFrame) -> str:
    """Say which models pre-training makes better, from :func:`zslib.composition.curves.saturation_points`."""
    once = points.drop_duplicates(["model", "target", "metric"])
    said = []
    for model, rows in once.groupby("model", sort=False):
        parts = []
        for metric, some in rows.groupby("metric", sort=False):
            better, worse = (some["gain_low"] > 0).sum(), (some["gain_high"] < 0).sum()
            each = ", ".join(
                f"{r.gain:+.2f} [{r.gain_low:+.2f}, {r.gain_high:+.2f}] on {r.target}"
                for r in some.itertuples()
            )
            line = f"by the {CARDS[metric].title} on {better} of {len(some)} studies"
            parts.append(line + (f", and is worse on {worse}" if worse else "") + f" ({each})")
        said.append(
            f"- **{MODELS[model]}**: the whole corpus beats no training, beyond the interval, {'; '.join(parts)}."
        )
    return "\n".join(said)


def rules(points: pd.DataFrame) -> str:
    """Say how the two rules compare."""
    by_rule = {rule: rows.set_index(["model", "target", "metric"]) for rule, rows in points.groupby("rule")}
    published, gain = by_rule["of the maximum"]["size"], by_rule["of the gain"]["size"]
    apart = int((by_rule["of the maximum"]["high"] < by_rule["of the gain"]["low"]).sum())
    once = points.drop_duplicates(["model", "target", "metric"])
    n, none = len(gain), int(gain.isna().sum())
    said = (
        f"Of {n} curves, the published rule names a smaller size than the floor-corrected one in "
        f"{int((published < gain).sum())} ({apart} of them with intervals that do not overlap), the same in {int((published == gain).sum())} and a larger one in "
        f"{int((published > gain).sum())}"
    )
    said += f"; in {none} there is no gain at all, and it names a size all the same." if none else "."
    if enough := int(once["enough"].sum()):
        sure = int((once["enough"] & (once["floor_low"] >= SHARE)).sum())
        said += (
            f" In {enough} the untrained model itself reaches 95 % of the maximum ({sure} of them with its whole "
            "interval): there the published rule would hold with no training whatever."
        )
    for metric, rows in once.groupby("metric", sort=False):
        ends = (rows.loc[at(rows["floor"])] for at in (pd.Series.idxmin, pd.Series.idxmax))
        span = [f"{r.floor:.0%} [{r.floor_low:.0%}, {r.floor_high:.0%}]" for r in ends]
        share = " to ".join(dict.fromkeys(span))
        said += f" For the {CARDS[metric].title}, the untrained model has {share} of the maximum."
    return said


def schemes(differences: pd.DataFrame) -> str:
    """Say how each scheme does beside cells drawn at random, from :func:`~zslib.composition.curves.scheme_differences`."""
    said = []
    for scheme, rows in differences.groupby("scheme", sort=False):
        parts = []
        for metric, some in rows.groupby("metric", sort=False):
            better, worse = int((some["ci_low"] > 0).sum()), int((some["ci_high"] < 0).sum())
            parts.append(
                f"by the {CARDS[metric].title} better in {better} of {len(some)} and worse in {worse}"
            )
        said.append(f"- **{SCHEMES[scheme].capitalize()}**: {'; '.join(parts)}.")
    return "\n".join(said)


def batches(settings: Settings) -> str:
    """Say what a batch of each dataset is, by its card."""
    names = (*settings.corpus, *settings.targets)
    return "\n".join(
        f"- **{datasets.card(name).name}**: {datasets.card(name).batch_meaning}." for name in names
    )


def tissues(settings: Settings) -> str:
    """Say of what tissues the corpus and the held-out studies are, and whether one of these is new to a model."""
    corpus, targets = (
        [datasets.card(name) for name in names] for names in (settings.corpus, settings.targets)
    )
    said = f"The corpus is of {_by_tissue(corpus)}; what is held out is of {_by_tissue(targets)}. "
    known = {card.tissue for card in corpus}
    if new := [card.name for card in targets if card.tissue not in known]:
        return said + f"No cell of the corpus is of the tissue of {', '.join(new)}."
    return (
        said
        + "What more data is worth for cells of a tissue that the corpus does not hold is another question."
    )


def _by_tissue(cards: Sequence[DatasetCard]) -> str:
    found = {card.tissue: [] for card in cards}
    for card in cards:
        found[card.tissue].append(card.name)
    return ", ".join(f"{tissue} ({', '.join(names)})" for tissue, names in found.items())
