"""What a piece of code comes to, in one line, for lessons about code that fails."""

from collections.abc import Callable


def outcome(call: Callable, *args) -> str:
    """Call a function; the name of its error and the first line of the message, or ``"no error"``."""
    try:
        call(*args)
    except Exception as error:
        first = str(error).partition("\n")[0]
        return f"{type(error).__name__}: {first}"
    return "no error"
