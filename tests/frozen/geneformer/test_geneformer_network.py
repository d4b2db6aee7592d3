"""The network against transformers' own, its files against the published layout."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zslib.core.errors import DataError
from zslib.frozen.geneformer import files as geneformer_files
from zslib.frozen.geneformer import network as geneformer
from zslib.frozen.geneformer.network import V1_10M, V2_104M, V2_316M

DATA = Path(os.environ.get("ZSLIB_TEST_DATA", Path(__file__).parents[3].parent / "shared/data"))
SMALL = replace(
    V1_10M,
    vocab_size=101,
    hidden_size=24,
    num_hidden_layers=3,
    intermediate_size=40,
    max_position_embeddings=32,
)
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


@pytest.fixture(scope="module")
def model():
    return perturbed(geneformer.Geneformer.untrained(SMALL, seed=1))


def perturbed(model):
    """Biases and norms too must differ from what they start as, or a mix-up of them would not show."""
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(weight.numel()))
    return model


def cells(lengths, vocab_size=SMALL.vocab_size, seed=0):
    """Ragged cells: token ids and mask, shape (B, L)."""
    rng = np.random.default_rng(seed)
    mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
    tokens = np.where(mask, rng.integers(2, vocab_size, mask.shape), 0)
    return torch.from_numpy(tokens), torch.from_numpy(mask)


def reference(config, folder):
    """transformers' network, read from the files we wrote, with its dropout off."""
    transformers = pytest.importorskip("transformers")
    # Its attention written out, so that the kernel is compared too.
    found, info = transformers.BertForMaskedLM.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager"
    )
    assert not info["missing_keys"]
    assert set(info["unexpected_keys"]) <= {"bert.embeddings.position_ids"}
    assert found.config.vocab_size == config.vocab_size
    return found.eval()


# Agreement


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("hidden_act", ["relu", "gelu"])
def test_every_layer_and_the_logits_agree_with_transformers(tmp_path, dtype, hidden_act):
    config = replace(SMALL, hidden_act=hidden_act)
    ours = perturbed(geneformer.Geneformer.untrained(config, seed=3))
    geneformer_files.save(ours, tmp_path)
    theirs = reference(config, tmp_path).to(dtype)
    ours = geneformer_files.load(tmp_path).to(dtype)
    tokens, mask = cells([32, 7, 1, 20])
    with torch.no_grad():
        expected = theirs(tokens, attention_mask=mask.long(), output_hidden_states=True)
        assert len(expected.hidden_states) == config.num_hidden_layers + 1
        for layer, hidden in enumerate(expected.hidden_states):
            difference = (ours.hidden(tokens, mask, layer) - hidden)[mask].abs().max()
            assert difference < TOLERANCE[dtype], layer
            embedding = ours.pooled(tokens, mask, layer=layer - config.num_hidden_layers - 1)
            means = torch.stack([h[m].mean(dim=0) for h, m in zip(hidden, mask, strict=True)])
            assert (embedding - means).abs().max() < TOLERANCE[dtype]
        assert (ours.logits(tokens, mask) - expected.logits)[mask].abs().max() < TOLERANCE[dtype]


def test_the_default_layer_is_the_second_to_last(model):
    tokens, mask = cells([9, 5])
    hidden = model.hidden(tokens, mask, SMALL.num_hidden_layers - 1)
    torch.testing.assert_close(model.pooled(tokens, mask)[1], hidden[1, :5].mean(dim=0))


def test_layers_beyond_the_one_asked_for_are_not_run(model):
    run = []
    handles = [
        block.register_forward_hook(lambda *_, i=i: run.append(i)) for i, block in enumerate(model.layers)
    ]
    model.pooled(*cells([4]))
    for handle in handles:
        handle.remove()
    assert run == [0, 1]


def test_padding_and_its_content_change_nothing(model):
    tokens, mask = cells([9, 5])
    together = model.pooled(tokens, mask)
    alone = torch.cat([model.pooled(tokens[:1]), model.pooled(tokens[1:, :5])])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)
    junk = torch.where(mask, tokens, 77)
    torch.testing.assert_close(model.pooled(junk, mask), together, atol=1e-6, rtol=0)


def test_special_tokens_are_left_out(model):
    tokens, mask = cells([9, 5])
    hidden = model.hidden(tokens, mask, -2)
    dropped = model.pooled(tokens, mask, drop_special=True)
    torch.testing.assert_close(dropped, torch.stack([hidden[0, 1:8].mean(dim=0), hidden[1, 1:4].mean(dim=0)]))


def test_logits_at_chosen_positions(model):
    tokens, mask = cells([9, 5])
    at = torch.zeros_like(mask)
    at[0, 3] = at[1, 4] = True
    torch.testing.assert_close(model.logits(tokens, mask, at), model.logits(tokens, mask)[at])


def test_logits_among_some_genes_are_those_columns(model):
    tokens, mask = cells([9, 5])
    at, among = mask & (torch.arange(9) % 2 == 0), torch.tensor([7, 2, 11])
    whole = model.logits(tokens, mask)
    torch.testing.assert_close(model.logits(tokens, mask, among=among), whole[:, :, among])
    torch.testing.assert_close(model.logits(tokens, mask, at, among=among), whole[at][:, among])


def test_half_precision_gives_float32_close_to_it(model):
    tokens, mask = cells([9, 5])
    half = geneformer.Geneformer.untrained(SMALL, seed=0).to(torch.bfloat16).pooled(tokens, mask)
    full = geneformer.Geneformer.untrained(SMALL, seed=0).pooled(tokens, mask)
    assert half.dtype == torch.float32
    assert (half - full).norm() < 0.05 * full.norm()


