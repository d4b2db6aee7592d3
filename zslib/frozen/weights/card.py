"""What is written down about published weights before anyone fetches them."""

import os
from dataclasses import dataclass
from typing import Literal

Role = Literal["weights", "settings", "vocabulary", "tokens", "medians", "mapping", "names"]


@dataclass(frozen=True)
class File:
    """One file of a checkpoint.

    Attributes
    ----------
    role
        What a loader needs it for; no two files of a checkpoint have the same.
    path
        Where it lies in the publisher's repository.
    bytes, sha256
        Size and hash, in hex. None where no reliable record is known; `note` then says so.
    revision
        Where it differs from the card's.
    note
        Where size and hash come from if they are not beyond doubt, or why they are missing.
    """

    role: Role
    path: str
    bytes: int | None = None
    sha256: str | None = None
    revision: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """File name in the cache: the path without its folders."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        size = f"{self.bytes / 1e6:.1f} MB" if self.bytes else "size not known"
        hashed = f"sha256 {self.sha256}" if self.sha256 else "no sha256 known"
        return f"{self.path} ({self.role}, {size}, {hashed})" + (f": {self.note}" if self.note else "")


@dataclass(frozen=True, kw_only=True)
class WeightsCard:
    """What a reader must know of a checkpoint, and what fetching and checking it need.

    Attributes
    ----------
    name
        Lower case with hyphens; the same in files, tables and figures.
    title, summary
        As people say it, and one to three sentences on what it is.
    network
        Which code reads it.
    publisher, homepage
        Who published it, and the page a person would fetch it from.
    repository, revision
        Repository of the model hub and the commit in it. None where no public one is known.
    origin
        How repository and revision are known, or why there is none.
    files
        Weights, and the dictionaries without which they mean nothing.
    license
        As the publisher states it; says so where nothing is stated.
    corpus, cut_off
        The cells it was pre-trained on, and the date after which none can be among them.
    citation, doi
        The publication.
    caveats
        What a reader of a score must be told, one sentence each.
    tuned
        What it was trained for with labels after its pre-training: then it is not zero-shot.
    """

    name: str
    title: str
    summary: str
    network: Literal["scgpt", "geneformer"]
    publisher: str
    homepage: str
    repository: str | None = None
    revision: str | None = None
    origin: str
    files: tuple[File, ...]
    license: str
    corpus: str
    cut_off: str
    citation: str
    doi: str
    caveats: tuple[str, ...] = ()
    tuned: str | None = None

    def file(self, role: Role) -> File:
        """The file of that role."""
        return next(file for file in self.files if file.role == role)

    def url(self, file: File | None = None) -> str:
        """Address of the checkpoint, or of one of its files, at ``HF_ENDPOINT`` if that names a mirror."""
        revision = (file and file.revision) or self.revision
        place = f"resolve/{revision}/{file.path}" if file else f"tree/{revision}"
        return f"{os.environ.get('HF_ENDPOINT') or 'https://huggingface.co'}/{self.repository}/{place}"
