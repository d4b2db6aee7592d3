"""Resampling, and what it says about a number.

A metric here is a function of **cell weights**: given how often each cell was drawn it returns its value,
and with weight one for every cell that is the value of the data. Drawing weights once and applying them to
every metric of every embedding gives intervals cheaply, and makes two methods comparable draw by draw.
Where a cell also changes the value of others, as their neighbor or as one of the cells that a probe learns from, a
metric says so by weighing it there too (kNN purity, label ASW) or by :func:`widened`; else intervals are too narrow.

The bootstrap is conditional on the embedding, its neighbor graph and its clustering: these stay as they
are and only the cells that are averaged over change. How far a score moves when other cells are drawn and embedded
anew is measured apart, see :mod:`zslib.core.stats.redrawing`. Neither includes the randomness of training, or of taking
other donors.
"""

from zslib.core.stats.comparing import (
    Difference,
    behind_best,
    interval,
    paired_difference,
    simultaneous,
)
from zslib.core.stats.redrawing import inflation, redrawn
from zslib.core.stats.resampling import (
    BLOCK,
    MIN_BLOCKS,
    SMALL,
    Statistic,
    block_weights,
    bootstrap_weights,
    centered,
    group_sums,
    merged_strata,
    on_all,
    resample,
    widened,
)
