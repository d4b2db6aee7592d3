// The cells of one dataset: one or two methods' pictures, which share colors, legend and selection.
const D = JSON.parse(document.getElementById("data").textContent), N = D.n;
const $ = id => document.getElementById(id);
const wanted = matchMedia("(prefers-color-scheme: dark)"), still = matchMedia("(prefers-reduced-motion: reduce)");
const root = document.documentElement.dataset, dark = () => root.theme === "dark";
let ready = false;
function dress(theme) { // as the system wants it, or as the page around it says
  root.theme = theme;
  if (ready) { legend(); refresh(); }
}
dress(wanted.matches ? "dark" : "light");
wanted.onchange = () => dress(wanted.matches ? "dark" : "light");
addEventListener("message", e => e.source === parent && /^(dark|light)$/.test(e.data) && dress(e.data));

const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
const many = n => n.toLocaleString("en");
const number = x => (Math.abs(x) < 10 ? x.toFixed(2) : many(Math.round(x))).replace("-", "−");
const make = (tag, parent, more = {}) => parent.appendChild(Object.assign(document.createElement(tag), more));

const unpacked = new Map(); // each array once, when it is asked for
function unpack(text, Type) {
  if (!unpacked.has(text)) {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    unpacked.set(text, new Response(stream).arrayBuffer().then(buffer => new Type(buffer)));
  }
  return unpacked.get(text);
}

// A cell is lit if its name is among those chosen of every naming, and if it lies inside the lasso.
const namings = D.colorings.filter(c => c.names), only = new Map(namings.map(c => [c, new Set()]));
const lit = new Uint8Array(N).fill(1);
let inside = null;
function light() {
  if (inside) lit.set(inside);
  else lit.fill(1);
  for (const [c, names] of only) for (let i = 0; names.size && i < N; i++) if (!names.has(c.array[i])) lit[i] = 0;
  return refresh();
}
function enclose(found) { inside = found.includes(1) ? found : null; light(); }
function clear() { inside = null; only.forEach(names => names.clear()); legend(); light(); }

const lasso = () => $("lasso").getAttribute("aria-pressed") === "true";
const scene = {n: N, lit, point, enclose, clear, lasso};
const panels = [...document.querySelectorAll(".panel")].map(box => new Panel(box, scene)), open = () => panels.filter(p => p.method);
const coloring = () => D.colorings[$("color").value];
const shades = c => c.names ? c.colors.map(h => dark() && h === "#000000" ? "#ffffff" : h) : dark() ? D.ramp.slice(0, -12).reverse() : D.ramp;

async function refresh() { // says and paints what is lit
  say();
  const c = coloring(), faint = rgb(getComputedStyle(document.documentElement).getPropertyValue("--faint").trim());
  const colors = shades(c).map(rgb), step = c.names ? 1 : (colors.length - 1) / 255;
  for (const p of open()) {
    const codes = await unpack(c.codes || p.method.scores[c.name], c.names ? Uint16Array : Uint8Array), bytes = new Uint8Array(4 * N);
    if (c !== coloring() || !p.method) return; // something else was chosen meanwhile
    for (let i = 0; i < N; i++) {
      const color = lit[i] ? colors[Math.round(codes[i] * step)] : faint;
      for (let k = 0; k < 3; k++) bytes[4 * i + k] = color[k];
      bytes[4 * i + 3] = 255 * lit[i];
    }
    p.codes = codes;
    p.paint(bytes);
    p.canvas.setAttribute("aria-label", `UMAP of ${many(N)} cells embedded by ${p.method.title}, colored by ${c.name}. ${$("said").textContent}`);
  }
}

function say() { // what the lit cells are, in words
  const n = lit.reduce((sum, one) => sum + one, 0), parts = [`${many(n)} of ${many(N)} cells stand out`];
  for (const c of n ? namings : []) {
    const counts = c.names.map(name => ({name, n: 0}));
    for (let i = 0; i < N; i++) counts[c.array[i]].n += lit[i];
    const found = counts.filter(one => one.n).sort((a, b) => b.n - a.n);
    const most = found.slice(0, 4).map(one => `${one.name} ${Math.round(100 * one.n / n)} %`).join(", ");
    parts.push(`${c.name}: ${most}${found.length > 4 ? ` and ${found.length - 4} more` : ""}`);
  }
  $("said").textContent = n < N ? `${parts.join(". ")}.` : `All ${many(N)} cells.`;
}

