"""What was found in a file, and what was done about it; what cannot be mended is a :class:`DataError`."""

import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

log = logging.getLogger(__name__)
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

    def warn(self, name: str, kinds: Collection[Kind] = get_args(Kind)) -> None:
        """Log what was found in the data of a name."""
        for one in (one for one in self.found if one.kind in kinds):
            log.warning(f"{name}: {one}")

    def __iter__(self):
        return iter(self.found)

    def __str__(self) -> str:
        return "\n".join(map(str, self.found))

    def as_dicts(self) -> list[dict]:
        """For JSON."""
        return [asdict(one) for one in self.found]
