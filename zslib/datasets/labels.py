"""Labels and batches as text: blanks stripped, and what says "not known" told from a type."""

from collections.abc import Collection

import pandas as pd

from zslib.core.errors import DataError
from zslib.core.missing import is_missing
from zslib.datasets.findings import Findings

NOT_KNOWN = frozenset(
    [
        "unknown",
        "unassigned",
        "not assigned",
        "unclassified",
        "unlabeled",
        "unlabelled",
        "unannotated",
        "undefined",
        "undetermined",
        "ambiguous",
        "nan",
        "na",
        "n/a",
        "<na>",
        "nat",
        "none",
        "null",
        "missing",
        "doublet",
        "doublets",
        "multiplet",
        "multiplets",
        "low quality",
        "unspecified",
        "not available",
        "n.a.",
        "#n/a",
        "debris",
        "",
        "-",
        "--",
        ".",
        "?",
    ]
)
"""Labels that name no cell type, in lower case; a card adds its own as ``not_known``."""
CONTROL = dict.fromkeys(range(32), " ")


def text(values: pd.Series) -> pd.Series:
    """Values of a column as text without blanks at the ends or repeated ones; None where there is none.

    Numbers of clusters that missing values turned to decimals are whole again.
    """
    there = values.notna()
    if pd.api.types.is_float_dtype(values.dtype) and (values[there] % 1 == 0).all():
        values = values.astype("Int64")
    said = [str(value) if here else None for value, here in zip(values.astype(object), there, strict=True)]
    clean = {v: None if v is None else " ".join(v.translate(CONTROL).split()) for v in set(said)}
    return pd.Series([clean[v] for v in said], index=values.index, dtype=object)


def labels(values: pd.Series, name: str, not_known: Collection[str], findings: Findings) -> pd.Series:
    """Cell types as text; None where the label says that it is not known, which is counted by what it says.

    Parameters
    ----------
    values
        A column of obs.
    name
        What the column is called.
    not_known
        Words that say so besides :data:`NOT_KNOWN`.
    findings
        Where what was found is noted.
    """
    found = text(values)
    key = found.map(_word, na_action="ignore")
    unknown = key.isin(NOT_KNOWN | {_word(word) for word in not_known}) | found.isna()
    said = found.fillna("").where(unknown).replace("", "no label")
    for word, cells in said.dropna().groupby(said.dropna(), sort=True):
        what = f"{len(cells):,} cells whose {name} is {word!r}, first {cells.index[0]!r}"
        findings.add("left out", what, len(cells))
    found = found.mask(unknown.astype(bool), None)
    note_spellings(found, name, findings)
    return found


def batches(values: pd.Series, name: str, findings: Findings) -> pd.Series:
    """Batches as text.

    Raises
    ------
    DataError
        If some are empty: that a cell's batch is not known cannot be mended.
    """
    found = text(values)
    if (empty := is_missing(found)).any():
        raise DataError(
            f"The batch, obs[{name!r}], is missing for {int(empty.sum()):,} cells, first {values.index[empty][0]!r}. "
            "Remove these cells or name their batch."
        )
    note_spellings(found, name, findings)
    if len(found) > 2 and found.nunique() > len(found) / 2:
        what = (
            f"obs[{name!r}] has {found.nunique():,} batches for {len(found):,} cells: is it the right column?"
        )
        findings.add("note", what)
    return found


def note_spellings(values: pd.Series, name: str, findings: Findings) -> None:
    """Note values that differ in case, blanks, hyphens and a plural's s alone: most likely one thing each."""
    counts = values.value_counts()
    alike = pd.Series(counts.index, index=[_letters(value) for value in counts.index], dtype=object)
    for _, group in alike.groupby(level=0):
        if len(group) > 1:
            said = ", ".join(f"{value!r} ({counts[value]:,} cells)" for value in group)
            findings.add("note", f"{name} spells {said}: are these one?", len(group))


def _word(value: str) -> str:
    plain = " ".join(value.casefold().replace("_", " ").split())
    return " ".join(plain.replace("-", " ").split()) or plain  # low-quality


def _letters(value: str) -> str:
    value = value.casefold().replace("+", "plus")
    if value.endswith("-") or "- " in value:  # CD4- is not CD4
        value = value.replace("-", "minus")
    return "".join(filter(str.isalnum, value)).removesuffix("s")
