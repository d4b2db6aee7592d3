"""Every table of the book: real HTML tables that scroll sideways on a phone, numbers to the right."""

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from zslib import methods, metrics
from zslib.comparison import Comparison

YES_NO = {True: "yes", False: "no"}
MEASURED = {"biology": "whether cell types stay apart", "batch": "whether batches mix"}


def table(
    rows: Iterable[Sequence], header: Sequence[str], *, caption: str = "", text_columns: int = 1, kind=""
):
    """Render rows as an HTML table.

    Parameters
    ----------
    rows
        Cells as strings; HTML in them is kept, so escape what comes from data.
    header
        Column heads.
    caption
        What the table shows.
    text_columns
        How many columns from the left hold text; the rest are aligned to the right.
    kind
        ``"facts"`` for names and values, ``"prose"`` for columns of sentences.
    """
    from IPython.display import HTML

    def line(cells: Sequence, tag: str) -> str:
        kinds = ["text" if i < text_columns else "number" for i in range(len(cells))]
        scope = ' scope="col"' if tag == "th" else ""
        return "".join(f'<{tag}{scope} class="{k}">{c}</{tag}>' for c, k in zip(cells, kinds, strict=True))

    body = "".join(f"<tr>{line(row, 'td')}</tr>" for row in rows)
    head = f"<thead><tr>{line(header, 'th')}</tr></thead>" if any(header) else ""
    # The caption stays outside what scrolls, or it would be as wide as the table on a phone.
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    grid = f"<div><table>{head}<tbody>{body}</tbody></table></div>"
    return HTML(f'<figure class="zs-table {kind}">{grid}{below}</figure>')


def facts(pairs: Iterable[tuple[str, object]], *, caption: str = ""):
    """Render names and values, one a row; empty values are left out."""
    rows = [
        (f"<b>{escape(name)}</b>", escape(_text(value)))
        for name, value in pairs
        if value not in (None, "", ())
    ]
    return table(rows, ["", ""], caption=caption, text_columns=2, kind="facts")


def method_card(name: str):
    """Render a method's card."""
    card = methods.card(name)
    return facts(
        [
            ("What it is", card.summary),
            ("What is run", card.recipe),
            ("Keep in mind", card.caveat),
            ("Family", card.family),
            ("Fitted to these cells", YES_NO[card.trained_on_target]),
            ("Told the batches", YES_NO[card.sees_batch]),
            ("Told the cell types", "yes: it cheats" if card.sees_labels else "no"),
            ("Pre-trained weights", card.weights or "none"),
            ("Source", card.citation),
        ]
    )


def method_cards(family: str | None = None):
    """Render the cards of all methods of a family, a row each."""
    cards = [methods.card(name) for name in methods.names()]
    rows = [
        (
            f"<b>{escape(c.title)}</b><br><code>{c.name}</code>",
            escape(c.summary),
            escape(c.recipe),
            escape(c.caveat),
        )
        for c in cards
        if family in (None, c.family)
    ]
    return table(rows, ["method", "what it is", "what is run", "keep in mind"], text_columns=4, kind="prose")


def metric_card(name: str):
    """Render a metric's card."""
    card = metrics.CARDS[name]
    return facts(
        [
            ("Measures", MEASURED[card.family]),
            ("Range", f"{card.range[0]:.3g} to {card.range[1]:.3g}, {card.better} is better"),
            ("How it is computed", card.formula),
            ("How to read it", card.reading),
            ("What fools it", card.fooled_by),
            ("Source", card.reference),
        ]
    )


