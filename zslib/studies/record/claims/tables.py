"""The table of claims, and that of the comparisons that bear on one."""

from collections.abc import Mapping
from html import escape

from zslib.studies.record.claims.claim import Assessment
from zslib.studies.record.claims.sentences import counted, numbers
from zslib.studies.record.tables import against_zero
from zslib.tables.html import broken, table


def verdicts(assessed: Mapping[str, Assessment]):
    """Render all claims: what is claimed, the verdict, and the comparison that carries it."""
    rows = []
    for name, one in assessed.items():
        first = one.leading
        said = f"{first.label}: {numbers(first, one.claim.digits)}. " if first else ""
        link = f'<a href="#claim-{name}">{escape(one.claim.title)}</a>'
        limit = f"<br/>{escape(one.limit)}" if one.limit else ""
        rows.append((link, f"<b>{escape(one.word)}</b>{limit}", escape(said + counted(one))))
    return table(
        rows,
        ["claim", "verdict", "evidence"],
        caption=f"{len(rows)} claims and their verdicts. "
        "Named is the comparison that made the verdict or comes nearest to one, with its 95 % interval.",
        text_columns=3,
        kind="prose",
    )


def evidence(one: Assessment):
    """Render every comparison that bears on a claim, those that count first; nothing if there is none."""
    if not one.evidence:
        return None
    scores = {e.score for e in one.evidence}
    rows = []
    for e in sorted(one.evidence, key=lambda e: not e.decides):
        many = f"{e.n_datasets} datasets" if e.n_datasets > 1 else ""
        whence = e.sources[0] if len(e.sources) == 1 else f"{len(e.sources)} sources"
        below = [e.score] * (len(scores) > 1) + [e.note] * bool(e.note)
        below = broken(". ".join(below), 44)
        said = f'<br/><span class="zs-ci">{below}</span>' if below else ""
        label = broken(e.label.replace(" %", "\u00a0%"), 40)
        side = one.speaks(e) if e.decides else "beside it"
        where = escape(", ".join(filter(None, (many, whence))))
        rows.append((label + said, against_zero(e.difference, e.interval, one.claim.digits), side, where))
    unit = f" in {scores.pop()}" if len(scores) == 1 else ""
    return table(
        rows,
        ["comparison", "difference", "speaks", "on"],
        caption=f"{escape(one.claim.title)}: differences{escape(unit)}",
    )
