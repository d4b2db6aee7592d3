"""Communities of a weighted graph by modularity, Louvain's way and Leiden's, compiled.

Both move nodes to the community that gains most until no move gains, make every community a node of a smaller
graph, and go on with that. Leiden first takes each community apart and merges only what is well connected, so that a
community never falls into pieces. Moves are made from a queue of the nodes whose neighborhood has changed, as Leiden
does, in both. Compiled when first imported on a machine, which takes some seconds, and kept on disk.

Beside igraph, on 2,000 cells: Louvain ten times and Leiden 1.7 times as fast (``benchmarks/parts.py``). An evaluation
takes more than a hundred clusterings, which saves 3 minutes of the default book, and other threads run meanwhile.
"""

from functools import partial

import numpy as np
from numba import njit, types

from zslib.metrics.random_bits import compiled, shuffled, uniform

SPREAD = 0.01
"""How freely Leiden merges: of two gains that differ by this, the higher one is e times as likely."""
FAR = 30
"""Gains that are so many times SPREAD below the highest are left out: their chance is below 1e-13."""
LEAST = 1e-12
"""Smaller gains are rounding, and could be made for ever."""


@compiled
def _renumber(codes):
    """Number communities from 0 without gaps, in order of appearance; changes `codes`, returns how many there are."""
    new = np.full(len(codes), -1, dtype=np.int32)
    n = 0
    for v in range(len(codes)):
        if new[codes[v]] < 0:
            new[codes[v]] = n
            n += 1
        codes[v] = new[codes[v]]
    return n


@compiled
def _move(indptr, indices, weights, strength, own, scale, state):
    """Move nodes to the community that gains most, until none gains; changes `own`."""
    n = len(own)
    of = np.zeros(n)  # strength of each community
    size = np.zeros(n, dtype=np.int64)
    for v in range(n):
        of[own[v]] += strength[v]
        size[own[v]] += 1
    empty = np.empty(n, dtype=np.int32)
    n_empty = 0
    for c in range(n - 1, -1, -1):
        if size[c] == 0:
            empty[n_empty] = c
            n_empty += 1
    to = np.zeros(n)  # weight from the node in hand to each community
    near = np.empty(n + 1, dtype=np.int32)
    queue, waiting = shuffled(n, state), np.ones(n, dtype=np.bool_)
    head, length = 0, n
    while length:
        v = queue[head]
        head = head + 1 if head + 1 < n else 0
        length -= 1
        waiting[v] = False
        here, k = own[v], strength[v]
        of[here] -= k
        size[here] -= 1
        if size[here] == 0:
            empty[n_empty] = here
            n_empty += 1
        n_near = 0
        for e in range(indptr[v], indptr[v + 1]):
            # Without a branch, since whether a community is new cannot be foreseen.
            c = own[indices[e]]
            weight = to[c]
            near[n_near] = c
            n_near += np.int64(weight == 0)
            to[c] = weight + weights[e]
        best, gain = here, to[here] - k * scale * of[here]
        for i in range(n_near):
            c = near[i]
            found = to[c] - k * scale * of[c]
            if found > gain + LEAST:
                best, gain = c, found
            to[c] = 0
        if gain < -LEAST and n_empty:
            best = empty[n_empty - 1]  # better alone
        if size[best] == 0:
            n_empty -= 1  # an empty one is only ever taken from the top
        own[v] = best
        of[best] += k
        size[best] += 1
        if best != here:
            for e in range(indptr[v], indptr[v + 1]):
                u = indices[e]
                if own[u] != best and not waiting[u]:
                    waiting[u] = True
                    tail = head + length
                    queue[tail if tail < n else tail - n] = u
                    length += 1


@compiled
def _refine(indptr, indices, weights, strength, own, n_own, scale, state):
    """Divide each community into well-connected parts: start from single nodes, and merge within the community."""
    n = len(own)
    part = np.arange(n).astype(np.int32)
    single = np.ones(n, dtype=np.bool_)
    of = strength.copy()  # of each part
    of_own = np.zeros(n_own)
    rest = np.zeros(n)  # weight from each part to the rest of its community
    for v in range(n):
        of_own[own[v]] += strength[v]
        for e in range(indptr[v], indptr[v + 1]):
            if own[indices[e]] == own[v]:
                rest[v] += weights[e]
    to = np.zeros(n)
    near, gains = np.empty(n, dtype=np.int32), np.empty(n)
    for v in shuffled(n, state):
        k, whole = strength[v], of_own[own[v]]
        if not single[v] or rest[v] < k * scale * (whole - k):
            continue
        n_near = 0
        for e in range(indptr[v], indptr[v + 1]):
            u = indices[e]
            if own[u] == own[v]:
                p = part[u]
                if to[p] == 0:
                    near[n_near] = p
                    n_near += 1
                to[p] += weights[e]
        most = 0.0  # gained by staying alone
        for i in range(n_near):
            p = near[i]
            gains[i] = to[p] - k * scale * of[p]
            if rest[p] < scale * of[p] * (whole - of[p]):
                gains[i] = -1.0
            most = max(most, gains[i])
        likely = most - FAR * SPREAD
        alone = np.exp(-most / SPREAD) if likely <= 0 else 0.0
        chances = alone
        for i in range(n_near):
            if gains[i] >= max(likely, 0.0):
                gains[i] = np.exp((gains[i] - most) / SPREAD)
                chances += gains[i]
            else:
                gains[i] = 0.0
        left = uniform(state) * chances - alone
        chosen = v
        for i in range(n_near):
            if left >= 0 and gains[i] > 0:
                chosen = near[i]
                left -= gains[i]
        if chosen != v:
            part[v] = chosen
            single[chosen] = False
            of[chosen] += k
            rest[chosen] += rest[v] - 2 * to[chosen]
        for i in range(n_near):
            to[near[i]] = 0
    return part


