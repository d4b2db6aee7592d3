"""scGPT: a transformer over the expressed genes of a cell, each with the bin of its expression.

Cui et al., Nature Methods 21:1470 (2024), doi:10.1038/s41592-024-02201-0. Written from the published
layout of the checkpoints, whose names the modules bear. The order of the genes means nothing, and the
cell is what the network makes of the token ``<cls>``, which comes first.

Shapes: B cells, L tokens of the longest of them, D features, H heads, G genes to predict.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from torch import Tensor, nn

from zslib.core.errors import DataError

MAX_VALUE = 512  # larger values are taken for this one


@dataclass(frozen=True, kw_only=True)
class Config:
    """Sizes and conventions, under the names of ``args.json``; the defaults are those of whole-human."""

    ntoken: int = 60697
    """Genes and special tokens, the length of ``vocab.json``: the one size not in ``args.json``."""
    embsize: int = 512
    """Features of a token, D."""
    nheads: int = 8
    d_hid: int = 512
    """Width of the feed-forward part: that of a token, not four times it."""
    nlayers: int = 12
    dropout: float = 0.2
    """In training only."""
    n_bins: int = 51
    """Bins of expression, that of zero included."""
    max_seq_len: int = 1200
    """Most tokens of a cell, ``<cls>`` included."""
    pad_token: str = "<pad>"
    pad_value: int = -2
    """Stands at padding, and at ``<cls>`` in pre-training."""
    mask_value: int = -1
    """For masked values; the checkpoints of scGPT never saw it, see :meth:`ScGPT.generate`."""


class GeneEncoder(nn.Module):
    """Features of a gene, whatever its expression."""

    def __init__(self, config: Config):
        super().__init__()
        self.embedding = nn.Embedding(config.ntoken, config.embsize)
        self.enc_norm = nn.LayerNorm(config.embsize)

    def forward(self, genes: Tensor) -> Tensor:
        """Features of genes: (B, L) → (B, L, D)."""
        return self.enc_norm(self.embedding(genes))


class ValueEncoder(nn.Module):
    """Features of a value, taken for a number and not for one of 51 categories."""

    def __init__(self, config: Config):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(1, config.embsize), nn.Linear(config.embsize, config.embsize)
        self.norm, self.dropout = nn.LayerNorm(config.embsize), nn.Dropout(config.dropout)

    def forward(self, values: Tensor) -> Tensor:
        """Features of values: (B, L) → (B, L, D)."""
        x = values[:, :, None].clamp(max=MAX_VALUE).to(self.linear1.weight.dtype)  # (B, L, 1)
        return self.dropout(self.norm(self.linear2(F.relu(self.linear1(x)))))


class Layer(nn.Module):
    """Attention among the tokens of a cell, then a feed-forward part; each added and then normalized."""

    def __init__(self, config: Config):
        super().__init__()
        D = config.embsize
        self.heads = config.nheads
        self.self_attn = nn.ModuleDict({"Wqkv": nn.Linear(D, 3 * D), "out_proj": nn.Linear(D, D)})
        self.linear1, self.linear2 = nn.Linear(D, config.d_hid), nn.Linear(config.d_hid, D)
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor | None, n: int | None = None) -> Tensor:
        """Run the layer, for the first `n` tokens only if that is given: (B, L, D) → (B, n, D)."""
        q, k, v = self._project(x)  # each (B, H, L, D/H)
        mixed = self._attend(q[:, :, :n], k, v, mask)  # (B, n, D)
        return self._finish(x[:, :n], self.self_attn["out_proj"](mixed))

    def generate(self, x: Tensor, y: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Run the layer for perceived tokens x (B, L, D) and for genes to predict y (B, G, D)."""
        q, k, v = self._project(x)  # each (B, H, L, D/H)
        mixed = self._attend(q, k, v, mask)  # (B, L, D)
        own_q, own_k, own_v = self._project(y)  # each (B, H, G, D/H)
        G = y.shape[1]
        itself = torch.eye(G, dtype=torch.bool, device=y.device).expand(len(y), 1, G, G)
        seen = torch.cat([mask.expand(-1, -1, G, -1), itself], dim=3)  # (B, 1, G, L + G)
        k, v = torch.cat([k, own_k], dim=2), torch.cat([v, own_v], dim=2)  # (B, H, L + G, D/H)
        own_mixed = self._attend(own_q, k, v, seen)  # (B, G, D)
        # No out_proj on the second: so it was pre-trained.
        return self._finish(x, self.self_attn["out_proj"](mixed)), self._finish(y, own_mixed)

    def _project(self, x: Tensor) -> tuple[Tensor, ...]:
        qkv = self.self_attn["Wqkv"](x).unflatten(2, (3, self.heads, -1))  # (B, L, 3, H, D/H)
        return qkv.permute(2, 0, 3, 1, 4).unbind(0)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        dropout = self.dropout.p if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)
        return mixed.transpose(1, 2).flatten(2)

    def _finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        x = self.norm1(x + self.dropout(mixed))
        return self.norm2(x + self.dropout(self.linear2(self.dropout(F.relu(self.linear1(x))))))


