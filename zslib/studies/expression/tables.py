"""Tables of what networks and baselines say of expression, shown and hidden."""

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from zslib.frozen.ledger import mark
from zslib.results.report.words import minus, title_of
from zslib.studies.expression.cards import CARDS, Settings
from zslib.studies.expression.results import PredictionScores
from zslib.studies.expression.sentences import answer, untrained, verdict, verdicts
from zslib.tables.html import estimate, facts, table

PUBLISHED = {
    "mse": "squared error of bins",
    "mae": "absolute error of bins",
    "mre": "relative error (to the prediction)",
    "pearson": "Pearson r of ranks",
}
BASELINES = dict.fromkeys(("mse", "mae", "mre"), "mean bin") | {"pearson": "mean rank"}
"""The published baseline of each score."""


def settings_used(settings: Settings):
    """Render how much was asked."""
    shares = ", ".join(f"{share:.0%}" for share in settings.fractions)
    return facts(
        [
            ("Cells that baselines learn from", settings.n_train),
            ("Passes of scVI over these", settings.epochs or "it was left out"),
            ("Cells evaluated", settings.n_cells),
            ("Of these, by networks with more than five million parameters", settings.n_large),
            ("Genes that bins are formed in", f"the {settings.n_genes:,} most variable"),
            (
                "Genes of a cell that are ranked",
                f"the first {settings.window:,}, or as many as a network takes",
            ),
            ("Genes hidden", f"{shares}, drawn {settings.draws} times each"),
            ("Bootstrap resamples", settings.n_boot),
        ]
    )


def given_back(*published: pd.DataFrame):
    """Render the published protocol on some datasets, a table a scale: one row a network, dataset and predictor."""
    from IPython.display import HTML

    scales = pd.concat(published).groupby("scale", sort=False) if published else []
    return HTML("".join(_given_back(one).data for _, one in scales))


def _given_back(published: pd.DataFrame):
    rows, scale = [], published["scale"].iloc[0].split()[0]
    names = [name for name in PUBLISHED if (published["score"] == name).any()]
    for (network, predictor, _), some in published.groupby(["network", "predictor", "dataset"], sort=False):
        entries = some.set_index("score")
        cells = [estimate(entries.loc[n]) if n in entries.index else "–" for n in names]
        n = int(some["n"].max())
        name = f"{title_of(network)}{mark(network, some['dataset'].iloc[0])}"
        rows.append((escape(name), escape(some["dataset"].iloc[0]), escape(predictor), *cells, f"{n:,}"))
    return table(
        rows,
        ["asked about", "dataset", "who answers", *(PUBLISHED[n] for n in names), "cells"],
        caption=f"Input shown whole, as published, on {', '.join(published['dataset'].unique())}: {scale} given back. "
        "95 % intervals over cells. Lower errors and higher r are better."
        + "".join(_passed_untrained(one) for _, one in published.groupby("dataset", sort=False)),
        text_columns=3,
    )


def _passed_untrained(published: pd.DataFrame) -> str:
    """Say which scores tell nothing, since an untrained network is better by them than the published baseline."""
    said = []
    for name, some in published.groupby("score", sort=False):
        sign = -1 if name == "pearson" else 1
        values = some.set_index(["network", "predictor"])["value"]
        for (network, predictor), value in values.items():
            base = values.get((network, BASELINES[name]))
            if untrained(network) and not predictor.startswith("mean ") and sign * value < sign * base:
                said.append(
                    f" On {some['dataset'].iloc[0]}, by {PUBLISHED[name]} {title_of(network)} ({value:.2f}) is better than the {BASELINES[name]} ({base:.2f}) "
                    "without having learned anything: that column tells nothing here."
                )
                break
    return minus("".join(said))


def answers(found: Sequence[PredictionScores]):
    """Render whether each network knows more of hidden genes than the mean of each gene, a row a network and dataset."""
    if not found:
        return answer(found)
    judged = pd.concat([verdicts(one.scores) for one in found])
    ends = {"lowest R²": "at_lowest", "highest R²": "at_highest"}
    if judged["shares"].max() == 1:
        ends = {"R²": "at_lowest"}
    rows = [
        (
            f"{escape(title_of(row.network))}{mark(row.network, row.dataset)}",
            escape(row.dataset),
            escape(verdict(row)),
            *(estimate(getattr(row, end)) for end in ends.values()),
            f"{row.rival_value:.2f} ({escape(row.rival)})",
        )
        for row in judged.itertuples()
    ]
    where = ", ".join(one.scores["dataset"].iloc[0] for one in found)
    return table(
        rows,
        ["network", "dataset", "verdict", *ends, "best baseline"],
        caption=f"Networks against the mean of each gene on hidden genes, on {where}. "
        "R² against the gene mean, at each share of hidden genes, with 95 % intervals; (seen): pre-trained on these cells. The best baseline: its mean R²."
        + " Not to be judged: an untrained network lies above the mean of each gene as well."
        * bool(judged["unmade_by"].notna().any()),
        text_columns=3,
    )


def found_hidden(scores: pd.DataFrame, scale: str, fraction: float):
    """Render the scores of hidden genes at one share: one row a predictor, one column a score.

    Parameters
    ----------
    scale
        ``bins`` or ``ranks``; where networks have ranks of their own, these come one after another.
    """
    some = scores[scores["scale"].str.startswith(scale) & (scores["fraction"] == fraction)]
    names = [n for n in CARDS if some.loc[some["score"] == n, "value"].notna().any()]
    rows = []
    for (of, predictor), part in some.groupby(["scale", "predictor"], sort=False):
        entries = part.set_index("score")
        defined = entries.dropna(subset="value")
        cells = [estimate(defined.loc[n]) if n in defined.index else "–" for n in names]
        n = int(entries.loc["mae", "n"])
        seen = mark(part["network"].iloc[0], part["dataset"].iloc[0])
        name = f"{_titled(predictor, some['network'])}{seen}"
        rows.append((escape(name), escape(_titled(of, some["network"])), *cells, f"{n:,}"))
    return table(
        rows,
        ["who answers", "scale", *(CARDS[n].title for n in names), "cells"],
        caption=f"{fraction:.0%} of the genes hidden, on {', '.join(scores['dataset'].unique())}, asked for {scale}. "
        "95 % intervals over cells and draws of hidden genes.",
        text_columns=2,
    )


def _titled(text: str, networks: Iterable[str]) -> str:
    for name in sorted(set(networks), key=len, reverse=True):  # one name may begin with another
        text = text.replace(name, title_of(name)) if name else text
    return text


def expression_scores():
    """Render how each score of hidden genes is read."""
    rows = [(escape(c.title), c.better, escape(c.reading)) for c in CARDS.values()]
    return table(
        rows, ["score", "better", "how to read it"], caption="The scores", text_columns=3, kind="prose"
    )
