"""The theme's pages without what they carry and need not, and with sizes of pictures and how to cite."""

import re
import struct
from datetime import date
from functools import partial
from html import escape, unescape
from pathlib import Path

import yaml

from zslib.core import store

NEEDLESS = re.compile(
    r"""<script[^>]*/(?:fontawesome|sphinx-thebe)\.js[^>]*></script>\s*  # icons are drawn from their font, and
    |<link[^>]*/sphinx-thebe\.css[^>]*>\s*                               # no page runs code in the browser
    |<script>const\ THEBE_JS_URL.*?</script>\s*""",
    re.VERBOSE,
)
INSTEAD = {
    'role="doc-biblioentry"': 'role="listitem"',  # deprecated
    # Until the theme's script has run, and without it, the theme "auto" has no colors.
    'data-theme="auto"': 'data-theme="light"',
    'getItem("theme") || "auto"': 'getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")',
}
PICTURE = re.compile(r'<img (?![^>]*loading=)[^>]*?src="([^"]*\b_images/[^"]+\.png)"[^>]*>')
WIDTH = re.compile(r'style="width: (\d+)px;"')
TITLE = re.compile(r'<h1>((?:(?!</h1>).)*?)<a class="headerlink".*?<(?:p|li)>(.*?)</(?:p|li)>', re.DOTALL)
"""A page's name, and what it says first."""
FOOTER = '<div class="bd-footer-content__inner container">'
CITE = """<details class="zs-cite"><summary>Cite this page</summary>
<p>{author} ({day.year}). {page}. In <cite>{book}</cite>, version {version}, {day:%d %B %Y}.</p>
<div class="highlight"><pre>@incollection{{zslib-{key},
  author    = {{{{{author}}}}},
  title     = {{{page}}},
  booktitle = {{{book}}},
  year      = {{{day.year}}},
  note      = {{Version {version}, rendered on {day}}}
}}</pre></div>
<p>It stands on {paper}; please cite both.</p></details>"""


def finish(html: Path, *, cite: bool = True) -> None:
    """Mend the pages of a rendered book.

    Parameters
    ----------
    html
        Folder of the pages.
    cite
        Whether each page says how it is cited.
    """
    for path in html.rglob("*.html"):
        page = path.read_text()
        mended = PICTURE.sub(partial(_sized, path.parent), NEEDLESS.sub("", page))
        for old, new in INSTEAD.items():
            mended = mended.replace(old, new)
        if cite and (title := TITLE.search(mended)):
            name = path.relative_to(html).with_suffix("")
            called, first = (" ".join(unescape(re.sub("<.*?>", "", said)).split()) for said in title.groups())
            mended = mended.replace(FOOTER, FOOTER + citation(called, "-".join(name.parts)), 1)
            about = {"description": first, "og:title": called, "og:description": first}
            said = "".join(
                f'<meta property="{of}" name="{of}" content="{escape(text)}" />' for of, text in about.items()
            )
            mended = mended.replace("<title>", said + "<title>", 1)  # what a search or a shared link shows
        if mended != page:
            path.write_text(mended)


def citation(page: str, key: str) -> str:
    """How a page is cited, in words and as BibTeX, from ``CITATION.cff``."""
    about = yaml.safe_load((store.ROOT / "CITATION.cff").read_text())
    (paper,) = about["references"]
    authors = [
        f"{one['family-names']} {''.join(name[0] for name in one['given-names'].split())}"
        for one in paper["authors"]
    ]
    paper = (
        f"{', '.join(authors)}. {paper['title']}. {paper['journal']} {paper['year']};{paper['volume']}:{paper['start']}, "
        f'<a href="https://doi.org/{paper["doi"]}">doi:{paper["doi"]}</a>'
    )
    return CITE.format(
        author=escape(about["authors"][0]["name"]),
        page=escape(page),
        book=escape(about["title"]),
        version=about["version"],
        day=date.today(),
        key=escape(key),
        paper=paper,
    )


def _sized(folder: Path, found: re.Match) -> str:
    """A picture that keeps its place on the page, and is fetched when it comes near."""
    with open(folder / found[1], "rb") as picture:
        width, height = struct.unpack(">16xII", picture.read(24))
    tag = found[0]
    if shown := WIDTH.search(tag):
        width, height = int(shown[1]), round(height * int(shown[1]) / width)
        tag = tag.replace(shown[0], "")
    return tag.replace("<img ", f'<img loading="lazy" width="{width}" height="{height}" ', 1)
