"""Networks are asked right: against a slow, plain way, a cell at a time and nothing batched or padded."""

import dataclasses

import numpy as np
import pytest
import torch

from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.scgpt import network as scgpt
from zslib.frozen.tokens import Tokens
from zslib.studies.expression import baselines, masking, predict_geneformer, predict_scgpt

N_GENES = 30
SMALL = scgpt.Config(ntoken=N_GENES + 3, embsize=16, nheads=2, d_hid=16, nlayers=2, max_seq_len=40)
SPECIAL = {"cls_id": 31, "pad_id": 30}
RANKED = dataclasses.replace(
    geneformer.V1_10M,
    vocab_size=N_GENES + 4,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=24,
    max_position_embeddings=40,
)


def shaken(model):
    """Weights of which no two parts are alike, or a mix-up would not show."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
    return model


@pytest.fixture(scope="module")
def binned():
    return shaken(scgpt.ScGPT.untrained(SMALL, seed=0))


@pytest.fixture(scope="module")
def ranking():
    return shaken(geneformer.Geneformer.untrained(RANKED, seed=0))


@pytest.fixture(scope="module")
def masked():
    rng = np.random.default_rng(0)
    values = rng.integers(1, 51, (25, N_GENES)) * (rng.random((25, N_GENES)) < rng.random((25, 1)))
    values[12] = 0  # a cell of which nothing is known
    return masking.mask(values[:10], values[10:], 0.4, seed=1)


def ranks_of(masked):
    """The same masked in scaled ranks."""

    def scaled(values):
        out = np.zeros(values.shape)
        for row, cell in zip(out, values, strict=True):
            order = predict_geneformer.ranked(cell)
            row[order] = 1 - np.arange(len(order)) / max(len(order), 1)
        return out

    parts = dataclasses.asdict(masked) | {"train": scaled(masked.train), "truth": scaled(masked.truth)}
    return masking.MaskedGenes(**parts)


def test_scgpt_with_genes_hidden(binned, masked):
    ids = np.random.default_rng(2).permutation(N_GENES)
    found = predict_scgpt.hidden(binned, ids, masked, **SPECIAL, batch_size=4)
    visible, targets = np.flatnonzero(~masked.hidden), np.flatnonzero(masked.hidden)
    for row in range(len(masked.truth)):
        shown = [g for g in visible if masked.truth[row, g] > 0]
        genes = torch.tensor([[31, *ids[shown]]])
        values = torch.tensor([[-2.0, *masked.truth[row, shown]]])
        wanted = targets[masked.scored[row]]
        for way in predict_scgpt.WAYS:
            np.testing.assert_array_equal(np.isfinite(found[way].given[row]), masked.scored[row])
        if not len(wanted):
            continue
        asked = torch.from_numpy(ids[wanted])[None]
        with torch.inference_mode():
            x, y = binned.generate(genes, values, asked)
            flagged = torch.cat([values, -torch.ones(1, len(wanted))], dim=1)
            off = binned.hidden(torch.cat([genes, asked], dim=1), flagged)[:, genes.shape[1] :]
            want = binned.decode(y), binned.decode_cell(x[:, 0], asked), binned.decode(off)
        for way, line in zip(("", "from the cell", "value −1"), want, strict=True):
            said = found[way].given[row, masked.scored[row]]
            np.testing.assert_allclose(said, line[0].numpy(), atol=1e-4)


def test_scgpt_is_not_shown_what_is_hidden(binned, masked):
    other = masked.truth.copy()
    other[:, masked.hidden] = 51 - other[:, masked.hidden]
    changed = dataclasses.replace(masked, truth=other)
    ids = np.arange(N_GENES)
    for way, prediction in predict_scgpt.hidden(binned, ids, masked, **SPECIAL).items():
        np.testing.assert_array_equal(
            prediction.given, predict_scgpt.hidden(binned, ids, changed, **SPECIAL)[way].given
        )


def test_scgpt_with_nothing_hidden(binned):
    rng = np.random.default_rng(0)
    cells = [rng.permutation(N_GENES)[:n] for n in (3, 9, 1, 12, 5)]
    genes = np.concatenate([[31, *c] for c in cells]).astype(np.int32)
    values = np.concatenate([[0, *rng.integers(1, 51, len(c))] for c in cells]).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum([len(c) + 1 for c in cells])])
    tokens = Tokens(genes, offsets, values, pad_id=30, pad_value=-2)
    found = predict_scgpt.published(binned, tokens, batch_size=2)
    for cell in range(len(cells)):
        some, bins = (torch.from_numpy(a)[None] for a in tokens[cell])
        with torch.inference_mode():
            x = binned.hidden(some.long(), bins)
            want = {"GEP": binned.decode(x), "GEPC": binned.decode_cell(x[:, 0], some.long())}
        for name, line in want.items():
            at = slice(offsets[cell], offsets[cell + 1])
            np.testing.assert_allclose(found[name][at], line[0].numpy(), atol=1e-4)


@pytest.mark.parametrize("special", [(), (2, 3)])
def test_geneformer_with_genes_hidden(ranking, masked, special):
    masked = ranks_of(masked)
    ids = np.random.default_rng(2).permutation(N_GENES) + 4
    prediction, found = predict_geneformer.hidden(ranking, ids, masked, special=special, batch_size=4)
    targets = np.flatnonzero(masked.hidden)
    for row, values in enumerate(masked.truth):
        cell = sorted(np.flatnonzero(values), key=lambda g: -values[g])
        tokens = [1 if masked.hidden[g] else int(ids[g]) for g in cell]
        tokens = [*special[:1], *tokens, *special[1:]]
        at = [p for p, token in enumerate(tokens) if token == 1]
        if not at:
            assert not found["top1"][1][row]
            assert np.isnan(prediction.given[row]).all()
            continue
        with torch.inference_mode():
            logits = ranking.logits(torch.tensor([tokens]))[0].double().numpy()
        behind = [cell[p - len(special[:1])] for p in at]
        odds = np.exp(logits[np.ix_(at, ids[targets])])
        odds /= odds.sum(axis=1, keepdims=True)  # one of the hidden genes stands at each
        ranks = values[behind]
        for column in np.flatnonzero(masked.scored[row]):
            weights = odds[:, column] / odds[:, column].sum()
            assert prediction.given[row, column] == pytest.approx(ranks @ weights, abs=1e-5)
            often = min(odds[:, column].sum(), 1)
            assert prediction.level[row, column] == pytest.approx(often * (ranks @ weights), abs=1e-5)
        for k in (1, 10):
            hit = [g in targets[np.argsort(-line)[:k]] for g, line in zip(behind, odds, strict=True)]
            assert found[f"top{k}"][0][row] == sum(hit)
            assert found[f"top{k}"][1][row] == len(at)


def test_geneformer_is_not_shown_what_is_hidden(ranking, masked):
    """Hidden genes that change places leave the answer as it was: only the places of masks are seen."""
    masked = ranks_of(masked)
    other = masked.truth.copy()
    for row in other:
        there = np.flatnonzero(masked.hidden & (row > 0))
        row[there] = row[there[::-1]]
    ids = np.arange(N_GENES) + 4
    prediction, _ = predict_geneformer.hidden(ranking, ids, masked)
    again, _ = predict_geneformer.hidden(ranking, ids, dataclasses.replace(masked, truth=other))
    np.testing.assert_allclose(prediction.given, again.given)
    np.testing.assert_allclose(prediction.level, again.level)


def test_geneformer_with_nothing_hidden(ranking):
    rng = np.random.default_rng(0)
    cells = [rng.permutation(N_GENES)[:n] + 4 for n in (3, 9, 1, 12, 5)]
    flat = np.concatenate(cells).astype(np.int32)
    tokens = Tokens(flat, np.concatenate([[0], np.cumsum([len(c) for c in cells])]))
    found = predict_geneformer.published(ranking, tokens, batch_size=2)
    for cell, stop in zip(cells, tokens.offsets[1:], strict=True):
        want = ranking.logits(torch.from_numpy(cell)[None])[0].argmax(dim=1)
        np.testing.assert_array_equal(found[stop - len(cell) : stop], want.numpy())


def test_special_tokens_are_left_out_of_ranks():
    tokens = Tokens(np.array([2, 7, 8, 3, 2, 9, 3]), np.array([0, 4, 7]))
    flat, offsets, said = predict_geneformer.without_special(tokens, [0, 1, 2, 3, 4, 5, 6], (2, 3))
    np.testing.assert_array_equal(flat, [7, 8, 9])
    np.testing.assert_array_equal(offsets, [0, 2, 3])
    np.testing.assert_array_equal(said, [1, 2, 5])
    flat, offsets, _ = predict_geneformer.without_special(tokens, tokens.flat, ())
    np.testing.assert_array_equal(offsets, tokens.offsets)


def test_scaled_ranks_by_hand():
    found = predict_geneformer.scaled_ranks(
        np.array([9, 5, 7, 5]), np.array([0, 3, 4]), np.array([5, 7, 8, 9])
    )
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3, 0, 1], [1, 0, 0, 0]])


def test_a_baseline_that_knows_the_places_names_the_genes():
    """All cells in one order: the gene mean is never wrong. And what knows nothing is right by chance."""
    values = np.tile(1 - np.arange(20) / 20, (12, 1))
    masked = masking.mask(values[:6], values[6:], 0.5, seed=0)
    prediction, good = predict_geneformer.baseline(masked, baselines.predict("gene mean", masked))
    expressed = masked.target > 0
    np.testing.assert_allclose(prediction.given[expressed], masked.target[expressed], atol=0.01)
    assert good["top1"][0].sum() == good["top1"][1].sum() == 6 * 10
    same = baselines.Prediction(np.full((6, 10), 0.5), np.full((6, 10), 0.5))
    prediction, chance = predict_geneformer.baseline(masked, same, by_gene=False)
    assert chance["top10"][0].sum() == pytest.approx(60)
    assert chance["top1"][0].sum() == pytest.approx(6)
    where_masks_are = masked.target.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(prediction.given, np.broadcast_to(where_masks_are, prediction.given.shape))


def test_of_a_single_hidden_gene_everyone_knows_the_rank(ranking):
    """Told where the mask is: so nobody gets credit for it beside a baseline that is not told."""
    values = np.tile(1 - np.arange(10) / 10, (8, 1))
    masked = masking.mask(values[:4], values[4:], 0.1, seed=0)
    network, _ = predict_geneformer.hidden(ranking, np.arange(10) + 4, masked)
    mean, _ = predict_geneformer.baseline(masked, baselines.predict("mean", masked), by_gene=False)
    np.testing.assert_allclose(network.given, masked.target, atol=1e-6)
    np.testing.assert_allclose(mean.given, masked.target, atol=1e-6)


def test_a_gene_that_is_expected_nowhere_still_has_a_likely_place():
    """Its chances underflow, and only their logarithms say where it would be."""
    scores = torch.tensor([[0.0, 1.0, -2000.0], [0.0, 1.0, -1990.0], [0.0, 1.0, -2001.0]]).double()
    given, level = predict_geneformer._placed(scores, np.array([0.9, 0.5, 0.1]))
    np.testing.assert_allclose(
        given, [0.5, 0.5, (0.9 * np.exp(-10) + 0.5 + 0.1 * np.exp(-11)) / (1 + np.exp(-10) + np.exp(-11))]
    )
    assert level[2] == 0


def test_a_baseline_answers_as_a_network_that_said_the_same(masked):
    """The likelihoods written out, position by position and gene by gene."""
    masked = ranks_of(masked)
    said = baselines.predict("nearest cells", masked)
    prediction, found = predict_geneformer.baseline(masked, said)
    train, targets = masked.train, np.flatnonzero(masked.hidden)
    means = baselines.given_means(train)
    off = [(train[train[:, g] > 0, g] - means[g]) ** 2 for g in range(N_GENES)]
    pooled = np.concatenate(off).mean()
    for row, values in enumerate(masked.truth):
        at = [g for g in sorted(targets, key=lambda g: -values[g]) if values[g] > 0]
        odds = np.zeros((len(at), len(targets)))
        for p, behind in enumerate(at):
            for column, gene in enumerate(targets):
                variance = max((off[gene].sum() + pooled) / (len(off[gene]) + 1), 1e-6)
                share = np.clip(said.level[row, column] / max(said.given[row, column], 1e-9), 1e-4, 1)
                distance = (values[behind] - said.given[row, column]) ** 2
                odds[p, column] = share / np.sqrt(variance) * np.exp(-distance / (2 * variance))
        if not at:
            continue
        odds /= odds.sum(axis=1, keepdims=True)
        best = [targets[line.argmax()] == g for g, line in zip(at, odds, strict=True)]
        assert found["top1"][0][row] == sum(best)
        asked = masked.scored[row]
        want = values[at] @ odds / odds.sum(axis=0)
        np.testing.assert_allclose(prediction.given[row, asked], want[asked], rtol=1e-5)
        level = want * np.minimum(odds.sum(axis=0), 1)
        np.testing.assert_allclose(prediction.level[row, asked], level[asked], rtol=1e-5)