@compiled
def _merge(indptr, indices, weights, strength, part, n_part):
    """Make the graph whose nodes are the parts; what is within a part is counted in its strength only."""
    n = len(part)
    start = np.zeros(n_part + 1, dtype=np.int64)
    of = np.zeros(n_part)
    for v in range(n):
        start[part[v] + 1] += 1
        of[part[v]] += strength[v]
    start = np.cumsum(start)
    place, nodes = start[:-1].copy(), np.empty(n, dtype=np.int32)
    for v in range(n):
        nodes[place[part[v]]] = v
        place[part[v]] += 1
    ptr = np.zeros(n_part + 1, dtype=np.int64)
    idx, wgt = np.empty(len(indices), dtype=np.int32), np.empty(len(indices))
    to, near, filled = np.zeros(n_part), np.empty(n_part, dtype=np.int32), 0
    for p in range(n_part):
        n_near = 0
        for i in range(start[p], start[p + 1]):
            v = nodes[i]
            for e in range(indptr[v], indptr[v + 1]):
                q = part[indices[e]]
                if q != p:
                    if to[q] == 0:
                        near[n_near] = q
                        n_near += 1
                    to[q] += weights[e]
        for i in range(n_near):
            idx[filled], wgt[filled] = near[i], to[near[i]]
            to[near[i]] = 0
            filled += 1
        ptr[p + 1] = filled
    return ptr, idx[:filled].copy(), wgt[:filled].copy(), of


@compiled
def _climb(graph, own, scale, state, refined, levels):
    """Move, merge and go on with the smaller graph, for so many levels or until nothing merges.

    Returns the node of the last graph that each node of the first is in, the communities of these, and the last graph.
    """
    node = np.arange(len(own)).astype(np.int32)
    for _ in range(levels):
        indptr, indices, weights, strength = graph
        _move(indptr, indices, weights, strength, own, scale, state)
        n_own = _renumber(own)
        if n_own == len(own):
            break
        part, n_part = own.copy(), n_own
        if refined:
            finer = _refine(indptr, indices, weights, strength, own, n_own, scale, state)
            n_finer = _renumber(finer)
            if n_finer < len(own):
                part, n_part = finer, n_finer
        coarse = np.empty(n_part, dtype=np.int32)
        for v in range(len(own)):
            coarse[part[v]] = own[v]
        for v in range(len(node)):
            node[v] = part[node[v]]
        graph = _merge(indptr, indices, weights, strength, part, n_part)
        own = coarse
    return node, own, graph


GRAPH = types.Tuple((types.int64[::1], types.int32[::1], types.float64[::1], types.float64[::1]))
"""Symmetric CSR without self-loops, weights positive (indptr, indices, weights), and the strength of each node: the sum
of its weights and of what is within it."""
CODES = types.int32[::1]
ahead = partial(njit, cache=True, nogil=True)
"""Compile a function of a known signature when it is imported."""


@ahead(CODES(GRAPH, types.float64, types.uint64, types.int64, types.boolean))
def communities(graph, resolution, seed, iterations, refined):
    """Divide the nodes of a graph.

    Parameters
    ----------
    graph
        See :data:`GRAPH`.
    resolution
        Higher gives more communities.
    seed
        uint64.
    iterations
        Times to begin anew from the communities found.
    refined
        True for Leiden, False for Louvain.

    Returns
    -------
    int32 of shape (n_nodes,), communities from 0 without gaps.
    """
    n = len(graph[3])
    member = np.arange(n).astype(np.int32)
    total = graph[3].sum()
    if total == 0:
        return member
    state = np.array([seed], dtype=np.uint64)
    for _ in range(iterations):
        node, own, _ = _climb(graph, member.copy(), resolution / total, state, refined, n)
        for v in range(n):
            member[v] = own[node[v]]
    return member


@ahead(types.Tuple((CODES, GRAPH))(GRAPH, types.float64, types.uint64, types.int64, types.boolean))
def grouped(graph, resolution, seed, levels, refined):
    """Merge nodes in the first levels of Leiden or of Louvain: the group of each node, and the graph of the groups."""
    own = np.arange(len(graph[3])).astype(np.int32)
    total = max(graph[3].sum(), LEAST)
    state = np.array([seed], dtype=np.uint64)
    node, _, groups = _climb(graph, own, resolution / total, state, refined, levels)
    return node, groups


@ahead(CODES(GRAPH, CODES, types.float64, types.uint64))
def moved(graph, own, resolution, seed):
    """Communities after single nodes have moved to where they gain most; communities from 0 without gaps."""
    indptr, indices, weights, strength = graph
    own = own.copy()
    total = max(strength.sum(), LEAST)
    _move(indptr, indices, weights, strength, own, resolution / total, np.array([seed], dtype=np.uint64))
    _renumber(own)
    return own
