"""Whether the cells of a type hang together in the neighbor graph."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from zslib.core.stats import Statistic
from zslib.metrics.card import SCIB, MetricCard
from zslib.metrics.reduce import mean_of_labels
from zslib.metrics.registry import metric
from zslib.metrics.space import Space


@metric(
    MetricCard(
        name="graph_connectivity",
        title="Graph connectivity",
        family="batch",
        range=(0.0, 1.0),
        better="higher",
        formula="mean over types of the share of their cells in the largest connected part of the type's subgraph",
        reading=(
            "1 if the cells of each type hang together in the neighbor graph, across batches. A low value says "
            "that types are broken up, by batch or by anything else. It needs no batches."
        ),
        fooled_by=(
            "One bridge of a single edge connects two halves as well as a thousand do, so it stays near 1 on "
            "most real data and tells good methods apart badly. It depends on how many cells there are, and rare "
            "types weigh as much as common ones. Some libraries count directed edges and come out lower."
        ),
        reference=SCIB,
    )
)
def graph_connectivity(space: Space) -> Statistic:
    """Share of a type's cells in the largest connected part of its subgraph, as ``scib.me.graph_connectivity``."""
    main = in_main_component(space.neighbors.connectivities, space.label)
    return mean_of_labels(main.astype(float), space.label)


def in_main_component(connectivities: sparse.csr_matrix, label: np.ndarray) -> np.ndarray:
    """Mark the cells in the largest connected part of their label's subgraph, shape (n_cells,)."""
    graph, label = connectivities, label.astype(np.int32)  # of a million cells there are twenty million pairs
    inside = np.repeat(label, np.diff(graph.indptr)) == label[graph.indices]
    ends = np.concatenate([[0], np.cumsum(inside)])[graph.indptr]
    cols = graph.indices[inside]
    kept = sparse.csr_matrix((np.ones(len(cols)), cols, ends), shape=graph.shape)
    n_parts, part = connected_components(kept, directed=False)
    size = np.bincount(part)
    of_label = np.zeros(n_parts, dtype=np.int64)
    of_label[part] = label
    # For each label, the first of its parts when sorted by label and then by falling size.
    order = np.lexsort((-size, of_label))
    _, first = np.unique(of_label[order], return_index=True)
    return np.isin(part, order[first])
