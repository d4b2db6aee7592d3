"""The colors of methods, as eyes, printers and the dark theme show them."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from zslib import methods

COMPETE = ("hvg", "hvg-pca", "harmony", "scvi", "scgpt-human", "geneformer-v1-10m", "cell-sentence")
EYES = {
    "all cones": np.eye(3),
    # Machado, Oliveira and Fernandes (2009), severity 1, doi:10.1109/TVCG.2009.113
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}  # fmt: skip
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
LIGHT, DARK = (1.0, 1.0, 1.0), tuple(int(x, 16) / 255 for x in ("12", "12", "12"))
"""Of the page, in both themes."""


def linear(color):
    color = np.asarray(color)
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def lab(light):
    x, y, z = np.cbrt(XYZ @ light / (XYZ @ np.ones(3)))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one, other):
    low, high = sorted((XYZ @ linear(color))[1] + 0.05 for color in (one, other))
    return high / low


def turned(color):
    """What the style sheet's ``invert(0.93) hue-rotate(180deg)`` makes of a color."""
    turn = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])
    return np.clip(turn @ (0.93 + np.asarray(color) * (0.07 - 0.93)), 0, 1)


@pytest.mark.parametrize("eyes", EYES)
def test_methods_that_are_compared_are_told_apart(eyes):
    seen = {m: lab(np.clip(EYES[eyes] @ linear(to_rgb(methods.card(m).color)), 0, 1)) for m in COMPETE}
    near = min((np.linalg.norm(seen[a] - seen[b]), a, b) for a, b in combinations(COMPETE, 2))
    assert near[0] > 20, near


def test_marks_stand_out_from_the_page_in_both_themes():
    for name in methods.names():
        color = to_rgb(methods.card(name).color)
        assert contrast(color, LIGHT) >= 3, name
        assert contrast(turned(color), DARK) >= 3, name


def test_in_gray_print_baselines_differ_in_lightness_and_all_in_shape():
    gray = sorted(lab(linear(to_rgb(methods.card(m).color)))[0] for m in COMPETE[:4])
    assert min(np.diff(gray)) > 8
    assert len({methods.card(m).marker for m in COMPETE}) == len(COMPETE)
