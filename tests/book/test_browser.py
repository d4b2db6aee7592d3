"""Every page in a real browser: `make test-book`."""

import http.server
import re
import threading
import zlib
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import AXE
from rendered import HTML, NO_BOOK, pages

from zslib.core.store import BOOK

pytestmark = pytest.mark.skipif(not (HTML / "index.html").exists(), reason=NO_BOOK)

PAGES = [str(path.relative_to(HTML)) for path in pages()] + ["search.html"]
FIRST, LATER = 500_000, 2_000_000  # bytes that a page may ask for before its reader does
SCREENSHOTS = HTML.parent / "screenshots"
CHECKS = Path(__file__).with_name("checks.js").read_text()


@cache
def weight(path: Path) -> int:
    """Bytes on the way to the reader: servers pack text, pictures and fonts are packed already."""
    packed = path.suffix in {".png", ".woff", ".woff2", ".webp", ".jpg"}
    return path.stat().st_size if packed else len(zlib.compress(path.read_bytes()))


def opened(tab, name: str) -> tuple[list[str], set[Path]]:
    """Open a page from disk; what went wrong, and the files that it fetched."""
    wrong, fetched = [], set()

    def asks(request):
        url = urlsplit(request.url)
        path = Path(unquote(url.path))
        if url.scheme == "file" and path.is_relative_to(HTML):
            fetched.update([path] if path.is_file() else [])  # one that is not there fails by itself
        elif url.scheme not in ("data", "blob"):
            wrong.append(f"asks for {request.url}")

    watched = {
        "request": asks,
        "requestfailed": lambda request: wrong.append(f"does not get {request.url}"),
        "console": lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None,
        "pageerror": lambda error: wrong.append(f"error: {error}"),
    }
    for event, does in watched.items():
        tab.on(event, does)
    tab.goto((HTML / name).as_uri())
    for event, does in watched.items():
        tab.remove_listener(event, does)
    return wrong, fetched


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_alone_is_light_still_and_accessible_and_fits_a_phone(tab, name):
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(color_scheme="light")
    wrong, fetched = opened(tab, name)
    tab.evaluate(CHECKS)
    most = FIRST if name == "index.html" else LATER
    if (bytes_ := sum(map(weight, fetched))) > most:
        wrong.append(f"weighs {bytes_:,} bytes, more than {most:,}")
    if (shift := tab.evaluate("zslib.shift()")) > 0.02:
        wrong.append(f"moves by {shift:.3f} while it loads")
    tab.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    tab.evaluate(files(AXE).joinpath("axe.min.js").read_text())
    wrong += [f"light: {said}" for said in tab.evaluate("zslib.axe('all')")]
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    wrong += [f"dark: {said}" for said in tab.evaluate("zslib.axe('contrast')")]
    tab.set_viewport_size({"width": 360, "height": 740})
    wrong += [f"wider than a phone: {said}" for said in tab.evaluate("zslib.wider()")]
    assert not wrong, "\n".join(wrong)


def test_the_first_page_can_be_used_within_two_seconds(tab):
    opened(tab, "index.html")
    ready = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    assert 0 < tab.evaluate(ready) < 2000


