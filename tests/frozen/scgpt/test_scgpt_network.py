"""scGPT against the reference package, against its own definition written out, and its files."""

import json
import os
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from zslib.core.errors import DataError
from zslib.frozen.scgpt import files as scgpt_files
from zslib.frozen.scgpt import network as scgpt
from zslib.frozen.scgpt.network import Config
from zslib.frozen.scgpt.tokenizer import authors
from zslib.frozen.weights.readers import read_tensors

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ZSLIB_TEST_DATA", ROOT.parent / "shared/data"))
VOCAB = {name: i for i, name in enumerate([*(f"G{i}" for i in range(57)), "<pad>", "<cls>", "<eoc>"])}
SMALL = Config(ntoken=len(VOCAB), embsize=24, nheads=4, d_hid=40, nlayers=3, max_seq_len=20)


@pytest.fixture(scope="module")
def script():
    """What compares with the reference package at full size, for use at a small one."""
    return runpy.run_path(str(ROOT / "benchmarks/agreement_scgpt.py"))


@pytest.fixture(scope="module")
def model():
    """Weights of which no two parts are alike."""
    model = scgpt.ScGPT.untrained(SMALL, seed=0)
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn_like(weight)
    return model


def batch(lengths, seed=0, dtype=torch.float32):
    """Ragged cells: genes, values and mask, each (B, L)."""
    rng = np.random.default_rng(seed)
    mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
    genes = np.where(mask, rng.integers(0, 57, mask.shape), VOCAB["<pad>"])
    values = np.where(mask, rng.integers(1, 51, mask.shape), -2)
    genes[:, 0], values[:, 0] = VOCAB["<cls>"], -2
    return torch.from_numpy(genes), torch.from_numpy(values).to(dtype), torch.from_numpy(mask)


# Agreement


def test_equal_to_the_reference_package(script):
    try:
        found = script["compare"](SMALL, VOCAB, lengths=[19, 12, 7, 2])
    except DataError as error:
        pytest.skip(f"the reference package is out of reach: {error}")
    assert found.keys() == {torch.float32, torch.float64}
    for dtype, outputs in found.items():
        assert outputs.keys() == {"cell embedding", "GEP", "GEPC"}
        assert max(outputs.values()) < script["TOLERANCE"][dtype], outputs


def linear(x, state, name):
    return x @ state[f"{name}.weight"].T + state.get(f"{name}.bias", 0)


def norm(x, state, name):
    x = (x - x.mean()) / (x.var(unbiased=False) + 1e-5).sqrt()
    return x * state[f"{name}.weight"] + state[f"{name}.bias"]


def written_out(state, config, genes, values, targets):
    """Both paths for one cell without padding, a token and a head at a time."""
    D, width = config.embsize, config.embsize // config.nheads
    gene = lambda i: norm(state["encoder.embedding.weight"][i], state, "encoder.enc_norm")  # noqa: E731
    x = []
    for i, value in zip(genes, values, strict=True):
        v = linear(value.clamp(max=512)[None], state, "value_encoder.linear1").relu()
        x.append(gene(i) + norm(linear(v, state, "value_encoder.linear2"), state, "value_encoder.norm"))
    y = [gene(i) + state["flag_encoder.weight"][1] for i in targets]

    for number in range(config.nlayers):
        layer = f"transformer_encoder.layers.{number}"
        px = [linear(token, state, f"{layer}.self_attn.Wqkv") for token in x]
        py = [linear(token, state, f"{layer}.self_attn.Wqkv") for token in y]

        def attend(q, seen, D=D):
            mixed = []
            for head in range(config.nheads):
                part = slice(head * width, (head + 1) * width)
                key, value = (torch.stack([p[i * D : (i + 1) * D][part] for p in seen]) for i in (1, 2))
                score = (key * q[:D][part]).sum(dim=1) / width**0.5
                mixed.append((score.softmax(dim=0)[:, None] * value).sum(dim=0))
            return torch.cat(mixed)

        def finish(token, mixed, layer=layer):
            token = norm(token + mixed, state, f"{layer}.norm1")
            wide = linear(token, state, f"{layer}.linear1").relu()
            return norm(token + linear(wide, state, f"{layer}.linear2"), state, f"{layer}.norm2")

        out_proj = f"{layer}.self_attn.out_proj"
        x, y = (
            [finish(token, linear(attend(p, px), state, out_proj)) for token, p in zip(x, px, strict=True)],
            [finish(token, attend(p, [*px, p])) for token, p in zip(y, py, strict=True)],
        )
    return torch.stack(x), torch.stack(y)


