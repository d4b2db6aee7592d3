"""An extension of Sphinx: terms link to the glossary where a page first has them, figures and tables have numbers."""

import re
from collections import Counter
from functools import cache, partial
from html import escape

from docutils import nodes
from pybtex.plugin import find_plugin

CAPTIONED = re.compile(
    r'<figure class="zs-(figure|table)([^"]*)">((?:(?!<figure).)*?<figcaption>)', re.DOTALL
)

TO_PAGE = re.compile(r'(href="(?!https?:)[^"#]*)\.html\b')
ALIVE = re.compile(r'<script.*?</script>|<details class="zs-view".*?</details>', re.DOTALL)

DOI = re.compile(r"doi:(10\.\d{4,}/[^\s<>\x22;]*[^\s<>\x22;.,)](?:\(\d+\)[\d-]+)?)(?=[^<>]*<(?!/a))")
"""One that stands in text, and in no link yet."""


def setup(app) -> dict:
    """Be asked by Sphinx about each page, once its references are found."""
    app.connect("doctree-resolved", link_terms)
    app.connect("doctree-resolved", outputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


@cache
def glossary(env) -> dict[str, nodes.Element]:
    """Every form of a term of the glossary, as text has it, and its item there."""
    terms = [entry for entry in env.get_domain("std").get_objects() if entry[2] == "term"]
    pages = {page for _, _, _, page, *_ in terms}
    items = {
        (page, item[0]["ids"][0]): item
        for page in pages
        for item in env.get_doctree(page).findall(nodes.definition_list_item)
    }
    found = {}
    for (page, _), item in items.items():
        item["page"], name = page, item[0].astext()
        capital = name[0].upper() + name[1:]  # at the start of a sentence
        found |= {form + plural: item for form in (name, capital) for plural in ("", "s", "es")}
    return found


def link_terms(app, doctree, page: str) -> None:
    """Link each term where it first stands in the text, and let every link to a term say what it means."""
    forms = glossary(app.env)
    if not forms or page in {item["page"] for item in forms.values()}:
        return
    word = re.compile(
        rf"(?<![\w-])({'|'.join(map(re.escape, sorted(forms, key=len, reverse=True)))})(?![\w-])"
    )
    done = set()
    to = {uri(app, page, item): item for item in forms.values()}
    for link in doctree.findall(nodes.reference):
        if item := to.get(link.get("refuri")):
            link["reftitle"] = meaning(item)
            link["classes"].append("zs-term")
            done.add(item[0]["ids"][0])
    for text in [text for text in doctree.findall(nodes.Text) if plain(text)]:
        parts, end = [], 0
        for found in word.finditer(text):
            item = forms[found[0]]
            if item[0]["ids"][0] in done:
                continue
            done.add(item[0]["ids"][0])
            about = {"refuri": uri(app, page, item), "reftitle": meaning(item), "classes": ["zs-term"]}
            link = nodes.reference("", found[0], internal=True, **about)
            parts += [nodes.Text(text[end : found.start()]), link]
            end = found.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def uri(app, page: str, item) -> str:
    """Where a term is explained, as seen from a page."""
    return f"{app.builder.get_relative_uri(page, item['page'])}#{item[0]['ids'][0]}"


def meaning(item) -> str:
    """What a term means, as plain text."""
    return " ".join(item[1].astext().split())


def plain(text: nodes.Text) -> bool:
    """Whether a piece of text stands in a paragraph, and in no link, title, table or reference."""
    node = text.parent
    while isinstance(node, nodes.emphasis | nodes.strong):
        node = node.parent
    return isinstance(node, nodes.paragraph) and not isinstance(node.parent, nodes.entry | nodes.citation)


def outputs(app, doctree, page: str) -> None:
    """Number the figures and tables of a page that have a caption, and link the papers that they name.

    ``{ref}`Figure <label>``` reads *Figure 2* where ``(label)=`` stands before the cell that draws it.
    """
    if app.builder.format != "html":
        return
    count, named, papers = Counter(), {}, cited(app.env)

    def numbered(labels: list[str], found: re.Match) -> str:
        kind, classes, inside = found.groups()
        count[kind] += 1
        place, name = f"{kind}-{count[kind]}", f"{kind.capitalize()} {count[kind]}"
        named.update(dict.fromkeys(labels, name))
        link = f'<a class="zs-number" href="#{place}">{name}</a> '
        return f'<figure class="zs-{kind}{classes}" id="{place}">{inside}{link}'

    def linked(found: re.Match) -> str:
        about = f' class="zs-paper" title="{escape(papers[found[1]])}"' if found[1] in papers else ""
        return f'<a href="https://doi.org/{found[1]}"{about}>doi:{found[1]}</a>'

    for cell in doctree.findall(lambda node: "cell" in getattr(node, "attributes", {}).get("classes", ())):
        for raw in cell.findall(nodes.raw):
            html = CAPTIONED.sub(partial(numbered, cell["ids"]), raw.astext())
            if app.builder.name == "epub":  # where pages have another name, and nothing runs
                html = TO_PAGE.sub(r"\1.xhtml", ALIVE.sub("", html))
            raw.children = [nodes.Text(html if "<script" in html else DOI.sub(linked, html))]
    for link in doctree.findall(nodes.reference):
        if link.get("refid") in named:
            link.children = [nodes.Text(named[link["refid"]])]


@cache
def cited(env) -> dict[str, str]:
    """Every paper of the references that has a DOI, in words."""
    words = find_plugin("pybtex.backends", "plaintext")()
    known = env.get_domain("cite").citations
    return {
        one.entry.fields["doi"]: one.tooltip_entry.text.render(words)
        for one in known
        if "doi" in one.entry.fields
    }
