"""Geneformer: a BERT over the genes of a cell in the order of their rank, and nothing else of the cell.

Theodoris et al., Nature 618:616 (2023), doi:10.1038/s41586-023-06139-9. Written from the published layout
of the checkpoints, which is that of a masked language model of the transformers library: a post-norm
encoder, and a head whose decoder is the table of gene embeddings itself. The embedding of a cell needs
neither the head nor the last layer, and neither is computed then.

Shapes: B cells, L tokens of the longest of them, D features, H heads, V genes and special tokens.
"""

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own habit
from torch import Tensor, nn

from zslib.errors import DataError
from zslib.frozen.weights.readers import match, read_dictionary, read_tensors
from zslib.store import atomic, write_json

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}
FILES = ("model.safetensors", "pytorch_model.bin")

_OFFICIAL = {
    "gene": "bert.embeddings.word_embeddings",
    "rank": "bert.embeddings.position_embeddings",
    "kind": "bert.embeddings.token_type_embeddings",
    "norm": "bert.embeddings.LayerNorm",
    "head": "cls.predictions.transform.dense",
    "head_norm": "cls.predictions.transform.LayerNorm",
}
_OFFICIAL_IN_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mix": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
_POSITION_IDS = "bert.embeddings.position_ids"
# What a file may hold a second time.
_TIED = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": "cls.predictions.bias",
}


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

    @classmethod
    def read(cls, path: str | os.PathLike) -> "Config":
        """Read a ``config.json``; entries that the network does not need are passed over.

        Raises
        ------
        DataError
            If a size is missing, or an entry asks for something that this network is not.
        """
        found = {"transformers_version": "", **read_dictionary(path)}
        for key, value in (("model_type", "bert"), ("position_embedding_type", "absolute")):
            if found.get(key, value) != value:
                raise DataError(f"{path} says {key} {found[key]!r}; a Geneformer has {value!r}.")
        names = [field.name for field in dataclasses.fields(cls)]
        if missing := [name for name in names[:7] if name not in found]:
            raise DataError(f"{path} lacks {', '.join(missing)}. Is it the config.json of a Geneformer?")
        if found["hidden_act"] not in ACTIVATIONS:
            raise DataError(f"{path} says hidden_act {found['hidden_act']!r}; known: {list(ACTIVATIONS)}.")
        return cls(**{name: found[name] for name in names if name in found})


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

    @torch.inference_mode()
    def embed(self, tokens: Tensor, mask: Tensor | None = None, **options) -> Tensor:
        """Embeddings of cells, as :meth:`pooled`, without what a gradient would need."""
        return self.pooled(tokens, mask, **options)

    def pooled(
        self,
        tokens: Tensor,
        mask: Tensor | None = None,
        *,
        layer: int = -2,
        pool: Literal["mean", "cls"] = "mean",
        drop_special: bool = False,
    ) -> Tensor:
        """Embeddings of cells, as their authors and Kedzierska et al. take them; not normalized.

        Parameters
        ----------
        tokens, mask, layer
            As in :meth:`hidden`. The paper's layer is the second to last.
        pool
            ``mean`` of the real tokens, or the features of the first token, ``cls``, for V2 only.
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
        if pool == "cls":
            keep = keep & (position == 0)
        elif drop_special:
            keep = keep & (position > 0) & (position < keep.sum(dim=1, keepdim=True) - 1)
        # Padding may hold anything, so it is cleared and not merely weighted by zero.
        x = x.masked_fill(~keep[:, :, None], 0)
        return x.sum(dim=1) / keep.sum(dim=1, keepdim=True)


def expected_tensors(config: Config) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor of an official checkpoint of this size, by its official name.

    107 tensors for V1-10M and 202 for V2-104M. The decoder of the head is not among them: it is the
    table of gene embeddings.
    """
    with torch.device("meta"):
        state = Geneformer(config).state_dict()
    official = {_official(name): tuple(tensor.shape) for name, tensor in state.items()}
    if config.stores_position_ids:
        official[_POSITION_IDS] = (1, config.max_position_embeddings)
    return official


def load(folder: str | os.PathLike) -> Geneformer:
    """Load a checkpoint in the official layout: ``config.json`` and the tensors beside it.

    Raises
    ------
    DataError
        If a file is missing or damaged, or a tensor is unknown, missing, misshapen or, where the file
        holds the decoder too, not tied; the message names it.
    """
    folder = Path(folder)
    config = Config.read(folder / "config.json")
    path = next((folder / name for name in FILES if (folder / name).is_file()), folder / FILES[0])
    found = read_tensors(path)
    expected = {k: v for k, v in expected_tensors(config).items() if k != _POSITION_IDS}
    tensors = match(found, expected, ignored=(_POSITION_IDS, *_TIED))
    for copy, original in _TIED.items():
        if copy in found and not torch.equal(found[copy], tensors[original]):
            raise DataError(f"{path}: {copy} differs from {original}, to which a Geneformer ties it.")
    model = _bare(config)
    model.load_state_dict({name: tensors[_official(name)] for name in model.state_dict()})
    return model


def random(config: Config, seed: int) -> Geneformer:
    """An untrained network with BERT's initialization, the same for the same seed."""
    model = _bare(config)
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


def save(model: Geneformer, folder: str | os.PathLike) -> Path:
    """Write the network in exactly the official layout, ``config.json`` and ``model.safetensors``.

    Returns
    -------
    Path of the tensors. Both files appear whole or not at all.
    """
    from safetensors.torch import save_file

    folder, config = Path(folder), model.config
    tensors = {_official(name): tensor.detach().cpu() for name, tensor in model.state_dict().items()}
    if config.stores_position_ids:
        tensors[_POSITION_IDS] = torch.arange(config.max_position_embeddings)[None]
    with atomic(folder / FILES[0]) as temporary:
        save_file(tensors, temporary, metadata={"format": "pt"})
    fixed = {"architectures": ["BertForMaskedLM"], "model_type": "bert", "pad_token_id": 0}
    fixed |= {"position_embedding_type": "absolute", "use_cache": True}
    write_json(folder / "config.json", dict(sorted((fixed | dataclasses.asdict(config)).items())))
    return folder / FILES[0]


def _official(name: str) -> str:
    """Name in the official files of a tensor of ours: a pure renaming."""
    if name == "head_bias":
        return "cls.predictions.bias"
    *module, kind = name.split(".")
    if module[0] == "layers":
        _, number, part = module
        return f"bert.encoder.layer.{number}.{_OFFICIAL_IN_LAYER[part]}.{kind}"
    return f"{_OFFICIAL[module[0]]}.{kind}"


def _bare(config: Config) -> Geneformer:
    """A network whose memory holds anything, in evaluation mode."""
    with torch.device("meta"):
        model = Geneformer(config)
    return model.to_empty(device="cpu").eval()
