"""Labels and batches as text: blanks stripped, and what says "not known" told from a type."""

import re
from collections.abc import Callable, Collection

import pandas as pd

from zslib.core.errors import DataError
from zslib.core.missing import is_missing
from zslib.datasets.findings import Findings

NOT_KNOWN = (
    "unknown", "unk", "unassigned", "not assigned", "unclassified", "unlabeled", "unlabelled", "unannotated",
    "not annotated", "unidentified", "undefined", "undetermined", "not determined", "unspecified", "ambiguous", "missing",
    "not available", "not applicable", "nan", "na", "nat", "none", "null", "doublet", "multiplet", "low quality", "debris",
    "filtered", "filtered out", "unknown cell", "unknown type", "unknown cell type", "unassigned cell",
    "unclassified cell", "unidentified cell", "ambiguous cell", "doublet cell", "low quality cell", "",
)  # fmt: skip
"""Labels that name no cell type, compared by :func:`letters`; a card adds its own as ``not_known``."""
RESEMBLES = re.compile(
    "unknown|unassigned|notassigned|unclassified|unlabell?ed|unannotated|unidentified|undefined|undetermined|ambiguous|"
    "doublet|multiplet|lowquality|debri|filtered|unk[0-9]+|other|mixed|artifact"
)
"""What a label that may be none holds, or is, by its letters; it is kept, and asked about."""
CONTROL = dict.fromkeys(range(32), " ")


def text(values: pd.Series) -> pd.Series:
    """Values of a column as text without blanks at the ends or repeated ones; None where there is none.

    Numbers of clusters that missing values turned to decimals are whole again.
    """
    there = values.notna()
    if pd.api.types.is_float_dtype(getattr(values.dtype, "categories", values).dtype):
        values = values.astype(float)
        values = values.astype("Int64") if (values[there] % 1 == 0).all() else values
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
    key = found.map({kind: letters(kind) for kind in found.dropna().unique()})
    unknown = key.isin({letters(word) for word in (*NOT_KNOWN, *not_known)}) | found.isna() | _no_code(found)
    said = found.fillna("").where(unknown).replace("", "no label")
    for word, cells in said.dropna().groupby(said.dropna(), sort=True):
        what = f"{len(cells):,} cells whose {name} is {word!r}, first {cells.index[0]!r}"
        findings.add("left out", what, len(cells))
    found = found.mask(unknown.astype(bool), None)
    _note_doubtful(found, _resembles, name, "a type", findings)
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
    if (empty := is_missing(found) | _no_code(found)).any():
        raise DataError(
            f"The batch, obs[{name!r}], is missing for {int(empty.sum()):,} cells, first {values.index[empty][0]!r}. "
            "Remove these cells or name their batch."
        )
    words = {letters(word) for word in NOT_KNOWN}
    _note_doubtful(found, words.__contains__, name, "a batch", findings)
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
    alike = pd.Series(counts.index, index=[letters(value) for value in counts.index], dtype=object)
    for _, group in alike.groupby(level=0):
        if len(group) > 1:
            said = ", ".join(f"{value!r} ({counts[value]:,} cells)" for value in group)
            findings.add("note", f"{name} spells {said}: are these one?", len(group))


def _note_doubtful(
    values: pd.Series, doubtful: Callable[[str], bool], name: str, what: str, findings: Findings
) -> None:
    """Note values that may say that something is not known; they are kept."""
    for value, n in values.value_counts(sort=False).items():
        if doubtful(letters(value)):
            said = f"{name} {value!r} ({n:,} cells): is it {what}? If not, leave these cells out"
            findings.add("note", said + (" by the card's not_known" if what == "a type" else ""), int(n))


def letters(value: str) -> str:
    """Letters and digits of a label, in lower case and without a plural's s: what two spellings of one have in common."""
    value = value.casefold().replace("+", "plus")
    if not any(map(str.isalnum, value)):
        return ""
    if value.startswith("-") or value.endswith("-") or "- " in value:  # -1 is not 1, nor CD4- CD4
        value = value.replace("-", "minus")
    return "".join(filter(str.isalnum, value)).removesuffix("s")


def _no_code(values: pd.Series) -> pd.Series:
    """Which are -1 among whole numbers from 0: the code that categories, and clusterings, have for none."""
    kinds = set(values.dropna())
    coded = {"-1", "0"} <= kinds and all(kind.removeprefix("-").isdecimal() for kind in kinds)
    return values.eq("-1") & coded


def _resembles(key: str) -> bool:
    return RESEMBLES.fullmatch(key) is not None or any(len(found) > 5 for found in RESEMBLES.findall(key))
