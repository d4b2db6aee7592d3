"""Whether an embedding would reveal a cell type that nobody has named yet.

Each cell type is taken in turn to be unknown, and the embedding is asked for it without labels: do its cells
lie far from all that is known, be that other batches (:mod:`~zslib.metrics.discovery.across`, the headline) or the same
(:mod:`~zslib.metrics.discovery.novelty`, the easy case), are they a cluster of their own
(:mod:`~zslib.metrics.discovery.own_cluster`), and how few of them are enough
(:mod:`~zslib.metrics.discovery.titration`)?
Labels say which cells are hidden and whether they were found; no score looks at them.

Hidden is a type from the reference and not from the embedding: a method that is fitted to the target data has
seen its cells, but where few are kept and it is fitted anew with these. Only a frozen model meets them as it would meet a
type that is new.

An interval holds the resampling of the query cells within type and batch and the luck of split and clustering; the
reference, the embedding and its graph stay as they are. The mean over types treats these types as the ones of
interest, not as a sample of types.
"""
