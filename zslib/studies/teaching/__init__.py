"""What the teaching chapters need beyond the library: cells whose truth is known, and small models that mislead."""

from collections.abc import Callable

from zslib.studies.teaching.claims import QUESTIONS, claims
from zslib.studies.teaching.networks import pretrain, supervised_embedding
from zslib.studies.teaching.real import some_cells, variable_genes
from zslib.studies.teaching.simulate import simulate_cells, simulate_nested_batches


def outcome(call: Callable, *args) -> str:
    """Call a function; the name of its error and the first line of the message, or ``"no error"``."""
    try:
        call(*args)
    except Exception as error:
        first = str(error).partition("\n")[0]
        return f"{type(error).__name__}: {first}"
    return "no error"
