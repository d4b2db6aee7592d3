"""Pickled dictionaries: read as pickle would read them, and nothing in them is ever run."""

import collections
import contextlib
import os
import pickle
import pickletools
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zslib.core.errors import DataError
from zslib.frozen.weights import pickles, readers

FLAT = {"<pad>": 0, "ENSG1": 7, "big": 2**40, "negative": -3, "x": 1.5, "long": "é" * 300, 5: "five"}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_reads_what_pickle_reads(tmp_path, protocol):
    path = tmp_path / "tokens.pkl"
    path.write_bytes(pickle.dumps(FLAT, protocol=protocol))
    found = readers.read_dictionary(path)
    assert found == FLAT
    assert list(found) == list(FLAT)


NUMBERS = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
]


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_numbers_of_numpy_become_plain_ones(kind, protocol):
    values = {str(i): np.dtype(kind).type(v) for i, v in enumerate([0, 1, 100])}
    found = pickles.read(pickle.dumps(values, protocol=protocol), "x.pkl")
    assert found == values
    assert {type(v) for v in found.values()} == {float if "float" in kind else int}


def test_names_of_both_numpys_are_known():
    now = pickle.dumps({"a": np.int64(5)}, protocol=3)
    modules = (b"numpy.core.multiarray", b"numpy._core.multiarray")
    for old in modules:
        for new in modules:
            assert pickles.read(now.replace(b"c" + old + b"\n", b"c" + new + b"\n"), "x.pkl") == {"a": 5}


def test_bytes_in_the_other_order():
    stored = pickle.dumps({"a": np.float64(2.5)}, protocol=3)
    little = struct.pack("<d", 2.5)
    assert stored.count(little) == 1
    assert stored.count(b"X\x01\x00\x00\x00<") == 1
    swapped = stored.replace(little, struct.pack(">d", 2.5)).replace(
        b"X\x01\x00\x00\x00<", b"X\x01\x00\x00\x00>"
    )
    assert pickles.read(swapped, "x.pkl") == {"a": 2.5}


# Hostile files. Each of those in RUN leaves a file behind if it is unpickled.


def reduced(function, *arguments):
    """An object that unpickles as the function's result."""
    return type("Bomb", (), {"__reduce__": lambda self: (function, arguments)})()


def _getattr_chain(marker):
    return reduced(getattr, reduced(__import__, "os"), "system"), f"touch {marker}"


class _Called:
    def __init__(self, function, argument):
        self.function, self.argument = function, argument

    def __reduce__(self):
        return (map, (self.function, [self.argument]))


RUN = {
    "os.system": (lambda m: reduced(os.system, f"touch {m}"), r"(posix|nt|os)\.system"),
    "builtins.eval": (lambda m: reduced(eval, f"open({m!r}, 'w')"), r"builtin(s|__)\.eval"),
    "builtins.exec": (lambda m: reduced(exec, f"open({m!r}, 'w')"), r"builtin(s|__)\.exec"),
    "a nested one": (lambda m: {"a": (1, {"b": [reduced(open, m, "w")]})}, r"io\.open|EMPTY_"),
    "getattr": (lambda m: reduced(list, _Called(*_getattr_chain(m))), r"builtin(s|__)\.list"),
    "a function by its name": (lambda m: {"a": reduced(os.mkdir, m)}, r"(posix|nt|os)\.mkdir"),
    "an object's state": (lambda m: _State(m), r"copy_?reg\.\w+|test_weights_pickles\._State"),
    "inside an object array": (lambda m: np.array([reduced(open, m, "w")], dtype=object), r"numpy|io\.open"),
}


class _State:
    def __init__(self, marker):
        self.marker = marker

    def __setstate__(self, state):
        open(state["marker"], "w").close()


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("case", RUN)
def test_what_would_run_is_refused_by_name(tmp_path, case, protocol):
    make, named = RUN[case]
    marker = tmp_path / "ran"
    hostile = pickle.dumps(make(str(marker)), protocol=protocol)
    path = tmp_path / "tokens.pkl"
    path.write_bytes(hostile)
    # Protocol 0 is refused before it comes to a name.
    with pytest.raises(DataError, match=f"{named}|DICT is no part" if protocol == 0 else named) as caught:
        readers.read_dictionary(path)
    assert "tokens.pkl" in str(caught.value)
    assert "nothing was run" in str(caught.value)
    assert not marker.exists()


@pytest.mark.parametrize("case", RUN)
def test_the_hostile_files_are_hostile(tmp_path, case):
    marker = tmp_path / "ran"
    found = pickle.loads(pickle.dumps(RUN[case][0](str(marker))))
    del found
    assert marker.exists()


def test_an_instruction_that_calls_by_itself(tmp_path):
    marker = tmp_path / "ran"
    hostile = b"(S'touch " + str(marker).encode() + b"'\nios\nsystem\n."
    with pytest.raises(DataError, match=r"STRING|os\.system"):
        pickles.read(hostile, "x.pkl")
    hostile = b"(X\x04\x00\x00\x00trueios\nsystem\n."
    with pytest.raises(DataError, match="INST is no part"):
        pickles.read(hostile, "x.pkl")
    assert not marker.exists()


