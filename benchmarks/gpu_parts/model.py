"""A frozen model that was really trained, from counts to scores: `cell-sentence`."""

import dataclasses

from carry import ENCODER_FILE

from gpu_parts.given import Given, apart, avg_bio
from gpu_parts.record import Record
from zslib.core import fetch, store
from zslib.datasets import cache
from zslib.methods import cell_sentence
from zslib.results import embedding

NAME = "cell-sentence"


def run(given: Given, record: Record) -> None:
    """Embed and score on both devices."""
    record.attempt(NAME, end_to_end, given, record)


def end_to_end(given: Given, record: Record) -> None:
    """Embed as the grid does, on the CPU and on the device, and score both."""
    whole = take_encoder()
    cells = given.prepared[: given.pick(500, 24)].copy()
    here, about = embedding.compute(cells, NAME, device="cpu")
    if given.device == "cuda":
        embedding.compute(cells, NAME, device=given.device)  # to warm up
    there, again = embedding.compute(cells, NAME, device=given.device)
    record.add(
        NAME, "weights", 32 if whole else 16, "bit", note="as published" if whole else "rounded to travel"
    )
    record.add(NAME, "embedding against CPU", apart(there, here), bound=1e-4)
    expected = avg_bio(here, cells.obs, "cpu")
    record.add(NAME, "AvgBIO on the CPU", expected, note=f"{cells.n_obs} cells")
    record.add(NAME, "AvgBIO, device minus CPU", avg_bio(there, cells.obs, given.device) - expected)
    record.add(NAME, "CPU", about["cells_per_second"], "cells/s")
    record.add(NAME, "device", again["cells_per_second"], "cells/s", note=again["device"])


def take_encoder() -> bool:
    """Have the published encoder used where it is in the cache, and else the one that was carried; whether the first."""
    published = cache.path_of(cell_sentence.ENCODER)
    carried = fetch.root() / ENCODER_FILE
    if published.exists() or not carried.exists():
        return True
    cell_sentence.ENCODER = dataclasses.replace(
        cell_sentence.ENCODER,
        version="0.1.2+half",
        sha256=store.sha256(carried),
        bytes=carried.stat().st_size,
    )
    return False
