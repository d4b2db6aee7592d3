"""Value binning and scGPT's two recipes against the plain algorithm and against the reference package."""

import json
import os
import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from zslib.core.errors import DataError
from zslib.frozen.scgpt.binning import bin_values, draw, sample
from zslib.frozen.scgpt.tokenizer import RECIPES, authors, match_genes, paper

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ZSLIB_TEST_DATA", ROOT.parent / "shared/data"))
GENES = [f"G{i}" for i in range(120)]
VOCAB = {name: 200 - i for i, name in enumerate([*GENES, *(f"OTHER{i}" for i in range(80)), "<cls>"])}
VOCAB |= {"<pad>": 201, "<eoc>": 202}


@pytest.fixture(scope="module")
def reference():
    """The modules of the reference package, from its wheel."""
    try:
        return runpy.run_path(str(ROOT / "benchmarks/agreement_scgpt.py"))["reference"]("preprocess")[0]
    except (DataError, ImportError) as error:
        pytest.skip(f"the reference package is out of reach: {error}")


def cells(n=60, seed=0, mean=1.5):
    """Overdispersed counts of cells from nearly empty to full; no cell is empty."""
    rng = np.random.default_rng(seed)
    depth = np.exp(rng.normal(0, 1.5, (n, 1)))
    counts = rng.poisson(rng.gamma(0.4, mean / 0.4, (n, len(GENES))) * depth).astype(np.float32)
    counts[np.arange(n), rng.integers(0, len(GENES), n)] += 1
    return sparse.csr_matrix(counts)


def transforms(X):
    """What else the same cells may come as: logarithms, and values that are all different."""
    per_cell = np.repeat(1e4 / np.asarray(X.sum(axis=1)).ravel(), np.diff(X.indptr))
    logs, different = X.copy(), X.copy()
    logs.data = np.log1p(X.data * per_cell).astype(np.float32)
    different.data = np.random.default_rng(0).gamma(2, 1, X.nnz).astype(np.float32) + 1000
    return {"counts": X, "logarithms": logs, "different": different}


def plain(values, u, n_bins=51):
    """Bins of one cell as published."""
    edges = np.quantile(values, np.linspace(0, 1, n_bins - 1))
    low, high = (edges[:, None] < values).sum(axis=0), (edges[:, None] <= values).sum(axis=0)
    return np.ceil(u * (low - high) + high)


def by_order(values, u, n_bins=51):
    """The same, but with each edge known by its position among the sorted values only."""
    positions = np.linspace(0, 1, n_bins - 1)[:, None] * (len(values) - 1)
    below = (values[:, None] < values).sum(axis=0)
    upto = (values[:, None] <= values).sum(axis=0)
    low, high = (positions < below).sum(axis=0), (positions <= upto - 1).sum(axis=0)
    return np.ceil(u * (low - high) + high)


def by_cell(algorithm, X, u, **options):
    pairs = zip(X.indptr[:-1], X.indptr[1:], strict=True)
    return np.concatenate([algorithm(X.data[i:j], u[i:j], **options) for i, j in pairs])


def bins(X, **options):
    return bin_values(X.data, X.indices, X.indptr, **options)


@st.composite
def some_cells(draw_):
    """Counts of a few cells over twelve genes, with many ties; none is empty."""
    n = draw_(st.integers(1, 7))
    values = st.lists(st.integers(0, draw_(st.sampled_from([2, 9, 4000]))), min_size=12, max_size=12)
    counts = np.array(draw_(st.lists(values, min_size=n, max_size=n)), dtype=np.float32)
    counts[:, draw_(st.integers(0, 11))] += 1
    return sparse.csr_matrix(counts)


# Agreement


@pytest.mark.parametrize("what", ["counts", "logarithms", "different"])
@pytest.mark.parametrize("n_bins", [51, 8])
def test_equal_to_the_reference_package_given_the_same_random_numbers(reference, what, n_bins):
    """Number for number by the published algorithm; by ours, but for edges within rounding of a value, and counts have none."""
    X = transforms(cells(200))[what]
    np.random.seed(3)  # noqa: NPY002 - the generator the reference draws from
    with np.errstate(all="ignore"):
        want = [
            reference.binning(X.data[i:j], n_bins) for i, j in zip(X.indptr[:-1], X.indptr[1:], strict=True)
        ]
    drawn = np.random.RandomState(3).random_sample(X.nnz)
    np.testing.assert_array_equal(by_cell(plain, X, drawn, n_bins=n_bins), np.concatenate(want))
    differ = by_cell(by_order, X, drawn, n_bins=n_bins) != np.concatenate(want)
    assert differ.mean() < (1e-3 if what != "counts" else 1e-12)


