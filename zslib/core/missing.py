"""What says that a name is missing, in files and in memory alike."""

import pandas as pd

WRITTEN = frozenset(["", "nan", "NaN", "<NA>", "NaT"])
"""What missing values become as text; numpy makes it of a list by itself. None or unknown may be a name."""


def is_missing(values: pd.Series) -> pd.Series:
    """Which values are missing: NaN, None, empty text, and what these become as text."""
    return values.isna() | values.astype(str).str.strip().isin(WRITTEN)
