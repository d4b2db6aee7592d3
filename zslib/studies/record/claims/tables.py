"""Tables of claims, and of published scores beside those of this build."""

from collections.abc import Mapping
from html import escape

from zslib.studies.record import sources
from zslib.studies.record.claims.beside import beside
from zslib.studies.record.claims.build import Build
from zslib.studies.record.claims.claim import Judged
from zslib.studies.record.claims.sentences import counted, numbers
from zslib.tables.html import table


def verdicts(judged: Mapping[str, Judged]):
    """Render all claims: what is claimed, by whom, the verdict, and the comparison that carries it."""
    rows = []
    for name, one in judged.items():
        first = one.leading
        said = f"{first.label}: {numbers(first)}. ".replace("**", "") if first else ""
        rows.append(
            (
                f'<a href="#claim-{name}"><b>{escape(one.claim.title)}</b></a>',
                f"<b>{escape(one.word)}</b>" + (f"<br/>{escape(one.limit)}" if one.limit else ""),
                escape(said + counted(one)),
                escape(one.claim.who),
            )
        )
    return table(
        rows,
        ["claim", "verdict", "evidence", "who says so"],
        caption="Every claim with its verdict, by one rule, and the comparison that made it or comes nearest to it; 95 % "
        "intervals.",
        text_columns=4,
        kind="prose",
    )


def together(build: Build):
    """Render published scores beside those of this build; no rows where there are none."""
    rows = [
        (
            escape(row.dataset),
            escape(row.method),
            escape(sources()[row.source].title),
            f"{escape(row.score)} {row.published:.2f}",
            f'{escape(row.metric)} {row.here:.2f} <span class="zs-ci">[{row.ci_low:.2f}, {row.ci_high:.2f}]</span>',
            escape(row.left_out or "–"),
        )
        for row in beside(build).itertuples()
    ]
    return table(
        rows or [("none in this build", *[""] * 5)],
        [
            "dataset",
            "method",
            "published by",
            "published",
            "here",
            "what keeps the published one out of verdicts",
        ],
        caption="Published scores beside those of this build, same cells and same method. The two scores need not be "
        "the same quantity: each is named.",
        text_columns=6,
        kind="prose",
    )
