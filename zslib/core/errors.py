"""The ways a step can end other than with a result."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DataError(ValueError):
    """The input is not what it must be; the message says what, where, and what to do."""


class NotApplicable(Exception):  # noqa: N818 - a status of the grid, not a mistake
    """A method cannot run on this dataset by its nature; the message is the reason shown in the book."""


class NoLabels(DataError, NotApplicable):  # noqa: N818
    """What asks for cell types was given none."""


@contextmanager
def own_file(path: str | Path) -> Iterator[None]:
    """Turn what fails in a Python file of the user's own into a :class:`DataError` that names file and line."""
    try:
        yield
    except (DataError, NotApplicable):
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = next(
            (f.lineno for f in reversed(frames) if f.filename == str(path)), getattr(error, "lineno", "?")
        )
        first = next(iter(str(error).splitlines()), "")
        raise DataError(f"{path}, line {line}: {type(error).__name__}: {first}") from error
