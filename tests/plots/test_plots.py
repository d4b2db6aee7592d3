"""What figures are drawn with: where each number of a table comes to stand, and how a figure is shown."""

import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from zslib import methods, plots
from zslib.plots import draw, embeddings, theme
from zslib.plots.captions import in_one_figure
from zslib.plots.theme import CELL_TYPES, Style

STYLES = {"a": Style("#0072B2", "o"), "b": Style("#D55E00", "x", "--")}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would show: images and their metadata."""
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda image, metadata: seen.append((image, metadata)))
    return seen


def inside(line):
    face = line.get_markerfacecolor()
    return face if face == "white" else mpl.colors.to_hex(face).upper()


def test_an_interval_stands_in_its_row_and_panel_with_its_style():
    table = pd.DataFrame(
        [
            ("low", "a", "left", 0.4, 0.3, 0.6, True, -0.1),
            ("high", "b", "left", 0.2, 0.1, 0.3, False, 0.0),
            ("high", "a", "right", 0.5, 0.4, 0.9, False, 0.2),
        ],
        columns=["row", "style", "panel", "value", "ci_low", "ci_high", "filled", "offset"],
        index=[7, 7, 7],  # tables come with any index
    )
    rows, panels = {"high": "High", "low": "Low"}, {"left": "Left", "right": "Right"}
    grid = draw.intervals(table, STYLES, rows, panels, limits=(0, 1))
    left, right = (grid.axes_dict[name] for name in panels)
    found = {(line.get_marker(), *line.get_xydata()[0]): inside(line) for line in left.lines}
    # A cross has no inside that could be empty.
    assert found == {("o", 0.4, 0.9): "#0072B2", ("x", 0.2, 0.0): "#D55E00"}
    assert [inside(line) for line in right.lines] == ["white"]
    assert right.collections[0].get_segments()[0].tolist() == [[0.4, 0.2], [0.9, 0.2]]
    assert [label.get_text() for label in left.get_yticklabels()] == ["High", "Low"]
    assert left.get_ylim() == (1.5, -0.5)
    assert right.get_title() == "Right"
    assert right.get_xlim() == (-0.03, 1.03)


def test_cells_are_colored_by_what_tells_some_from_others(shown):
    layout, types = np.eye(4, 2), pd.Series(list("aabb"), dtype="category")
    one = pd.Series("all", index=types.index)
    for label, batch, said in ((types, types, 2), (types, one, 1), (one, types, 1), (one, one, 1)):
        plots.umap(layout, label, batch)
        plots.umap_grid({"hvg": layout}, label, batch)
        alts = [data["alt"] for _, data in shown[-2:]]
        assert all(alt.count(" by ") == said for alt in alts), alts
        assert ("cell type" in alts[0], "batch" in alts[0]) == (
            label is types,
            batch is types or label is one,
        )


def test_of_many_cells_some_are_drawn_and_the_caption_says_so(shown, monkeypatch):
    monkeypatch.setattr(embeddings, "MOST_DRAWN", 3)
    types = pd.Series(list("aabb"), dtype="category")
    panels = embeddings.cells({"": np.eye(4, 2)}, types, CELL_TYPES, inches=1)
    assert len(panels.figures[0].axes[0].collections[0].get_offsets()) == 3
    said = embeddings._counted(types, {"cell type": (types, CELL_TYPES)}, [panels])
    assert said == "4 cells of 2 cell types, of which 3 picked at random are drawn."


def test_a_table_of_keys_is_drawn_with_its_baseline(shown):
    table = pd.DataFrame(
        [("X_a", 0.5, 0.4, 0.6, 0.0, 0.0, 0.0), ("X_b", 0.7, 0.6, 0.8, 0.2, 0.1, 0.3)],
        columns=["key", "value", "ci_low", "ci_high", "difference", "difference_low", "difference_high"],
    )
    plots.compared(table)
    assert "X_b 0.70, difference +0.20 [+0.10, +0.30]" in shown[-1][1]["alt"]


def test_curves_have_bars_or_bands():
    table = pd.DataFrame({"style": "b", "at": [1, 2], "value": [0.1, 0.2], "ci_low": 0.0, "ci_high": 0.5})
    for bands, kind in ((False, mpl.collections.LineCollection), (True, mpl.collections.PolyCollection)):
        axis = draw.curves(table, STYLES, x="at", bands=bands).ax
        assert isinstance(axis.collections[0], kind)
        assert axis.lines[0].get_xydata().tolist() == [[1, 0.1], [2, 0.2]]
        assert (inside(axis.lines[0]), axis.lines[0].get_linestyle()) == ("#D55E00", "--")
        assert axis.get_xlabel() == ""


def test_each_cell_keeps_its_color_though_the_order_is_shuffled():
    layout, names = np.arange(20.0).reshape(10, 2), pd.Series(["b"] * 4 + ["a"] * 6)
    (figure,), colors, _ = embeddings.cells({"a layout": layout}, names, ["#ff0000", "#0000ff"], inches=2)
    (axis,) = figure.axes
    (points,) = axis.collections
    at, color = points.get_offsets().data, points.get_facecolors()
    assert not (np.diff(at[:, 0]) > 0).all()
    assert {tuple(map(float, xy)): mpl.colors.to_hex(c) for xy, c in zip(at, color, strict=True)} == {
        tuple(xy): "#0000ff" if name == "b" else "#ff0000" for xy, name in zip(layout, names, strict=True)
    }
    assert colors == {"a": "#ff0000", "b": "#0000ff"}


def test_a_figure_is_drawn_for_page_and_phone_and_says_what_it_shows(shown):
    @theme.figure
    def drawn(sizes):
        figure, axis = plt.subplots(figsize=(theme.width(), 2))
        sizes.append((axis.xaxis.label.get_fontsize(), theme.narrow()))
        return figure, 'A line of "-1".', "It falls by -1 & <more>."

    before, sizes = dict(mpl.rcParams), []
    drawn(sizes)
    ((html, metadata),) = shown
    assert metadata == {"alt": 'A line of "−1".'}
    assert re.findall(r'<svg [^>]*width="(\d+)" height="(\d+)"', html.data) == [
        ("672", "192"),
        ("336", "192"),
    ]
    assert 'role="img" aria-label="A line of &quot;−1&quot;."' in html.data
    assert "<figcaption>It falls by −1 &amp; &lt;more&gt;.</figcaption>" in html.data
    assert sizes == [(theme.THEME["axes.labelsize"], False), (theme.THEME["axes.labelsize"], True)]
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == []


def test_no_two_figures_of_a_page_share_a_name(shown):
    for alt in ("one", "two"):
        figure, axis = plt.subplots()
        axis.plot([0, 1], [0, 1], "o-")
        theme.show(figure, alt)
    names = [set(re.findall(r'id="([^"]+)"', html.data)) for html, _ in shown]
    assert all(names)
    assert not names[0] & names[1]


def test_eight_methods_stand_in_a_figure_and_the_rest_is_folded(shown):
    names = [m for m in methods.names() if methods.card(m).family in ("baseline", "control")]
    names = [*names, "scgpt-human", "geneformer-v1-10m"]
    first, (said, rest) = in_one_figure(names)
    assert len(first) == 8
    assert set(first) >= {
        "hvg",
        "hvg-pca",
        "harmony",
        "scvi",
        "scgpt-human",
        "geneformer-v1-10m",
        "random",
        "labels",
    }
    assert said == f"Show {len(names) - 8} more"
    assert sorted([*first, *rest["only"]]) == sorted(names)
    assert in_one_figure(names[:8]) == (names[:8], None)

    @theme.figure
    def drawn(only=("a", "b")):
        return (
            plt.figure(),
            f"Of {only[0]}.",
            "",
            ("Show 1 more", {"only": only[1:]}) if len(only) > 1 else None,
        )

    drawn()
    assert [data["alt"] for _, data in shown] == ["Of a.", "Of b."]
    assert "<details" not in shown[0][0].data
    assert '<details class="zs-more"><summary>Show 1 more</summary>' in shown[1][0].data


def test_where_there_is_nothing_to_draw_it_is_said_or_nothing_is_shown(shown, capsys):
    theme.figure(lambda: "There are no cells.")()
    theme.figure(lambda: None)()
    assert shown == []
    assert capsys.readouterr().out == "There are no cells.\n"


def test_text_is_legible_at_arms_length():
    """In points of the page, where an inch of a figure is one of CSS."""
    for name in (
        "font.size",
        "axes.labelsize",
        "axes.titlesize",
        "legend.fontsize",
        "xtick.labelsize",
        "ytick.labelsize",
    ):
        assert theme.THEME[name] >= 9, name


def test_a_method_looks_the_same_everywhere():
    card = methods.card("scvi")
    assert theme.style("scvi") == (card.color, card.marker, "-", True)


def test_words_fill_in_a_template_row_by_row():
    table = pd.DataFrame({"name": ["a", "b"], "value": [0.123, -1]})
    assert theme.words(table, "{name} {value:+.2f}") == "a +0.12; b -1.00"


@pytest.mark.parametrize(
    ("held_out", "said"),
    [
        ([40, 25], "the held-out loss is lowest at the last epoch, 2 (25), and still falling."),
        ([25], "the held-out loss is lowest at the last epoch, 1 (25)."),
        ([40, 25, 30], "the held-out loss is lowest at epoch 2 of 3 (25) and ends at 30."),
    ],
)
def test_epochs_of_training(shown, held_out, said):
    history = {"train": held_out, "held_out": held_out, "unit": "a very long name of a loss (nats)"}
    plots.training(history, 1200)
    assert shown[0][1]["alt"] == f"Training curve over {len(held_out)} epochs; {said}"
    assert f"{said[1:]} 1,200 cells." in shown[0][0].data


@pytest.mark.parametrize("inches", [1.7, 3.4])
def test_each_type_has_a_number_where_it_is_densest_and_with_its_name(shown, inches):
    rng = np.random.default_rng(0)
    types = pd.Series(np.repeat(["one", "two", "three"], 40), dtype="category")
    types = types.cat.add_categories("none")  # a name without cells has no place
    layout = rng.normal(size=(120, 2)) + 20 * types.cat.codes.to_numpy()[:, None]
    panels = embeddings.cells({"": layout}, types, CELL_TYPES, inches=inches)
    assert list(panels.colors) == ["1 one", "2 three", "3 two", "4 none"]
    texts = panels.figures[0].axes[0].texts
    assert sorted(text.get_text() for text in texts) == ["1", "2", "3"]
    for text in texts:
        assert np.abs(np.array(text.get_position()) - 20 * (int(text.get_text()) - 1)).max() < 1
    assert panels.unmarked == 0
    plots.umap_grid({"hvg": layout}, types, types)
    assert "a number is missing" not in shown[0][0].data


def test_numbers_lie_beside_each_other_and_a_caption_says_where_one_is_missing(shown):
    layout = np.random.default_rng(0).uniform(size=(400, 2))
    types = pd.Series(np.arange(400) % 12).map("type {}".format)
    panels = embeddings.cells({"": layout}, types, CELL_TYPES, inches=1.7)
    at = np.array([text.get_position() for text in panels.figures[0].axes[0].texts])
    apart = np.abs(at[:, None] - at)[~np.eye(12, dtype=bool)] / [0.06, 0.07]
    assert (len(at), panels.unmarked) == (12, 0)
    assert apart.max(axis=1).min() > 1
    crowded = embeddings.cells(
        {"": np.vstack([layout / 99, [[1, 1]]])}, pd.Series([*types, "far"]), CELL_TYPES, inches=1.7
    )
    assert crowded.unmarked == 11
    plots.umap(np.vstack([layout / 99, [[1, 1]]]), pd.Series([*types, "far"]), pd.Series(["b"] * 401))
    assert "Where a number is missing, its cells lie under other numbers." in shown[-1][0].data


def test_names_as_short_as_a_number_are_their_own_marks():
    panels = embeddings.cells({"": np.eye(6, 2)}, pd.Series([0, 0, 1, 1, 2, 2]), CELL_TYPES, inches=1.7)
    assert list(panels.colors) == ["0", "1", "2"]
    assert {text.get_text() for text in panels.figures[0].axes[0].texts} <= {"0", "1", "2"}


def test_a_picture_of_cells_says_what_is_around_a_cell_and_how_many_there_are(shown):
    layout, types = np.eye(4, 2), pd.Series(list("aabb"), dtype="category")
    rows = [
        (method, space, metric, value)
        for method, value in (("random", 0.2), ("hvg", 0.5), ("labels", 1.0))
        for space, metric in (("native", "knn_purity"), ("pca50", "knn_purity"), ("native", "ilisi"))
    ]
    scores = pd.DataFrame(rows, columns=["method", "space", "metric", "value"])
    plots.umap(layout, types, types, scores[scores["method"] == "hvg"])
    plots.umap_grid({"random": layout, "labels": layout}, types, types, scores)
    plots.umap_grid({"hvg": layout, "random": layout}, types, types, scores)
    one, several, competing = (html.data for html, _ in shown)
    assert (
        "nearest in the embedding 50% are of its own type. Mixing of batches around it, from 0 to 1 (iLISI): 0.50. 4 cells"
        in one
    )
    assert "nearest in the embedding 20% (random) to 100% (labels (cheating)) are of its own type." in several
    assert "0.20 (random) to 1.00 (labels (cheating)). 4 cells" in several
    assert "embedding 50% (HVG) are" in competing  # controls are no finding


def test_genes_by_count_and_by_rank_value(shown):
    counts, values = np.array([5.0, 4.0, 1.0]), np.array([1.0, 2.0, 9.0])
    plots.ranks(["A", "B", "C"], counts, values, n_genes=2)
    alt = shown[0][1]["alt"]
    assert "by counts (A, B …) and by rank value (C, B …). 1 of the genes on the right" in alt