def dataset_card(card, adata):
    """Render a dataset's card with the numbers of the cells actually used."""
    whole, used = adata.uns["dataset"], adata.uns["prepare"]
    dropped = ", ".join(f"{k} ({v} cells)" for k, v in {**whole["dropped"], **used["dropped"]}.items())
    return facts(
        [
            ("What it is", card.summary),
            ("Tissue", f"{card.tissue} ({card.organism})"),
            ("Protocol", card.protocol),
            ("Label", card.label_meaning),
            ("Batch", card.batch_meaning),
            ("Whole dataset", f"{whole['n_cells']:,} cells × {whole['n_genes']:,} genes"),
            (
                "Used here",
                f"{adata.n_obs:,} cells × {adata.n_vars:,} genes, {adata.obs['label'].nunique()} cell types",
            ),
            ("Types dropped as too small", dropped or "none"),
            ("Keep in mind", " ".join(card.caveats)),
            ("Source", card.source),
            ("Citation", "; ".join(f"{c} (doi:{d})" for c, d in zip(card.citation, card.doi, strict=True))),
            ("License", card.license),
        ]
    )


def composition(adata):
    """Render the number of cells of each type in each batch."""
    counts = pd.crosstab(adata.obs["label"], adata.obs["batch"]).assign(all=lambda t: t.sum(axis=1))
    counts = counts.sort_values("all", ascending=False)
    rows = [
        (escape(str(label)), *(f"{n:,}" for n in row))
        for label, row in zip(counts.index, counts.values, strict=True)
    ]
    return table(rows, ["cell type", *map(str, counts.columns)], caption="Cells of each type in each batch.")


def scores(frame: pd.DataFrame, skipped: dict[str, str]):
    """Render the scores of one embedding with their intervals, native and pca50 side by side."""
    rows = []
    for name, card in metrics.CARDS.items():
        found = frame[frame["metric"] == name].set_index("space")
        cells = [_estimate(found.loc[s]) if s in found.index else "–" for s in ("native", "pca50")]
        rows.append((escape(card.title), card.family, *cells, f"{card.better} is better"))
    left_out = " ".join(f"{metrics.CARDS[k].title}: {v}." for k, v in skipped.items())
    return table(
        rows,
        ["score", "measures", "native", "pca50", ""],
        caption="Value, with its 95 % bootstrap interval. " + escape(left_out),
        text_columns=2,
    )


def comparison(runs: Comparison, names: Sequence[str], *, space: str = "native", pages: str = ""):
    """Render all methods on a dataset, a row each; the best of each column is bold and marked.

    Parameters
    ----------
    names
        Metrics, a column each.
    pages
        Where the methods' pages lie, as seen from this page; with it the names are links.
    """
    best = {name: _best(runs, name) for name in names}
    rows = []
    for method in runs.methods:
        card = methods.card(method)
        label = escape(card.title)
        link = f'<a href="{pages}{method}.html">{label}</a>' if pages else label
        if method not in runs.ran:
            rows.append((link, card.family, runs.status(method), *[""] * (len(names) - 1)))
            continue
        cells = []
        for name in names:
            entry = runs.value(method, name, space)
            text = "–" if entry is None else _estimate(entry)
            cells.append(f"<b>{text} ★</b>" if method in best[name] else text)
        rows.append((link, card.family, *cells))
    return table(
        rows,
        ["method", "family", *(escape(metrics.CARDS[n].title) for n in names)],
        caption="95 % bootstrap interval in brackets. ★: the best method that is not a control, and those the "
        "paired interval, in the native and the pca50 space, does not tell from it.",
        text_columns=2,
    )


def overview(all_runs: Sequence[Comparison], metric: str, *, space: str = "native"):
    """Render one metric: a row a method, a column a dataset."""
    order = list(dict.fromkeys(m for runs in all_runs for m in runs.methods))
    best = [_best(runs, metric) for runs in all_runs]
    rows = []
    for method in order:
        cells = []
        for runs, leaders in zip(all_runs, best, strict=True):
            entry = runs.value(method, metric, space) if method in runs.ran else None
            missing = "–" if method in runs.ran else runs.status(method)
            text = missing if entry is None else _estimate(entry)
            text = f"<b>{text} ★</b>" if method in leaders else text
            cells.append(f'<a href="runs/{runs.dataset}/{method}.html">{text}</a>')
        rows.append((escape(methods.card(method).title), methods.card(method).family, *cells))
    return table(
        rows,
        ["method", "family", *(f'<a href="runs/{r.dataset}.html">{r.dataset}</a>' for r in all_runs)],
        caption=f"{escape(metrics.CARDS[metric].title)} with 95 % intervals; each number leads to its run. ★: the best "
        "method that is not a control, and those the paired interval, in the native and the pca50 space, does not "
        "tell from it. –: not defined on this dataset.",
        text_columns=2,
    )