class ScGPT(nn.Module):
    """The network.

    `genes` are ids of tokens, shape (B, L), ``<cls>`` first; `values` their bins, shape (B, L); `mask`
    is a bool tensor of shape (B, L), True at real tokens, or None where there is no padding, which lets
    the fastest attention be used.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config, D = config, config.embsize
        self.encoder, self.value_encoder = GeneEncoder(config), ValueEncoder(config)
        self.flag_encoder = nn.Embedding(2, D)
        layers = nn.ModuleList(Layer(config) for _ in range(config.nlayers))
        self.transformer_encoder = nn.ModuleDict({"layers": layers})
        steps = nn.Linear(D, D), nn.LeakyReLU(), nn.Linear(D, D), nn.LeakyReLU(), nn.Linear(D, 1)
        self.decoder = nn.ModuleDict({"fc": nn.Sequential(*steps)})
        parts = {"gene2query": nn.Linear(D, D), "W": nn.Linear(D, D, bias=False)}
        self.mvc_decoder = nn.ModuleDict(parts)

    @classmethod
    def untrained(cls, config: Config, seed: int) -> "ScGPT":
        """A network with the reference's initialization, the same for the same seed; in evaluation mode."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = cls(config)
            nn.init.uniform_(model.encoder.embedding.weight, -0.1, 0.1)
        return model.eval()

    @property
    def layers(self) -> nn.ModuleList:
        """The layers, first to last."""
        return self.transformer_encoder["layers"]

    def hidden(
        self, genes: Tensor, values: Tensor, mask: Tensor | None = None, depth: int | None = None
    ) -> Tensor:
        """Features of every token after the first `depth` layers, or after all of them.

        Returns
        -------
        Tensor of shape (B, L, D); what stands at padding has no meaning.

        Raises
        ------
        DataError
            If there are not that many layers.
        """
        depth = len(self.layers) if depth is None else depth
        if not 0 <= depth <= len(self.layers):
            raise DataError(f"depth is {depth}; this network has {len(self.layers)} layers.")
        x = self.encoder(genes) + self.value_encoder(values)  # (B, L, D)
        for layer in self.layers[:depth]:
            x = layer(x, _for_heads(mask))
        return x

    def pooled(self, genes: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
        """Embeddings of cells as published: the features of ``<cls>``, scaled to length 1.

        Returns
        -------
        Tensor of shape (B, D), in float32 where the network runs in half precision.
        """
        x = self.hidden(genes, values, mask, depth=len(self.layers) - 1)
        cell = self.layers[-1](x, _for_heads(mask), n=1)[:, 0]  # (B, D)
        return F.normalize(cell.to(torch.promote_types(cell.dtype, torch.float32)), dim=1)

    def decode(self, x: Tensor) -> Tensor:
        """Predict the bin of each token from its features (GEP): (B, L, D) → (B, L), real numbers."""
        return self.decoder["fc"](x)[:, :, 0]

    def decode_cell(self, cell: Tensor, genes: Tensor) -> Tensor:
        """Predict the bins of genes from the cell alone (GEPC, also called MVC).

        Parameters
        ----------
        cell
            Features of ``<cls>`` after the last layer, not scaled: ``hidden(...)[:, 0]``, shape (B, D).
        genes
            Ids of the genes to predict, expressed or not, shape (B, G).

        Returns
        -------
        Real numbers of shape (B, G).
        """
        query = torch.sigmoid(self.mvc_decoder["gene2query"](self.encoder(genes)))  # (B, G, D)
        return (self.mvc_decoder["W"](query) @ cell[:, :, None])[:, :, 0]

    def generate(
        self,
        genes: Tensor,
        values: Tensor,
        targets: Tensor,
        mask: Tensor | None = None,
        *,
        cell: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Predict genes whose values are not given, on the path that the checkpoints of scGPT learned.

        A gene to predict attends to what is perceived and to itself, never to another such gene, so
        its prediction does not depend on what else is asked, and padding among them does no harm.

        Parameters
        ----------
        genes, values, mask
            What is perceived of the cells.
        targets
            Ids of the genes to predict, shape (B, G).
        cell
            What goes in at ``<cls>`` in the place of its own features, shape (B, D).

        Returns
        -------
        Features after the last layer: of the perceived tokens, shape (B, L, D), as those of
        :meth:`hidden`, and of the targets, shape (B, G, D), for :meth:`decode`.

        Raises
        ------
        DataError
            If the checkpoint came without ``flag_encoder.weight``.
        """
        if self.flag_encoder is None:
            raise DataError(
                "This checkpoint has no flag_encoder.weight, without which genes cannot be predicted from "
                "others; hidden, pooled, decode and decode_cell work. Use a file with all 163 tensors."
            )
        mask = torch.ones_like(genes, dtype=torch.bool) if mask is None else mask
        x = self.encoder(genes) + self.value_encoder(values)  # (B, L, D)
        if cell is not None:
            x = torch.cat([cell[:, None].to(x.dtype), x[:, 1:]], dim=1)
        y = self.encoder(targets) + self.flag_encoder.weight[1]  # (B, G, D): no value, not even a mask's
        for layer in self.layers:
            x, y = layer.generate(x, y, _for_heads(mask))
        return x, y


def _for_heads(mask: Tensor | None) -> Tensor | None:
    return None if mask is None else mask[:, None, None, :]  # (B, 1, 1, L)