@pytest.fixture(scope="module")
def served():
    """The book on a server of this machine."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("place", ["server", "disk"])
@pytest.mark.parametrize(
    ("term", "page"),
    [
        ("harmony", "chapters/baselines"),
        ("silhouette", "chapters/silhouette-by-hand"),
        ("tokens", "chapters/scgpt"),
    ],
)
def test_search_finds_what_the_book_explains(tab, request, place, term, page):
    root = request.getfixturevalue("served") if place == "server" else HTML.as_uri()
    tab.goto(f"{root}/search.html?q={term}")
    tab.wait_for_selector(f'#search-results a[href*="{page}.html"]', timeout=10_000)


def test_the_button_switches_to_the_dark_and_the_choice_is_kept(tab):
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(color_scheme="light")
    opened(tab, "index.html")
    theme = "document.documentElement.dataset.theme"
    background = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(background)
    for _ in range(3):  # the system's, light, dark
        if tab.evaluate(theme) != "dark":
            tab.click(".theme-switch-button:visible")
    assert tab.evaluate(theme) == "dark"
    assert tab.evaluate(background) != light
    opened(tab, "references.html")
    assert tab.evaluate(theme) == "dark"
    tab.evaluate("localStorage.clear()")


def test_the_keyboard_skips_to_the_text_and_shows_where_it_is(tab):
    tab.set_viewport_size({"width": 1280, "height": 900})
    opened(tab, "index.html")
    tab.evaluate(CHECKS)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main-content"
    unseen = []
    for _ in range(25):
        unseen += filter(None, [tab.evaluate("zslib.focus()")])
        tab.keyboard.press("Tab")
    assert not unseen
    opened(tab, "index.html")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")


def test_nothing_moves_for_who_asked_for_that(tab):
    opened(tab, "index.html")
    tab.evaluate(CHECKS)
    assert not tab.evaluate("zslib.moving()")


def test_what_a_term_means_and_what_is_cited_stands_beside_the_word(tab):
    tab.set_viewport_size({"width": 1280, "height": 900})
    opened(tab, "chapters/three-formulas.html")
    tip = tab.locator("#zs-tip")
    assert tip.is_hidden()
    cited = tab.locator(".bibtex-citation a").first
    cited.hover()
    assert "Zero-shot evaluation reveals limitations" in tip.inner_text()
    tip.hover()  # what it says can be reached, and selected
    tab.wait_for_timeout(300)
    assert tip.is_visible()
    tab.keyboard.press("Escape")
    assert tip.is_hidden()
    term = tab.locator('.zs-term[href$="#term-ASW"]')
    term.focus()
    assert tip.inner_text().startswith("Average silhouette width")
    assert term.get_attribute("aria-describedby") == tip.get_attribute("id")
    tab.keyboard.press("Tab")
    assert "Average silhouette width" not in tip.inner_text()


def test_a_finger_is_told_before_it_follows(browser):
    phone = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True).new_page()
    opened(phone, "chapters/three-formulas.html")
    here, term = phone.url, phone.locator('.zs-term[href$="#term-ASW"]')
    term.tap()
    tip = phone.locator("#zs-tip")
    assert tip.inner_text().startswith("Average silhouette width")
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert phone.url == here
    term.tap()
    phone.wait_for_url("**/glossary.html#term-ASW")
    phone.context.close()


def test_a_table_sorts(tab):
    opened(tab, f"runs/{min(pages('runs/*.html')).name}")
    head = tab.locator("figure.zs-table:not(.facts, .prose) thead th.number:has(> .zs-sort)").first
    column = head.evaluate("head => [head.cellIndex, head.closest('table').id ||= 'sorted'][0]")
    for turn, sign in (("descending", 1), ("ascending", -1)):
        head.locator(".zs-sort").click()
        assert head.get_attribute("aria-sort") == turn
        texts = tab.locator(f"#sorted tbody tr > :nth-child({column + 1})").all_inner_texts()
        numbers = [float(text.replace("−", "-").split()[0]) for text in texts if re.match(r"[−\d.]", text)]
        assert len(numbers) > 2
        assert [sign * n for n in numbers] == sorted((sign * n for n in numbers), reverse=True)


def test_the_explorer_draws_what_is_chosen_and_keeps_it_in_the_address(tab):
    opened(tab, "chapters/explore.html")
    rows = tab.locator("#zs-explorer tbody tr")
    tab.select_option("select[name=from]", "record")
    assert {"scGPT", "Geneformer"} <= {
        row.split("\n")[0].strip("★ \t") for row in rows.locator("th").all_inner_texts()
    }
    said = tab.locator("#zs-explorer .zs-finding").inner_text()
    tab.select_option("select[name=against]", "scVI")
    assert tab.locator("#zs-explorer .zs-finding").inner_text() != said
    assert "from=record&against=scVI" in tab.url
    kept = rows.all_inner_texts()
    tab.reload()
    assert rows.all_inner_texts() == kept


def test_the_cells_of_a_dataset_are_drawn_when_asked_for_and_a_type_stands_out_alone(tab):
    wrong, fetched = opened(tab, f"runs/{(dataset := min(pages('runs/*.html'))).name}")
    assert not wrong
    assert dataset.with_suffix("") / "cells.html" not in fetched
    tab.locator(".zs-view > summary").click()
    cells = tab.frame_locator(".zs-view iframe")
    cells.locator("html[data-drawn]").wait_for()
    assert re.match(r"All [\d,]+ cells\.", cells.locator("#said").inner_text())
    one = cells.locator("#legend button").first
    name = one.locator("span").inner_text()
    one.click()
    assert re.match(
        rf"[\d,]+ of [\d,]+ cells stand out\. cell type: {re.escape(name)} 100 %",
        cells.locator("#said").inner_text(),
    )


CLASS = re.findall(r"chapters/([\w-]+)\.ipynb", (BOOK / "teaching.md").read_text().split("With one hour")[0])


@pytest.mark.parametrize("chapter", CLASS)
def test_a_chapter_of_the_class_has_slides_that_hold_it_and_print_one_a_page(tab, chapter):
    tab.set_viewport_size({"width": 1440, "height": 900})
    opened(tab, f"chapters/{chapter}.html")
    solutions = tab.locator(".tag_solution").count()
    figures = tab.locator("main .zs-figure").count()
    tab.locator(".zs-to-slides").click()
    slides = tab.locator(".zs-slide")
    slides.first.wait_for()
    assert slides.count() >= 7
    assert tab.locator("main .zs-figure").count() >= figures - solutions
    assert not tab.locator(".tag_solution").count()
    high = "slides => slides.map(s => s.scrollHeight / s.clientHeight)"
    assert max(slides.evaluate_all(high)) <= 1
    for shown in slides.all()[:2]:
        tab.wait_for_timeout(200)
        box = shown.bounding_box()
        assert abs(box["y"] + box["height"] / 2 - 450) < 3
        tab.keyboard.press("ArrowRight")
    printed = tab.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == slides.count()


SIZES = {"desktop": (1440, 1600), "phone": (390, 1600)}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shown", ["front", "record", "dataset", "run", "chapter"])
def test_ten_pages_and_more_are_kept_as_pictures(tab, shown, size, theme):
    dataset = min(pages("runs/*.html"))
    name = {
        "front": "index.html",
        "record": "chapters/record.html",
        "dataset": f"runs/{dataset.name}",
        "run": f"runs/{dataset.stem}/hvg.html",
        "chapter": "chapters/silhouette-by-hand.html",
    }[shown]
    width, height = SIZES[size]
    tab.set_viewport_size({"width": width, "height": height})
    tab.emulate_media(color_scheme=theme)
    opened(tab, name)
    tab.screenshot(path=SCREENSHOTS / f"{shown}-{size}-{theme}.png")
    assert tab.locator("article h1").first.is_visible()
