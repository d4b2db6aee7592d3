"""Which gene is meant: symbols and Ensembl ids brought to the Ensembl ids of a checkpoint."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zslib.errors import DataError
from zslib.frozen.tokenize.rank_value import RankValueEncoder
from zslib.frozen.weights.readers import read_dictionary

_VERSION = re.compile(r"(ENSG\d+)\.\d+\w*")
ROLES = {
    "tokens": "token_dictionary",
    "medians": "gene_median_dictionary",
    "names": "gene_name_id_dict",
    "mapping": "ensembl_mapping_dict",
}


@dataclass(frozen=True, kw_only=True)
class GeneReport:
    """How genes were mapped; printed as a sentence."""

    n_genes: int
    n_mapped: int
    unmapped: tuple[str, ...]
    """Names that were not found."""
    repeated: dict[str, tuple[str, ...]]
    """Ensembl ids that several names stand for, with these names."""

    def __str__(self) -> str:
        text = f"{self.n_mapped} of {self.n_genes} genes were found"
        if self.unmapped:
            text += f"; not found: {_few(self.unmapped)}"
        if self.repeated:
            id_, names = next(iter(self.repeated.items()))
            text += f"; {len(self.repeated)} ids were named more than once, such as {id_} by {_few(names)}"
        return text


@dataclass(frozen=True, eq=False, repr=False)
class Dictionaries:
    """The gene dictionaries of a checkpoint."""

    tokens: Mapping[str, int]
    """Token of each Ensembl id."""
    medians: Mapping[str, float]
    """Median of each Ensembl id over the corpus."""
    names: Mapping[str, str]
    """Ensembl id of each symbol, alias and older id."""

    @property
    def version(self) -> int:
        """1 or 2; only V2 has special tokens, and only its names are written in capitals."""
        return 2 if "<cls>" in self.tokens else 1

    def map(self, names: Sequence[str]) -> tuple[np.ndarray, GeneReport]:
        """Ensembl ids of `names`, see :func:`to_ensembl`."""
        return to_ensembl(names, self.names, upper=self.version == 2)

    def encoder(self, max_length: int) -> RankValueEncoder:
        """The encoder of a checkpoint with that many positions."""
        return RankValueEncoder(self.tokens, self.medians, max_length=max_length, special=self.version == 2)


def read_dictionaries(files: str | os.PathLike | Mapping[str, str | os.PathLike]) -> Dictionaries:
    """Read the four dictionaries that are published with a checkpoint.

    Parameters
    ----------
    files
        A folder with one of each, or their paths by role: ``tokens``, ``medians``, ``names``,
        ``mapping``. Nothing in the files is executed.

    Raises
    ------
    DataError
        If a file is missing, there are two of a kind, or one is damaged or hostile.
    """
    paths = files if isinstance(files, Mapping) else _find(Path(files))
    if missing := set(ROLES) - set(paths):
        raise DataError(f"No path is given for the dictionaries of {', '.join(sorted(missing))}.")
    found = {role: read_dictionary(paths[role]) for role in ROLES}
    names = found["mapping"]  # of V2, it holds the symbols in capitals, and more
    if "<cls>" not in found["tokens"]:
        names = found["names"] | names
    return Dictionaries(found["tokens"], found["medians"], names)


def to_ensembl(
    names: Sequence[str], known: Mapping[str, str], *, upper: bool = False, minimum: float = 0.5
) -> tuple[np.ndarray, GeneReport]:
    """Ensembl ids of genes named by symbol, by Ensembl id with or without version, or by both.

    Parameters
    ----------
    names
        A name for each gene, n_genes of them.
    known
        Ensembl id of each name. Ids it leads to are known too.
    upper
        Look names up in capitals, as V2's dictionary has them.
    minimum
        Least share of the genes that must be found.

    Returns
    -------
    ids
        Shape (n_genes,), empty text where a name was not found. Names that stand for the same gene get
        the same id; the encoder sums their counts.
    report
        What was found, not found, and found twice.

    Raises
    ------
    DataError
        If too few are found, or they look like mouse genes, whose symbols in capitals are often human ones.
    """
    names = [stable_id(name) for name in names]
    ids = set(known.values())
    found = np.array(
        [known.get(name.upper() if upper else name, name if name in ids else "") for name in names], dtype=str
    )
    by_id: dict[str, list[str]] = {}
    for id_, name in zip(found.tolist(), names, strict=True):
        by_id.setdefault(id_, []).append(name)
    unmapped = tuple(by_id.pop("", ()))
    report = GeneReport(
        n_genes=len(names),
        n_mapped=len(names) - len(unmapped),
        unmapped=unmapped,
        repeated={id_: tuple(of) for id_, of in by_id.items() if len(of) > 1},
    )
    if report.n_mapped < minimum * len(names) or not report.n_mapped:
        raise DataError(
            f"Only {report.n_mapped} of {len(names)} genes were found, fewer than {minimum:.0%}. Not found: "
            f"{_few(unmapped)}. Name genes by human symbol or Ensembl id (ENSG…); genes of another species "
            f"must first be brought to their human orthologs."
        )
    lower = [name for name, id_ in zip(names, found, strict=True) if id_ and name != name.upper()]
    if upper and len(lower) > report.n_mapped / 2:
        raise DataError(
            f"Most genes are written like those of a mouse, such as {_few(lower)}. In capitals they would pass "
            f"for human ones. Bring them to their human orthologs first."
        )
    return found, report


def stable_id(name: str) -> str:
    """A gene's name, and of an Ensembl id the part without version."""
    return found[1] if (found := _VERSION.fullmatch(str(name))) else str(name)


def _find(folder: Path) -> dict[str, Path]:
    """Path of each dictionary in a folder, by role."""
    paths = {}
    for role, stem in ROLES.items():
        found = sorted(folder.glob(f"{stem}*"))
        if len(found) != 1:
            there = ", ".join(path.name for path in found) or "none"
            raise DataError(f"{folder} must hold one {stem}*.pkl; there is {there}.")
        paths[role] = found[0]
    return paths


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