function legend() {
  const c = coloring(), naming = c.names ? c : namings[0], chosen = only.get(naming), counts = new Uint32Array(naming.names.length);
  for (const code of naming.array) counts[code]++;
  $("of").textContent = `${naming.name}: choose to isolate`;
  $("scale").hidden = Boolean(c.names);
  if (!c.names) {
    const [name, bar, ends, note] = $("scale").children;
    name.textContent = c.name;
    bar.style.background = `linear-gradient(to right, ${shades(c).join()})`;
    ends.replaceChildren(...[c.low, c.high].map(end => Object.assign(document.createElement("span"), {textContent: number(end)})));
    note.textContent = {gene: "Log of 1 + counts per 10,000.", score: `Share of the ${D.k} nearest cells in the embedding itself.`}[c.section] || "";
  }
  $("legend").replaceChildren();
  naming.names.forEach((name, code) => {
    const button = make("button", make("li", $("legend")), {type: "button"});
    if (c.names) make("i", button).style.background = shades(c)[code];
    make("span", button, {textContent: name});
    make("small", button, {textContent: many(counts[code])});
    const show = () => button.setAttribute("aria-pressed", chosen.has(code));
    button.onclick = () => { if (!chosen.delete(code)) chosen.add(code); show(); light(); };
    show();
  });
}

async function choose() { // which methods are shown
  for (const [p, select] of [[panels[0], $("method")], [panels[1], $("with")]]) {
    const method = D.methods.find(m => m.name === select.value), other = method !== p.method;
    p.box.hidden = !method;
    p.method = method;
    if (!method || !other) continue;
    p.box.querySelector("figcaption").textContent = method.title;
    if (!p.gl) p.start();
    const xy = await unpack(method.xy, Uint16Array);
    p.home();
    p.place(xy, N <= 50000 && !still.matches);
  }
  keep();
  await refresh();
}
function keep() { // the choice, in the address
  const chosen = new URLSearchParams({method: $("method").value, with: $("with").value, color: coloring().name});
  try { history.replaceState(null, "", `#${chosen}`); } catch { /* some browsers forbid it to a file */ }
}

function point(p, place) { // says whose cell is under the pointer, and rings it in every panel
  const i = place && p.codes ? p.nearest(place) : -1, c = coloring();
  open().forEach(q => { q.mark(i); q.tip.hidden = true; });
  if (i < 0) return;
  const lines = namings.map(one => `${one.name}: ${one.names[one.array[i]]}`);
  if (!c.names) lines.push(`${c.name}: ${number(c.low + p.codes[i] / 255 * (c.high - c.low))}`);
  p.tip.textContent = lines.join("\n");
  p.tip.hidden = false;
  const room = [p.size[0] - p.tip.offsetWidth, p.size[1] - p.tip.offsetHeight];
  [p.tip.style.left, p.tip.style.top] = p.pixel(i).map((v, axis) => `${clamp(v + 12, 0, Math.max(0, room[axis] - 4))}px`);
}

async function start() {
  if (!D.methods.length) throw new Error("no method ran here");
  for (const c of namings) c.array = await unpack(c.codes, Uint16Array);
  for (const id of ["method", "with"]) for (const m of D.methods) make("option", $(id), {value: m.name, textContent: m.title});
  for (const group of $("color").children)
    D.colorings.forEach((c, i) => c.section === group.dataset.section && make("option", group, {value: i, textContent: c.name}));
  document.querySelectorAll("optgroup:empty").forEach(group => group.remove());
  const asked = new URLSearchParams(location.hash.slice(1)), known = id => D.methods.some(m => m.name === asked.get(id));
  if (known("method")) $("method").value = asked.get("method");
  if (known("with") && innerWidth > 640) $("with").value = asked.get("with");
  $("color").value = Math.max(0, D.colorings.findIndex(c => c.name === asked.get("color")));
  if (N < D.of) $("sample").textContent = `Shown are ${many(N)} of ${many(D.of)} cells, a share of every type in every batch.`;
  $("method").onchange = $("with").onchange = choose;
  $("color").onchange = () => { legend(); keep(); refresh(); };
  $("lasso").onclick = () => $("lasso").setAttribute("aria-pressed", !lasso());
  $("in").onclick = () => open().forEach(p => p.zoomBy(1.4));
  $("out").onclick = () => open().forEach(p => p.zoomBy(1 / 1.4));
  $("home").onclick = () => open().forEach(p => p.home());
  $("all").onclick = clear;
  $("alone").hidden = parent === window;
  $("alone").onclick = () => { $("alone").href = location.href; };
  legend();
  ready = true;
  await choose();
}
start().catch(error => { $("said").textContent = `There is nothing to see: ${error.message}. The page of the dataset has the pictures.`; })
  .finally(() => { root.drawn = Math.round(performance.now()); }); // milliseconds since the file was opened
