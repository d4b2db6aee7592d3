// What a term means and what is cited, beside the word: for mouse, keyboard and finger. Without this script it is a title.
(() => {
  "use strict";
  const EXPLAINED = ".zs-term[title], .bibtex-citation a[title]";
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
