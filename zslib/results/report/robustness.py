"""What scores and the order of methods do when the dataset changes and the biology does not."""

import re
from collections.abc import Sequence

from zslib.metrics import CARDS
from zslib.results.comparison import Comparison
from zslib.results.report.words import join, markdown, title_of
from zslib.results.robustness import ALTERATIONS, AS_THEY_ARE, changes


def robustness(runs: Comparison, metric: str = "avg_bio"):
    """Say which altered cells move a score most, how many beyond the luck of the draw, and whether the first stays first."""
    table = changes(runs.altered).query("space == 'native' and metric == @metric")
    table = table[table["method"].isin(runs.rivals)]
    altered = table[table["alteration"] != AS_THEY_ARE].dropna(subset=["change", "luck"])
    if altered.empty:
        return markdown("No method that competes was run on altered cells here.")
    most = altered.loc[altered["change"].abs().idxmax()]
    beyond = int((altered["change"].abs() > altered["luck"]).sum())
    said = (
        f"Of {len(altered)} scores on altered cells, {beyond} differ from those on the cells as they are by more than another "
        f"draw of the cells would make them. **{title_of(most.method)}** moves most: its {CARDS[metric].title} is "
        f"{most.value - most.change:.2f} on the cells as they are and {most.value:.2f} with {most.alteration}."
    )
    return markdown(f"{said} {_order(table)}".strip())


def _order(table) -> str:
    """Whether the method that is first stays so; nothing for a single method."""
    values = table.pivot(index="alteration", columns="method", values="value")
    values = values.reindex(ALTERATIONS).dropna(how="all")
    if values.shape[1] < 2:
        return ""
    higher = CARDS[table["metric"].iloc[0]].better == "higher"
    first = values.idxmax(axis=1) if higher else values.idxmin(axis=1)
    before = first[AS_THEY_ARE]
    after = first[values[before].notna()].drop(AS_THEY_ARE)
    led = {m: list(names.index) for m, names in after[after != before].groupby(after, sort=False)}
    others = [f"{title_of(m)} leads with {_with(names)}" for m, names in led.items()]
    absent = list(values.index[values[before].isna()])
    said = [
        f"Of the methods that were run again, {title_of(before)} has the best score on the cells as they are, and still in "
        f"{int((after == before).sum())} of {len(after)} alterations",
        *others,
        f"{title_of(before)} cannot be run with {_with(absent)}" if len(absent) else "",
    ]
    return "; ".join(filter(None, said)) + "."


def _with(names: Sequence[str]) -> str:
    """Alterations in a row, in which molecules are said once."""
    return re.sub(" of the molecules(, | and )(?=a quarter)", r"\1with ", join(names))
