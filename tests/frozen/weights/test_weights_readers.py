"""Files of tensors: strict about what is in them, and nothing in them is ever run."""

import os
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from zslib.core.errors import DataError
from zslib.frozen.weights import readers


@pytest.fixture
def tensors():
    torch.manual_seed(0)
    return {"a.weight": torch.randn(4, 3), "a.bias": torch.randn(4), "ids": torch.arange(5)}


def same(found, wanted):
    return list(found) == list(wanted) and all(torch.equal(found[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", ["best_model.pt", "pytorch_model.bin"])
def test_reads_what_torch_saves(tmp_path, tensors, name, zipped):
    torch.save(tensors, tmp_path / name, _use_new_zipfile_serialization=zipped)
    assert same(readers.read_tensors(tmp_path / name), tensors)


def test_reads_parameters_as_tensors(tmp_path):
    layer = torch.nn.Linear(2, 3)
    torch.save(layer.state_dict(keep_vars=True), tmp_path / "m.pt")
    found = readers.read_tensors(tmp_path / "m.pt")
    assert same(found, layer.state_dict())
    assert not any(t.requires_grad for t in found.values())


def test_reads_safetensors(tmp_path, tensors):
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    found = readers.read_tensors(tmp_path / "model.safetensors")
    assert same(dict(sorted(found.items())), dict(sorted(tensors.items())))


class Bomb:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (os.mkdir, (str(self.marker),))


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    "save",
    [
        lambda bomb, path: torch.save({"a": torch.zeros(2), "b": bomb}, path),
        lambda bomb, path: torch.save({"b": bomb}, path, _use_new_zipfile_serialization=False),
        lambda bomb, path: path.write_bytes(pickle.dumps(bomb)),
        lambda bomb, path: path.write_bytes(pickle.dumps(bomb, protocol=2)),
    ],
    ids=["zip", "legacy", "pickle 4", "pickle 2"],
)
def test_what_would_run_is_refused(tmp_path, monkeypatch, save, forced):
    if forced:  # torch's switch for people who trust every file
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    path, marker = tmp_path / "best_model.pt", tmp_path / "ran"
    save(Bomb(marker), path)
    with pytest.raises(DataError, match=r"best_model\.pt asks .*nothing was run") as caught:
        readers.read_tensors(path)
    assert not marker.exists()
    # Torch advises to turn the check off; nobody here should read that.
    assert "weights_only" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_the_refused_import_is_named(tmp_path):
    torch.save({"b": Bomb(tmp_path / "ran")}, tmp_path / "m.pt")
    with pytest.raises(DataError, match=r"asks to import (posix|nt)\.mkdir"):
        readers.read_tensors(tmp_path / "m.pt")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "m.pt")
    with pytest.raises(DataError, match=r"asks to import torch\.nn\.modules\.linear\.Linear"):
        readers.read_tensors(tmp_path / "m.pt")


@pytest.mark.parametrize("name", ["m.pt", "m.bin", "m.safetensors"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b"",
        lambda b: b[:30],
        lambda b: b[:-40],
        lambda b: b"\xff" * len(b),
        lambda b: b"<html>" * 50,
    ],
    ids=["empty", "beginning", "truncated", "garbage", "page"],
)
def test_damage_is_named(tmp_path, tensors, name, damage):
    path = tmp_path / name
    if name.endswith("safetensors"):
        save_file(tensors, path)
    else:
        torch.save(tensors, path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"m\.\w+ (is damaged|asks for more)"):
        readers.read_tensors(path)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ([torch.zeros(2)], "holds a list"),
        (torch.zeros(2), "holds a Tensor"),
        ({"model_state_dict": {"a": torch.zeros(2)}, "epoch": 3}, r"something else: model_state_dict, epoch"),
        ({5: torch.zeros(2)}, "something else: 5"),
    ],
)
def test_what_is_not_named_tensors_is_refused(tmp_path, content, named):
    torch.save(content, tmp_path / "m.pt")
    with pytest.raises(DataError, match=named):
        readers.read_tensors(tmp_path / "m.pt")


def test_a_file_that_is_not_there_or_of_another_kind(tmp_path):
    with pytest.raises(DataError, match=r"no file .*m\.pt.*zslib weights"):
        readers.read_tensors(tmp_path / "m.pt")
    np.save(tmp_path / "m.npy", np.zeros(3))
    with pytest.raises(DataError, match=r"m\.npy is neither"):
        readers.read_tensors(tmp_path / "m.npy")


# Matching to a network


SHAPES = {"a.weight": (4, 3), "a.bias": (4,)}


def test_takes_what_the_network_expects_in_its_order(tensors):
    found = readers.match(dict(reversed(tensors.items())), SHAPES, ignored=["ids"])
    assert list(found) == list(SHAPES)
    assert found["a.bias"] is tensors["a.bias"]


def test_every_misfit_is_listed_in_one_error(tensors):
    expected = {"a.weight": (3, 4), "a.bias": (4,), "b.weight": torch.Size([2, 2]), "c": ()}
    with pytest.raises(DataError) as caught:
        readers.match(tensors, expected)
    assert set(str(caught.value).splitlines()[1:-1]) == {
        "  misshapen: a.weight is (4, 3), must be (3, 4)",
        "  unknown: ids (5,)",
        "  missing: b.weight (2, 2)",
        "  missing: c ()",
    }
    assert "in 4 of its tensors" in str(caught.value)


def test_renaming_is_shown_with_the_name_in_the_file(tensors):
    def rename(name):
        return name.replace("a.", "layer.")

    found = readers.match(
        tensors, {"layer.weight": (4, 3), "layer.bias": (4,)}, rename=rename, ignored=("ids",)
    )
    assert torch.equal(found["layer.weight"], tensors["a.weight"])
    with pytest.raises(DataError, match=r"unknown: layer\.bias \(4,\), in the file a\.bias"):
        readers.match(tensors, {"layer.weight": (4, 3)}, rename=rename, ignored=("ids",))
    with pytest.raises(DataError, match=r"twice: x, in the file a\.bias"):
        readers.match(tensors, {"x": (4, 3)}, rename=lambda name: "x")


def test_optional_ones_may_be_absent_but_not_misshapen(tensors):
    expected = SHAPES | {"head.weight": (2, 2), "head.bias": (2,)}
    assert list(readers.match(tensors, expected, optional=("head.",), ignored=["ids"])) == list(SHAPES)
    with pytest.raises(DataError, match=r"misshapen: head\.bias"):
        readers.match(tensors | {"head.bias": torch.zeros(3)}, expected, optional=("head.",), ignored=["ids"])
    with pytest.raises(DataError, match=r"missing: a\.weight"):
        readers.match({"a.bias": tensors["a.bias"]}, expected, optional=("head.",))


def test_ignored_ones_are_dropped_whatever_their_shape(tensors):
    assert "ids" not in readers.match(tensors, SHAPES | {}, ignored=("ids", "not there"))
