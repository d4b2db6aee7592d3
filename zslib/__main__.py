"""``python -m zslib``: the command line."""

from zslib.cli import app

app(prog_name="zslib")
