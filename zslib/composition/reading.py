"""What the experiment says, in sentences whose numbers are its results."""

import pandas as pd

from zslib.composition.settings import MODELS, SCHEMES
from zslib.measures import CARDS


def gains(points: pd.DataFrame) -> str:
    """Say which models pre-training makes better, from :func:`zslib.composition.curves.saturation_points`."""
    once = points.drop_duplicates(["model", "target", "metric"])
    said = []
    for model, rows in once.groupby("model", sort=False):
        better, worse = (rows["gain_low"] > 0).sum(), (rows["gain_high"] < 0).sum()
        span = f"{rows['gain'].min():+.2f} to {rows['gain'].max():+.2f}"
        line = (
            f"- **{MODELS[model]}**: the whole corpus beats no training, beyond the interval, in {better} of "
        )
        line += f"{len(rows)} comparisons (gains {span})"
        said.append(line + (f" and is worse in {worse}." if worse else "."))
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
        said += (
            f" In {enough} the untrained model itself reaches 95 % of the maximum: there the published rule would hold "
            "with no training whatever."
        )
    for metric, rows in once.groupby("metric", sort=False):
        floors = rows["floor"]
        said += (
            f" For the {CARDS[metric].title}, the untrained model has {floors.min():.0%} to {floors.max():.0%} of the "
            "maximum."
        )
    return said


def schemes(differences: pd.DataFrame) -> str:
    """Say how each scheme does beside cells drawn at random, from :func:`~zslib.composition.curves.scheme_differences`."""
    said = []
    for scheme, rows in differences.groupby("scheme", sort=False):
        better, worse = int((rows["ci_low"] > 0).sum()), int((rows["ci_high"] < 0).sum())
        said.append(
            f"- **{SCHEMES[scheme].capitalize()}**: better than as many cells at random in {better} of {len(rows)} "
            f"comparisons and worse in {worse}, beyond the interval of each; the middle difference is "
            f"{rows['value'].median():+.3f}."
        )
    return "\n".join(said)
