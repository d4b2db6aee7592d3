"""The published arithmetic: on cells made by hand, and against a slow and plain version of it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zslib.core.errors import DataError
from zslib.studies.expression import published


def ratio(pair):
    above, below = pair
    return above.sum() / below.sum()


def test_bin_errors_by_hand():
    found = published.bin_errors(
        true=[0, 4, 2, -2, 0, 8], predicted=[99, 5, 1, np.nan, 99, 8], cell=[0, 0, 0, 0, 1, 1]
    )
    assert {name: ratio(pair) for name, pair in found.items()} == pytest.approx(
        {"mse": (1 + 1 + 0) / 3, "mae": (1 + 1 + 0) / 3, "mre": (1 / 5 + 1 / 1 + 0) / 3}
    )
    np.testing.assert_allclose(found["mse"], [[2, 0], [2, 1]])


def test_the_published_errors_of_the_mean_bin_follow_from_even_bins():
    """202.45, 12.32 and 0.488 on the pancreas cells: what even bins from 1 to 50 give, within 3 %."""
    bins = np.arange(1, 51)
    found = published.bin_errors(bins, np.full(50, bins.mean()), np.zeros(50, int))
    want = {"mse": 202.45, "mae": 12.32, "mre": 0.488}
    assert {name: ratio(pair) for name, pair in found.items()} == pytest.approx(want, rel=0.03)


def test_bin_errors_refuse_what_is_not_a_prediction():
    with pytest.raises(DataError, match="1 of 2 predictions"):
        published.bin_errors([1, 2], [1, np.nan], [0, 0])


def test_ranks_by_hand():
    """Cell 0 shows genes 5, 6, 7 and the network says 6, 6, 9; cell 1 shows 7, 5 and it says 7, 7."""
    found = published.rank_table([5, 6, 7, 7, 5], [0, 3, 5], [6, 6, 9, 7, 7])
    table = found.set_index(["cell", "token"])[["shown", "predicted", "average", "own"]]
    want = {
        # cell, gene: rank shown, mean of the ranks predicted, mean rank where it is above 0, in the input
        (0, 5): (1, 0, 1, True),  # shown at the top of cell 0, at the end of cell 1, which does not count
        (0, 6): (0.5, 0.75, 0.5, True),  # named at the first two positions
        (0, 7): (0, 0, 1, True),
        (0, 9): (0, 0, 0, False),  # named at the last position, shown nowhere
        (1, 5): (0, 0, 1, True),
        (1, 7): (1, 0.5, 1, True),  # named twice
    }
    assert table.to_dict("index") == {
        key: dict(zip(("shown", "predicted", "average", "own"), row, strict=True))
        for key, row in want.items()
    }


def plain(cells, said):
    """The published computation, step by step with pandas."""
    rows = []
    for tokens, out in zip(cells, said, strict=True):
        n = len(tokens)
        rank = [(n - 1 - p) / (n - 1) for p in range(n)]
        shown = pd.DataFrame({"token": tokens, "shown": rank})
        predicted = pd.DataFrame({"token": out, "predicted": rank}).groupby("token", as_index=False).mean()
        rows.append(shown.merge(predicted, on="token", how="outer").fillna(0))
    above = pd.concat(rows).query("shown > 0").groupby("token")["shown"].mean()
    found = []
    for table in rows:
        average = table["token"].map(above).fillna(0)
        pairs = ((table["shown"], table["predicted"]), (table["shown"], average))
        found.append([stats.pearsonr(*p)[0] if min(map(np.ptp, p)) > 0 else np.nan for p in pairs])
    return np.array(found)


@given(st.lists(st.integers(2, 12), min_size=1, max_size=6), st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_rank_correlations_are_those_of_a_plain_computation(lengths, seed):
    rng = np.random.default_rng(seed)
    cells = [rng.permutation(20)[:n] + 2 for n in lengths]
    said = [rng.integers(0, 24, n) for n in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    found = published.rank_correlations(
        published.rank_table(np.concatenate(cells), offsets, np.concatenate(said))
    )
    want = plain(cells, said)
    np.testing.assert_allclose(found["network"], want[:, 0], atol=1e-7)
    np.testing.assert_allclose(found["mean rank"], want[:, 1], atol=1e-7)


def test_the_published_baseline_depends_on_what_the_network_says_and_ours_does_not():
    tokens, offsets = np.array([2, 3, 4, 4, 3, 5]), np.array([0, 3, 6])
    good = published.rank_correlations(published.rank_table(tokens, offsets, tokens))
    bad = published.rank_correlations(published.rank_table(tokens, offsets, np.array([5, 5, 5, 2, 2, 2])))
    np.testing.assert_allclose(good["network"], 1)
    assert (bad["mean rank"] < good["mean rank"]).any()
    np.testing.assert_allclose(bad["mean rank, own genes"], good["mean rank, own genes"])
