"""The table of claims."""

from collections.abc import Mapping
from html import escape

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
                f'<a href="#claim-{name}">{escape(one.claim.title)}</a>',
                f"<b>{escape(one.word)}</b>" + (f"<br/>{escape(one.limit)}" if one.limit else ""),
                escape(said + counted(one)),
                escape(one.claim.who),
            )
        )
    return table(
        rows,
        ["claim", "verdict", "evidence", "who says so"],
        caption=f"{len(rows)} claims and their verdicts. "
        "Each has its verdict by one rule, and the comparison that made it or comes nearest to it; 95 % intervals.",
        text_columns=4,
        kind="prose",
    )