@pytest.mark.parametrize("what", ["counts", "logarithms", "different"])
@pytest.mark.parametrize("n_bins", [51, 8])
def test_equal_to_the_plain_algorithm_given_the_same_random_numbers(what, n_bins):
    X = transforms(cells(80, seed=1))[what]
    for ties, u in (("random", draw(X.indices, X.indptr, 5) * 2.0**-32), ("middle", np.full(X.nnz, 0.5))):
        found = bins(X, n_bins=n_bins, seed=5, ties=ties)
        np.testing.assert_array_equal(found, by_cell(by_order, X, u, n_bins=n_bins))
        assert (found != by_cell(plain, X, u, n_bins=n_bins)).mean() < 1e-3


@pytest.mark.parametrize("n", [1, 2, 3, 8, 15, 49, 50, 51, 99, 148])
def test_sizes_at_which_edges_fall_on_values(n):
    """Where n - 1 shares a factor with 49, rounding puts edges beside the values, or back onto them."""
    values = np.random.default_rng(n).permutation(n).astype(np.float32) + 1
    for data in (values, np.log(values + 1), np.minimum(values, 3), np.ones_like(values)):
        got = bin_values(data, np.arange(n), [0, n], ties="middle")
        np.testing.assert_array_equal(got, by_order(data, np.full(n, 0.5)))


def test_tied_values_are_spread_evenly():
    """400 equal values are on all 50 edges, so each bin is as likely as another."""
    found = np.concatenate([bin_values(np.ones(400), np.arange(400), [0, 400], seed=s) for s in range(50)])
    times = np.bincount(found.astype(int), minlength=51)
    assert times[0] == 0
    assert stats.chisquare(times[1:]).pvalue > 1e-3


# What the bins of a cell depend on


@given(some_cells(), st.integers(0, 5), st.sampled_from(["random", "middle"]))
@settings(max_examples=100, deadline=None)
def test_only_the_order_of_values_matters(X, seed, ties):
    want = bins(X, seed=seed, ties=ties)
    for transform in (np.sqrt, np.log1p, lambda x: 3 * x + 0.25, lambda x: x * 1e-20):
        other = X.copy()
        other.data = transform(X.data)
        np.testing.assert_array_equal(bins(other, seed=seed, ties=ties), want)


@given(some_cells(), st.data())
@settings(max_examples=100, deadline=None)
def test_tokens_of_a_cell_are_its_own(X, data):
    """Alone, in any order, in any chunk, with a maximum that truncates."""
    options = {"seed": data.draw(st.integers(0, 3)), "max_len": data.draw(st.integers(2, 12))}
    tokenizer = authors(GENES[:12], VOCAB, **options)
    whole = tokenizer(X)
    order = data.draw(st.permutations(range(X.shape[0])))
    cut = data.draw(st.integers(0, X.shape[0]))
    for rows in (order, order[:cut], order[cut:], order[:1]):
        found = tokenizer(X[rows]) if rows else ()
        assert len(found) == len(rows)
        for place, row in enumerate(rows):
            for got, want in zip(found[place], whole[row], strict=True):
                np.testing.assert_array_equal(got, want)


def test_order_of_the_genes_in_the_file_changes_nothing():
    X = cells(30)
    order = np.random.default_rng(0).permutation(len(GENES))
    plain_order = authors(GENES, VOCAB, max_len=30)(X)
    shuffled = authors([GENES[i] for i in order], VOCAB, max_len=30)(X[:, order])
    for i in range(30):
        first, second = (dict(zip(*tokens[i], strict=True)) for tokens in (plain_order, shuffled))
        assert first == second


def test_the_seed_changes_the_choice_and_nothing_else():
    X = cells(30)
    first, second = (bins(X, seed=s) for s in (0, 1))
    assert 0.1 < (first != second).mean() < 1
    np.testing.assert_array_equal(bins(X, seed=0, ties="middle"), bins(X, seed=1, ties="middle"))
    np.testing.assert_array_equal(bins(X, seed=-7), bins(X, seed=-7))


def test_draws_are_uniform_and_unrelated():
    n = 20_000
    first, second = (draw(np.arange(n), [0, n], seed) for seed in (0, 1))
    other_cell = draw(np.arange(n), [0, n - 1, n], 0)  # the same genes but one
    for one in (first, second):
        assert len(np.unique(one)) == n
        assert stats.kstest(one / 2**32, "uniform").pvalue > 1e-3
    for a, b in ((first, second), (first, other_cell), (first[1:], first[:-1])):
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.03


# Truncation


