import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from zslib.metrics.agreement import contingency, table_ari, table_nmi

partitions = st.integers(2, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)
)


def agreement(label, cluster):
    """NMI and ARI of two partitions, every cell once."""
    codes = (np.unique(one, return_inverse=True)[1] for one in (label, cluster))
    tables = contingency(np.ones((len(label), 1)), *codes)
    return table_nmi(tables).item(), table_ari(tables).item()


@given(partitions)
@settings(max_examples=80, deadline=None)
def test_as_in_sklearn(pair):
    assert agreement(*pair) == pytest.approx(
        (normalized_mutual_info_score(*pair), adjusted_rand_score(*pair)), abs=1e-12
    )


def test_weights_are_repeated_cells():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 4, 50), rng.integers(0, 6, 50)
    weights = rng.multinomial(50, np.full(50, 1 / 50), size=8).T.astype(float)
    tables = contingency(weights, a, b)
    for i in range(8):
        drawn = np.repeat(np.arange(50), weights[:, i].astype(int))
        assert table_nmi(tables)[i] == pytest.approx(
            normalized_mutual_info_score(a[drawn], b[drawn]), abs=1e-12
        )
        assert table_ari(tables)[i] == pytest.approx(adjusted_rand_score(a[drawn], b[drawn]), abs=1e-12)


def test_same_and_independent():
    assert agreement(list("aabb"), [1, 1, 0, 0]) == (1, 1)
    assert agreement(list("aabb"), [0, 1, 0, 1]) == pytest.approx((0, -0.5))
