"""The catalog says what is known and how, and agrees with the real files where those are at hand."""

import hashlib
import json
import os
import re
from pathlib import Path

import official_layouts
import pytest
import torch
from loopback_hub import serve, toy_card
from safetensors.torch import save_file

from zslib.frozen import weights
from zslib.frozen.weights import catalog, readers

ROOT = Path(__file__).resolve().parents[3]
NAMES = [
    "scgpt-human",
    "scgpt-blood",
    "scgpt-kidney",
    "scgpt-continual-pretrained",
    "geneformer-v1-10m",
    "geneformer-v1-12l",
    "geneformer-v2-104m",
    "geneformer-v2-316m",
]
ROLES = {
    "scgpt": ["weights", "settings", "vocabulary"],
    "geneformer": ["weights", "settings", "tokens", "medians", "names", "mapping"],
}


def real(name: str) -> Path:
    """A real published file, by its name."""
    folder = Path(os.environ.get("ZSLIB_TEST_DATA", ROOT.parent / "shared" / "data"))
    found = sorted(folder.rglob(name)) if folder.is_dir() else []
    if not found:
        pytest.skip(f"no {name} in ZSLIB_TEST_DATA, the folder of real vocabularies")
    return found[0]


def test_names_are_those_promised():
    assert weights.names() == NAMES
    with pytest.raises(ValueError, match="scgpt-human"):
        weights.card("scgpt")


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_whole_and_says_why_where_it_is_not(name):
    card = weights.card(name)
    assert card.name == name
    assert [file.role for file in card.files] == ROLES[card.network]
    assert len({file.name for file in card.files}) == len(card.files)
    assert all((card.title, card.summary, card.publisher, card.license, card.corpus, card.cut_off))
    assert all((card.citation, card.caveats, card.origin))
    assert re.fullmatch(r"10\.\d{4,}/\S+", card.doi)
    assert (card.repository is None) == (card.revision is None)
    if card.revision:
        assert re.fullmatch(r"[0-9a-f]{40}", card.revision)
    else:
        assert "No copy on a model hub" in card.origin
    for file in card.files:
        assert (file.sha256 is None) == (file.bytes is None)
        if file.sha256:
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        else:
            assert "no public record" in file.note
            assert "no sha256 known" in str(file)


def test_one_name_has_one_hash_everywhere():
    seen = {}
    for card in catalog.CARDS.values():
        for file in card.files:
            if card.network == "geneformer" and file.role not in ("weights", "settings"):
                assert seen.setdefault(file.name, file) == file


@pytest.mark.parametrize(
    ("name", "role", "file"),
    [
        ("scgpt-human", "settings", "args.json"),
        ("scgpt-human", "vocabulary", "vocab.json"),
        ("geneformer-v1-10m", "settings", "geneformer_v1_gc30M/config.json"),
        ("geneformer-v1-10m", "tokens", "token_dictionary_gc30M.pkl"),
        ("geneformer-v1-12l", "medians", "gene_median_dictionary_gc30M.pkl"),
        ("geneformer-v1-12l", "names", "gene_name_id_dict_gc30M.pkl"),
        ("geneformer-v1-12l", "mapping", "ensembl_mapping_dict_gc30M.pkl"),
        ("geneformer-v2-104m", "settings", "config_V2-104M.json"),
        ("geneformer-v2-316m", "settings", "config_V2-316M.json"),
        ("geneformer-v2-104m", "tokens", "token_dictionary_gc104M.pkl"),
        ("geneformer-v2-104m", "medians", "gene_median_dictionary_gc104M.pkl"),
        ("geneformer-v2-316m", "names", "gene_name_id_dict_gc104M.pkl"),
        ("geneformer-v2-316m", "mapping", "ensembl_mapping_dict_gc104M.pkl"),
    ],
)
def test_sizes_and_hashes_are_those_of_the_real_files(name, role, file):
    content, expected = real(file).read_bytes(), weights.card(name).file(role)
    assert len(content) == expected.bytes
    assert hashlib.sha256(content).hexdigest() == expected.sha256


def test_real_dictionaries_of_geneformer_v1():
    tokens = readers.read_dictionary(real("token_dictionary_gc30M.pkl"))
    assert len(tokens) == 25_426
    assert sorted(tokens.values()) == list(range(25_426))
    assert {type(v) for v in tokens.values()} == {int}
    assert (tokens["<pad>"], tokens["<mask>"], tokens["ENSG00000198851"]) == (0, 1, 17_276)
    medians = readers.read_dictionary(real("gene_median_dictionary_gc30M.pkl"))
    assert medians.keys() == tokens.keys() - {"<pad>", "<mask>"}
    assert (min(medians.values()) > 0, round(max(medians.values()), 1)) == (True, 634.3)
    assert round(medians["ENSG00000111640"], 2) == 20.05
    names = readers.read_dictionary(real("gene_name_id_dict_gc30M.pkl"))
    assert len(names) == 40_248
    assert len(set(names.values()) & tokens.keys()) == 21_245
    mapping = readers.read_dictionary(real("ensembl_mapping_dict_gc30M.pkl"))
    assert len(mapping) == 25_424
    assert all(key == value for key, value in mapping.items())


