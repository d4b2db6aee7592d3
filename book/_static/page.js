// What a term means and what is cited, beside the word: for mouse, keyboard and finger. Without this script it is a title.
(() => {
  "use strict";
  const EXPLAINED = ".zs-term[title], .zs-paper[title], .bibtex-citation a[title]";
  const tip = Object.assign(document.createElement("div"), { id: "zs-tip", role: "tooltip", hidden: true });
  let shown = null, later, fresh = false;

  function hide() {
    clearTimeout(later);
    tip.hidden = true;
    shown?.removeAttribute("aria-describedby");
    shown = null;
  }

  /** What the keyboard is at stays; from the mouse there is time to reach the words. */
  function leave() {
    clearTimeout(later);
    later = setTimeout(() => document.activeElement !== shown && hide(), 200);
  }

  function show(link) {
    clearTimeout(later);
    if (link === shown) return;
    hide();
    shown = link;
    tip.textContent = link.dataset.tip;
    link.setAttribute("aria-describedby", tip.id);
    tip.hidden = false;
    const box = link.getClientRects()[0];
    tip.style.left = `${scrollX + Math.max(8, Math.min(box.left, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
    const below = box.bottom + tip.offsetHeight + 8 < innerHeight || box.top < tip.offsetHeight + 8;
    tip.style.top = `${scrollY + (below ? box.bottom + 4 : box.top - tip.offsetHeight - 4)}px`;
  }

  function explain(link) {
    link.dataset.tip = link.title;
    link.removeAttribute("title");
    link.addEventListener("focus", () => show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(link));
    link.addEventListener("pointerleave", leave);
    // A finger's first touch shows, its second follows.
    link.addEventListener("pointerdown", () => (fresh = link !== shown));
    link.addEventListener("click", (event) => {
      if (event.pointerType !== "touch" || !fresh) return;
      event.preventDefault();
      show(link);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    tip.addEventListener("pointerenter", () => clearTimeout(later));
    tip.addEventListener("pointerleave", leave);
    document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
    document.body.append(tip);
    document.querySelectorAll(EXPLAINED).forEach(explain);
  });
})();

// A chapter as slides, for `?slides` at the end of its address: the same page dealt out on screens of one size, which
// print as a handout. Results stay folded until they are asked for; solutions are left out.
(() => {
  "use strict";
  const WIDE = 1280, HIGH = 720;

  function deal(article) {
    const slides = [];
    const another = () => {
      slides.push(Object.assign(document.createElement("div"), { className: "zs-slide" }));
      article.append(slides.at(-1));
    };
    for (const block of article.querySelectorAll("section > :not(section, .tag_solution, .zs-ran)")) {
      if (!slides.length || /^H[12]$/.test(block.tagName)) another();
      const slide = slides.at(-1), alone = slide.querySelector(":scope > :not(h1, h2, h3)") === null;
      slide.append(block);
      if (slide.scrollHeight <= HIGH || alone) continue;
      another();
      slides.at(-1).append(block);
    }
    slides.forEach((slide, i) => {
      slide.dataset.number = `${i + 1} / ${slides.length}`;
      const tall = slide.scrollHeight / HIGH; // one block may be so by itself
      if (tall > 1) for (const block of slide.children) block.style.zoom = 0.92 / tall;
    });
    article.replaceChildren(...slides);
    return slides;
  }

  function show() {
    const root = document.documentElement;
    root.classList.add("zs-slides");
    const slides = deal(document.querySelector("article.bd-article"));
    const fit = () => root.style.setProperty("--zs-zoom", Math.min(innerWidth / WIDE, innerHeight / HIGH));
    addEventListener("resize", fit);
    fit();
    slides[0].scrollIntoView({ block: "center", behavior: "instant" });
    addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const off = slides.map((slide) => {
        const { top, bottom } = slide.getBoundingClientRect();
        return Math.abs(top + bottom - innerHeight);
      });
      slides[off.indexOf(Math.min(...off)) + step]?.scrollIntoView({ block: "center", behavior: "instant" });
    });
  }

  if (new URLSearchParams(location.search).has("slides")) addEventListener("load", show);
  else
    document.addEventListener("DOMContentLoaded", () => {
      const link = Object.assign(document.createElement("a"), { className: "zs-to-slides", href: "?slides", textContent: "Slides" });
      if (document.querySelector(".tag_result")) document.querySelector(".article-header-buttons")?.prepend(link);
    });
})();
