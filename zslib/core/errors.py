"""The ways a step can end other than with a result."""


class DataError(ValueError):
    """The input is not what it must be; the message says what, where, and what to do."""


class NotApplicable(Exception):  # noqa: N818 - a status of the grid, not a mistake
    """A method cannot run on this dataset by its nature; the message is the reason shown in the book."""


class NoLabels(DataError, NotApplicable):  # noqa: N818
    """What asks for cell types was given none."""
