"""Write a trained network in the official layouts, which the strict readers of the published ones read."""

import pickle
from pathlib import Path

from zslib.core.store import atomic
from zslib.frozen.geneformer import files as geneformer
from zslib.frozen.pretrain.generation import Generation
from zslib.frozen.pretrain.masked_rank import MaskedRank
from zslib.frozen.scgpt import files as scgpt


def write(model, objective: MaskedRank | Generation, folder: str | Path) -> list[str]:
    """Write weights, settings and gene dictionaries; each file appears whole or not at all.

    Genes are named by symbol. Geneformer's dictionaries hold symbols in the place of Ensembl ids, since
    not every dataset gives ids; those that a dataset gives lead to their symbol.

    Returns
    -------
    Names of the files.
    """
    folder = Path(folder)
    if isinstance(objective, Generation):
        scgpt.save(model, folder, objective.vocab)
        return ["args.json", "best_model.pt", "vocab.json"]
    geneformer.save(model, folder)
    genes = {gene: gene for gene in objective.corpus.genes}
    dictionaries = {
        "token_dictionary": objective.tokens,
        "gene_median_dictionary": objective.medians,
        "gene_name_id_dict": genes,
        "ensembl_mapping_dict": genes | dict(objective.corpus.ids),
    }
    for name, content in dictionaries.items():
        with atomic(folder / f"{name}.pkl") as temporary:
            temporary.write_bytes(pickle.dumps(dict(content), protocol=4))
    return ["config.json", "model.safetensors", *(f"{name}.pkl" for name in dictionaries)]