def test_sample_keeps_as_many_as_asked_and_every_gene_alike():
    n, kept, times = 40, 10, 0
    for seed in range(500):
        marked = sample(np.arange(n), [0, n], kept, seed)
        assert marked.sum() == kept
        times = times + marked
    assert stats.chisquare(times).pvalue > 1e-3


def test_truncation_leaves_short_cells_alone_and_is_blind_to_the_bins():
    X = cells(300, mean=4)
    long, short = authors(GENES, VOCAB)(X), authors(GENES, VOCAB, max_len=41)(X)
    means = []
    for i in range(len(long)):
        assert len(short[i][0]) == min(len(long[i][0]), 41)
        assert short[i][0][0] == VOCAB["<cls>"]
        every = dict(zip(*long[i], strict=True))
        assert all(every[gene] == value for gene, value in zip(*short[i], strict=True))  # binned before
        if len(long[i][0]) > 60:
            means.append(short[i][1][1:].mean() - long[i][1][1:].mean())
    assert len(means) > 50
    assert abs(np.mean(means)) < 4 * stats.sem(means)


# Recipes


def test_authors_reads_every_gene_of_the_vocabulary():
    X = cells(20)
    names = [*GENES[:100], *(f"unheard-of-{i}" for i in range(20))]
    tokenizer = authors(names, VOCAB)
    assert tokenizer.matched == 100
    assert (tokenizer.ids[100:] == -1).all()
    tokens = tokenizer(X)
    for i, row in enumerate(X.toarray()):
        (found,) = row[:100].nonzero()
        genes, values = tokens[i]
        np.testing.assert_array_equal(genes, [VOCAB["<cls>"], *(VOCAB[GENES[j]] for j in found)])
        assert values[0] == -2
        assert (values[1:] >= 1).all()
        assert (values[1:] <= 50).all()


def test_paper_is_the_published_steps():
    """Normalize, take logarithms, keep the variable genes, bin among them, put a zero at <cls>."""
    X = cells(80, mean=3)
    tokenizer = paper(GENES, VOCAB, counts=X, n_hvg=40, empty="keep")
    tokens, chosen = tokenizer(X), tokenizer.ids >= 0
    assert chosen.sum() == 40
    logs = transforms(X)["logarithms"].toarray()[:, chosen]
    for i, row in enumerate(logs):
        (found,) = row.nonzero()
        u = draw(tokens[i][0][1:], [0, len(found)], 0) * 2.0**-32
        np.testing.assert_array_equal(tokens[i][0], [VOCAB["<cls>"], *tokenizer.ids[chosen][found]])
        np.testing.assert_array_equal(tokens[i][1], [0, *by_order(row[found], u)])


def test_paper_chooses_among_known_genes_with_counts_as_scanpy_does():
    import scanpy as sc
    from anndata import AnnData

    X = cells(80, mean=3).tolil()
    X[:, 5] = 0
    X[:2, 5] = 1
    X = X.tocsr()
    names = ["unheard-of", *GENES[1:]]
    chosen = paper(names, VOCAB, counts=X, n_hvg=30).ids >= 0
    assert chosen.sum() == 30
    assert not chosen[[0, 5]].any()
    left = np.delete(np.arange(len(names)), [0, 5])
    table = sc.pp.highly_variable_genes(
        AnnData(X[:, left]), flavor="seurat_v3", n_top_genes=30, inplace=False
    )
    np.testing.assert_array_equal(np.flatnonzero(chosen), left[table["highly_variable"]])


def test_paper_takes_genes_chosen_elsewhere():
    hvg = np.arange(len(GENES)) % 3 == 0
    tokenizer = paper(GENES, VOCAB, hvg=hvg)
    np.testing.assert_array_equal(tokenizer.ids >= 0, hvg)
    assert tokenizer.matched == len(GENES)


def test_recipes_by_name():
    assert {"authors": authors, "paper": paper} == RECIPES


def assert_same(tokens, other):
    for name in ("flat", "values", "offsets"):
        np.testing.assert_array_equal(getattr(tokens, name), getattr(other, name))


@pytest.mark.parametrize("rows", [[3], [5, 0, 2], slice(2, 9), np.arange(12) % 2 == 0, []])
def test_padded(rows):
    tokens = authors(GENES, VOCAB)(cells(12))
    genes, values, mask = tokens.padded(rows)
    picked = np.arange(12)[rows] if not isinstance(rows, list) else rows
    width = max((len(tokens[i][0]) for i in picked), default=0)
    assert genes.shape == values.shape == mask.shape == (len(picked), width)
    assert genes.dtype == np.int32
    assert values.dtype == np.float32
    for place, i in enumerate(picked):
        np.testing.assert_array_equal(genes[place, mask[place]], tokens[i][0])
        np.testing.assert_array_equal(values[place, mask[place]], tokens[i][1])
    assert (genes[~mask] == VOCAB["<pad>"]).all()
    assert (values[~mask] == -2).all()


