"""Every method through its public verb: shape, determinism, what it is told, and its recipe."""

import dataclasses

import anndata as ad
import numpy as np
import pytest

from zslib import methods, metrics, tables
from zslib.core.errors import DataError, NotApplicable
from zslib.methods.card import STYLES, MethodCard
from zslib.results import embedding

QUICK = {
    "scvi": {"max_epochs": 2, "kl_warmup_epochs": 1},
    "cell-sentence": {"max_pieces": 16},
    "cell-sentence-untrained": {"max_pieces": 16},
    "geneformer-random": {"max_length": 8},
    "scgpt-random": {"max_length": 4},
}
# The toy cells' genes have made-up names, and published weights are nobody's to ship.
HERE = [
    card.name
    for card in map(methods.card, methods.names())
    if not card.checkpoint
    and card.architecture != "scgpt"
    and not card.corpus
    and not card.looked_up
    and card.name != "nested-batches"  # the toy cells are of two batches
]


@pytest.fixture(scope="module")
def embedded(toy):
    """The toy cells in every embedding, and what was written down of each run."""
    return {m: embedding.compute(toy, m, seed=1, **QUICK.get(m, {})) for m in HERE}


@pytest.mark.parametrize("method", HERE)
def test_an_embedding_has_a_finite_row_for_every_cell(embedded, toy, method):
    X, run = embedded[method]
    assert X.dtype == np.float32
    assert X.shape == (toy.n_obs, run["n_dims"])
    assert np.isfinite(X).all()
    assert run["data_sha256"] == toy.uns["prepare"]["hash"]
    assert run["seconds"] > 0


@pytest.mark.parametrize("method", HERE)
def test_the_same_seed_gives_the_same_embedding(embedded, toy, method):
    again, _ = embedding.compute(toy, method, seed=1, **QUICK.get(method, {}))
    np.testing.assert_array_equal(again, embedded[method][0])


@pytest.mark.parametrize(
    "method",
    [
        "random",
        "random-projection",
        "labels",
        "scvi",
        "cell-sentence-random",
        "cell-sentence-untrained",
        "geneformer-random",
        "shuffled-cells",
        "split-half-a",
    ],
)
def test_another_seed_gives_another_embedding(embedded, toy, method):
    other, _ = embedding.compute(toy, method, seed=2, **QUICK.get(method, {}))
    assert not np.allclose(other, embedded[method][0])


@pytest.mark.parametrize("method", methods.names())
def test_cards_say_whether_labels_are_seen_and_the_runner_holds_to_it(toy, method, monkeypatch):
    seen = {}

    def spy(adata, **_):
        seen["obs"], seen["uns"] = set(adata.obs), set(adata.uns)
        return np.ones((adata.n_obs, 1))

    module = methods.get(method)
    monkeypatch.setattr(module, "embed", spy)
    embedding.compute(toy, method)
    if module.CARD.sees_labels:
        assert module.CARD.family == "control"
    else:
        assert seen["obs"] == {"batch"}
        assert not seen["uns"]


def test_methods_do_not_change_the_cells_they_are_given(toy, embedded):
    assert set(toy.obs) >= {"label", "batch"}
    assert "training" not in toy.uns
    assert "_scvi_batch" not in toy.obs


def test_scgpts_network_without_training_reads_human_genes_and_no_others(toy):
    from zslib.frozen import scgpt

    human = toy[:30].copy()
    human.var["symbol"] = list(scgpt.vocabulary())[: toy.n_vars]
    one, run = embedding.compute(human, "scgpt-random", **QUICK["scgpt-random"])
    other, _ = embedding.compute(human, "scgpt-random", seed=1, **QUICK["scgpt-random"])
    assert one.shape == (30, 512)
    assert run["frozen"]["genes_read"] == 1200
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, rtol=1e-5)
    assert np.abs(one - other).max() > 0.01
    with pytest.raises(NotApplicable, match="human gene symbols"):
        embedding.compute(toy, "scgpt-random")


@pytest.mark.parametrize("method", [m for m in methods.names() if methods.card(m).checkpoint])
def test_weights_that_are_not_here_make_a_method_not_applicable(toy, method, monkeypatch, tmp_path):
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(NotApplicable, match="The weights are not available here"):
        embedding.compute(toy, method)


