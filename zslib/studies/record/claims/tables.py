"""Tables of claims, and of published scores beside those of this build."""

from collections.abc import Mapping
from html import escape

from zslib.studies.record import sources
from zslib.studies.record.claims.beside import beside
from zslib.studies.record.claims.build import Build
from zslib.studies.record.claims.claim import Judged
from zslib.studies.record.claims.sentences import counted, in_words
from zslib.tables.html import table


def verdicts(judged: Mapping[str, Judged]):
    """Render all claims: what is claimed, by whom, the verdict, and the comparison that carries it."""
    rows = []
    for name, one in judged.items():
        first = one.leading
        said = _plain(in_words(first)) if first else "nothing was measured."
        limit = f"<br>{escape(one.limit)}" if one.limit else ""
        rows.append(
            (
                f'<a href="#claim-{name}"><b>{escape(one.claim.title)}</b></a><br>{escape(one.claim.said)}',
                escape(one.claim.who),
                f"<b>{escape(one.word)}</b>{limit}",
                f"{escape(said[0].upper() + said[1:])} {escape(counted(one))}",
            )
        )
    return table(
        rows,
        ["claim", "who", "verdict", "evidence"],
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


def _plain(text: str) -> str:
    return text.replace("**", "")
