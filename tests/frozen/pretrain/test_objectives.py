"""The two objectives against slow code that follows their definitions a token at a time."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from zslib.frozen.pretrain import generation, masked_rank
from zslib.frozen.pretrain.corpus import Corpus
from zslib.frozen.pretrain.generation import Generation, split
from zslib.frozen.pretrain.masked_rank import MaskedRank, hide
from zslib.frozen.pretrain.recipe import Recipe

N_GENES = 30


@pytest.fixture(scope="module")
def corpus():
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(0.5, 1.0, N_GENES) + 0.2, (50, N_GENES)).astype(np.float32)
    counts[:, 0] += 1
    held = np.arange(50) >= 40
    return Corpus(
        counts=sparse.csr_matrix(counts),
        totals=counts.sum(axis=1).astype(float),
        genes=tuple(f"G{i:02d}" for i in range(N_GENES)),
        ids={},
        dataset=np.repeat("toy", 50),
        held_out=held,
        sources=(),
    )


def network(architecture, objective):
    recipe = Recipe(architecture=architecture, corpus=("toy",), layers=2, width=16, max_length=12)
    model = recipe.network(objective).double()
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn_like(weight)
    return model


# Masked ranks


def test_shares_of_hidden_tokens():
    rng = np.random.default_rng(0)
    tokens = rng.integers(2, 1000, (200, 500))
    real = np.arange(500) < rng.integers(100, 500, (200, 1))
    shown, chosen = hide(tokens, real, 1000, rng)
    assert not chosen[~real].any()
    np.testing.assert_array_equal(shown[~chosen], tokens[~chosen])
    assert chosen[real].mean() == pytest.approx(0.15, abs=0.005)
    assert (shown[chosen] == masked_rank.MASK).mean() == pytest.approx(0.8, abs=0.01)
    other = (shown != masked_rank.MASK) & (shown != tokens)
    assert other[chosen].mean() == pytest.approx(0.1, abs=0.01)
    assert shown[chosen & other].min() >= masked_rank.FIRST_GENE


def test_something_is_always_hidden():
    for seed in range(30):
        _, chosen = hide(np.array([[5, 6]]), np.array([[True, False]]), 10, np.random.default_rng(seed))
        assert chosen.tolist() == [[True, False]]


def test_cross_entropy_a_token_at_a_time(corpus):
    objective = MaskedRank(corpus, 12)
    model = network("geneformer", objective)
    batch = objective.batch(corpus.train[:7], np.random.default_rng(3))
    shown, real, chosen, _ = batch
    with torch.inference_mode():
        found, said = objective.measure(model, batch), float(objective.loss(model, batch, 0))
        logits = model.logits(shown, real)
    losses, hits, cells = [], [], []
    for cell in range(7):
        tokens = objective.cells[int(corpus.train[cell])]
        for place in np.flatnonzero(chosen[cell].numpy()):
            p = torch.softmax(logits[cell, place], dim=0)
            losses.append(-float(torch.log(p[tokens[place]])))
            hits.append(int(p.argmax()) == tokens[place])
            cells.append(cell)
    np.testing.assert_allclose(found["loss"], losses, rtol=1e-5)
    np.testing.assert_array_equal(found["accuracy"], hits)
    np.testing.assert_array_equal(objective.cell_of(batch), cells)
    assert said == pytest.approx(np.mean(losses), rel=1e-5)


def test_tokens_follow_from_the_corpus_alone(corpus):
    objective = MaskedRank(corpus, 12)
    assert list(objective.tokens)[:2] == ["<pad>", "<mask>"]
    assert set(objective.medians) == set(corpus.genes)
    counts = corpus.counts[3].toarray().ravel() / corpus.totals[3] * 10_000
    value = counts / np.array([objective.medians[g] for g in corpus.genes])
    order = np.lexsort((np.arange(N_GENES), -value))[: np.count_nonzero(value)][:12]
    np.testing.assert_array_equal(objective.cells[3], order + 2)


def test_frequencies_are_those_of_the_training_cells(corpus):
    objective = MaskedRank(corpus, 12)
    shares = {name: baseline.keywords["share"] for name, baseline in objective.baselines().items()}
    for share in shares.values():
        np.testing.assert_allclose(share.sum(axis=1), 1)
        assert (share[:, masked_rank.FIRST_GENE :] > 0).all()
    count, at_first = np.zeros(N_GENES + 2), np.zeros(N_GENES + 2)
    for cell in corpus.train:
        np.add.at(count, objective.cells[int(cell)], 1)
        at_first[objective.cells[int(cell)][0]] += 1
    anywhere = (count + 1) * (np.arange(N_GENES + 2) > 1)
    anywhere /= anywhere.sum()
    for name, own in (("unigram", count), ("per-rank", at_first)):
        n = own.sum()
        np.testing.assert_allclose(shares[name][0], (own + (n + 1) * anywhere) / (2 * n + 1))
    batch = objective.batch(corpus.test, np.random.default_rng(0))
    found = objective.baselines()["per-rank"](batch)
    rank = np.nonzero(batch[2].numpy())[1]
    np.testing.assert_allclose(found["loss"], -np.log(shares["per-rank"][rank, batch[3].numpy()]))


# Perception and generation


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(2, 20), min_size=1, max_size=5),
    st.sampled_from(generation.RATIOS),
    st.integers(3, 25),
    st.integers(0, 99),
)
def test_genes_are_dealt_out_once_each(lengths, ratio, max_len, seed):
    real = np.arange(max(lengths)) < np.array(lengths)[:, None]
    genes = np.where(real, np.arange(max(lengths)), -5)
    seen, wanted = split(genes, real, ratio, max_len, np.random.default_rng(seed))
    for cell, length in enumerate(lengths):
        perceived = [c for c in seen[cell] if c >= 0]
        generated = [c for c in wanted[cell] if c >= 0]
        assert perceived[0] == 0
        assert 0 not in generated
        together = perceived[1:] + generated
        assert len(set(together)) == len(together) == min(length, max_len) - 1
        assert set(together) <= set(range(1, length))
        assert len(generated) == max(1, round(ratio * len(together)))


def test_every_gene_can_be_left_out_or_generated():
    real = np.ones((1, 11), dtype=bool)
    genes = np.arange(11)[None]
    dealt = [split(genes, real, 0.5, 6, np.random.default_rng(seed)) for seed in range(400)]
    generated = np.bincount(np.concatenate([w[0] for _, w in dealt]), minlength=11)[1:]
    perceived = np.bincount(np.concatenate([s[0, 1:] for s, _ in dealt]), minlength=11)[1:]
    expected = 400 * np.array([2, 3]) / 10  # of 10 genes five are read, two of these generated
    assert abs(generated - expected[0]).max() < 40
    assert abs(perceived - expected[1]).max() < 45


def test_squared_errors_a_gene_at_a_time(corpus, monkeypatch):
    monkeypatch.setattr(generation, "SECOND_PASS_FROM", 10)
    objective = Generation(corpus, 12)
    model = network("scgpt", objective)
    model.eval()
    batch = objective.batch(corpus.train[:5], np.random.default_rng(1))
    genes, values, mask, targets, truth, asked = batch
    values, batch = values.double(), (genes, values.double(), mask, targets, truth.double(), asked)
    with torch.inference_mode():
        found = objective.measure(model, batch)
        early, late = (float(objective.loss(model, batch, step)) for step in (9, 10))
    gep, gepc, second, cells = [], [], [], []
    for cell in range(5):
        n = int(mask[cell].sum())
        own = genes[cell, :n][None], values[cell, :n][None]
        with torch.inference_mode():
            embedded = model.hidden(*own)[:, 0]
            for gene, bin_ in zip(targets[cell][asked[cell]], truth[cell][asked[cell]], strict=True):
                row = dict(
                    zip(*map(np.ndarray.tolist, objective.cells[int(corpus.train[cell])]), strict=True)
                )
                assert row[int(gene)] == float(bin_)
                alone = gene[None, None]
                x, y = model.generate(*own, alone)
                gep.append((float(model.decode(y)) - float(bin_)) ** 2)
                gepc.append((float(model.decode_cell(embedded, alone)) - float(bin_)) ** 2)
                _, y = model.generate(*own, alone, cell=x[:, 0])
                second.append((float(model.decode(y)) - float(bin_)) ** 2)
                cells.append(cell)
    np.testing.assert_allclose(found["gep"], gep, rtol=1e-4)
    np.testing.assert_allclose(found["gepc"], gepc, rtol=1e-4)
    np.testing.assert_allclose(found["loss"], np.add(gep, gepc), rtol=1e-4)
    np.testing.assert_array_equal(objective.cell_of(batch), cells)
    assert early == pytest.approx(np.mean(gep) + np.mean(gepc), rel=1e-4)
    assert late == pytest.approx(early + np.mean(second), rel=1e-4)


def attend(q, k, v, allowed):
    """Attention by its definition: of each row over the columns that are allowed."""
    scores = (q @ k.T / q.shape[1] ** 0.5).masked_fill(~allowed, -torch.inf)
    return torch.softmax(scores, dim=1) @ v


def test_attention_is_that_of_one_explicit_mask(corpus):
    """A layer on perceived and generated tokens as one sequence, under a mask that is written out."""
    objective = Generation(corpus, 12)
    model = network("scgpt", objective).eval()
    layer, heads, D = model.layers[0], model.config.nheads, model.config.embsize
    torch.manual_seed(1)
    P, G, padding = 5, 4, 2
    x, y = torch.randn(1, P, D).double(), torch.randn(1, G, D).double()
    mask = torch.arange(P) < P - padding
    allowed = torch.zeros(P + G, P + G, dtype=torch.bool)
    allowed[:, : P - padding] = True  # everyone sees what is perceived
    allowed[range(P, P + G), range(P, P + G)] = True  # and a generated token itself, but no other
    qkv = layer.self_attn["Wqkv"](torch.cat([x, y], dim=1))[0].view(P + G, 3, heads, D // heads)
    mixed = torch.cat([attend(*qkv[:, :, h].unbind(1), allowed) for h in range(heads)], dim=1)
    mixed = torch.cat([layer.self_attn["out_proj"](mixed[:P]), mixed[P:]])
    both = layer.norm1(torch.cat([x, y], dim=1)[0] + mixed)
    both = layer.norm2(both + layer.linear2(F.relu(layer.linear1(both))))
    found_x, found_y = layer.generate(x, y, mask[None, None, None, :])
    real = P - padding
    torch.testing.assert_close(found_x[0, :real], both[:real], rtol=0, atol=1e-10)
    torch.testing.assert_close(found_y[0], both[P:], rtol=0, atol=1e-10)


def test_mean_bins_are_those_of_the_training_cells(corpus):
    objective = Generation(corpus, 12)
    bins = [
        (g, v) for cell in corpus.train for g, v in list(zip(*objective.cells[int(cell)], strict=True))[1:]
    ]
    mean = np.mean([v for _, v in bins])
    asked_by = objective.baselines()
    means = {name: baseline.keywords["bins"] for name, baseline in asked_by.items()}
    np.testing.assert_allclose(means["mean bin"], mean)
    for gene in (0, 7, N_GENES - 1):
        own = [v for g, v in bins if g == gene]
        assert means["gene mean"][gene] == pytest.approx((sum(own) + mean) / (len(own) + 1))
    batch = objective.batch(corpus.test, np.random.default_rng(0))
    found = asked_by["gene mean"](batch)
    asked, truth = batch[3][batch[5]].numpy(), batch[4][batch[5]].numpy()
    np.testing.assert_allclose(found["gep"], (means["gene mean"][asked] - truth) ** 2, rtol=1e-6)
