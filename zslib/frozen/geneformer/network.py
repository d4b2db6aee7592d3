"""Geneformer: a BERT over the genes of a cell in the order of their rank, and nothing else of the cell.

Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9. Written from the published layout
of the checkpoints, which is that of a masked language model of the transformers library: a post-norm
encoder, and a head whose decoder is the table of gene embeddings itself. The embedding of a cell needs
neither the head nor the last layer, and neither is computed then.

Shapes: B cells, L tokens of the longest of them, D features, H heads, V genes and special tokens.
"""

import dataclasses
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from torch import Tensor, nn

from zslib.core.errors import DataError

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}


@dataclass(frozen=True, kw_only=True)
class Config:
    """Sizes of the network, under the names of ``config.json``; the defaults are those of V1-10M."""

    vocab_size: int = 25426
    """Genes and special tokens, V."""
    hidden_size: int = 256
    """Features of a token, D."""
    num_hidden_layers: int = 6
    num_attention_heads: int = 4
    intermediate_size: int = 512
    """Width of the feed-forward part."""
    hidden_act: str = "relu"
    max_position_embeddings: int = 2048
    """Most tokens of a cell."""
    type_vocab_size: int = 2
    """Kinds of token, of which only the first is ever used."""
    layer_norm_eps: float = 1e-12
    hidden_dropout_prob: float = 0.02
    attention_probs_dropout_prob: float = 0.02
    initializer_range: float = 0.02
    transformers_version: str = "4.6.0"
    """Version of the library that wrote the checkpoint; the layout depends on it."""

    @property
    def stores_position_ids(self) -> bool:
        """Whether the file also holds the numbers 0, 1, 2 … as transformers wrote them before 4.31."""
        version = self.transformers_version.split(".")[:2]
        return all(part.isdigit() for part in version) and tuple(map(int, version)) < (4, 31)


V1_10M = Config()
V2_104M = Config(
    vocab_size=20275,
    hidden_size=768,
    num_hidden_layers=12,
    num_attention_heads=12,
    intermediate_size=3072,
    max_position_embeddings=4096,
    hidden_dropout_prob=0.1,
    attention_probs_dropout_prob=0.1,
    transformers_version="4.44.2",
)
V2_316M = dataclasses.replace(
    V2_104M, hidden_size=1152, num_hidden_layers=18, num_attention_heads=18, intermediate_size=4608
)


