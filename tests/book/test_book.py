"""The rendered book, as a reader gets it. Build one first (`make book PROFILE=smoke`); else these skip."""

import json
import re
from collections import Counter
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
import yaml
from fontTools.ttLib import TTFont
from rendered import HTML, NO_BOOK, page, pages

from zslib.core.store import BOOK, ROOT

pytestmark = pytest.mark.skipif(not (HTML / "index.html").exists(), reason=NO_BOOK)


def test_there_is_a_page_for_every_dataset_and_every_run():
    runs = {p.relative_to(BOOK).with_suffix(".html") for p in (BOOK / "runs").rglob("*.ipynb")}
    assert runs
    assert runs <= {p.relative_to(HTML) for p in pages()}


def test_every_figure_says_in_words_what_it_shows():
    figures = 0
    for path in pages():
        said = [image.get("alt", "") for image in page(path).images if "_images" in image.get("src", "")]
        said += [figure.get("aria-label", "") for figure in page(path).figures]
        figures += len(said)
        assert not [text for text in said if len(text) < 40], path
    assert figures > 10


def test_every_figure_keeps_its_place_and_is_fetched_when_it_comes_near():
    loose = [
        (path.name, image["src"])
        for path in pages()
        for image in page(path).images
        if "_images" in image["src"] and not {"width", "height", "loading"} <= set(image)
    ]
    assert not loose


def test_every_run_is_reached_from_the_page_of_its_dataset():
    for dataset in pages("runs/*.html"):
        runs = {f"{dataset.stem}/{run.name}" for run in pages(f"runs/{dataset.stem}/*.html")}
        assert runs
        assert runs <= set(page(dataset).links)


def test_the_icons_of_the_pages_are_in_the_small_font():
    house, bars, download, half, glass, points = 0xF015, 0xF0C9, 0xF019, 0xF042, 0xF002, 0xF03A
    font = HTML / "_static" / "fonts" / "icons.woff"
    assert {house, bars, download, half, glass, points} <= set(TTFont(font).getBestCmap())
    assert font.stat().st_size < 20_000


def test_every_page_says_how_it_is_cited():
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]
    for path in pages():
        text = " ".join(page(path).text)
        assert "Cite this page" in text, path
        assert f"Version {version}" in text, path


def test_titles_are_there_and_unique():
    titles = Counter(page(p).title for p in pages())
    assert not [t for t, n in titles.items() if n > 1 or not t.strip()]


def test_every_link_inside_the_book_leads_somewhere():
    broken = []
    for path in pages():
        for link in page(path).links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (
                url.fragment and target.suffix == ".html" and unquote(url.fragment) not in page(target).ids
            ):
                broken.append(f"{path.relative_to(HTML)} → {link}")
    assert not broken


def test_every_executed_page_offers_its_notebook_and_that_runs_from_top_to_bottom():
    for notebook in [BOOK / "index.ipynb", *BOOK.rglob("runs/**/*.ipynb"), *BOOK.rglob("chapters/*.ipynb")]:
        where = notebook.relative_to(BOOK)
        source = HTML / "_sources" / where
        html = HTML / where.with_suffix(".html")
        assert any("_sources" in link and link.endswith(where.name) for link in page(html).links), where
        cells = json.loads(source.read_text())["cells"]
        assert not [o for c in cells for o in c.get("outputs", []) if o["output_type"] == "error"]


def test_runs_show_their_provenance():
    for path in pages("runs/*/*.html"):
        text = " ".join(" ".join(page(path).text).split())
        if "There is no embedding to score" in text:
            continue
        for word in ("Seed", "Seconds", "Data (SHA-256)", "Versions", "zslib"):
            assert word in text, f"{path} lacks {word}"


def test_pages_show_no_warnings_progress_bars_or_widgets():
    for path in pages():
        text = path.read_text()
        assert not re.search(r"Traceback \(most recent|FutureWarning|UserWarning|widget-view|it/s\]", text), (
            path
        )
        assert not [s for s in page(path).scripts if "html-manager" in s or "require.min" in s], path


def test_tables_are_well_formed_as_an_e_book_asks():
    for path in pages():
        for table in re.findall(r'<figure class="zs-table.*?</figure>', path.read_text(), re.DOTALL):
            ElementTree.fromstring(table)  # raises at the first tag that is left open