def test_hvg_is_the_papers_matrix(toy, embedded):
    import scanpy as sc

    counts = ad.AnnData(toy.layers["counts"].copy(), obs=toy.obs.copy(), var=toy.var.copy())
    sc.pp.normalize_total(counts, target_sum=1e4)
    sc.pp.log1p(counts)
    sc.pp.highly_variable_genes(counts, flavor="seurat", n_top_genes=2000)
    expected = counts[:, counts.var["highly_variable"]].X.toarray()
    np.testing.assert_allclose(embedded["hvg"][0], expected, rtol=1e-5, atol=1e-6)


def test_hvg_pca_spans_the_leading_components_of_hvg(embedded):
    from sklearn.decomposition import PCA

    X, pcs = embedded["hvg"][0].astype(float), embedded["hvg-pca"][0].astype(float)
    expected = PCA(50, svd_solver="full").fit_transform(X)
    # Signs are free; the geometry is not.
    np.testing.assert_allclose(pcs @ pcs.T, expected @ expected.T, atol=1e-2 * np.abs(expected).max() ** 2)


def test_harmony_lies_as_its_input_and_brings_batches_together(toy, embedded):
    def gap(X):
        first = (toy.obs["batch"] == toy.obs["batch"].iloc[0]).to_numpy()
        return np.linalg.norm(X[first].mean(axis=0) - X[~first].mean(axis=0))

    before, after = embedded["hvg-pca"][0], embedded["harmony"][0]
    assert after.shape == before.shape
    # Row i is still cell i: a transposed or shuffled output would not correlate cell by cell.
    rows = [np.corrcoef(a, b)[0, 1] for a, b in zip(before, after, strict=True)]
    assert np.median(rows) > 0.8
    assert gap(after) < 0.5 * gap(before)


def test_harmony_is_not_applicable_to_one_batch(toy):
    one = toy[toy.obs["batch"] == toy.obs["batch"].iloc[0]].copy()
    with pytest.raises(NotApplicable, match="one batch"):
        embedding.compute(one, "harmony")


def test_shuffled_cells_are_the_components_of_other_cells(embedded):
    X, shuffled = embedded["hvg-pca"][0], embedded["shuffled-cells"][0]
    np.testing.assert_array_equal(np.sort(X, axis=0), np.sort(shuffled, axis=0))
    assert (shuffled != X).any(axis=1).mean() > 0.9


def test_shuffled_labels_keep_every_batch_where_it_is(toy, embedded):
    X, shuffled = embedded["hvg-pca"][0], embedded["shuffled-labels"][0]
    for batch in toy.obs["batch"].unique():
        mine = (toy.obs["batch"] == batch).to_numpy()
        np.testing.assert_array_equal(np.sort(X[mine], axis=0), np.sort(shuffled[mine], axis=0))
    assert (shuffled != X).any(axis=1).mean() > 0.9
    one = toy[toy.obs["batch"] == toy.obs["batch"].iloc[0]].copy()
    with pytest.raises(NotApplicable, match="one batch"):
        embedding.compute(one, "shuffled-labels")


def test_unintegrated_is_what_pcr_compares_with(toy, embedded):
    np.testing.assert_array_equal(embedded["unintegrated"][0], toy.obsm["X_unintegrated"])


def test_noise_beside_the_data_fools_batch_asw_and_leaves_the_data_as_they_are(toy, embedded):
    X, noisy = (embedded[m][0] for m in ("unintegrated", "unintegrated-noise"))
    np.testing.assert_array_equal(noisy[:, : X.shape[1]], X)
    noise = noisy[:, X.shape[1] :]
    assert noise.shape[1] == 500
    assert noise.var(axis=0).sum() == pytest.approx(X.var(axis=0).sum(), rel=0.02)
    label, batch = toy.obs["label"].to_numpy(), toy.obs["batch"].to_numpy()
    assert metrics.asw_batch(noisy, label, batch) > metrics.asw_batch(X, label, batch) + 0.03


def test_nested_batches_fool_batch_asw_and_not_bras(toy):
    four = toy.copy()
    four.obs["batch"] = np.array(list("abcd"))[np.arange(toy.n_obs) % 4]
    X, _ = embedding.compute(four, "nested-batches")
    halves = np.isin(four.obs["batch"], ["b", "d"])
    assert X[halves, -1].min() > 10 * X[:, :-1].std() > X[~halves, -1].max()
    label, batch = four.obs["label"].to_numpy(), four.obs["batch"].to_numpy()
    assert metrics.asw_batch(X, label, batch) > 0.9
    assert metrics.bras(X, label, batch) < 0.6
    with pytest.raises(NotApplicable, match="fewer than four batches"):
        embedding.compute(toy, "nested-batches")


