"""The rendered book, as files."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from zslib.core import store

HTML = store.ROOT / "_build" / "html"
NO_BOOK = "no book in _build/html; run `make book PROFILE=smoke` first"


class Page(HTMLParser):
    """What the tests ask of a page: its images, links, headings, tables."""

    def __init__(self, path: Path):
        super().__init__()
        self.figures, self.images, self.links, self.scripts, self.ids = [], [], [], [], set()
        self.text, self.title, self._in_title = [], "", False
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag == "img":
            self.images.append(attributes)
        elif attributes.get("role") == "img":
            self.figures.append(attributes)
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


page = cache(Page)


def pages(pattern: str = "**/*.html") -> list[Path]:
    """Pages that somebody wrote, or a notebook."""
    no_pages = {"genindex.html", "search.html", "cells.html"}
    return sorted(p for p in HTML.glob(pattern) if p.name not in no_pages and "_static" not in p.parts)
