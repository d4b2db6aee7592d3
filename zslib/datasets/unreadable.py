"""What cannot be read, in a line, whatever reads it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from zslib.core.errors import DataError

PLUG_INS = {32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd", 32026: "blosc2"}
"""Compressions that HDF5 needs a plug-in for, by the number of their filter."""


@contextmanager
def in_a_line(where: str, group=None) -> Iterator[None]:
    """Turn whatever fails within into a :class:`DataError` of one line.

    Parameters
    ----------
    where
        What is being read.
    group
        Of an HDF5 file, where compressions that need a plug-in are looked for after a failure.
    """
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{where} cannot be read: {_said(error, group)}") from None


def _said(error: Exception, group) -> str:
    missing = set()
    with suppress(Exception):  # a damaged file may not let itself be looked through
        missing = _missing_plug_ins(group)
    if missing:
        names = ", ".join(sorted(missing))
        return f"it is compressed with {names}: import hdf5plugin to read it, and write it again with gzip."
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}. Write it again with a recent anndata."


def _missing_plug_ins(group) -> set[str]:
    """Names of the compressions of stored arrays that this HDF5 does not know."""
    import h5py

    found = set()

    def collect(_, array) -> None:
        if isinstance(array, h5py.Dataset):
            settings = array.id.get_create_plist()
            codes = [settings.get_filter(i)[0] for i in range(settings.get_nfilters())]
            found.update(PLUG_INS.get(c, f"filter {c}") for c in codes if not h5py.h5z.filter_avail(c))

    collect("", group)
    if isinstance(group, h5py.Group):
        group.visititems(collect)
    return found
