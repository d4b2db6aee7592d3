"""What tables look like, and what their script makes of them in a browser."""

import re
from html import escape
from types import SimpleNamespace

from shown_in_browser import in_browser

from zslib import tables
from zslib.tables.html import bar, estimate

SCORES = {"hvg": (0.53, 0.51, 0.54), "scVI": (0.73, 0.65, 0.76), "a, b": (-0.17, -0.2, -0.1), "none": None}


def table():
    rows = [
        (name, "–" if entry is None else estimate(SimpleNamespace(**dict(zip(("value", "ci_low", "ci_high"), entry, strict=True)))), size)
        for (name, entry), size in zip(SCORES.items(), ("1,922", "80", "9", "700"), strict=True)
    ]  # fmt: skip
    return tables.table(
        rows, ["method", "AvgBIO", "cells"], caption="AvgBIO on kang, 4 cells. Read it so."
    ).data


def test_the_first_sentence_stands_above_and_the_others_below():
    html = table()
    assert (
        '<figcaption>AvgBIO on kang, 4 cells</figcaption><div class="zs-tools"></div><div tabindex="0">'
        in html
    )
    assert html.endswith('<p class="zs-note">Read it so.</p></figure>')
    assert html.count('<th scope="row"') == len(SCORES)
    assert "<figcaption>" not in tables.table([], [], caption="Not defined.").data


def test_what_has_no_number_is_named_and_not_shown():
    html = tables.table([("a", "–", "1"), ("b", "–", "–")], ["method", "over <b>batches</b>", "cells"]).data
    assert "Without any number here: over batches; b." in html
    assert html.count("</th>") == 3
    assert "–" not in html
    both = tables.table([("a", "–"), ("b", "–")], ["method", "cells"]).data
    assert both.count("–") == 2  # a table of nothing says so itself


def test_a_bar_is_as_long_as_its_number():
    assert bar(0.25, 0.2, 0.3, (0, 1)) == '<i class="zs-bar" style="--v:25.0%;--l:20.0%;--h:30.0%"></i>'
    assert "--v:0.0%" in bar(-0.2, -0.3, -0.1, (-0.5, 1))  # from zero on, where knowing nothing is
    assert "--l" not in bar(0.5, float("nan"), float("nan"), (0, 1))
    assert bar(3, 2, 4, (1, float("inf"))) == ""


def test_no_zero_is_negative():
    entry = SimpleNamespace(value=-0.001, ci_low=-0.004, ci_high=0.01)
    assert estimate(entry) == '0.00 <span class="zs-ci">[0.00, 0.01]</span>'


def test_a_click_sorts_by_numbers_and_what_has_none_comes_last(tmp_path):
    script = """
        const heads = [...document.querySelectorAll("thead th")];
        const names = () => [...document.querySelectorAll("tbody th")].map((th) => th.textContent);
        const found = [];
        for (const [column, times] of [[1, 3], [2, 1], [0, 1]])
            for (let i = 0; i < times; i++) {
                heads[column].querySelector("button").click();
                found.push([...names(), heads[column].getAttribute("aria-sort")]);
            }
        return [found, heads.map((th) => th.getAttribute("aria-sort"))];
    """
    found, marks = in_browser(table(), script, tmp_path)
    assert found == [
        ["scVI", "hvg", "a, b", "none", "descending"],
        ["a, b", "hvg", "scVI", "none", "ascending"],
        ["hvg", "scVI", "a, b", "none", None],
        ["hvg", "none", "scVI", "a, b", "descending"],  # 1,922 is a number
        ["a, b", "hvg", "none", "scVI", "ascending"],
    ]
    assert marks == ["ascending", None, None]


def test_a_table_is_saved_with_its_intervals_in_columns(tmp_path):
    script = "return zsTables.csv(document.querySelector('table'));"
    assert in_browser(table(), script, tmp_path).splitlines() == [
        "method,AvgBIO,AvgBIO low,AvgBIO high,cells",
        "hvg,0.53,0.51,0.54,1922",
        "scVI,0.73,0.65,0.76,80",
        '"a, b",-0.17,-0.20,-0.10,9',
        "none,,,,700",
    ]


