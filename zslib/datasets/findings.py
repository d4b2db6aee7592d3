"""What was found in a file, and what was done about it; what cannot be mended is a :class:`DataError`."""

from dataclasses import asdict, dataclass, field
from typing import Literal

Kind = Literal["used", "mended", "left out", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing about a file that a reader of its scores must know."""

    kind: Kind
    what: str
    """A sentence: what, and where first."""
    count: int | None = None
    """How many cells, genes or values."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@dataclass
class Findings:
    """What was found so far, in order."""

    found: list[Finding] = field(default_factory=list)

    def add(self, kind: Kind, what: str, count: int | None = None) -> None:
        """Note something."""
        self.found.append(Finding(kind, what, count))

    def __iter__(self):
        return iter(self.found)

    def __str__(self) -> str:
        return "\n".join(map(str, self.found))

    def as_dicts(self) -> list[dict]:
        """For JSON."""
        return [asdict(one) for one in self.found]
