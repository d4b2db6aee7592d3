"""Read a pickled dictionary of strings and numbers, and let nothing that the file asks for be run.

The published token, median and name dictionaries are pickles, and unpickling runs whatever the file asks for. So the
standard library's unpickler is given the few instructions that make up such a dictionary and no others, and in place of
the two names that NumPy's numbers need it finds stand-ins; every other name is refused.
"""

import io
import pickle
import pickletools
import struct

from zslib.core.errors import DataError

# NumPy's name of a number's type: that of the struct module
_FORMATS = {"i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}
_FORMATS |= {"f2": "e", "f4": "f", "f8": "d"}
_ORDERS = {"<": "<", ">": ">", "|": "=", "=": "="}
_INSTRUCTIONS = {op.code.encode("latin1")[0]: op.name for op in pickletools.opcodes}
_KNOWN = """PROTO FRAME STOP MARK MEMOIZE BINPUT LONG_BINPUT BINGET LONG_BINGET EMPTY_DICT SHORT_BINUNICODE BINUNICODE
BINUNICODE8 BININT BININT1 BININT2 LONG1 BINFLOAT SHORT_BINBYTES BINBYTES NONE NEWTRUE NEWFALSE TUPLE TUPLE1 TUPLE2 TUPLE3
GLOBAL STACK_GLOBAL REDUCE""".split()  # noqa: SIM905 - thirty lines else


class _RefusedError(Exception):
    """The file asks for what no such dictionary needs."""


class _Type:
    """The type of a NumPy number, completed by the byte order that follows it in the file."""

    def __init__(self, code, *flags):
        if type(code) is not str or code not in _FORMATS:
            raise ValueError("a value that is not a plain number")
        self.code, self.order = code, "="


def _number(kind: _Type, raw: bytes) -> int | float:
    return struct.unpack(kind.order + _FORMATS[kind.code], raw)[0]


_NAMES = {
    ("numpy.core.multiarray", "scalar"): _number,  # as NumPy 1 wrote it
    ("numpy._core.multiarray", "scalar"): _number,  # as NumPy 2 writes it
    ("numpy", "dtype"): _Type,
}


class _Known(dict):
    def __missing__(self, code: int):
        raise _RefusedError(
            f"is refused, and nothing was run: {_INSTRUCTIONS[code]} is no part of a flat dictionary of strings and numbers (in protocol 2 "
            "or later)."
        )


# The unpickler that is written in Python: that in C knows every instruction, and ends by some.
class _Unpickler(pickle._Unpickler):
    def find_class(self, module: str, name: str):
        if (module, name) not in _NAMES:
            raise _RefusedError(
                f"asks to import {module}.{name}, which no dictionary needs. It was refused, and nothing was run. Do not open "
                "this file with anything else."
            )
        return _NAMES[module, name]

    def load_build(self):
        match self.stack.pop(-2), self.stack.pop():
            case (_Type() as kind, (int(), str(order), None, None, None, -1, -1, 0)) if order in _ORDERS:
                kind.order = _ORDERS[order]
                self.append(kind)
            case _:
                raise ValueError("a number of an unknown kind")

    def load_setitem(self):
        self._fill([self.stack.pop(-2), self.stack.pop()])

    def load_setitems(self):
        self._fill(self.pop_mark())

    def _fill(self, items: list):
        found = self.stack[-1]
        if type(found) is not dict or len(items) % 2:
            raise ValueError("items without a dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) not in (str, int) or type(value) not in (str, int, float):
                raise _RefusedError(
                    f"maps {_called(key)} to {_called(value)}; only strings and numbers are read."
                )
            if key in found:
                raise _RefusedError(f"names {key!r} twice.")
            found[key] = value

    dispatch = _Known({c: f for c, f in pickle._Unpickler.dispatch.items() if _INSTRUCTIONS[c] in _KNOWN})
    dispatch |= {
        pickle.BUILD[0]: load_build,
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
    }


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
    unpickler = _Unpickler(io.BytesIO(data))
    try:
        found = unpickler.load()
        if unpickler.stack or unpickler.metastack or unpickler.read(1):
            raise ValueError("it holds more than one object")
    except _RefusedError as error:
        raise DataError(f"{source} {error}") from None
    except Exception as error:  # whatever bytes are handed in, they can end only here or in a flat dictionary
        raise DataError(
            f"{source} is not a pickle of a dictionary, or is damaged ({error}). Fetch it again."
        ) from error
    if type(found) is not dict:
        raise DataError(f"{source} holds {_called(found)}; a dictionary was expected.")
    return found


def _called(value) -> str:
    return repr(value)[:60] if type(value) in (str, int, float) else f"a {type(value).__name__.strip('_')}"