def test_split_halves_share_out_every_molecule(toy, embedded):
    from zslib.methods.split_half_a import analyze, halves

    counts = toy.layers["counts"]
    first, second = halves(counts, 0)
    assert abs(first + second - counts).nnz == 0
    assert min(first.data.min(), second.data.min()) == 1
    # Of n tosses half fall on one side, give or take the square root of n.
    assert abs(first.sum() - counts.sum() / 2) < 3 * np.sqrt(counts.sum())
    assert not np.allclose(embedded["split-half-a"][0], embedded["split-half-b"][0])
    hollow = first.copy()
    hollow.data[: hollow.indptr[1]] = 0
    with pytest.raises(DataError, match="no molecule"):
        analyze(hollow, 2000, 50)


def test_scvi_leaves_its_training_curve(embedded):
    training = embedded["scvi"][1]["training"]
    assert len(training["train"]) == len(training["held_out"]) == 2
    assert training["train"][1] < training["train"][0]


def test_scvi_trains_where_one_cell_would_be_left_for_the_last_batch(toy):
    """Of 143 cells nine tenths are 129, one more than a batch."""
    found, _ = embedding.compute(toy[np.arange(143) % toy.n_obs].copy(), "scvi", seed=1, **QUICK["scvi"])
    assert np.isfinite(found).all()
    assert len(found) == 143


def test_scvi_reads_the_variable_genes_alone_if_asked(toy, embedded):
    some = toy[:, methods.get("hvg").variable(toy, 100)].copy()
    expected, _ = embedding.compute(some, "scvi", seed=1, **QUICK["scvi"])
    found, run = embedding.compute(toy, "scvi", seed=1, n_genes=100, **QUICK["scvi"])
    np.testing.assert_array_equal(found, expected)
    assert run["parameters"]["n_genes"] == 100
    assert not np.allclose(found, embedded["scvi"][0])


def test_random_projection_keeps_distances_in_expectation(toy):
    from scipy.spatial.distance import pdist

    X, _ = embedding.compute(toy, "random-projection", seed=0, n_dims=2000)
    ratio = pdist(X[:40]) ** 2 / pdist(toy.X[:40].toarray()) ** 2
    assert abs(ratio.mean() - 1) < 0.05


def test_labels_control_separates_types_perfectly(toy, embedded):
    from sklearn.neighbors import KNeighborsClassifier

    X, label = embedded["labels"][0], toy.obs["label"]
    assert KNeighborsClassifier(5).fit(X[::2], label[::2]).score(X[1::2], label[1::2]) == 1


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (np.ones((3, 2)), r"shape \(3, 2\)"),
        (np.ones(240), "shape"),
        (None, "shape"),
        ("nan", "NaN or infinity for 1 of"),
    ],
)
def test_what_is_no_embedding_is_refused_by_name(toy, monkeypatch, returned, complaint):
    if isinstance(returned, str):
        returned = np.ones((toy.n_obs, 2))
        returned[7] = np.nan
    monkeypatch.setattr(methods.get("hvg"), "embed", lambda adata, **_: returned)
    with pytest.raises(DataError, match=complaint):
        embedding.compute(toy, "hvg")


def test_of_a_panel_all_genes_are_used_and_the_page_says_so(toy):
    panel = toy[:, :400].copy()
    found, run = embedding.compute(panel, "hvg")
    np.testing.assert_array_equal(found, panel.X.toarray())
    assert run["genes"] == {"variable_genes": "all 400: 2,000 were asked for"}
    frozen = {"cells_found_done": 7, "tokens_per_second": 127803.6}
    shown = tables.provenance(run | {"embedding": {"sha256": ""}, "frozen": frozen}, bootstrap_resamples=9)
    assert "all 400: 2,000 were asked for" in shown.data
    stopped = "Cells found done by a run that was stopped"
    for said in (stopped, "Tokens per second", "127,804", "Bootstrap resamples"):
        assert f">{said}<" in shown.data
    assert "genes" not in embedding.compute(toy, "hvg")[1]
    for method in ("hvg-pca", "harmony", "split-half-a"):
        assert embedding.compute(panel, method)[0].shape == (toy.n_obs, 50)


def test_ensembl_ids_are_not_read_as_english(toy):
    named = toy.copy()
    named.var["symbol"] = [f"ENSG{i:011d}" for i in range(toy.n_vars)]
    with pytest.raises(
        NotApplicable, match="2,300 of 2,300 genes are named by Ensembl ids, such as ENSG00000000000"
    ):
        embedding.compute(named, "cell-sentence")


def test_an_unknown_method_lists_those_there_are():
    with pytest.raises(DataError, match="hvg-pca"):
        methods.get("no-such-method")