def test_real_dictionaries_of_geneformer_v2():
    tokens = readers.read_dictionary(real("token_dictionary_gc104M.pkl"))
    assert len(tokens) == 20_275
    assert [tokens[name] for name in ("<pad>", "<mask>", "<cls>", "<eos>")] == [0, 1, 2, 3]
    medians = readers.read_dictionary(real("gene_median_dictionary_gc104M.pkl"))
    assert len(medians) == 42_005
    assert len(medians.keys() - tokens.keys()) == 21_734
    assert len(readers.read_dictionary(real("ensembl_mapping_dict_gc104M.pkl"))) == 173_697


def test_real_vocabulary_of_scgpt():
    vocabulary = readers.read_dictionary(real("vocab.json"))
    assert sorted(vocabulary.values()) == list(range(60_697))
    assert [vocabulary[name] for name in ("<pad>", "<cls>", "<eoc>", "CD3E")] == [
        60_694,
        60_695,
        60_696,
        4_378,
    ]
    settings = readers.read_dictionary(real("args.json"))
    assert [settings[key] for key in ("embsize", "nheads", "d_hid", "nlayers", "n_bins")] == [
        512,
        8,
        512,
        12,
        51,
    ]


def test_verify_knows_the_real_files(tmp_path):
    folder = real("vocab.json").parent
    found = {s.file.role: s.state for s in weights.verify(folder, "scgpt-human")}
    assert (found["settings"], found["vocabulary"]) == ("ok", "ok")
    assert [s.file.role for s in weights.verify(real("token_dictionary_gc104M.pkl"))] == ["tokens"]


# Files in the official layouts, all tensors, small widths: from the hub to the network's names


def in_proj(name):
    return name.replace("self_attn.Wqkv.", "self_attn.in_proj_")


LAYOUTS = {
    "scgpt": (163, official_layouts.scgpt(20, 4), "best_model.pt", in_proj, ("flag_encoder.weight",)),
    "v1": (
        107,
        official_layouts.geneformer(20, 4, 6, 8, 16, position_ids=True),
        "model.safetensors",
        None,
        ("bert.embeddings.position_ids",),
    ),
    "v1-12l": (
        203,
        official_layouts.geneformer(20, 4, 12, 8, 16, position_ids=True),
        "pytorch_model.bin",
        None,
        ("bert.embeddings.position_ids",),
    ),
    "v2": (
        202,
        official_layouts.geneformer(20, 4, 12, 16, 32, position_ids=False),
        "model.safetensors",
        None,
        (),
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_checkpoint_in_the_official_layout_from_hub_to_tensors(layout, tmp_path, monkeypatch):
    count, shapes, name, rename, ignored = LAYOUTS[layout]
    assert len(shapes) == count
    stored = official_layouts.random(shapes)
    if name.endswith("safetensors"):
        save_file(stored, tmp_path / name, metadata={"format": "pt"})
    else:
        torch.save(stored, tmp_path / name)
    files = {
        ("weights", name): (tmp_path / name).read_bytes(),
        ("settings", "config.json"): b'{"layers": 12}',
    }
    monkeypatch.setitem(catalog.CARDS, "toy", toy_card("toy", files))
    monkeypatch.setenv("ZSLIB_CACHE", str(tmp_path / "cache"))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    with serve() as hub:
        hub.files = {path: content for (_, path), content in files.items()}
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        weights.fetch("toy")
    paths = weights.files("toy")
    assert readers.read_dictionary(paths["settings"]) == {"layers": 12}

    rename = rename or (lambda name: name)
    expected = {rename(n): shape for n, shape in shapes.items() if n not in ignored}
    found = readers.match(readers.read_tensors(paths["weights"]), expected, rename=rename, ignored=ignored)
    assert list(found) == list(expected)
    assert all(torch.equal(found[rename(n)], t) for n, t in stored.items() if n not in ignored)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        ("geneformer-v1-10m", official_layouts.geneformer(25_426, 256, 6, 512, 2048, position_ids=True)),
        ("geneformer-v2-104m", official_layouts.geneformer(20_275, 768, 12, 3072, 4096, position_ids=False)),
        ("geneformer-v2-316m", official_layouts.geneformer(20_275, 1152, 18, 4608, 4096, position_ids=False)),
    ],
)
def test_the_layout_at_full_size_has_the_published_number_of_bytes(name, shapes):
    # Of the format itself: 8 bytes, a header that is padded to a multiple of 8, the numbers.
    header, end = {"__metadata__": {"format": "pt"}}, 0
    wide = {n for n in shapes if n.endswith("position_ids")}
    for n in sorted(shapes, key=lambda n: (n not in wide, n)):
        begin, end = end, end + torch.Size(shapes[n]).numel() * (8 if n in wide else 4)
        dtype = "I64" if n in wide else "F32"
        header[n] = {"dtype": dtype, "shape": list(shapes[n]), "data_offsets": [begin, end]}
    written = len(json.dumps(header, separators=(",", ":")))
    assert 8 + -(-written // 8) * 8 + end == weights.card(name).file("weights").bytes
