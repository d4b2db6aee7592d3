"""A small book of its own: what links to what in it."""

import re
import shutil
import zipfile
from xml.etree import ElementTree

import nbformat
import pytest
from pybtex.database import parse_file

from zslib import datasets, methods
from zslib.core.store import BOOK
from zslib.metrics import CARDS
from zslib.studies.record import sources
from zslib.workflow import rendering

GLOSSARY = """# Words

```{glossary}
batch
  Cells handled *together*.

batch ASW
  Whether batches are near.

kNN graph
  Each {term}`batch` joined.
```
"""
PAGE = """## Batches

Batches differ: `batch`, [batch](glossary.md), **batch ASW** of a batch-like kNN graph, a KNN graph, and batch ASW again.

{ref}`Figure <drawn>` and {ref}`Table <listed>` are meant; {cite:t}`cui2024` and {cite:p}`luecken2022` too.

(drawn)="""


def shown(html: str):
    output = nbformat.v4.new_output("execute_result", {"text/html": html}, execution_count=1)
    return nbformat.v4.new_code_cell("1", outputs=[output], execution_count=1)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A book of three pages, and its table of contents."""
    out = tmp_path_factory.mktemp("small")
    pages = out / "pages"
    for folder in ("_static", "_templates"):
        shutil.copytree(BOOK / folder, pages / folder)
    shutil.copy(BOOK / "references.md", pages)
    (pages / "glossary.md").write_text(GLOSSARY)
    figure, table = (
        f'<figure class="zs-{kind}"><div aria-label="doi:10.1234/5">It</div><figcaption>{{}}</figcaption></figure>'
        for kind in ("figure", "table facts")
    )
    cells = [
        nbformat.v4.new_markdown_cell("# First\n\nNothing."),
        shown(figure.replace("<figcaption>{}</figcaption>", "")),
        shown(figure.format("Of no batch.")),
        nbformat.v4.new_markdown_cell(PAGE),
        shown(figure.format("It falls.")),
        nbformat.v4.new_markdown_cell("(listed)="),
        shown(table.format("Cells, doi:10.1016/0377-0427(87)90125-7; others (doi:10.9999/none).")),
        shown('<a href="references.html#data">a page</a><script>1 && 2</script>'),
    ]
    python = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=python), pages / "page.ipynb")
    chapters = [{"file": name} for name in ("glossary", "references")]
    return out, {"format": "jb-book", "root": "page", "chapters": chapters}


@pytest.fixture(scope="module")
def page(small):
    """A page of it, as a browser gets it."""
    out, contents = small
    rendering.build(out / "pages", contents, out, title="Small")
    return (out / "_build" / "html" / "page.html").read_text()


def test_a_term_is_linked_once_where_it_first_stands_and_says_what_it_means(page):
    links = re.findall(
        r'<a class="zs-term reference internal" href="([^"]+)" title="([^"]+)">([^<]+)</a>', page
    )
    assert links == [
        ("glossary.html#term-batch", "Cells handled together.", "Batches"),
        ("glossary.html#term-batch-ASW", "Whether batches are near.", "batch ASW"),
        ("glossary.html#term-kNN-graph", "Each batch joined.", "kNN graph"),
    ]


def test_figures_and_tables_with_a_caption_have_numbers_to_which_words_lead(page):
    assert re.findall(r'<figcaption><a class="zs-number" href="(#[\w-]+)">([^<]+)</a> ([^<]+)<', page) == [
        ("#figure-1", "Figure 1", "Of no batch."),
        ("#figure-2", "Figure 2", "It falls."),
        ("#table-1", "Table 1", "Cells, "),
    ]
    assert re.findall(r'<figure class="zs-([^"]+)" id="([^"]+)">', page) == [
        ("figure", "figure-1"),
        ("figure", "figure-2"),
        ("table facts", "table-1"),
    ]
    assert '<div class="cell docutils container" id="drawn">' in page
    assert re.search(r'href="#drawn">Figure 2</a> and <a [^>]*href="#listed">Table 1</a> are meant', page)


def test_a_citation_names_authors_and_year_and_says_the_rest(page):
    (said,) = re.findall(
        r'>Cui <em>et al\.</em> \[<a [^>]*href="references\.html#[^"]+" title="(H\. Cui[^"]+)">2024</a>', page
    )
    assert "Nature Methods, 21:1470, 2024" in said
    assert re.search(r"\[<a [^>]+>Luecken <em>et al\.</em>, 2022</a>\]", page)


def test_a_paper_that_a_table_names_is_linked_and_says_what_it_is(page):
    assert re.search(
        r'Cells, <a href="https://doi\.org/10\.1016/0377-0427\(87\)90125-7" class="zs-paper" title="P\. J\. Rousseeuw\. '
        r'[^"]+">doi:10\.1016/0377-0427\(87\)90125-7</a>; others \(<a href="https://doi\.org/10\.9999/none">doi:10\.9999/none</a>\)',
        page,
    )
    assert 'aria-label="doi:10.1234/5"' in page


def test_an_e_book_is_made_of_xml_and_its_links_lead_somewhere(small):
    out, contents = small
    rendering.build(out / "pages", contents, out, builder="epub", title="Small")
    with zipfile.ZipFile(out / "_build" / "epub" / "zslib.epub") as book:
        assert book.testzip() is None
        pages = {
            name: ElementTree.fromstring(book.read(name))
            for name in book.namelist()
            if name.endswith(".xhtml")
        }
    ids = {name: {element.get("id") for element in page.iter()} for name, page in pages.items()}
    links = [e.get("href").partition("#") for e in pages["page.xhtml"].iter() if e.tag.endswith("}a")]
    inside = [(name or "page.xhtml", place) for name, _, place in links if "://" not in name]
    assert ("references.xhtml", "data") in inside
    assert not [
        (name, place) for name, place in inside if name not in ids or (place and place not in ids[name])
    ]


def test_the_references_hold_all_that_the_cards_name_and_the_page_shows_every_group():
    entries = parse_file(BOOK / "_static" / "references.bib").entries.values()
    groups = re.findall(r'keywords % "(\w+)"', (BOOK / "references.md").read_text())
    assert {entry.fields["keywords"] for entry in entries} == set(groups)
    said = [card.reference for card in CARDS.values()]
    said += [methods.card(name).citation for name in methods.names()]
    said += [source.citation for source in sources().values()]
    said += [doi for name in datasets.names() for doi in datasets.card(name).doi]
    named = {doi.rstrip(".").lower() for text in said for doi in re.findall(r"10\.\d{4,}/[^\s;,]+", text)}
    assert len(named) > 20
    assert named <= {entry.fields.get("doi", "").lower() for entry in entries}
