"""Both protocols from counts to tables, against slow and plain versions."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse, stats

from zslib.core.errors import DataError
from zslib.frozen.geneformer import Dictionaries
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.scgpt import network as scgpt
from zslib.frozen.scgpt.tokenizer import paper
from zslib.studies.expression import (
    baselines,
    cards,
    masking,
    predict_geneformer,
    protocol,
    published,
    results,
    scales,
    sentences,
    tables,
)
from zslib.studies.expression.networks import Network

GENES = [f"G{i}" for i in range(50)]
VOCAB = {name: i for i, name in enumerate([*GENES[::-1], "<pad>", "<cls>", "<eoc>"])}
SETTINGS = cards.Settings(
    n_train=30,
    n_cells=14,
    n_large=6,
    n_genes=40,
    window=12,
    fractions=(0.25, 0.6),
    draws=2,
    n_boot=40,
    epochs=0,
)


def ranking(name, seed=0, medians=1.0):
    tokens = {"<pad>": 0, "<mask>": 1} | {gene: 2 + i for i, gene in enumerate(GENES)}
    config = dataclasses.replace(
        geneformer.V1_10M,
        vocab_size=len(tokens),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=20,
    )
    known = Dictionaries(
        tokens, {gene: 1 + (medians - 1) * i for i, gene in enumerate(GENES)}, {g: g for g in GENES}
    )
    model = geneformer.Geneformer.untrained(config, seed)
    return Network(name=name, kind="geneformer", model=model, genes=GENES, dictionaries=known)


@pytest.fixture(scope="module")
def counts():
    rng = np.random.default_rng(0)
    rate = rng.gamma(0.6, 1.5, (2, 50))[rng.integers(0, 2, 60)]
    return sparse.csr_matrix(rng.poisson(rate).astype(np.float32))


@pytest.fixture(scope="module")
def networks():
    config = scgpt.Config(ntoken=len(VOCAB), embsize=16, nheads=2, d_hid=16, nlayers=2, max_seq_len=60)
    binned = scgpt.ScGPT.untrained(config, seed=0)
    return [
        Network(name="scgpt-random", kind="scgpt", model=binned, genes=GENES, vocab=VOCAB),
        ranking("geneformer-random"),
    ]


@pytest.fixture(scope="module")
def batch():
    return np.repeat(["a", "b"], 30)


@pytest.fixture(scope="module")
def found(counts, batch, networks):
    return protocol.evaluate(counts, batch, networks, SETTINGS)


def value(table, **where):
    for column, wanted in where.items():
        table = table[table[column] == wanted]
    assert len(table) == 1, where
    return float(table["value"].iloc[0])


def draws(scale, number, fraction):
    for draw in range(SETTINGS.draws):
        yield masking.mask(scale.train, scale.truth, fraction, SETTINGS.seed + SETTINGS.draws * number + draw)


def test_hidden_bins_of_the_network_and_a_baseline_in_plain_loops(found, counts, batch, networks):
    train, test = masking.split(batch, 30, 14, 0)
    scale = scales.bins(counts[train], counts[test], networks[:1], n_genes=40, seed=0)
    model, ids = networks[0].model, scale.ids["scgpt-random"]
    for number, fraction in enumerate(SETTINGS.fractions):
        error, usual, off, n = 0.0, 0.0, 0.0, 0
        for masked in draws(scale, number, fraction):
            for cell in masked.truth:
                shown_genes = [g for g in range(40) if not masked.hidden[g] and cell[g] > 0]
                genes = torch.tensor([[VOCAB["<cls>"], *ids[shown_genes]]])
                values = torch.tensor([[-2.0, *cell[shown_genes]]])
                asked = np.flatnonzero(masked.hidden & (cell > 0))
                with torch.inference_mode():
                    _, y = model.generate(genes, values, torch.from_numpy(ids[asked])[None])
                    answers = model.decode(y)[0].tolist()
                for gene, said in zip(asked, answers, strict=True):
                    others = [v for v in masked.train[:, gene] if v > 0]
                    everything = [v for v in masked.train.ravel() if v > 0]
                    mean = np.mean(others) if others else np.mean(everything)
                    error += (said - cell[gene]) ** 2
                    usual += (mean - cell[gene]) ** 2
                    off += abs(mean - cell[gene])
                    n += 1
        where = {"scale": "bins", "fraction": fraction}
        said = value(found.scores, predictor="scgpt-random", score="r2", **where)
        assert said == pytest.approx(1 - error / usual, rel=1e-4)
        assert value(found.scores, predictor="gene mean", score="mae", **where) == pytest.approx(off / n)


def test_hidden_ranks_of_the_network_in_plain_loops(found, counts, batch, networks):
    """Accuracy and error, with the ranks of cells taken from their counts by a sort."""
    train, test = masking.split(batch, 30, 14, 0)
    (scale,) = scales.ranks(counts[train], counts[test], networks[1:], window=12)
    ids, model = scale.ids["geneformer-random"], networks[1].model
    for line, cell in zip(scale.truth, counts[test].toarray(), strict=True):
        order = sorted(np.flatnonzero(cell), key=lambda g: (-cell[g], g))[:12]
        kept = [2 + g for g in order if 2 + g in ids]
        want = {token: 1 - place / len(kept) for place, token in enumerate(kept)}
        assert {int(ids[g]): pytest.approx(line[g]) for g in np.flatnonzero(line)} == want
    hit, off, n, error, usual = 0, 0.0, 0, 0.0, 0.0
    for masked in draws(scale, 0, SETTINGS.fractions[0]):
        candidates = ids[masked.hidden]
        mean, _ = predict_geneformer.baseline(masked, baselines.predict("gene mean", masked))
        for cell, means in zip(masked.truth, mean.given, strict=True):
            order = sorted(np.flatnonzero(cell), key=lambda g: -cell[g])
            at = [p for p, g in enumerate(order) if masked.hidden[g]]
            tokens = torch.tensor([[1 if masked.hidden[g] else int(ids[g]) for g in order]])
            if not at:
                continue
            with torch.inference_mode():
                odds = torch.softmax(model.logits(tokens)[0, at][:, candidates].double(), dim=1).numpy()
            for p, line in zip(at, odds, strict=True):
                token = ids[order[p]]
                hit += candidates[line.argmax()] == token
                chance = odds[:, candidates == token][:, 0]
                said = chance @ cell[[order[q] for q in at]] / chance.sum()
                off += abs(said - cell[order[p]])
                error += (said - cell[order[p]]) ** 2
                usual += (means[candidates == token][0] - cell[order[p]]) ** 2
                n += 1
    where = {"scale": "ranks", "predictor": "geneformer-random", "fraction": SETTINGS.fractions[0]}
    assert value(found.scores, score="top1", **where) == pytest.approx(hit / n)
    assert value(found.scores, score="mae", **where) == pytest.approx(off / n, rel=1e-4)
    assert value(found.scores, score="r2", **where) == pytest.approx(1 - error / usual, rel=1e-3)


def test_the_published_protocol_in_plain_loops(found, counts, batch, networks):
    _, test = masking.split(batch, 30, 14, 0)
    binned, ranked = networks
    read = paper(GENES, VOCAB, counts=counts, n_hvg=40, max_len=60)
    tokens = read(counts[test])
    squares, bins = {"GEP": [], "GEPC": []}, []
    for cell in range(len(tokens)):
        genes, values = (torch.from_numpy(a)[None] for a in tokens[cell])
        with torch.inference_mode():
            x = binned.model.hidden(genes.long(), values)
            said = {"GEP": binned.model.decode(x), "GEPC": binned.model.decode_cell(x[:, 0], genes.long())}
        for name, line in said.items():
            squares[name] += ((line - values)[0, 1:] ** 2).tolist()
        bins += values[0, 1:].tolist()
    squares["mean bin"] = (np.array(bins) - np.mean(bins)) ** 2
    for name, all_squares in squares.items():
        assert value(found.published, predictor=name, score="mse") == pytest.approx(
            np.mean(all_squares), rel=1e-4
        )
    rows = []
    for cell in scales.encode(counts[test], ranked, 12):
        said = ranked.model.logits(torch.from_numpy(cell)[None])[0].argmax(dim=1).numpy()
        rank = np.linspace(1, 0, len(cell))
        named = pd.DataFrame({"token": said, "out": rank}).groupby("token").mean()
        both = pd.DataFrame({"token": cell, "in": rank}).set_index("token").join(named, how="outer").fillna(0)
        rows.append(stats.pearsonr(both["in"], both["out"])[0])
    assert value(found.published, predictor="network", score="pearson") == pytest.approx(np.mean(rows))


def test_bins_are_those_of_the_papers_tokens(counts, networks):
    """Where no counts are equal there is no chance, and all ways to bin agree."""
    apart = counts.copy()
    apart.data = apart.data + np.random.default_rng(0).permutation(len(apart.data)) / len(apart.data)
    counted = sparse.csr_matrix(apart.astype(np.float32))
    every = [Network(name="n", kind="scgpt", model=networks[0].model, genes=GENES, vocab=VOCAB)]
    rounded = counted.copy()
    rounded.data = np.rint(rounded.data * 1000)
    scale = scales.bins(rounded[:30], rounded[30:], every, n_genes=50, seed=5)
    chosen = np.isin([VOCAB[gene] for gene in GENES], scale.ids["n"])
    tokens = paper(GENES, VOCAB, hvg=chosen, max_len=60)(rounded[30:])
    for row, line in enumerate(scale.truth):
        ids, bins = tokens[row]
        want = dict(zip(ids[1:].tolist(), bins[1:].tolist(), strict=True))
        there = np.flatnonzero(line)
        assert dict(zip(scale.ids["n"][there].tolist(), line[there].tolist(), strict=True)) == want
    np.testing.assert_array_equal(scale.ceiling, scale.truth)


def test_networks_that_rank_alike_share_a_scale(counts):
    alike = [ranking("geneformer-a"), ranking("geneformer-b", seed=1)]
    (scale,) = scales.ranks(counts[:30], counts[30:], alike, window=12)
    assert scale.name == "ranks"
    assert [n.name for n in scale.networks] == ["geneformer-a", "geneformer-b"]
    apart = [ranking("geneformer-a"), ranking("geneformer-b", medians=3.0)]
    names = [scale.name for scale in scales.ranks(counts[:30], counts[30:], apart, window=12)]
    assert names == ["ranks of geneformer-a", "ranks of geneformer-b"]


def test_counts_are_those_behind_the_values(counts, networks):
    scale = scales.bins(counts[:30], counts[30:], networks[:1], n_genes=40, seed=0)
    chosen = np.isin([VOCAB[gene] for gene in GENES], scale.ids["scgpt-random"])
    np.testing.assert_array_equal(scale.counts[1], counts[30:].toarray()[:, chosen])
    (scale,) = scales.ranks(counts[:30], counts[30:], networks[1:], window=12)
    genes = scale.ids["geneformer-random"] - 2
    for values, found, rows in zip(
        (scale.train, scale.truth), scale.counts, (counts[:30], counts[30:]), strict=True
    ):
        np.testing.assert_array_equal(found, np.where(values > 0, rows.toarray()[:, genes], 0))


def test_large_networks_are_asked_about_fewer_cells(counts, batch, networks, monkeypatch):
    monkeypatch.setattr(protocol, "LARGE", 10)
    fewer = dataclasses.replace(SETTINGS, fractions=(0.25,), draws=1)
    table = protocol.evaluate(counts, batch, networks, fewer)
    n = table.scores.query("score == 'mae' and scale == 'bins'").set_index("predictor")["n"]
    assert n["scgpt-random"] <= 6 < n["ridge"] <= 14
    assert (table.published["n"] == 6).all()


def test_tables_are_tidy_and_everyone_answered(found):
    keys = ["scale", "network", "predictor", "fraction", "score"]
    assert not found.scores.duplicated(keys).any()
    inside = found.scores.dropna(subset="value")
    assert (inside["ci_low"] <= inside["value"] + 1e-9).all()
    assert (inside["value"] <= inside["ci_high"] + 1e-9).all()
    for scale, extra in (("bins", {cards.CEILING}), ("ranks", set())):
        rows = found.scores[(found.scores["scale"] == scale) & (found.scores["network"] == "")]
        assert set(rows["predictor"]) == {"mean", "gene mean", "nearest cells", "PCA", "ridge"} | extra
    assert set(found.curves["predictor"]) >= {"scgpt-random", "geneformer-random", "gene mean"}
    assert set(found.scores["score"]) == set(cards.CARDS)


def test_settings_that_make_no_sense_are_refused():
    for change in ({"draws": 0}, {"shown": 0.3}, {"fractions": (0.25, 1.0)}):
        with pytest.raises(DataError, match="shares"):
            dataclasses.replace(SETTINGS, **change)


def test_a_curve_by_hand():
    pairs = np.array([[1, 4, 4, 50, 50], [10, 20, 40, 0, 8]], dtype=float)
    found = protocol.curve(pairs, top=50)
    np.testing.assert_allclose(found["true"], [3, 50])
    np.testing.assert_allclose(found["predicted"], [70 / 3, 4])
    np.testing.assert_allclose(found["n"], [3, 2])
    np.testing.assert_allclose(found["high"], np.array([36, 7.2]))


def test_written_and_read_and_cleared(found, tmp_path):
    results.write(tmp_path, "toy", found, {"scgpt-human": "no weights"})
    again = results.read(tmp_path, "toy")
    for name in results.PredictionScores._fields:
        pd.testing.assert_frame_equal(
            getattr(again, name).drop(columns="dataset"), getattr(found, name), check_dtype=False
        )
        assert set(getattr(again, name)["dataset"]) == {"toy"}
    results.clear(tmp_path, "toy")
    assert results.read(tmp_path, "toy") is None


def test_verdicts(found):
    scored = found.scores.assign(dataset="toy")
    rows = sentences.verdicts(scored).set_index("network")
    assert rows.loc["scgpt-random", "worse"] == rows.loc["scgpt-random", "shares"] == 2
    assert sentences.verdict(rows.loc["scgpt-random"]) == "Below at every share"
    shown = tables.answers([found._replace(scores=scored)]).data
    assert "scGPT&#x27;s network, untrained" in shown
    assert f">−{-rows.loc['scgpt-random', 'lowest']:.2f} <" in shown


def test_a_cell_of_too_few_genes_is_left_out_of_published_ranks(counts, networks):
    few = counts[:8].tolil()
    few[2], few[5] = 0, 0
    few[5, 3] = 4
    table = published.ranks(networks[1], sparse.csr_matrix(few), np.arange(8), SETTINGS, "cpu")
    assert (table["n"] == 6).all()
