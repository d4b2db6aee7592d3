"""Small stand-ins for all that the profile hosted fetches, each in its true layout."""

import hashlib
import json
from pathlib import Path

import toy_archive
import toy_census
import toy_paper

from zslib import datasets
from zslib.datasets import cache
from zslib.methods.archive_files import DATASETS


def put(cached: Path, served: Path, address: str) -> None:
    """Fill the cache with the cells of two datasets, and a served folder with the archive of their embeddings."""
    trusted, made = {}, toy_paper.stand_ins()
    for name in DATASETS.values():
        for source in datasets.card(name).files:
            data = made[name][source.name]
            cache.path_of(source).write_bytes(data)
            trusted[source.url] = {"sha256": hashlib.sha256(data).hexdigest()}
    (cached / cache.TRUSTED).write_text(json.dumps(trusted))
    archived = {called: datasets.load(name) for called, name in DATASETS.items()}
    files = toy_archive.study(archived, cached)
    toy_archive.serve(
        served, address, {"study.zip": toy_archive.zipped({"study/inner.zip": toy_archive.zipped(files)})}, {}
    )


def census(folder: Path) -> None:
    """Write a copy of the Census."""
    toy_census.write(folder, 600)