def test_a_method_in_a_file_of_ones_own(toy, tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    path.write_text(
        "import numpy as np\n"
        "from zslib.methods import MethodCard\n"
        "CARD = MethodCard(name='mine', title='Mine', family='foundation', summary='', recipe='', caveat='',"
        " citation='')\n"
        "def embed(adata, *, batch_key, seed, device, scale=1.0):\n"
        "    return scale * np.arange(adata.n_obs)[:, None], {'groups': 3, 'seed': 'not this one'}\n"
    )
    X, run = embedding.compute(toy, str(path), scale=2.0)
    assert X[3, 0] == 6
    assert run["method"] == "mine"
    assert run["groups"] == 3
    assert run["seed"] == 0
    assert run["parameters"] == {"scale": 2.0}
    with pytest.raises(DataError, match="ZSLIB_METHODS"):
        methods.card("mine")  # having read the file leaves nothing behind
    monkeypatch.setenv("ZSLIB_METHODS", str(path))
    assert methods.card("mine").title == "Mine"
    path.write_text(path.read_text().replace("'Mine'", "'Mine too'"))
    assert methods.card("mine").title == "Mine too"
    with pytest.raises(DataError, match="There is no file"):
        methods.get(str(tmp_path / "absent.py"))


def test_a_frozen_network_in_a_file_of_ones_own(toy, tmp_path):
    path = tmp_path / "own_network.py"
    path.write_text(
        "from zslib.frozen import geneformer\n"
        "from zslib.methods import MethodCard, frozen_network\n"
        "CARD = MethodCard(name='own-network', title='Own', family='foundation', summary='', recipe='', caveat='',"
        " citation='')\n"
        "def build(cells, *, seed=0, **options):\n"
        "    known, _ = geneformer.dictionary(cells)\n"
        "    return geneformer.frozen(geneformer.untrained(known, seed), known, cells, f'seed {seed}', **options)\n"
        "def embed(adata, *, batch_key=None, seed=0, device='cpu', partial=None, **options):\n"
        "    return frozen_network.embed(build, adata, seed=seed, device=device, partial=partial, **options)\n"
    )
    X, run = embedding.compute(toy, str(path), seed=1, max_length=8)
    same, _ = embedding.compute(toy, "geneformer-random", seed=1, max_length=8)
    np.testing.assert_array_equal(X, same)
    assert run["frozen"]["max_length"] == 8
    assert methods.source(str(path)) == path


def test_only_baselines_and_published_models_compete():
    for card in map(methods.card, methods.names()):
        frozen = not card.tuned and (card.name == card.checkpoint or card.looked_up)
        assert card.competes == bool(card.family == "baseline" or frozen)
        assert card.competes <= card.compared
        if card.family == "small":
            assert not card.compared


def test_every_trained_small_model_has_an_untrained_twin():
    from zslib.frozen.pretrain import checkpoints

    small = [card for card in map(methods.card, methods.names()) if card.family == "small"]
    trained = {card.name: card.control for card in small if card.control}
    assert set(trained) == {"cell-sentence", *checkpoints.names()}
    for twin in map(methods.card, trained.values()):
        assert twin.family == "small"
        assert twin.weights is twin.weights_sha256 is None


def test_every_control_that_a_card_names_stands_beside_its_models_only():
    cards = [methods.card(m) for m in methods.names()]
    for control in {card.control for card in cards if card.control}:
        assert not methods.card(control).compared


def test_a_card_without_color_and_marker_has_those_of_its_family_and_no_two_others_share_a_marker():
    cards = [methods.card(m) for m in methods.names()]
    own = [c.marker for c in cards if c.marker != STYLES[c.family][1]]
    assert len(set(own)) == len(own) > 20
    plain = MethodCard(name="n", title="N", family="control", summary="", recipe="", caveat="", citation="")
    assert (plain.color, plain.marker) == STYLES["control"]
    assert dataclasses.replace(plain, color="#000000", marker="o").marker == "o"


def test_tables_have_methods_by_family_and_then_by_title():
    names = methods.names()
    assert [n for n in names if not methods.card(n).looked_up][:4] == ["harmony", "hvg", "hvg-pca", "scvi"]
    assert (
        names.index("scvi")
        < names.index("archive-scvi")
        < names.index("census-scgpt")
        < names.index("census-scvi")
    )
    assert (
        names.index("scvi")
        < names.index("scgpt-human")
        < names.index("labels")
        < names.index("cell-sentence")
    )
    assert names.index("labels") < names.index("random") < names.index("unintegrated")
