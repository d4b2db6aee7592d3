"""The rendered book, as a reader gets it. Build one first (`make book PROFILE=smoke`); else these skip."""

import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from zslib.core import store
from zslib.core.store import BOOK

HTML = store.ROOT / "_build" / "html"

pytestmark = pytest.mark.skipif(
    not (HTML / "index.html").exists(), reason="no book in _build/html; run `make book PROFILE=smoke` first"
)


class Page(HTMLParser):
    """What the tests ask of a page: its images, links, headings, tables."""

    def __init__(self, path: Path):
        super().__init__()
        self.images, self.links, self.scripts, self.ids = [], [], [], set()
        self.text, self.title, self._in_title = [], "", False
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag == "img":
            self.images.append(attributes)
        elif tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        elif tag in ("script", "link", "iframe"):
            self.scripts.append(attributes.get("src") or attributes.get("href") or "")
        self._in_title = tag == "title"

    def handle_data(self, data):
        if self._in_title:
            self.title += data
            self._in_title = False
        self.text.append(data)


@cache
def page(path: Path) -> Page:
    return Page(path)


def _pages(pattern: str = "**/*.html") -> list[Path]:
    no_pages = {"genindex.html", "search.html", "cells.html"}
    return [p for p in HTML.glob(pattern) if p.name not in no_pages and "_static" not in p.parts]


def test_there_is_a_page_for_every_dataset_and_every_run():
    runs = {p.relative_to(BOOK).with_suffix(".html") for p in (BOOK / "runs").rglob("*.ipynb")}
    assert runs
    assert runs <= {p.relative_to(HTML) for p in _pages()}


def test_every_figure_says_in_words_what_it_shows():
    figures = 0
    for path in _pages():
        for image in page(path).images:
            if "_images" in image.get("src", ""):
                figures += 1
                assert len(image.get("alt", "")) > 40, f"{path}: {image}"
    assert figures > 10


def test_titles_are_there_and_unique():
    titles = Counter(page(p).title for p in _pages())
    assert not [t for t, n in titles.items() if n > 1 or not t.strip()]


def test_every_link_inside_the_book_leads_somewhere():
    broken = []
    for path in _pages():
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
    for path in _pages("runs/*/*.html"):
        text = " ".join(page(path).text)
        if "There is no embedding to score" in text:
            continue
        for word in ("Seed", "Seconds", "Data (SHA-256)", "Versions", "zslib"):
            assert word in text, f"{path} lacks {word}"


def test_pages_show_no_warnings_progress_bars_or_widgets():
    for path in _pages():
        text = path.read_text()
        assert not re.search(r"Traceback \(most recent|FutureWarning|UserWarning|widget-view|it/s\]", text), (
            path
        )
        assert not [s for s in page(path).scripts if "html-manager" in s or "require.min" in s], path
