"""Every checkpoint of scGPT and of Geneformer as a method, and their controls.

The checkpoints are those of the catalog and the small ones of this project; whatever is added there is a method here.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zslib.core import store
from zslib.core.errors import DataError, NotApplicable
from zslib.frozen import Cells, FrozenModel, weights
from zslib.frozen.architectures import ARCHITECTURES
from zslib.frozen.model import of_known_genes
from zslib.frozen.pretrain import checkpoints
from zslib.methods import checkpoint_cards, frozen_network
from zslib.methods.card import MethodCard

CONTROLLED = {"scgpt": "scgpt-human", "geneformer": "geneformer-v1-10m"}
"""The checkpoint of each architecture whose network has controls."""


def rows() -> list[tuple[str, str, str]]:
    """Every method of this file: its name, the checkpoint whose network it is, and which weights that has."""
    found = [(name, name, "trained") for name in (*weights.names(), *checkpoints.names())]
    for architecture, of in CONTROLLED.items():
        found += [(f"{architecture}-random", of, "untrained"), (f"{architecture}-permuted", of, "permuted")]
    return found + [
        (f"{of}-{variant}", of, variant)
        for of in checkpoints.names()
        for variant in ("untrained", "permuted")
    ]


@dataclass(eq=False)
class FrozenMethod:
    """One of these methods: it has what a file of a method has, ``CARD``, ``build`` and ``embed``."""

    CARD: MethodCard
    of: str
    """The checkpoint whose network it is."""

    def build(self, cells: Cells, *, seed: int = 0, **options) -> FrozenModel:
        """Make the frozen model for the genes of these cells; fetches the checkpoint if it is not in the cache.

        Parameters
        ----------
        cells
            Cells to embed.
        seed
            Seed of what is random in reading a cell, of the permutation, and of untrained weights.
        options
            ``max_length``; for scGPT ``recipe``, for Geneformer ``layer``: see :func:`zslib.frozen.scgpt.frozen` and
            :func:`zslib.frozen.geneformer.frozen`.

        Raises
        ------
        NotApplicable
            If the weights can be neither found nor fetched, or too few of the genes are known.
        """
        architecture, variant = ARCHITECTURES[self.CARD.architecture], self.CARD.variant
        options |= {"seed": seed, "permute": variant == "permuted"}
        origin, small, report = f"untrained, seed {seed}", self.of in checkpoints.names(), {}
        if variant == "untrained" and not small:
            known, report = architecture.dictionary(cells)
            network = architecture.untrained(known, seed)
        else:
            files = files_of(self.of)
            network, known = architecture.checkpoint(files)
            if variant == "untrained":
                network = network.untrained(network.config, seed)
            else:
                origin = store.sha256(files["weights"])

        def make(some: Cells) -> FrozenModel:
            return architecture.frozen(network, known, some, origin, **options)

        if small:
            return of_known_genes(make, cells, architecture.tokens(known), self.of)
        made = make(cells)
        return dataclasses.replace(made, report=report | made.report)

    def embed(
        self, adata, *, batch_key=None, seed=0, device="cpu", partial: Path | None = None, **options
    ) -> tuple[np.ndarray, dict]:
        """Embeddings of cells, shape (n_cells, n_dims), and what was run; those of a scGPT have length 1."""
        return frozen_network.embed(self.build, adata, seed=seed, device=device, partial=partial, **options)


def files_of(checkpoint: str) -> dict[str, Path]:
    """Checked files of a checkpoint by role; those of the catalog are fetched if they are not in the cache.

    Raises
    ------
    NotApplicable
        If they can be neither found nor fetched.
    """
    if checkpoint in checkpoints.names():
        return checkpoints.files(checkpoint)
    try:
        weights.fetch(checkpoint)
        return weights.files(checkpoint)
    except DataError as error:
        raise NotApplicable(f"The weights are not available here. {error}") from None


METHODS = [FrozenMethod(checkpoint_cards.make(*row), row[1]) for row in rows()]
