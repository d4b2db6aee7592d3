"""The interactive view: what its file holds, and what a browser makes of it."""

import base64
import io
import json
import re
import shutil
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import sparse

from zslib.plots import view
from zslib.plots.view import content
from zslib.results import Run, embed, score
from zslib.results.comparison import Comparison

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 600_000  # milliseconds: where much else runs, drawing in software takes long
SOFTWARE = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def unpack(text, kind):
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype=kind)


@pytest.fixture(scope="module")
def runs(toy, tmp_path_factory):
    """Two quick methods on the toy cells, scored, and one that did not run."""
    results = tmp_path_factory.mktemp("results")
    for method in ("random", "labels"):
        run = Run(results, "toy", method, 0)
        embed(run, toy, method, device="cpu")
        score(run, toy, n_boot=10, device="cpu")
    return Comparison(results, "toy", ("random", "labels"), (0,))


@pytest.fixture(scope="module")
def shown(runs, toy):
    return content.collect(runs, toy)


def test_coordinates_come_back_to_a_pixel_of_a_wall_and_keep_their_proportions():
    layout = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32) * [30, 3] + [5, -70]
    found = unpack(content.pack(content.quantize(layout)), "<u2").reshape(-1, 2) / 65535
    width = np.ptp(layout[:, 0])
    np.testing.assert_allclose(found, (layout - layout.min(axis=0) - np.ptp(layout, axis=0) / 2) / width + 0.5, atol=1e-5)  # fmt: skip
    assert (found[:, 0].min(), found[:, 0].max()) == (0, 1)
    assert content.quantize(np.ones((3, 2))).tolist() == [[32768, 32768]] * 3


def test_numbers_come_back_to_a_level_of_256():
    values = np.array([-1.0, 0.0, 0.3, 3.0])
    found = unpack(content.pack(content.levels(values, -1, 3)), "u1") / 255 * 4 - 1
    np.testing.assert_allclose(found, values, atol=4 / 255 / 2)
    assert content.levels(np.zeros(3), 0, 0).tolist() == [0, 0, 0]


def test_every_array_of_a_file_belongs_to_the_same_cells(runs, toy, shown):
    run = runs.runs_of("labels")[0]
    entry = shown["methods"][1]
    at = unpack(entry["xy"], "<u2").reshape(-1, 2)
    by_place = {tuple(xy): i for i, xy in enumerate(content.quantize(run.layout).tolist())}
    order = [by_place[tuple(xy)] for xy in at.tolist()]
    assert sorted(order) == list(range(240))
    assert order != sorted(order)  # or the type that is drawn last would hide the others
    kind, batch, own, other, *genes = shown["colorings"]
    for one, column in ((kind, "label"), (batch, "batch")):
        assert [one["names"][c] for c in unpack(one["codes"], "<u2")] == toy.obs[column].astype(str).iloc[order].tolist()  # fmt: skip
    assert unpack(entry["scores"][own["name"]], "u1").tolist() == [255] * 240  # labels as an embedding
    assert 30 < unpack(shown["methods"][0]["scores"][own["name"]], "u1").mean() < 100  # random numbers
    assert 90 < unpack(shown["methods"][0]["scores"][other["name"]], "u1").mean() < 165
    gene = genes[0]
    column = toy.X[:, toy.var["symbol"].tolist().index(gene["name"])].toarray().ravel()[order]
    np.testing.assert_allclose(unpack(gene["codes"], "u1") * (gene["high"] / 255), column, atol=gene["high"] / 510 + 1e-6)  # fmt: skip


def test_a_marker_is_the_gene_that_lies_highest_in_its_type():
    X = sparse.csr_matrix(
        np.array([[3, 0, 1, 0], [3, 0, 0, 1], [0, 2, 1, 0], [0, 3, 0, 1], [0, 2, 1, 0]], dtype=float)
    )
    label = pd.Series(list("aabbb"))
    assert content.markers(X, label, 2) == [1, 0]
    assert content.markers(X, pd.Series(["one"] * 5), 1) == [0]  # the most variable, where there are no types


def test_above_the_cap_every_type_in_every_batch_is_kept(runs, toy, monkeypatch):
    monkeypatch.setattr(content, "MOST_POINTS", 200)
    shown = content.collect(runs, toy)
    assert (shown["n"], shown["of"]) == (100, 240)
    kind, batch = (unpack(one["codes"], "<u2") for one in shown["colorings"][:2])
    assert len(set(zip(kind.tolist(), batch.tolist(), strict=True))) == 8


def test_cells_without_labels_are_colored_by_batch_and_have_genes(runs, toy):
    nameless = toy.copy()
    nameless.obs["label"] = pd.Categorical(["unlabeled"] * 240)
    names = [one["name"] for one in content.collect(runs, nameless)["colorings"]]
    assert names[:2] == ["batch", "neighbors of other batches"]
    assert "cell type" not in names
    assert "counts (log)" in names


def test_the_file_stands_beside_the_page_and_asks_for_nothing_else(runs, toy):
    frame = view.explore(runs, toy).data
    assert 'src="toy/cells.html#method=random&amp;with=labels"' in frame
    assert 'src="cells.html#method=labels"' in view.explore_run("labels").data
    text = (runs.results / "toy" / "cells.html").read_text()
    assert not re.search(
        r"(?:src|href)=[\"']?(?!data:|\"|')\w|@import|https?://(?!www\.w3\.org/)|\[\[[A-Z]+\]\]", text
    )
    assert json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])["n"] == 240


def test_a_name_cannot_end_the_script_it_stands_in(tmp_path, shown):
    odd = shown | {"title": "</title><script>alert(1)</script>"}
    view.write(tmp_path / "odd.html", odd)
    text = (tmp_path / "odd.html").read_text()
    assert "<script>alert" not in text
    assert json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]) == odd


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no chromium here")
    with sync.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=SOFTWARE)
        yield started
        started.close()


