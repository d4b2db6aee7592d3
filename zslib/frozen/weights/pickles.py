"""Read a pickled dictionary without unpickling it.

The published token, median and name dictionaries are pickles, and unpickling runs whatever the file
asks for. Here the file is only taken apart into its opcodes, as a disassembler does, and the few
that make up a flat dictionary of strings and numbers are followed. Nothing is imported or called:
the two names that NumPy numbers need are recognized, every other one is refused.
"""

import pickletools
import struct

from zslib.core.errors import DataError

_SCALAR, _DTYPE = "numpy scalar", "numpy dtype"
_GLOBALS = {
    ("numpy.core.multiarray", "scalar"): _SCALAR,  # as NumPy 1 wrote it
    ("numpy._core.multiarray", "scalar"): _SCALAR,  # as NumPy 2 writes it
    ("numpy", "dtype"): _DTYPE,
}
# NumPy's name of a number's type: that of the struct module
_FORMATS = {"i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}
_FORMATS |= {"f2": "e", "f4": "f", "f8": "d"}
_ORDERS = {"<": "<", ">": ">", "|": "=", "=": "="}

_LITERALS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "BININT", "BININT1", "BININT2", "LONG1"}
_LITERALS |= {"BINFLOAT", "SHORT_BINBYTES", "BINBYTES", "NONE"}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_NOTHING = {"PROTO", "FRAME", "STOP"}


class _Global:
    """One of the names of `_GLOBALS`; never the object of that name."""

    def __init__(self, meaning: str):
        self.meaning = meaning


class _Number:
    """The type of a NumPy number, completed by the byte order that follows it in the file."""

    def __init__(self, code: str):
        self.code, self.order = code, "="

    def decode(self, raw: bytes) -> int | float:
        return struct.unpack(self.order + _FORMATS[self.code], raw)[0]


def read(data: bytes, source: str) -> dict[str | int, str | int | float]:
    """Read a flat dictionary from the bytes of a pickle, of protocol 2 or later.

    Parameters
    ----------
    data
        The whole file.
    source
        What to call it in an error.

    Returns
    -------
    The dictionary, with NumPy's numbers as Python's.

    Raises
    ------
    DataError
        If the file is anything else; names what it asks to import.
    """
    try:
        stack = _follow(data, source)
        (found,) = stack
    except DataError:
        raise
    # Whatever bytes are handed in, they can end only here or in a flat dictionary.
    except (ValueError, TypeError, IndexError, KeyError, struct.error) as error:
        raise DataError(
            f"{source} is not a pickle of a dictionary, or is damaged ({error}). Fetch it again."
        ) from error
    if type(found) is not dict:
        raise DataError(f"{source} holds {_called(found)}; a dictionary was expected.")
    return found


def _follow(data: bytes, source: str) -> list:
    stack, marks, memo = [], [], {}

    def since_mark() -> list:
        start = marks.pop()
        items = stack[start:]
        del stack[start:]
        return items

    for opcode, argument, position in pickletools.genops(data):
        name = opcode.name
        if name in _LITERALS:
            stack.append(argument)
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name in _TUPLES:
            n = _TUPLES[name]
            stack[-n:] = [tuple(stack[-n:])]
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(_call(stack.pop(), arguments))
        elif name in ("NEWTRUE", "NEWFALSE"):
            stack.append(name == "NEWTRUE")
        elif name == "MARK":
            marks.append(len(stack))
        elif name == "TUPLE":
            stack.append(tuple(since_mark()))
        elif name == "BUILD":
            state = stack.pop()
            _complete(stack[-1], state)
        elif name == "EMPTY_DICT":
            stack.append({})
        elif name in ("SETITEMS", "SETITEM"):
            items = since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            _fill(stack[-1], items, source)
        elif name in ("GLOBAL", "STACK_GLOBAL", "INST"):
            asked = argument.split(" ", 1) if argument else (stack.pop(-2), stack.pop())
            stack.append(_global(*asked, source, run=name == "INST"))
        elif name not in _NOTHING:
            raise DataError(
                f"{source} is refused, and nothing was run: {name} at byte {position} is no part of a flat "
                "dictionary of strings and numbers (in protocol 2 or later)."
            )
    if position + 1 != len(data):
        raise ValueError(f"{len(data) - position - 1} bytes too many")
    return stack


def _global(module, name, source: str, *, run: bool) -> _Global:
    if not isinstance(module, str) or not isinstance(name, str):
        raise ValueError("a name that is not text")
    if run or (module, name) not in _GLOBALS:
        raise DataError(
            f"{source} asks to import {module}.{name}, which no dictionary needs. It was refused, and nothing was "
            "run. Do not open this file with anything else."
        )
    return _Global(_GLOBALS[module, name])


def _call(function, arguments: tuple) -> _Number | int | float:
    match (getattr(function, "meaning", None), arguments):
        case ("numpy dtype", (str(code), bool(), bool())) if code in _FORMATS:
            return _Number(code)
        case ("numpy scalar", (_Number() as number, bytes(raw))):
            return number.decode(raw)
    raise ValueError("a value that is not a plain number")


def _complete(number, state: tuple) -> None:
    match (number, state):
        case (_Number(), (int(), str(order), None, None, None, -1, -1, 0)) if order in _ORDERS:
            number.order = _ORDERS[order]
        case _:
            raise ValueError("a number of an unknown kind")


def _fill(found, items: list, source: str) -> None:
    if type(found) is not dict or len(items) % 2:
        raise ValueError("items without a dictionary")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if type(key) not in (str, int) or type(value) not in (str, int, float):
            raise DataError(
                f"{source} maps {_called(key)} to {_called(value)}; only strings and numbers are read."
            )
        if key in found:
            raise DataError(f"{source} names {key!r} twice.")
        found[key] = value


def _called(value) -> str:
    return repr(value)[:60] if type(value) in (str, int, float) else f"a {type(value).__name__.strip('_')}"
