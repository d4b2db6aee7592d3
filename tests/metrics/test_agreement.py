import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from zslib.metrics import ari, nmi
from zslib.metrics.agreement import contingency, table_ari, table_nmi

partitions = st.integers(2, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)
)


@given(partitions)
@settings(max_examples=80, deadline=None)
def test_as_in_sklearn(pair):
    assert nmi(*pair) == pytest.approx(normalized_mutual_info_score(*pair), abs=1e-12)
    assert ari(*pair) == pytest.approx(adjusted_rand_score(*pair), abs=1e-12)


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
    assert nmi(list("aabb"), [1, 1, 0, 0]) == ari(list("aabb"), [1, 1, 0, 0]) == 1
    assert nmi(list("aabb"), [0, 1, 0, 1]) == 0
    assert ari(list("aabb"), [0, 1, 0, 1]) == pytest.approx(-0.5)