@pytest.fixture
def opened(browser, shown, tmp_path):
    """Opens the file of the toy cells from disk; what the browser complains of fails the test."""
    wrong, pages, file = [], [], tmp_path / "cells.html"

    def at(fragment="", content=shown, **how):
        view.write(file, content)
        page = browser.new_page(viewport={"width": 1100, "height": 700}, reduced_motion="reduce", **how)
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        pages.append(page)
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("html[data-drawn]")
        return page

    yield at
    for page in pages:
        page.close()
    assert not wrong


def drawn(page, panel=0):
    """How many pixels of a panel have each color that matters, by its name in the legend; and faint ones."""
    picture = page.locator(".panel canvas").nth(panel).screenshot()
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3).astype(int)
    wanted = {f"type {k}": color for k, color in enumerate(("#1f77b4", "#ff7f0e", "#279e68", "#d62728"))}
    wanted |= {"faint": "#dcdcdc"}
    return {
        name: int((np.abs(pixels - [int(color[i : i + 2], 16) for i in (1, 3, 5)]).max(axis=1) < 12).sum())
        for name, color in wanted.items()
    }


@pytest.mark.slow
def test_the_legend_isolates_a_type_in_both_panels_by_mouse_and_by_key(opened):
    page = opened("#method=random&with=labels")
    for panel in (0, 1):
        found = drawn(page, panel)
        assert min(found[f"type {k}"] for k in range(4)) > 20
        assert found["faint"] < 100  # the rims of some points
    chosen = page.get_by_role("button", name="type 2")
    chosen.click()
    for panel in (0, 1):
        found = drawn(page, panel)
        assert found["type 2"] > 20
        assert found["type 0"] == found["type 1"] == found["type 3"] == 0
        assert found["faint"] > 500
    assert chosen.get_attribute("aria-pressed") == "true"
    assert re.match(
        r"\d+ of 240 cells stand out\. cell type: type 2 100 %\. batch: ", page.inner_text("#said")
    )
    assert "type 2 100 %" in page.locator("canvas").first.get_attribute("aria-label")
    page.keyboard.press("Space")  # the button has the focus
    assert page.inner_text("#said") == "All 240 cells."
    assert drawn(page)["faint"] < 100


@pytest.mark.slow
def test_cells_in_the_lasso_stand_out_in_the_other_panel_too(opened):
    page = opened("#method=labels&with=random")
    box = page.locator(".panel").first.bounding_box()
    page.get_by_role("button", name="Lasso").click()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    half = box["width"] / 2
    for x, y in ((half, 2), (half, box["height"] - 2), (2, box["height"] - 2), (2, 2)):
        page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.up()
    left, right = drawn(page, 0), drawn(page, 1)
    kinds = [name for name in left if name != "faint"]
    assert 0 < sum(left[k] > 0 for k in kinds) < 4  # the labels lie apart, so the half holds whole types
    assert [left[k] > 0 for k in kinds] == [right[k] > 0 for k in kinds]
    page.locator("canvas").first.focus()
    page.keyboard.press("Escape")
    assert page.inner_text("#said") == "All 240 cells."


@pytest.mark.slow
def test_pointing_tells_type_batch_and_value_and_rings_the_cell_in_both_panels(opened):
    page = opened("#method=labels&with=random&color=neighbors of its own type")
    for label in ("Zoom in", "Zoom out", "Whole picture"):
        page.get_by_role("button", name=label).click()
    x, y = page.evaluate("panels[0].pixel(7)")
    box = page.locator(".panel").first.bounding_box()
    page.mouse.move(box["x"] + 1 + x, box["y"] + 1 + y)
    said = page.locator(".tip").first.inner_text().splitlines()
    assert re.fullmatch(r"cell type: type \d", said[0])
    assert re.fullmatch(r"batch: donor \d", said[1])
    assert said[2] == "neighbors of its own type: 1.00"
    assert page.locator(".ring:visible").count() == 2


@pytest.mark.slow
def test_it_follows_the_theme_keeps_the_choice_and_moves_by_keys(opened):
    page = opened("#method=random", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 30)"
    page.get_by_label("Beside it").select_option("labels")
    page.get_by_label("Color by").select_option(label="batch")
    assert "method=random&with=labels&color=batch" in page.url
    before = page.locator("canvas").first.screenshot()
    page.locator("canvas").first.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    assert page.locator("canvas").first.screenshot() != before
    page.keyboard.press("0")
    assert page.evaluate("[panels[0].x, panels[0].y, panels[0].zoom]") == [0.5, 0.5, 1]


@pytest.mark.slow
def test_a_page_loads_the_file_only_when_it_is_unfolded(browser, runs, toy, tmp_path):
    shutil.copytree(runs.results / "toy", tmp_path / "toy")
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><h1>Toy</h1>{view.explore(runs, toy).data}")
    page, asked = browser.new_page(), []
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url.rsplit("/")[-1]))
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_timeout(300)
    assert asked == ["page.html"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    frame = page.frame_locator("iframe")
    frame.locator("html[data-drawn]").wait_for()
    assert frame.get_by_role("link", name="Open in a window of its own").is_visible()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    frame.locator("html[data-theme=dark]").wait_for()
    page.close()


@pytest.mark.slow
def test_it_says_that_it_holds_a_sample_or_nothing(opened, shown):
    page = opened(content=shown | {"of": 9000})
    assert "Shown are 240 of 9,000 cells" in page.inner_text("#help")
    page = opened(content=shown | {"methods": []})
    assert "no method ran here" in page.inner_text("#said")
