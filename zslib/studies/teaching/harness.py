"""What a piece of code comes to, in one line, for lessons about code that fails."""

from collections.abc import Callable


def outcome(call: Callable, *args) -> str:
    """Call a function and say how that ended.

    Parameters
    ----------
    call
        Any function.
    args
        What it is called with.

    Returns
    -------
    The name of the error and the first line of its message, or ``"no error"``.
    """
    try:
        call(*args)
    except Exception as error:
        first = str(error).partition("\n")[0]
        return f"{type(error).__name__}: {first}"
    return "no error"
