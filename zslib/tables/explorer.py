"""What the results explorer reads: scores of the methods that compete, with as many resamples as fit a page.

``book/_static/explorer.js`` makes the page of it, and says itself what it computes.
"""

import base64
import json
from collections.abc import Sequence

import numpy as np

from zslib import methods
from zslib.metrics import CARDS
from zslib.results import ladder
from zslib.results.comparison import SPACES, Comparison

LARGEST = 400_000
"""Most bytes that the data of the explorer may have."""
FEWEST = 60
"""Resamples below which the second space is left out rather than more of them."""
STEPS, MISSING = 127, -128
"""Resamples are stored as whole numbers of steps from the score, up to this many; and what stands for none."""
ENDS = ("random", "unintegrated", "labels")
"""Controls that are shown beside every ranking: the floors of biology and of batch, and the ceiling."""
WITHOUT = (
    "With JavaScript this place holds a table that you rank yourself: you choose datasets, metrics and their weights, and see "
    "each method's rank with how sure it is. The numbers that it ranks are in the file below."
)
"""What stands where the script does not run."""


def of_build(all_runs: Sequence[Comparison], *, largest: int = LARGEST) -> dict:
    """Gather the scores of a build.

    Returns
    -------
    ``metrics`` and ``methods``, what they are; ``n_boot`` resamples, of which ``n_kept`` are here; ``sets``, one a dataset
    and space: ``values``, a row a method and a number a metric, turned so that higher is better; ``steps`` of the same
    shape, the unit of ``draws``, in which for each number that is not null ``n_kept`` bytes say how many steps each
    resample is from the value; and ``unfit``, by metric why it names nobody best there.
    """
    climbed = {n for runs in all_runs for n in ladder.climbed(runs)}
    names = [n for n in CARDS if n in climbed]
    ran = [m for runs in all_runs for m in runs.ran]
    listed = [m for m in dict.fromkeys(ran) if methods.card(m).competes or m in (*ENDS, *ladder.HALVES)]
    n_boot = min((len(runs.replicates[m]) for runs in all_runs for m in listed if m in runs.ran), default=0)
    scored = [s for s in SPACES if any((runs.scores["space"] == s).any() for runs in all_runs)]
    for spaces in (scored, scored[:1]):
        n_numbers = len(all_runs) * len(spaces) * len(listed) * len(names)
        # A resample takes a byte, or 4 / 3 as text; a score and its step take about 20.
        n_kept = max(0, min(n_boot, int((largest * 0.9 - 20 * n_numbers) * 3 / 4 / max(n_numbers, 1))))
        if n_kept >= min(FEWEST, n_boot):
            break
    sets = [_set(runs, space, names, listed, n_kept) for runs in all_runs for space in spaces]
    titles = {n: CARDS[n].title + " (turned)" * (CARDS[n].better == "lower") for n in names}
    return {
        "metrics": [{"name": n, "title": titles[n], "family": CARDS[n].family} for n in names],
        "methods": [{"name": m, "title": methods.card(m).title, "role": _role(m)} for m in listed],
        "n_boot": n_boot,
        "n_kept": n_kept,
        "sets": sets,
    }


def page(**sources: dict):
    """Show the explorer, with its data in the page itself, so that it asks for nothing.

    These are ``build``, see :func:`of_build`, and ``record``, :func:`zslib.studies.record.explorer.published`.
    """
    from IPython.display import HTML

    data = json.dumps(sources, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    return HTML(
        f'<div id="zs-explorer"><p>{WITHOUT}</p><script type="application/json">{data}</script></div>'
    )


def _role(method: str) -> str:
    card = methods.card(method)
    if method in ladder.HALVES:
        return "half"
    return card.family if card.competes else "ceiling" if method == ladder.CEILING else "floor"


def _set(runs: Comparison, space: str, names: Sequence[str], listed: Sequence[str], n_kept: int) -> dict:
    rows = [[_turned(runs, method, metric, space, n_kept) for metric in names] for method in listed]
    unfit = {metric: ladder.unfit(runs, metric, space) for metric in runs.defined(names)}
    return {
        "dataset": runs.dataset,
        "space": space,
        "n_cells": runs.n_cells if runs.ran else 0,
        "unfit": {metric: why for metric, why in unfit.items() if why},
        "values": [[value for value, *_ in row] for row in rows],
        "steps": [[step for _, step, _ in row] for row in rows],
        "draws": base64.b64encode(b"".join(draws for row in rows for *_, draws in row)).decode(),
    }


def _turned(runs: Comparison, method: str, metric: str, space: str, n_kept: int):
    """A score, the step of its resamples and these as bytes, all turned so that higher is better; None and nothing without."""
    entry = runs.value(method, metric, space)
    if entry is None or not np.isfinite(entry.value):
        return None, 0, b""
    sign, ends = (1, 0) if CARDS[metric].better == "higher" else (-1, sum(CARDS[metric].range))
    again = runs.replicates[method][f"{space}/{metric}"].to_numpy()
    moved = sign * (again[np.linspace(0, len(again) - 1, n_kept).astype(int)] - entry.value)
    known = np.isfinite(moved)
    step = float(f"{np.abs(moved[known]).max(initial=0) / STEPS:.4g}")
    whole = np.full(n_kept, MISSING, dtype=np.int8)
    whole[known] = np.clip(np.rint(moved[known] / (step or 1)), -STEPS, STEPS)
    return float(f"{sign * entry.value + ends:.6g}"), step, whole.tobytes()