def statuses(runs: Comparison):
    """Render what did not run, and why; says so if all ran."""
    rows = [
        (escape(methods.card(r.method).title), r.status, escape(r.reason)) for r in runs.statuses.itertuples()
    ]
    return table(
        rows or [("all methods ran", "", "")], ["method", "status", "reason"], text_columns=3, kind="facts"
    )


def cost(all_runs: Sequence[dict]):
    """Render what each run cost."""
    rows = [
        (
            escape(methods.card(r["method"]).title),
            escape(r["device"]),
            f"{r['n_cells']:,}",
            str(r["n_dims"]),
            f"{r['seconds']:.2f}",
            f"{r['cells_per_second']:,.0f}",
            f"{r['peak_memory_mb']:,}",
        )
        for r in all_runs
    ]
    header = ["method", "device", "cells", "dimensions", "seconds", "cells / s", "peak memory (MB)"]
    return table(rows, header, caption="Cost of embedding, fitting included.", text_columns=2)


def provenance(run: dict, **more: object):
    """Render where a result comes from: seed, parameters, versions, hashes, seconds."""
    parameters = ", ".join(f"{k} = {v}" for k, v in run["parameters"].items()) or "the method's defaults"
    return facts(
        [
            ("Seed", run["seed"]),
            ("Parameters", parameters),
            ("Seconds", f"{run['seconds']:.2f}"),
            ("Device", run["device"]),
            ("Data (SHA-256)", run["data_sha256"]),
            ("Embedding (SHA-256)", run["embedding"]["sha256"]),
            ("Weights (SHA-256)", run["weights_sha256"]),
            ("Method's code (SHA-256)", run["method_sha256"]),
            *more.items(),
            ("Versions", ", ".join(f"{k} {v}" for k, v in run["versions"].items())),
        ]
    )


def dataset_provenance(adata):
    """Render how the cells were picked, and the hash of what every method got."""
    used = {k: v for k, v in adata.uns["prepare"].items() if k not in ("hash", "dropped")}
    return facts(
        [
            *((k.replace("_", " "), v) for k, v in used.items()),
            ("Data (SHA-256)", adata.uns["prepare"]["hash"]),
        ]
    )


def grid_provenance(grid, all_runs: Sequence[Comparison]):
    """Render what was run: profile, datasets and their hashes, methods, seeds, parameters, versions."""
    from zslib.embedding import versions

    hashes = {runs.dataset: runs.cells(runs.ran[0])[0].run["data_sha256"] for runs in all_runs if runs.ran}
    return facts(
        [
            ("Profile", grid.profile),
            *((f"Data of {name} (SHA-256)", digest) for name, digest in hashes.items()),
            ("Methods", ", ".join(grid.methods)),
            ("Seeds", ", ".join(map(str, grid.seeds))),
            ("Cells a dataset", f"{grid.n_cells:,}" if grid.n_cells else "all"),
            ("Bootstrap resamples", grid.n_boot),
            (
                "Parameters",
                "; ".join(f"{m}: {p}" for m, p in grid.parameters.items()) or "the methods' defaults",
            ),
            ("Versions", ", ".join(f"{k} {v}" for k, v in versions().items())),
        ]
    )


def _best(runs: Comparison, metric: str) -> list[str]:
    honest = [m for m in runs.ran if methods.card(m).family != "control"]
    return runs.leaders(metric, among=honest)


def _estimate(entry) -> str:
    return f'{entry.value:.2f} <span class="zs-ci">[{entry.ci_low:.2f}, {entry.ci_high:.2f}]</span>'


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)