def test_equal_to_its_definition_written_out(model):
    """Perception, generation and both decoders, ragged, in float64."""
    model = scgpt_copy(model).double()
    genes, values, mask = batch([9, 4, 6], dtype=torch.float64)
    values[0, 3] = 700
    targets = torch.randint(0, 57, (3, 5), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        x, y = model.generate(genes, values, targets, mask)
        torch.testing.assert_close(model.hidden(genes, values, mask), x)
        predicted, from_cell = model.decode(y), model.decode_cell(x[:, 0], targets)
        cells = model.pooled(genes, values, mask)
    state = model.state_dict()
    for i in range(3):
        n = int(mask[i].sum())
        want_x, want_y = written_out(state, SMALL, genes[i, :n], values[i, :n], targets[i])
        same = {"rtol": 0, "atol": 1e-10}
        torch.testing.assert_close(x[i, :n], want_x, **same)
        torch.testing.assert_close(y[i], want_y, **same)
        torch.testing.assert_close(cells[i], want_x[0] / want_x[0].norm(), **same)
        step = F.leaky_relu(linear(want_y, state, "decoder.fc.0"), 0.01)
        step = F.leaky_relu(linear(step, state, "decoder.fc.2"), 0.01)
        torch.testing.assert_close(predicted[i], linear(step, state, "decoder.fc.4")[:, 0], **same)
        for k, target in enumerate(targets[i]):
            gene = norm(state["encoder.embedding.weight"][target], state, "encoder.enc_norm")
            query = linear(linear(gene, state, "mvc_decoder.gene2query").sigmoid(), state, "mvc_decoder.W")
            torch.testing.assert_close(from_cell[i, k], query @ want_x[0], **same)


def scgpt_copy(model):
    copy = scgpt.ScGPT(model.config).eval()
    copy.load_state_dict(model.state_dict())
    return copy


# What an output depends on


@given(st.lists(st.integers(1, 19), min_size=1, max_size=5), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_embedding_of_a_cell_is_its_own(lengths, seed):
    """Alone or among others, from counts on; the reference's depends on the order of the cells."""
    model = scgpt.ScGPT.untrained(SMALL, seed=3)
    rng = np.random.default_rng(seed)
    counts = np.zeros((len(lengths), 57), dtype=np.float32)
    for row, n in zip(counts, lengths, strict=True):
        row[rng.choice(57, 2 * n, replace=False)] = rng.integers(1, 5, 2 * n)  # up to twice what fits
    tokens = authors([f"G{i}" for i in range(57)], VOCAB, max_len=20)(sparse.csr_matrix(counts))
    together = model.pooled(*map(torch.from_numpy, tokens.padded(slice(None))))
    torch.testing.assert_close(together.norm(dim=1), torch.ones(len(lengths)))
    for i in range(len(lengths)):
        alone = authors([f"G{i}" for i in range(57)], VOCAB, max_len=20)(sparse.csr_matrix(counts[i : i + 1]))
        genes, values, mask = map(torch.from_numpy, alone.padded([0]))
        assert mask.all()
        torch.testing.assert_close(model.pooled(genes, values)[0], together[i], rtol=0, atol=1e-6)


def test_order_of_genes_and_what_stands_at_padding_do_not_matter(model):
    genes, values, mask = batch([12, 5])
    want = model.pooled(genes, values, mask)
    order = torch.tensor([0, *(torch.randperm(11, generator=torch.Generator().manual_seed(0)) + 1)])
    shuffled = model.pooled(genes[:, order], values[:, order], mask[:, order])
    torch.testing.assert_close(shuffled, want, rtol=0, atol=1e-6)
    other = model.pooled(genes.masked_fill(~mask, 3), values.masked_fill(~mask, 9), mask)
    torch.testing.assert_close(other, want, rtol=0, atol=1e-6)


def test_a_prediction_does_not_depend_on_what_else_is_asked(model):
    genes, values, mask = batch([12, 5])
    targets = torch.arange(10).expand(2, 10)
    with torch.inference_mode():
        _, together = model.generate(genes, values, targets, mask)
        _, alone = model.generate(genes, values, targets[:, 4:5], mask)
    torch.testing.assert_close(together[:, 4:5], alone, rtol=0, atol=1e-5)


def test_depth(model):
    genes, values, mask = batch([9, 4])
    with torch.inference_mode():
        last = model.hidden(genes, values, mask)
        x = model.hidden(genes, values, mask, depth=2)
        torch.testing.assert_close(model.layers[2](x, mask[:, None, None]), last)
        nothing = model.hidden(genes, values, mask, depth=0)
        torch.testing.assert_close(nothing, model.encoder(genes) + model.value_encoder(values))
    for depth in (-1, 4):
        with pytest.raises(DataError, match="3 layers"):
            model.hidden(genes, values, mask, depth=depth)


def test_half_precision(model):
    genes, values, mask = batch([15, 5, 9])
    half = scgpt_copy(model).bfloat16().pooled(genes, values, mask)
    assert half.dtype == torch.float32
    assert F.cosine_similarity(half, model.pooled(genes, values, mask)).min() > 0.99


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda(model):
    genes, values, mask = batch([15, 5, 9])
    there = scgpt_copy(model).cuda()
    found = there.pooled(genes.cuda(), values.cuda(), mask.cuda()).cpu()
    torch.testing.assert_close(found, model.pooled(genes, values, mask), rtol=0, atol=1e-4)
    with torch.inference_mode():
        _, want = model.generate(genes, values, genes, mask)
        _, found = there.generate(genes.cuda(), values.cuda(), genes.cuda(), mask.cuda())
    torch.testing.assert_close(found.cpu(), want, rtol=0, atol=1e-3)


def test_untrained_networks_follow_their_seed():
    first, again, other = (scgpt.ScGPT.untrained(SMALL, seed=s) for s in (0, 0, 1))
    torch.manual_seed(5)
    before = torch.rand(1)
    torch.manual_seed(5)
    scgpt.ScGPT.untrained(SMALL, seed=0)
    assert torch.rand(1) == before  # the generator of others is left alone
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name])
    a, b = first.layers[0].linear1.weight, first.layers[1].linear1.weight
    assert not torch.equal(a, b)
    assert not torch.equal(a, other.layers[0].linear1.weight)
    assert first.encoder.embedding.weight.abs().max() <= 0.1
    assert not first.training


