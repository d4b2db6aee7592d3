"""How the command line speaks."""

import dataclasses
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer

from zslib.core.errors import DataError

GOES_ON = "stopped; what is done is kept, and the same command goes on from there"


@contextmanager
def plain_errors(stopped: str = "stopped") -> Iterator[None]:
    """Show an error of the user's as its message, without a traceback, and end with status 2; or say that it was stopped."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for every request
    try:
        yield
    except DataError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo(stopped, err=True)
        raise typer.Exit(130) from None


def say_failures(failures: Sequence[str], last: str = "") -> None:
    """Say which methods failed, a line each, and end with status 1 if there are any."""
    for line in failures:
        typer.echo(f"error: {line}", err=True)
    if last:
        typer.echo(last)
    raise typer.Exit(int(bool(failures)))


def show_card(card: object, *, unknown: str = "") -> None:
    """Print a card, a field a line; several entries of a field below each other."""
    for field in dataclasses.fields(card):
        value = getattr(card, field.name)
        if isinstance(value, Iterable) and not isinstance(value, str):
            value = "".join(f"\n    {item}" for item in value)
        typer.echo(f"{field.name}: {unknown if value is None else value}")
