// What the tests ask of a page in the browser; each answers with plain values.
window.zslib = {
  // Rules of WCAG A and AA. Contrast takes long on tables and code, and follows from colors, type and what lies behind:
  // of text that has all of these alike, the first is asked.
  async axe(rules) {
    const alike = new Set();
    for (const element of document.querySelectorAll("body *")) {
      const own = [...element.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim());
      if (own && element.checkVisibility({visibilityProperty: true})) {
        const style = getComputedStyle(element), key = [style.color, style.fontSize, style.fontWeight];
        for (let behind = element; behind; behind = behind.parentElement) {
          const {backgroundColor, backgroundImage, opacity} = getComputedStyle(behind);
          key.push(backgroundColor, backgroundImage, opacity);
          if (backgroundColor.startsWith("rgb(")) break;
        }
        if (!alike.has(key.join())) element.dataset.asked = rules;
        alike.add(key.join());
      }
    }
    axe.configure({rules: [{id: "color-contrast", selector: `[data-asked="${rules}"]`}]});
    const runOnly = rules === "all" ? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
      : {type: "rule", values: ["color-contrast"]};
    const {violations} = await axe.run({preload: false, resultTypes: ["violations"], runOnly});
    return violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 120)} at ${n.target}: ${n.failureSummary}`));
  },

  // How far the page moved under the reader's eyes while it came, 0 for not at all.
  shift: () => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(e => { sum += e.value; }))
      .observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => done(sum), 50));
  }),

  // What stands out to the right of the window and is not inside something that scrolls.
  wider() {
    const clipped = e => e && e !== document.body &&
      (getComputedStyle(e).overflowX !== "visible" || clipped(e.parentElement));
    if (document.scrollingElement.scrollWidth <= innerWidth) return [];
    return [...document.querySelectorAll("main *")]
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !clipped(e.parentElement))
      .slice(0, 3).map(e => e.outerHTML.slice(0, 120)).concat(`${document.scrollingElement.scrollWidth} px`);
  },

  // Whether it can be seen where the keyboard is.
  focus() {
    const style = getComputedStyle(document.activeElement), box = document.activeElement.getBoundingClientRect();
    const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    return ring && box.width > 0 && box.bottom > 0 && box.top < innerHeight ? "" :
      document.activeElement.outerHTML.slice(0, 120);
  },

  moving: () => [...document.querySelectorAll("*")].filter(e => ["", "::before", "::after"].some(part => {
    const style = getComputedStyle(e, part || null);
    return [style.transitionDuration, style.animationDuration].some(d => d.split(",").some(s => parseFloat(s) > 0.01));
  })).slice(0, 3).map(e => e.outerHTML.slice(0, 120)),
};
