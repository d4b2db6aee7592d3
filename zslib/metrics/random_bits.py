"""Random numbers for compiled code, from a state of its own: no two threads share any, and a seed decides.

The generator is splitmix64. The state is an array of one uint64, which every draw changes.
"""

import numpy as np
from numba import njit

compiled = njit(cache=True, nogil=True)
"""Compile a function on first use, keep it on disk, let other threads run meanwhile."""


@compiled
def bits(state):
    """Draw 64 random bits, a uint64."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@compiled
def uniform(state):
    """Draw a number in [0, 1)."""
    return np.float64(bits(state) >> np.uint64(11)) / 9007199254740992.0  # 2⁵³


@compiled
def below(n, state):
    """Draw a whole number from 0 to n − 1, n up to 2³²."""
    return np.int64((bits(state) >> np.uint64(32)) * np.uint64(n) >> np.uint64(32))


@compiled
def shuffled(n, state):
    """Draw an order of the numbers below n, int32 of shape (n,)."""
    order = np.arange(n).astype(np.int32)
    for i in range(n - 1, 0, -1):
        j = below(i + 1, state)
        order[i], order[j] = order[j], order[i]
    return order
