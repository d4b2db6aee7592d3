"""A figure as SVG inside a page: its text is the page's, and its colors turn with the page's theme."""

import base64
import hashlib
import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image

DPI = 200
"""Of what is drawn as pixels, clouds of cells; twice that of a screen."""


def inline(figure: Figure, name: str) -> str:
    """A figure as an ``<svg>`` element, 4 CSS pixels for 3 points.

    Parameters
    ----------
    figure
        To draw.
    name
        Unlike that of any other figure of the page, whose marks this one would use otherwise.
    """
    text = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": hashlib.sha256(name.encode()).hexdigest()}):
        empty = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", dpi=DPI, transparent=True, metadata=empty)
    drawn = text.getvalue()[text.getvalue().index("<svg") :]
    drawn = re.sub(r'<svg.*?viewBox="0 0 ([\d.]+) ([\d.]+)".*?>', _root, drawn, count=1, flags=re.DOTALL)
    drawn = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r' id="[a-zA-Z.]+\w*_\d+"', "", drawn)  # names of groups, the same in every figure
    drawn = re.sub(r"data:image/png;base64,\s*([\w+/=\s]+)", _fewer_colors, drawn)
    drawn = re.sub(r"-?\d+\.\d{2,}(?=[^\w.])", lambda number: f"{float(number[0]):.2f}", drawn)
    return re.sub(r"\s*\n\s*", " ", drawn).replace("> <", "><").strip()


def _root(found: re.Match) -> str:
    width, height = (float(points) * 4 / 3 for points in found.groups())
    return (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg" aria-hidden="true" '
        f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {found[1]} {found[2]}">'
    )


def _fewer_colors(found: re.Match) -> str:
    """Clouds of cells have few colors, so that a palette makes them a quarter as large."""
    image, out = Image.open(io.BytesIO(base64.b64decode(found[1]))), io.BytesIO()
    image.quantize(128, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
