"""Every checkpoint of scGPT and of Geneformer as a method, published ones and small ones, and their controls.

A row of :data:`TABLE` is a method. Another checkpoint, or another control of one, is another row.
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
from zslib.frozen.pretrain import shipped
from zslib.methods import checkpoint_cards, frozen_network
from zslib.methods.card import MethodCard

TABLE = (
    # method, the checkpoint whose network it is, what is done with its weights, place in tables
    ("scgpt-mini-kang", "scgpt-mini-kang", "trained", 22),
    ("scgpt-mini-pbmc-baron", "scgpt-mini-pbmc-baron", "trained", 23),
    ("geneformer-mini-kang", "geneformer-mini-kang", "trained", 24),
    ("geneformer-mini-pbmc-baron", "geneformer-mini-pbmc-baron", "trained", 25),
    ("scgpt-human", "scgpt-human", "trained", 30),
    ("scgpt-blood", "scgpt-blood", "trained", 31),
    ("scgpt-kidney", "scgpt-kidney", "trained", 32),
    ("scgpt-continual-pretrained", "scgpt-continual-pretrained", "trained", 33),
    ("geneformer-v1-10m", "geneformer-v1-10m", "trained", 40),
    ("geneformer-v1-12l", "geneformer-v1-12l", "trained", 41),
    ("geneformer-v2-104m", "geneformer-v2-104m", "trained", 42),
    ("geneformer-v2-316m", "geneformer-v2-316m", "trained", 43),
    ("scgpt-random", "scgpt-human", "untrained", 94),
    ("scgpt-permuted", "scgpt-human", "permuted", 95),
    ("geneformer-random", "geneformer-v1-10m", "untrained", 96),
    ("geneformer-permuted", "geneformer-v1-10m", "permuted", 97),
    ("scgpt-mini-kang-untrained", "scgpt-mini-kang", "untrained", 98),
    ("scgpt-mini-kang-permuted", "scgpt-mini-kang", "permuted", 98),
    ("scgpt-mini-pbmc-baron-untrained", "scgpt-mini-pbmc-baron", "untrained", 98),
    ("scgpt-mini-pbmc-baron-permuted", "scgpt-mini-pbmc-baron", "permuted", 98),
    ("geneformer-mini-kang-untrained", "geneformer-mini-kang", "untrained", 99),
    ("geneformer-mini-kang-permuted", "geneformer-mini-kang", "permuted", 99),
    ("geneformer-mini-pbmc-baron-untrained", "geneformer-mini-pbmc-baron", "untrained", 99),
)


@dataclass(eq=False)
class FrozenMethod:
    """A row of the table as a method: what a file of a method has, ``CARD``, ``build`` and ``embed``."""

    CARD: MethodCard
    of: str
    """The checkpoint whose network it is."""

    def build(self, cells: Cells, *, seed: int = 0, **options) -> FrozenModel:
        """The frozen model for the genes of these cells; fetches published weights if need be.

        Parameters
        ----------
        cells
            Cells to embed.
        seed
            Of what is random in reading a cell, of the permutation, and of untrained weights.
        options
            ``max_length``; of a scGPT ``recipe``, of a Geneformer ``layer``: see :func:`zslib.frozen.scgpt.frozen` and
            :func:`zslib.frozen.geneformer.frozen`.

        Raises
        ------
        NotApplicable
            If the weights are neither here nor to be had, or too few of the genes are known.
        """
        architecture, variant = ARCHITECTURES[self.CARD.architecture], self.CARD.variant
        options |= {"seed": seed, "permute": variant == "permuted"}
        origin, small, report = f"untrained, seed {seed}", self.of in shipped.names(), {}
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
    """Checked files of a checkpoint by role; published ones are fetched if need be.

    Raises
    ------
    NotApplicable
        If they are neither here nor to be had.
    """
    if checkpoint in shipped.names():
        return shipped.files(checkpoint)
    try:
        weights.fetch(checkpoint)
        return weights.files(checkpoint)
    except DataError as error:
        raise NotApplicable(f"The weights are not available here. {error}") from None


METHODS = [FrozenMethod(checkpoint_cards.make(*row), row[1]) for row in TABLE]