def test_a_long_table_is_filtered(tmp_path):
    html = tables.table([(f"row {i}", str(i)) for i in range(12)], ["what", "number"], caption="Rows").data
    script = """
        const input = document.querySelector("input");
        input.value = "ROW 1";
        input.dispatchEvent(new Event("input"));
        return [[...document.querySelectorAll("tbody tr")].filter((row) => !row.hidden).length,
                document.querySelector("[aria-live]").textContent, zsTables.csv(document.querySelector("table"))];
    """
    shown, said, csv = in_browser(html, script, tmp_path)
    assert (shown, said) == (3, "3 of 12 rows")  # 1, 10, 11
    assert csv == "what,number\nrow 1,1\nrow 10,10\nrow 11,11\n"


def test_a_phone_shows_the_first_rows_of_a_long_table_until_it_is_asked_for_all(tmp_path):
    html = tables.table([(f"row {i}", str(i)) for i in range(20)], ["what", "number"], caption="Rows").data
    assert "zs-all" not in tables.table([("a", "1")] * 12, ["what", "number"]).data
    assert "zs-all" not in tables.facts([(f"row {i}", i) for i in range(20)]).data
    script = """
        const rows = () => [...document.querySelectorAll("tbody tr")].filter((row) => row.checkVisibility());
        const names = () => [rows().length, rows()[0].cells[0].textContent], found = [names()];
        const head = document.querySelector("thead th.number button"), all = document.querySelector(".zs-all");
        const input = document.querySelector("input");
        head.click();
        found.push(names());
        input.value = "row 1";
        input.dispatchEvent(new Event("input"));
        found.push(names());
        input.value = "";
        input.dispatchEvent(new Event("input"));
        for (let i = 0; i < 2; i++) {
            all.click();
            found.push([...names(), all.textContent, all.getAttribute("aria-expanded")]);
        }
        return [found, zsTables.csv(document.querySelector("table")).split("\\n").length];
    """
    found, lines = in_browser(html, script, tmp_path)
    assert found == [
        [8, "row 0"],
        [8, "row 19"],  # the first of the order that was asked for
        [11, "row 19"],
        [20, "row 19", "Fewer rows", "true"],
        [8, "row 19", "All 20 rows", "false"],
    ]
    assert lines == 22  # a head, all rows and an end


def test_the_page_never_scrolls_sideways_and_the_first_column_stays(tmp_path):
    wide = [("method", *(f"{i}.123456789" for i in range(20)))] * 3
    html = f'<div style="width:340px">{tables.table(wide, ["name", *map(str, range(20))], caption="Wide").data}</div>'
    script = """
        const box = document.querySelector("figure.zs-table > div:has(> table)");
        box.scrollLeft = 300;
        const left = document.querySelector("tbody th").getBoundingClientRect().left - box.getBoundingClientRect().left;
        return [document.documentElement.scrollWidth <= innerWidth, box.scrollWidth > box.clientWidth, Math.round(left)];
    """
    assert in_browser(html, script, tmp_path) == [True, True, 0]


def test_how_cells_were_prepared_is_said_in_words(toy):
    toy = toy.copy()
    toy.uns["prepare"] = toy.uns["prepare"] | {"n_cells": 1200, "cells_with_rare_genes_alone": 3}
    shown = tables.dataset_provenance(toy).data
    assert re.search("Cells asked for</th><td[^>]*>1,200<", shown)
    assert re.search("Cells removed as all their genes are too rare</th><td[^>]*>3<", shown)
    assert "none" not in shown


def test_what_was_run_is_said_in_words():
    what = {
        "profile": "p",
        "methods": {"scvi": "scvi"},
        "seeds": [0],
        "more_seeds": {},
        "n_cells": None,
        "n_boot": 9,
    }
    for given, said in (({"scvi": {"n_genes": 2000, "max_epochs": 2}}, "scVI: n_genes = 2000, max_epochs = 2"), ({}, "the method's defaults")):  # fmt: skip
        shown = tables.grid_provenance(SimpleNamespace(**what, parameters=given), []).data
        assert escape(said) in shown