REFUSED = {
    "a class": (pickle.dumps(collections.OrderedDict(a=1)), r"collections\.OrderedDict"),
    "a list": (pickle.dumps([1, 2]), "EMPTY_LIST"),
    "a set": (pickle.dumps({"a": {1, 2}}), "EMPTY_SET"),
    "a dictionary in a dictionary": (pickle.dumps({"a": {"b": 1}}), "'a' to a dict"),
    "a tuple as a key": (pickle.dumps({(1, 2): 1}), "a tuple"),
    "nothing": (pickle.dumps({"a": None}), "'a' to a NoneType"),
    "a truth": (pickle.dumps({"a": True}), "'a' to a bool"),
    "bytes": (pickle.dumps({"a": b"b"}), "'a' to a bytes"),
    "a number alone": (pickle.dumps(5), "holds 5"),
    "an array": (pickle.dumps({"a": np.arange(3)}), r"numpy\._?core\S+\._?\w+"),
    "an object in a scalar": (
        pickle.dumps({"a": np.float64(1)}, protocol=3).replace(b"f8", b"O8"),
        "not a plain number",
    ),
    "a name twice": (b"\x80\x02}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00aK\x02u.", "names 'a' twice"),
    "an outside object": (b"\x80\x02X\x01\x00\x00\x00aQ.", "BINPERSID"),
    "a registered extension": (b"\x80\x02\x82\x01.", "EXT1"),
    "numpy's own loader": (b"\x80\x02cnumpy\nload\n(X\x01\x00\x00\x00atR.", r"numpy\.load"),
    "the type itself": (b"\x80\x02cnumpy\ndtype\n.", "a type"),
    "a dressed up dtype": (b"\x80\x02cnumpy\ndtype\n}X\x01\x00\x00\x00aK\x01sb.", "unknown kind"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_flat_dictionary_is_refused(case):
    content, named = REFUSED[case]
    with pytest.raises(DataError, match=named):
        pickles.read(content, "x.pkl")


DEEP = 200_000


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02" + b"}" * DEEP + b".",
        b"\x80\x02}" + b"K\x01" + b"\x85" * DEEP + b"K\x01s.",  # a tuple in a tuple … as a key
        b"\x80\x02" + b"K\x01" + b"\x85" * DEEP + b"X\x01\x00\x00\x00a\x93.",  # as the name of a module
        b"\x80\x02cnumpy\ndtype\n" + b"K\x01" + b"\x85" * DEEP + b"R.",  # as arguments
        b"\x80\x02" + b"(" * DEEP + b".",
        b"\x80\x02}r\xff\xff\xff\x7fX\x01\x00\x00\x00aK\x01s}.",  # a far place in the memo
        b"\x80\x05\x8d" + b"\xff" * 7 + b"\x7f" + b"a.",  # a text longer than any memory
        b"\x80\x02\x8b\xff\xff\xff\x7f\x01.",  # a number likewise
    ],
    ids=["dictionaries", "key", "module", "arguments", "marks", "memo", "text", "number"],
)
def test_oversized_and_deeply_nested_ones_do_no_harm(content):
    with pytest.raises(DataError):
        pickles.read(content, "x.pkl")


@pytest.mark.parametrize(
    "content", [b"", b"\x80", b"no pickle", pickle.dumps(FLAT)[:-5], pickle.dumps(FLAT) + b"x"]
)
def test_damage_is_named(tmp_path, content):
    path = tmp_path / "tokens.pkl"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"tokens\.pkl is not a pickle of a dictionary, or is damaged"):
        readers.read_dictionary(path)


def is_flat(found):
    return type(found) is dict and all(
        type(k) in (str, int) and type(v) in (str, int, float) for k, v in found.items()
    )


def read_or_refuse(content):
    with contextlib.suppress(DataError):
        assert is_flat(pickles.read(content, "x.pkl"))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_end_in_a_flat_dictionary_or_a_plain_refusal(content):
    read_or_refuse(content)


CODES = [op.code.encode("latin1") for op in pickletools.opcodes]
PIECES = [
    b"numpy\ndtype\n",
    b"K\x01",
    b"X\x01\x00\x00\x00a",
    b"\x00",
    b"X\x02\x00\x00\x00f8",
    b"q\x00",
    b"h\x00",
]


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(CODES + PIECES), max_size=30))
def test_any_instructions_do_too(pieces):
    read_or_refuse(b"\x80\x04" + b"".join(pieces) + b".")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_change_of_a_good_file_does_too(data):
    good = bytearray(pickle.dumps({"a": np.int16(5), "b": np.float64(1), "c": "x", "d": 7}))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(good))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=20) | st.integers(),
        st.text(max_size=300) | st.integers() | st.floats(allow_nan=False),
    )
)
def test_any_flat_dictionary_comes_back(wanted):
    for protocol in (2, 4):
        found = pickles.read(pickle.dumps(wanted, protocol=protocol), "x.pkl")
        assert found == wanted
        assert list(found) == list(wanted)


# JSON


def test_json(tmp_path):
    path = tmp_path / "args.json"
    path.write_text('{"embsize": 512, "mask_ratio": [0.25, 0.5], "x": null, "in": {"deep": true}}')
    assert readers.read_dictionary(path) == {
        "embsize": 512,
        "mask_ratio": [0.25, 0.5],
        "x": None,
        "in": {"deep": True},
    }


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"[1, 2]", "holds a list"),
        (b'{"a": 1, "b": 2, "a": 3}', "names 'a' twice"),
        (b'{"a": ', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b'{"a":' * DEEP, "not JSON"),
    ],
)
def test_json_that_is_not_a_dictionary(tmp_path, content, named):
    path = tmp_path / "vocab.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=named) as caught:
        readers.read_dictionary(path)
    assert "vocab.json" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"Cannot read .*nowhere\.pkl"):
        readers.read_dictionary(tmp_path / "nowhere.pkl")
