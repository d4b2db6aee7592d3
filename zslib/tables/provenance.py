"""Where results come from and what they cost."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from zslib import methods
from zslib.core.device import versions
from zslib.results.comparison import Comparison
from zslib.results.report.words import parameters
from zslib.results.run import Run
from zslib.tables.html import facts, table, title

PREPARED = {
    "n_cells": "Cells asked for",
    "seed": "Seed",
    "cells_before": "Cells in the dataset",
    "min_genes": "Fewest genes of a cell",
    "cells_with_few_genes": "Cells removed for too few genes",
    "cells_with_rare_genes_alone": "Cells removed as all their genes are too rare",
    "cells_after": "Cells used",
    "n_cells_per_label": "Cells of each type",
    "dropped_why": "Types dropped",
    "genes_before": "Genes in the dataset",
    "min_cells": "Fewest cells with a gene",
    "genes_after": "Genes used",
    "n_comps": "Components",
    "hash": "Data (SHA-256)",
}
"""What preparation of a dataset notes, and what a reader calls it; the card of a dataset says the rest."""
NAMED = {"cells_found_done": "Cells found done by a run that was stopped"}
"""What a run notes that does not say itself what it is."""


def cost(runs: Sequence[Run], pages: str = ""):
    """Render what each run cost; a method is a link to its page if ``pages`` says where these lie.

    What is the same for all, dataset or device, stands in the caption alone.
    """
    if not runs:
        return table([], [], caption="Cost of embedding nothing, fitting included")
    rows = pd.DataFrame(
        {
            "method": title(run.method, pages),
            "dataset": escape(run.dataset),
            "device": escape(run.about["device"]),
            "cells": f"{run.about['n_cells']:,}",
            "dimensions": str(run.about["n_dims"]),
            "seconds": f"{run.about['seconds']:.2f}",
            "cells / s": f"{run.about['cells_per_second']:,.0f}",
            "peak memory (MB)": f"{run.about['peak_memory_mb']:,}",
        }
        for run in runs
    )
    said = {column: list(rows[column].unique()) for column in ("dataset", "device")}
    same = [column for column, values in said.items() if len(values) == 1]
    return table(
        rows.drop(columns=same).to_numpy(),
        rows.columns.drop(same),
        caption=f"Cost of embedding {' on '.join(map('; '.join, said.values()))}, fitting included",
        text_columns=3 - len(same),
    )


def provenance(run: dict, **more: object):
    """Render where a result comes from: seed, parameters, versions, hashes, seconds."""
    return facts(
        [
            ("Seed", run["seed"]),
            ("Parameters", parameters(run["parameters"])),
            ("Seconds", f"{run['seconds']:.2f}"),
            ("Device", run["device"]),
            ("Data (SHA-256)", run["data_sha256"]),
            ("Embedding (SHA-256)", run["embedding"]["sha256"]),
            ("Weights (SHA-256)", run["weights_sha256"]),
            ("Method's code (SHA-256)", run["method_sha256"]),
            *(
                (NAMED.get(k, k.replace("_", " ").capitalize()), _said(v))
                for part in (*(run.get(part, {}) for part in ("frozen", "genes", "looked_up")), more)
                for k, v in part.items()
            ),
            ("Versions", ", ".join(f"{k} {v}" for k, v in run["versions"].items())),
        ]
    )


def dataset_provenance(adata):
    """Render how the cells were picked, and the hash of what every method got."""
    used = adata.uns["prepare"]
    return facts([(name, _said(used[key])) for key, name in PREPARED.items() if key in used])


def grid_provenance(grid, all_runs: Sequence[Comparison]):
    """Render what was run: profile, datasets and their hashes, methods, seeds, parameters, versions."""
    more = [f"{m}: {', '.join(map(str, grid.seeds_of(m)))}" for m in grid.methods if m in grid.more_seeds]
    hashes = {
        runs.dataset: runs.runs_of(runs.ran[0])[0].about["data_sha256"] for runs in all_runs if runs.ran
    }
    return facts(
        [
            ("Profile", grid.profile),
            *((f"Data of {name} (SHA-256)", digest) for name, digest in hashes.items()),
            ("Methods", ", ".join(grid.methods)),
            ("Seeds", "; ".join([", ".join(map(str, grid.seeds)), *more])),
            ("Cells a dataset", f"{grid.n_cells:,}" if grid.n_cells else "all"),
            ("Bootstrap resamples", grid.n_boot),
            (
                "Parameters",
                "; ".join(f"{methods.card(m).title}: {parameters(p)}" for m, p in grid.parameters.items())
                or parameters({}),
            ),
            ("Versions", ", ".join(f"{k} {v}" for k, v in versions().items())),
        ]
    )


def _said(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_said(v)}" for k, v in value.items())
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if type(value) is int else value
