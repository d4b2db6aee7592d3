"""Small frozen models over the toy cells' genes."""

from dataclasses import replace

from zslib.frozen import geneformer as ranks
from zslib.frozen import in_memory
from zslib.frozen import scgpt as values
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.scgpt import network as scgpt
from zslib.frozen.scgpt.tokenizer import SPECIAL


def tiny_scgpt(adata, *, seed=0, **options):
    genes = list(adata.var["symbol"])
    vocab = {name: i for i, name in enumerate([*genes, *SPECIAL])}
    config = scgpt.Config(ntoken=len(vocab), embsize=32, nheads=4, d_hid=32, nlayers=3)
    network = scgpt.ScGPT.untrained(config, seed=5)
    return values.frozen(
        network, vocab, in_memory(adata), "tiny", seed=seed, **{"recipe": "authors"} | options
    )


def tiny_geneformer(adata, *, seed=0, **options):
    dictionaries = ranks.own_dictionaries(adata.layers["counts"], adata.var)
    size = max(dictionaries.tokens.values()) + 1
    config = replace(
        geneformer.V1_10M, vocab_size=size, hidden_size=32, num_hidden_layers=3, intermediate_size=32
    )
    return ranks.frozen(
        geneformer.Geneformer.untrained(config, seed=5),
        dictionaries,
        in_memory(adata),
        "tiny",
        seed=seed,
        **options,
    )


TINY = {"scgpt": tiny_scgpt, "geneformer": tiny_geneformer}
