// Tables: sorted by their heads, filtered by a word, saved as CSV. Without this script they are plain tables.
(() => {
  "use strict";
  const NUMBER = /^[+-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?/i;
  const FILTERED_FROM = 8; // rows

  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const tidy = (text) => text.replaceAll("\u2212", "-").replace(/\s+/g, " ").trim();
  const textOf = (cell) => tidy(cell.textContent.replaceAll("★", ""));

  /** A cell's number, or null: the first in it, since an interval or a unit may follow. */
  function numberOf(text) {
    const found = text.match(NUMBER);
    return found ? Number(found[0].replaceAll(",", "")) : null;
  }

  /** Compare two cells; what has no number comes last, whatever the direction. */
  function compare(a, b, sign) {
    if (typeof a === "string" || typeof b === "string")
      return sign * String(a).localeCompare(String(b), "en", { numeric: true });
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (a - b);
  }

  function sorted(rows, column, sign) {
    const texts = rows.map((row) => textOf(row.cells[column]));
    const numbers = texts.map(numberOf);
    const numeric = rows[0].cells[column].classList.contains("number") && numbers.some((n) => n !== null);
    const keys = numeric ? numbers : texts;
    const order = rows.map((_, i) => i).sort((i, j) => compare(keys[i], keys[j], sign) || i - j);
    return order.map((i) => rows[i]);
  }

  /** A cell as a program reads it: no dash for a missing number, no commas in a large one. */
  const bare = (text) => (text === "–" ? "" : /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text);

  /** Rows of a CSV: an interval stands in two columns after its number. */
  function csv(table) {
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    const pieces = (cell) => {
      const ends = cell.querySelector(".zs-ci");
      const found = ends && tidy(ends.textContent).match(/^\[(.+), (.+)\]$/);
      const rest = textOf(cell);
      return found ? [tidy(rest.replace(tidy(ends.textContent), "")), found[1], found[2]] : [bare(rest)];
    };
    const heads = [...table.tHead.rows[0].cells].map((th) => tidy(th.dataset.name));
    const wide = heads.map((_, i) => rows.some((row) => pieces(row.cells[i]).length === 3));
    const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const line = (cells) => cells.map(quoted).join(",");
    const head = heads.flatMap((h, i) => (wide[i] ? [h, `${h} low`, `${h} high`] : [h]));
    const body = rows.map((row) =>
      [...row.cells].flatMap((cell, i) => (wide[i] ? [...pieces(cell), "", ""].slice(0, 3) : pieces(cell)))
    );
    return [head, ...body].map(line).join("\n") + "\n";
  }

  function save(table, name) {
    const link = make("a", { href: URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" })) });
    link.download = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/^-|-$/g, "")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function sortable(table, said) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((th, column) => {
      th.dataset.name = th.textContent;
      if (original.length < 3 || !tidy(th.textContent)) return;
      const button = make("button", { type: "button", className: "zs-sort" });
      button.setAttribute("aria-label", `Sort by ${tidy(th.textContent)}`);
      th.append(button);
      th.addEventListener("click", (event) => {
        if (event.target.closest("a")) return; // a dataset's name leads to its page
        // Numbers begin with the highest, words with the first; a third click brings back the order of the page.
        const turns = th.classList.contains("number") ? ["descending", "ascending"] : ["ascending", "descending"];
        const next = turns[turns.indexOf(th.getAttribute("aria-sort")) + 1];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        if (next) th.setAttribute("aria-sort", next);
        body.append(...(next ? sorted(original, column, next === "ascending" ? 1 : -1) : original));
        said.textContent = next ? `Sorted by ${tidy(th.dataset.name)}, ${next}.` : "In the order of the page.";
      });
    });
  }

  function filter(table, said) {
    const input = make("input", { type: "search", placeholder: "Filter rows" });
    input.setAttribute("aria-label", "Filter rows");
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const rows = [...table.tBodies[0].rows];
      rows.forEach((row) => (row.hidden = !words.every((w) => row.textContent.toLowerCase().includes(w))));
      table.closest("figure").classList.toggle("filtered", words.length > 0);
      said.textContent = words.length ? `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows` : "";
    });
    return input;
  }

  /** Of a long table a phone shows the first rows, in whatever order, until it is asked for all. */
  function unfold(figure, button) {
    const all = button.textContent;
    button.addEventListener("click", () => {
      const whole = figure.classList.toggle("whole");
      button.setAttribute("aria-expanded", whole);
      button.textContent = whole ? "Fewer rows" : all;
      if (!whole) figure.scrollIntoView({ block: "start" });
    });
  }

  /** A table that is wider than its box can be scrolled by keyboard, and says that it goes on. */
  function watch(figure, box, name) {
    const look = () => {
      const wide = box.scrollWidth > box.clientWidth + 1;
      figure.classList.toggle("wide", wide && box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
      if (!wide) return ["tabindex", "role", "aria-label"].forEach((key) => box.removeAttribute(key));
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", name);
    };
    box.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(box);
  }

  function enhance(figure) {
    const table = figure.querySelector("table");
    if (!table || figure.dataset.ready) return;
    figure.dataset.ready = "yes";
    const name = tidy(figure.querySelector("figcaption")?.textContent || `Table of ${document.title}`);
    const box = table.parentElement;
    if (table.tHead && table.tBodies[0].rows.length > 1) {
      const said = make("span", { className: "zs-said" });
      said.setAttribute("aria-live", "polite");
      sortable(table, said);
      const tools = figure.querySelector(".zs-tools") ?? make("div", { className: "zs-tools" });
      tools.append(said);
      if (table.tBodies[0].rows.length >= FILTERED_FROM) tools.prepend(filter(table, said));
      const download = make("button", { type: "button", textContent: "CSV", title: "Save this table as CSV" });
      download.addEventListener("click", () => save(table, name));
      tools.append(make("span", { className: "zs-hint", textContent: "more columns →" }), download);
      if (!tools.isConnected) box.before(tools);
    }
    const more = figure.querySelector(".zs-all");
    if (more) unfold(figure, more);
    watch(figure, box, name);
  }

  const all = () => document.querySelectorAll("figure.zs-table").forEach(enhance);
  window.zsTables = { all, csv };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