def test_dropout_is_for_training_only(model):
    genes, values, mask = batch([9, 4])
    copy = scgpt_copy(model)
    assert torch.equal(copy.hidden(genes, values, mask), copy.hidden(genes, values, mask))
    copy.train()
    assert not torch.equal(copy.hidden(genes, values, mask), copy.hidden(genes, values, mask))


# Files


def published(config):
    """The layout as published, name by name."""
    D, W = config.embsize, config.d_hid
    shapes = {"encoder.embedding.weight": (config.ntoken, D), "flag_encoder.weight": (2, D)}

    def add(name, *shape, bias=True):
        shapes[f"{name}.weight"] = shape
        if bias:
            shapes[f"{name}.bias"] = shape[:1]

    add("encoder.enc_norm", D)
    add("value_encoder.linear1", D, 1)
    add("value_encoder.linear2", D, D)
    add("value_encoder.norm", D)
    for i in range(config.nlayers):
        layer = f"transformer_encoder.layers.{i}"
        add(f"{layer}.self_attn.Wqkv", 3 * D, D)
        add(f"{layer}.self_attn.out_proj", D, D)
        add(f"{layer}.linear1", W, D)
        add(f"{layer}.linear2", D, W)
        add(f"{layer}.norm1", D)
        add(f"{layer}.norm2", D)
    add("decoder.fc.0", D, D)
    add("decoder.fc.2", D, D)
    add("decoder.fc.4", 1, D)
    add("mvc_decoder.gene2query", D, D)
    add("mvc_decoder.W", D, D, bias=False)
    return shapes


def test_layout_is_the_published_one():
    expected = scgpt_files.expected_tensors(Config())
    assert expected == published(Config())
    assert len(expected) == 163
    assert sum(int(np.prod(shape)) for shape in expected.values()) == 51_330_049


def test_saved_and_loaded_again(model, tmp_path):
    path = scgpt_files.save(model, tmp_path, VOCAB)
    assert sorted(os.listdir(tmp_path)) == ["args.json", "best_model.pt", "vocab.json"]
    found = read_tensors(path)
    assert {name: tuple(t.shape) for name, t in found.items()} == published(SMALL)
    assert json.loads((tmp_path / "vocab.json").read_text()) == VOCAB
    again = scgpt_files.load(tmp_path)
    assert again.config == SMALL
    assert not again.training
    assert torch.equal(again.pooled(*batch([9, 4])), model.pooled(*batch([9, 4])))
    scgpt_files.save(again, tmp_path, VOCAB)  # over the file that it still reads from
    assert torch.equal(again.pooled(*batch([9, 4])), model.pooled(*batch([9, 4])))