def test_stored_zeros_and_unsorted_entries_are_no_matter():
    X = cells(10)
    tidy = authors(GENES, VOCAB)(X)
    untidy = X.astype(np.float64).tocoo()
    more = np.zeros(5), (np.arange(5), np.arange(5))
    untidy = (sparse.csr_matrix(untidy) + sparse.csr_matrix(more, shape=X.shape)).tocsc().tocsr()
    untidy.data = np.append(untidy.data, 0)
    untidy.indices = np.append(untidy.indices, 0)
    untidy.indptr[-1] += 1
    assert_same(authors(GENES, VOCAB)(untidy), tidy)
    assert untidy.data[-1] == 0  # nor is the input changed


# Refusals


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_values_that_are_not_expression(value):
    X = cells(5)
    X.data[7] = value
    with pytest.raises(DataError, match="positive and finite"):
        authors(GENES, VOCAB)(X)


def test_unknown_ties():
    with pytest.raises(DataError, match="random, middle"):
        bins(cells(2), ties="hi")


@pytest.mark.parametrize("recipe", RECIPES)
def test_fewer_than_half_of_the_genes_known(recipe):
    names = [f"ENSG{i}" if i < 61 else gene for i, gene in enumerate(GENES)]
    with pytest.raises(DataError, match="59 of 120 genes"):
        RECIPES[recipe](names, VOCAB)
    assert (match_genes([*names[1:], "G5"], VOCAB) >= 0).sum() == 60


def test_special_tokens_are_no_genes():
    ids = match_genes(["<pad>", "<cls>", "G0", "G1"], VOCAB)
    np.testing.assert_array_equal(ids < 0, [True, True, False, False])


def test_empty_cells_are_named_or_kept():
    X = sparse.csr_matrix(np.eye(3, len(GENES), dtype=np.float32))
    X.data[1] = 0
    with pytest.raises(DataError, match="1 of 3 cells"):
        authors(GENES, VOCAB)(X)
    tokens = authors(GENES, VOCAB, empty="keep")(X)
    np.testing.assert_array_equal(tokens.lengths, [2, 1, 2])
    assert len(authors(GENES, VOCAB)(X[:0])) == 0


def test_another_number_of_genes():
    with pytest.raises(DataError, match="119 genes"):
        authors(GENES, VOCAB)(cells(3)[:, 1:])


def test_variable_genes_need_counts_and_enough_of_them():
    X = cells(30)
    with pytest.raises(DataError, match="give counts"):
        paper(GENES, VOCAB)
    with pytest.raises(DataError, match="not integers"):
        paper(GENES, VOCAB, counts=transforms(X)["logarithms"])
    few = np.asarray(X.sum(axis=0)).ravel() >= 3
    known = np.isin(GENES, list(VOCAB))
    assert ((paper(GENES, VOCAB, counts=X).ids >= 0) == (few & known)).all()  # a panel: all of its genes
    with pytest.raises(DataError, match="hvg must hold"):
        paper(GENES, VOCAB, hvg=np.zeros(len(GENES), dtype=bool))
    alike = sparse.csr_matrix(np.ones((4, len(GENES)), dtype=np.float32))
    with pytest.raises(DataError, match="only 0 differ between the 4 cells"):
        paper(GENES, VOCAB, counts=alike, n_hvg=10)
    alike[0] *= 2
    with pytest.raises(DataError, match="4 cells do not suffice"):
        paper(GENES, VOCAB, counts=alike, n_hvg=10)


# The real vocabulary


def test_the_real_vocabulary():
    path = DATA / "scgpt_whole_human/vocab.json"
    if not path.is_file():
        pytest.skip(f"the vocabulary of scGPT is not at {path}; set ZSLIB_TEST_DATA")
    vocab = json.loads(path.read_text())
    tokenizer = authors(["CD3E", "INS", "GAPDH", "unheard-of"], vocab)
    np.testing.assert_array_equal(tokenizer.ids, [4378, 12119, 9833, -1])
    tokens = tokenizer(sparse.csr_matrix([[2.0, 0, 30, 4]]))
    np.testing.assert_array_equal(tokens.flat, [60695, 4378, 9833])
    assert tokens.pad_id == 60694
    assert tokens.values[1] == 1 or tokens.values[1] < tokens.values[2]
