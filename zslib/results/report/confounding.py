"""What the types in each batch leave open."""

import pandas as pd

from zslib.results.report.words import join, markdown


def confined(adata) -> list[str]:
    """The cell types that one batch alone holds, where there are several batches."""
    batches = pd.crosstab(adata.obs["label"], adata.obs["batch"])
    return list(batches.index[(batches > 0).sum(axis=1) == 1].astype(str)) if batches.shape[1] > 1 else []


def confounded(adata) -> bool:
    """Whether a batch cannot be told from a cell type: no type is in two batches."""
    return len(confined(adata)) == adata.obs["label"].nunique()


def confounding(adata):
    """Say which cell types one batch alone holds, and what can then not be concluded; nothing where there is none."""
    types = confined(adata)
    if confounded(adata):
        return markdown(
            "**No cell type is in two batches.** Whatever sets two types apart may be the batches that they come from: a score "
            "of types rises with a batch effect, and an embedding that mixes the batches mixes the types. So these cells "
            "cannot say which method keeps types apart, or corrects batches; no method is marked as the best below."
        )
    if not types:
        return None
    return markdown(
        f"In one batch alone {'is' if len(types) == 1 else 'are'} {join(types)}: what sets such a type apart may be the batch."
    )
