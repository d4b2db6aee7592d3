"""What makes a pre-trained model the one it is: architecture, corpus, sizes and schedule."""

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

import torch

from zslib.core.errors import DataError
from zslib.frozen.architectures import ARCHITECTURES
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.pretrain.corpus import HELD_OUT, Corpus, gather
from zslib.frozen.pretrain.generation import Generation
from zslib.frozen.pretrain.masked_rank import MaskedRank
from zslib.frozen.pretrain.training import Schedule
from zslib.frozen.scgpt import network as scgpt


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One training, from the files of the datasets to the last step."""

    architecture: Literal["geneformer", "scgpt"]
    corpus: tuple[str, ...]
    """Datasets, by name or by the path of a file of one's own."""
    layers: int = 3
    width: int = 64
    """Features of a token."""
    heads: int = 2
    max_length: int = 128
    """Most tokens of a cell."""
    dropout: float = 0.02
    min_cells: int = 100
    """A gene must be found in so many cells of the corpus to get a token."""
    max_genes: int | None = None
    n_cells: int | None = None
    """Most cells of each dataset."""
    share: float = HELD_OUT
    """Share of the cells that is held out."""
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self):
        if self.architecture not in ARCHITECTURES:
            raise DataError(
                f"There is no architecture {self.architecture!r}; there are {', '.join(ARCHITECTURES)}."
            )
        if min(self.layers, self.width, self.heads, self.min_cells) < 1 or self.width % self.heads:
            raise DataError(
                f"{self.layers} layers of width {self.width} with {self.heads} heads: all must be 1 or more, and the "
                "width a multiple of the heads."
            )
        if self.max_length < 3 or not 0 <= self.dropout < 1:
            raise DataError("max_length must be 3 or more, and dropout a share below 1.")

    @property
    def settings(self) -> dict:
        """All of it as plain data."""
        return dataclasses.asdict(self) | {"corpus": list(self.corpus)}

    @property
    def command(self) -> str:
        """The command line that repeats it, without the folder."""
        said = [f"--corpus {name}" for name in self.corpus]
        plain = Recipe(architecture=self.architecture, corpus=self.corpus)
        for part, default in ((self, plain), (self.schedule, plain.schedule)):
            for name, value in vars(part).items():
                if name != "schedule" and value != getattr(default, name):
                    said.append(f"--{name.replace('_', '-')} {value:g}")
        return " ".join(["zslib pretrain", self.architecture, *said])

    def gather(self) -> Corpus:
        """Load the corpus."""
        return gather(
            self.corpus,
            min_cells=self.min_cells,
            max_genes=self.max_genes,
            n_cells=self.n_cells,
            share=self.share,
            seed=self.schedule.seed,
        )

    def objective(self, corpus: Corpus) -> MaskedRank | Generation:
        """The pre-training objective over a corpus."""
        kind = MaskedRank if self.architecture == "geneformer" else Generation
        return kind(corpus, self.max_length)

    def network(self, objective: MaskedRank | Generation) -> torch.nn.Module:
        """The untrained network, the same for the same seed."""
        if isinstance(objective, MaskedRank):
            config = geneformer.Config(
                vocab_size=len(objective.tokens),
                hidden_size=self.width,
                num_hidden_layers=self.layers,
                num_attention_heads=self.heads,
                intermediate_size=2 * self.width,
                max_position_embeddings=self.max_length,
                hidden_dropout_prob=self.dropout,
                attention_probs_dropout_prob=self.dropout,
                transformers_version="4.44.2",
            )
            return geneformer.Geneformer.untrained(config, self.schedule.seed)
        config = scgpt.Config(
            ntoken=len(objective.vocab),
            embsize=self.width,
            nheads=self.heads,
            d_hid=self.width,
            nlayers=self.layers,
            dropout=self.dropout,
            max_seq_len=self.max_length,
        )
        return scgpt.ScGPT.untrained(config, self.schedule.seed)