def test_it_can_be_trained():
    model = geneformer.Geneformer.untrained(SMALL, seed=0).train()
    tokens, mask = cells([9, 5])
    before = model.logits(tokens, mask)
    assert not torch.equal(before, model.logits(tokens, mask))  # dropout
    torch.nn.functional.cross_entropy(before[mask], tokens[mask]).backward()
    unused = {name for name, weight in model.named_parameters() if weight.grad is None}
    assert not unused


@pytest.mark.parametrize(("layer", "length"), [(4, 5), (-5, 5), (-2, 33)])
def test_what_the_network_does_not_have_is_refused(model, layer, length):
    with pytest.raises(DataError, match=r"no layer|max_length=32"):
        model.pooled(*cells([length]), layer=layer)


# Files


@pytest.mark.parametrize(
    ("config", "tensors", "parameters"),
    [(V1_10M, 107, 10_288_722), (V2_104M, 202, 104_386_867), (V2_316M, 298, None)],
    ids=["V1-10M", "V2-104M", "V2-316M"],
)
def test_layout_of_the_published_checkpoints(config, tensors, parameters):
    expected = geneformer_files.expected_tensors(config)
    assert len(expected) == tensors
    assert ("bert.embeddings.position_ids" in expected) == (config is V1_10M)
    assert expected["bert.encoder.layer.5.output.dense.weight"] == (
        config.hidden_size,
        config.intermediate_size,
    )
    assert expected["cls.predictions.bias"] == (config.vocab_size,)
    if parameters:
        stored = sum(np.prod(shape) for name, shape in expected.items() if "position_ids" not in name)
        assert stored == parameters


@pytest.mark.parametrize(
    ("path", "config"),
    [
        ("geneformer_v1_gc30M/config.json", V1_10M),
        ("geneformer_v2_gc104M/config_V2-104M.json", V2_104M),
        ("geneformer_v2_gc104M/config_V2-316M.json", V2_316M),
    ],
)
def test_published_settings_are_read(path, config):
    if not (DATA / path).exists():
        pytest.skip(f"no {path} in ZSLIB_TEST_DATA or ../shared/data")
    assert geneformer_files.read_config(DATA / path) == config


@pytest.mark.parametrize("transformers_version", ["4.6.0", "4.44.2"])
def test_written_and_read_again(tmp_path, model, transformers_version):
    from safetensors import safe_open

    written = geneformer.Geneformer(replace(SMALL, transformers_version=transformers_version))
    written.load_state_dict(model.state_dict())
    path = geneformer_files.save(written, tmp_path / "new")
    assert sorted(p.name for p in path.parent.iterdir()) == ["config.json", "model.safetensors"]
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"format": "pt"}
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    assert shapes == geneformer_files.expected_tensors(written.config)
    again = geneformer_files.load(path.parent)
    assert again.config == written.config
    assert not again.training
    for name, weight in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name


def rewritten(folder, change, name="model.safetensors"):
    """Write the small model's files after a change to its tensors."""
    from safetensors.torch import load_file, save_file

    path = geneformer_files.save(geneformer.Geneformer.untrained(SMALL, seed=0), folder)
    tensors = load_file(path)
    change(tensors)
    if name.endswith(".bin"):
        path.unlink()
        torch.save(tensors, folder / name)
    else:
        save_file(tensors, path)
    return folder


CLS = "cls.predictions."
WORDS = "bert.embeddings.word_embeddings.weight"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop(f"{CLS}bias"), r"missing: cls.predictions.bias \(101,\)"),
        (lambda t: t.update({"bert.pooler.dense.bias": torch.zeros(24)}), r"unknown: bert.pooler.dense.bias"),
        (lambda t: t.update({WORDS: torch.zeros(100, 24)}), r"misshapen: bert.embeddings.word_embeddings"),
        (lambda t: t.update({f"{CLS}decoder.weight": torch.ones(101, 24)}), "decoder.weight differs"),
    ],
    ids=["missing", "unknown", "misshapen", "untied"],
)
def test_files_that_do_not_fit_are_refused(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        geneformer_files.load(rewritten(tmp_path, change))


def test_older_file_with_the_decoder_stored_twice(tmp_path):
    def tie(tensors):
        tensors[f"{CLS}decoder.weight"] = tensors[WORDS]
        tensors[f"{CLS}decoder.bias"] = tensors[f"{CLS}bias"]

    again = geneformer_files.load(rewritten(tmp_path, tie, "pytorch_model.bin"))
    assert torch.equal(again.gene.weight, geneformer.Geneformer.untrained(SMALL, seed=0).gene.weight)


def test_a_folder_without_files_is_refused(tmp_path):
    geneformer_files.save(geneformer.Geneformer.untrained(SMALL, seed=0), tmp_path).unlink()
    with pytest.raises(DataError, match=r"no file .*model.safetensors"):
        geneformer_files.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "gpt2"}, "model_type 'gpt2'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"hidden_act": "swish"}, "hidden_act 'swish'"),
        ({"hidden_size": None}, "lacks hidden_size"),
    ],
)
def test_settings_of_another_network_are_refused(tmp_path, change, message):
    geneformer_files.save(geneformer.Geneformer.untrained(SMALL, seed=0), tmp_path)
    content = json.loads((tmp_path / "config.json").read_text()) | change
    content = {key: value for key, value in content.items() if value is not None}
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=message):
        geneformer_files.load(tmp_path)


def test_untrained_networks_follow_their_seed():
    first, same, other = (geneformer.Geneformer.untrained(SMALL, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["gene.weight"], other["gene.weight"])
    assert abs(first["gene.weight"][1:].std() - 0.02) < 0.002
    assert not first["gene.weight"][0].any()
    assert (first["layers.0.norm1.weight"] == 1).all()
    assert not first["layers.0.up.bias"].any()