def test_loaded_under_the_names_of_plain_torch(model, tmp_path):
    scgpt_files.save(model, tmp_path, VOCAB)
    state = {name.replace("Wqkv.", "in_proj_"): weight for name, weight in model.state_dict().items()}
    assert "transformer_encoder.layers.0.self_attn.in_proj_weight" in state
    state["cls_decoder.out_layer.weight"] = torch.zeros(1, 24)
    del state["flag_encoder.weight"]
    torch.save(state, tmp_path / "best_model.pt")
    plain = scgpt_files.load(tmp_path)
    assert torch.equal(plain.pooled(*batch([9, 4])), model.pooled(*batch([9, 4])))
    genes, values, mask = batch([9, 4])
    with pytest.raises(DataError, match="no flag_encoder"):
        plain.generate(genes, values, genes, mask)


def test_half_precision_file_is_loaded_as_float32(model, tmp_path):
    scgpt_files.save(scgpt_copy(model).half(), tmp_path, VOCAB)
    assert {weight.dtype for weight in scgpt_files.load(tmp_path).parameters()} == {torch.float32}


def test_a_file_that_does_not_fit_is_refused_name_by_name(model, tmp_path):
    scgpt_files.save(model, tmp_path, VOCAB)
    state = model.state_dict()
    del state["decoder.fc.4.bias"]
    state["transformer_encoder.layers.1.norm2.bias"] = torch.zeros(7)
    state["batch_encoder.embedding.weight"] = torch.zeros(3, 24)
    state["transformer_encoder.layers.0.self_attn.in_proj_weight"] = torch.zeros(72, 24)
    torch.save(state, tmp_path / "best_model.pt")
    with pytest.raises(DataError) as error:
        scgpt_files.load(tmp_path)
    for line in (
        "missing: decoder.fc.4.bias",
        "misshapen: transformer_encoder.layers.1.norm2.bias",
        "unknown: batch_encoder.embedding.weight",
        "twice: transformer_encoder.layers.0.self_attn.Wqkv.weight",
    ):
        assert line in str(error.value)


def test_settings_that_do_not_fit_are_refused(model, tmp_path):
    scgpt_files.save(model, tmp_path, VOCAB)
    args = json.loads((tmp_path / "args.json").read_text())
    for change, words in (
        ({"input_emb_style": "category"}, "input_emb_style 'category'"),
        ({"pre_norm": True}, "pre_norm True"),
        ({"nlayers": 2}, "unknown: transformer_encoder.layers.2"),
        ({"nheads": None}, "nheads"),
    ):
        changed = {k: v for k, v in (args | change).items() if v is not None}
        (tmp_path / "args.json").write_text(json.dumps(changed))
        with pytest.raises(DataError, match=words):
            scgpt_files.load(tmp_path)


def test_vocabularies_that_do_not_fit_are_refused(model, tmp_path):
    scgpt_files.save(model, tmp_path, VOCAB)
    without = {name: i for i, name in enumerate(list(VOCAB)[:-3])}
    for vocab, words in (
        (VOCAB | {"G1": 0}, "an id of its own"),
        (VOCAB | {"G1": "1"}, "an id of its own"),
        (without, "<cls> and <pad>"),
    ):
        (tmp_path / "vocab.json").write_text(json.dumps(vocab))
        with pytest.raises(DataError, match=words):
            scgpt_files.load(tmp_path)
    with pytest.raises(DataError, match="60 tokens, the vocabulary 57"):
        scgpt_files.save(model, tmp_path, without)


def test_the_real_settings_and_vocabulary():
    folder = DATA / "scgpt_whole_human"
    if not folder.is_dir():
        pytest.skip(f"the settings of scGPT are not at {folder}; set ZSLIB_TEST_DATA")
    assert scgpt_files.read_config(folder) == Config()
    vocab = scgpt_files.read_vocab(folder)
    assert [vocab[name] for name in ("<pad>", "<cls>", "<eoc>")] == [60694, 60695, 60696]


def test_written_settings_are_those_the_reference_reads(model, tmp_path):
    scgpt_files.save(scgpt.ScGPT.untrained(replace(SMALL, n_bins=21), seed=0), tmp_path, VOCAB)
    args = json.loads((tmp_path / "args.json").read_text())
    for name in (
        "embsize",
        "nheads",
        "d_hid",
        "nlayers",
        "n_layers_cls",
        "dropout",
        "pad_token",
        "pad_value",
    ):
        assert name in args
    assert args["n_bins"] == 21
    assert "ntoken" not in args