class Layer(nn.Module):
    """Attention among the genes of a cell, then a feed-forward part; each added and then normalized."""

    def __init__(self, config: Config):
        super().__init__()
        D, wide, eps = config.hidden_size, config.intermediate_size, config.layer_norm_eps
        self.heads = config.num_attention_heads
        self.query, self.key, self.value, self.mix = (nn.Linear(D, D) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(D, eps=eps), nn.LayerNorm(D, eps=eps)
        self.up, self.down = nn.Linear(D, wide), nn.Linear(wide, D)
        self.act = ACTIVATIONS[config.hidden_act]
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.attention_dropout = config.attention_probs_dropout_prob

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """From (B, L, D) to (B, L, D); `mask` is of shape (B, 1, 1, L)."""
        B, L, D = x.shape
        q, k, v = (
            project(x).view(B, L, self.heads, D // self.heads).transpose(1, 2)  # (B, H, L, D/H)
            for project in (self.query, self.key, self.value)
        )
        dropout = self.attention_dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout)  # (B, H, L, D/H)
        mixed = mixed.transpose(1, 2).reshape(B, L, D)
        x = self.norm1(x + self.dropout(self.mix(mixed)))  # (B, L, D)
        return self.norm2(x + self.dropout(self.down(self.act(self.up(x)))))  # (B, L, D)


class Geneformer(nn.Module):
    """The network. Tokens of a cell start at position 0, and padding follows them.

    `mask` is everywhere a bool tensor of shape (B, L), True at real tokens; None says that there is no
    padding, which lets the fastest attention be used. A cell without any token gives NaN.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        D, eps = config.hidden_size, config.layer_norm_eps
        self.gene = nn.Embedding(config.vocab_size, D, padding_idx=0)
        self.rank = nn.Embedding(config.max_position_embeddings, D)
        self.kind = nn.Embedding(config.type_vocab_size, D)
        self.norm = nn.LayerNorm(D, eps=eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.head, self.head_norm = nn.Linear(D, D), nn.LayerNorm(D, eps=eps)
        self.head_bias = nn.Parameter(torch.zeros(config.vocab_size))

    @classmethod
    def bare(cls, config: Config) -> "Geneformer":
        """A network whose memory holds anything, in evaluation mode."""
        with torch.device("meta"):
            model = cls(config)
        return model.to_empty(device="cpu").eval()

    @classmethod
    def untrained(cls, config: Config, seed: int) -> "Geneformer":
        """A network with BERT's initialization, the same for the same seed; in evaluation mode."""
        model = cls.bare(config)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if name.endswith("bias"):
                    weight.zero_()
                elif "norm" in name:
                    weight.fill_(1)
                else:
                    weight.normal_(0, config.initializer_range, generator=generator)
            model.gene.weight[0] = 0  # padding
        return model

    def hidden(self, tokens: Tensor, mask: Tensor | None = None, layer: int = -1) -> Tensor:
        """Features of every token after a layer; the layers beyond it are not run.

        Parameters
        ----------
        tokens
            Token ids, shape (B, L).
        mask
            Real tokens, shape (B, L).
        layer
            0 is the input of the first layer, n the output of the nth; −1 is the output of the last
            layer and −2 of the one before. Some packages count from the last layer back instead, and
            call the second to last −1.

        Returns
        -------
        Tensor of shape (B, L, D); what stands at padding has no meaning.

        Raises
        ------
        DataError
            If there is no such layer, or a cell has more tokens than the network has positions.
        """
        n, L, most = len(self.layers), tokens.shape[1], self.config.max_position_embeddings
        if not -n - 1 <= layer <= n:
            raise DataError(
                f"There is no layer {layer}: this network has layers 0 to {n}, or {-n - 1} to −1."
            )
        if most < L:
            raise DataError(
                f"A cell has {L} tokens, this network takes {most}: tokenize with max_length={most}."
            )
        x = self.gene(tokens) + self.rank.weight[:L] + self.kind.weight[0]  # (B, L, D)
        x = self.dropout(self.norm(x))
        seen = None if mask is None else mask[:, None, None, :]  # (B, 1, 1, L)
        for block in self.layers[: layer % (n + 1)]:
            x = block(x, seen)
        return x

    def logits(
        self,
        tokens: Tensor,
        mask: Tensor | None = None,
        at: Tensor | None = None,
        among: Tensor | None = None,
    ) -> Tensor:
        """Scores of every gene at every position, before the softmax: the pre-training objective.

        Parameters
        ----------
        tokens, mask
            As in :meth:`hidden`; token 1 is ``<mask>``.
        at
            Positions to score, bool of shape (B, L) with n of them True; all of them if None, which
            takes B × L × V numbers.
        among
            Ids of the genes to score, shape (G,); all V of them if None.

        Returns
        -------
        Tensor of shape (B, L, V), or (n, V), or with G for V.
        """
        x = self.hidden(tokens, mask)
        if at is not None:
            x = x[at]  # (n, D)
        x = self.head_norm(self.layers[0].act(self.head(x)))
        weight, bias = self.gene.weight, self.head_bias
        return F.linear(x, weight, bias) if among is None else F.linear(x, weight[among], bias[among])

    def pooled(
        self,
        tokens: Tensor,
        mask: Tensor | None = None,
        *,
        layer: int = -2,
        drop_special: bool = False,
    ) -> Tensor:
        """Embeddings of cells, as their authors and Kedzierska et al. take them: means over tokens, not normalized.

        Parameters
        ----------
        tokens, mask, layer
            As in :meth:`hidden`. The paper's layer is the second to last.
        drop_special
            Leave the first and the last real token of each cell out of the mean. V2, whose cells stand
            between ``<cls>`` and ``<eos>``, needs it; V1 has genes there.

        Returns
        -------
        Tensor of shape (B, D), in float32 where the network runs in half precision.
        """
        x = self.hidden(tokens, mask, layer)
        x = x.to(torch.promote_types(x.dtype, torch.float32))
        keep = torch.ones_like(tokens, dtype=torch.bool) if mask is None else mask  # (B, L)
        position = torch.arange(tokens.shape[1], device=tokens.device)
        if drop_special:
            keep = keep & (position > 0) & (position < keep.sum(dim=1, keepdim=True) - 1)
        # Padding may hold anything, so it is cleared and not merely weighted by zero.
        x = x.masked_fill(~keep[:, :, None], 0)
        return x.sum(dim=1) / keep.sum(dim=1, keepdim=True)
