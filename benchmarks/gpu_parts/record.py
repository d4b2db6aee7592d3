"""What a part measured: rows of one table, written down after each measurement, so that none is lost to a fault."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

COLUMNS = ("part", "what", "measure", "value", "unit", "bound", "outcome", "note")
FAILED, NOT_MEASURED = "failed", "not measured"


class Record:
    """Rows of one part.

    Parameters
    ----------
    part
        Its name.
    path
        JSON file that always holds the rows so far.
    seconds
        After so many, no new measurement is begun.
    """

    def __init__(self, part: str, path: Path, seconds: float):
        self.part, self.path, self.rows = part, path, []
        self._until = time.monotonic() + seconds
        self._write()

    @property
    def seconds_left(self) -> float:
        """Until no new measurement is begun."""
        return self._until - time.monotonic()

    def add(
        self, what: str, measure: str, value, unit: str = "", *, bound: float | None = None, note: str = ""
    ):
        """Write down a number; it has failed where it is above `bound` or is no number."""
        value = float(value)
        good = math.isfinite(value) and (bound is None or value <= bound)
        self._row(
            what,
            measure,
            value if math.isfinite(value) else None,
            unit,
            bound,
            "ok" if good else FAILED,
            note,
        )

    def check(self, what: str, measure: str, good: bool, note: str = "") -> None:
        """Write down whether something is as it must be."""
        self._row(what, measure, None, "", None, "ok" if good else FAILED, note)

    def leave(self, what: str, measure: str, reason: str) -> None:
        """Write down what was not measured, and why."""
        self._row(what, measure, None, "", None, NOT_MEASURED, reason)

    def attempt(self, what: str, function: Callable, *arguments):
        """Call `function(*arguments)` unless the time is up; a fault becomes a row, and None is returned.

        `what` names the thing measured; the function adds its own rows.
        """
        if self.seconds_left <= 0:
            self.leave(what, "", "the time of this part was up")
            return None
        try:
            return function(*arguments)
        except Exception as error:  # whatever it is, the rest goes on
            self._row(what, "", None, "", None, FAILED, one_line(error))
            return None

    def _row(self, *values) -> None:
        self.rows.append(dict(zip(COLUMNS, (self.part, *values), strict=True)))
        self._write()

    def _write(self) -> None:
        temporary = self.path.with_suffix(".writing")
        temporary.write_text(json.dumps(self.rows, ensure_ascii=False))
        temporary.replace(self.path)


def one_line(error: BaseException) -> str:
    """An error in one line of at most 200 characters."""
    said = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def markdown(about: dict, rows: list[dict]) -> str:
    """The whole as Markdown: where and when, then one table."""
    lines = [f"- {name}: {value}" for name, value in about.items()]
    lines += ["", "| part | what | measure | value | bound | outcome |", "|---|---|---|---:|---:|---|"]
    for row in rows:
        value = "" if row["value"] is None else f"{row['value']:.4g} {row['unit']}".strip()
        bound = "" if row["bound"] is None else f"{row['bound']:g}"
        outcome = ": ".join(filter(None, (row["outcome"], row["note"])))
        cells = (row["part"], row["what"], row["measure"], value, bound, outcome)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
