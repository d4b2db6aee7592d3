"""Figures of the lessons say below what they show."""

import numpy as np
import pandas as pd
import pytest

from zslib.studies.teaching import figures

POINTS = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.random.default_rng(0).random((40, 2))
TYPES = np.repeat(["a", "b"], 20)


@pytest.mark.parametrize(
    ("draw", "caption"),
    [
        (
            lambda: figures.dots(
                pd.DataFrame({"x": {"p": 0.1, "q": 0.9}, "y": {"p": 0.501, "q": 0.502}}), n_cells=7
            ),
            "y: all 0.50. x: q (0.90) is highest and p (0.10) lowest. 7 cells.",
        ),
        (
            lambda: figures.dots(
                pd.DataFrame([[0.9, 0.9, 0.1], [0.9, 0.7, 0.8], [0.5, 0.2, 0.0]], list("pqr"), list("xyz"))
            ),
            "p is highest under “x” and q under “z”; r is lowest in every panel.",
        ),
        (
            lambda: figures.dots(
                pd.DataFrame({"x": {"p": 1, "q": 1, "r": 0}, "y": {"p": 1, "q": 1, "r": 2}})
            ),
            "p and q are highest under “x” and r under “y”.",
        ),
        (
            lambda: figures.dots(
                pd.DataFrame({"x": {"p": 1, "q": 0, "r": 2}, "y": {"p": 0, "q": 1, "r": 2}})
            ),
            "r is highest in every panel.",
        ),
        (
            lambda: figures.dots(pd.DataFrame({"x": {"p": 1, "q": 0}, "y": {"p": 2, "q": 1}})),
            "p is highest and q lowest in every panel.",
        ),
        (lambda: figures.dots(pd.DataFrame({"x": {"p": -0.001, "q": np.nan}})), "x: all 0.00."),
        (
            lambda: figures.lines([1, 2, 4], {"p": [0.1, 0.4, 0.2]}, xlabel="size", ylabel="ARI", n_cells=9),
            "Highest ARI, and at which size: p 0.40 at 2. 9 cells.",
        ),
        (
            lambda: figures.distributions({"p": np.full(9, 0.5)}, xlabel="ARI", n_cells=1200),
            "The black bar holds the middle 95 %: p 0.500 to 0.500. 1,200 cells.",
        ),
        (
            lambda: figures.panels({"types": POINTS, "mixed": POINTS}, {"types": TYPES, "mixed": ["c"] * 40}),
            "Share of a cell's 14 nearest points that have its color: types 100%. 40 cells.",
        ),
        (
            lambda: figures.funnel({"all": 8, "some": 5, "few": 2}),
            "After the last question 2 of 8 are left, 25%.",
        ),
        (
            lambda: figures.silhouette_anatomy(POINTS[17:22], TYPES[17:22], cell=0),
            "Of 5 cells one a is circled: 2 lines lead to its own type, and 2 to others.",
        ),
    ],
)
def test_a_caption_says_what_was_found_and_of_how_many_cells(draw, caption, monkeypatch):
    said = []
    monkeypatch.setattr("zslib.plots.theme.show", lambda _, alt, caption="", **__: said.append(caption))
    draw()
    assert said == [caption]
