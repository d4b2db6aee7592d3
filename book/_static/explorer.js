// The results explorer: a ranking by metrics and weights of one's own, with its uncertainty, from the data in its page.
// The first half computes and knows no page (tests run it by itself); the second half is the page.
(() => {
  "use strict";
  const LEVEL = 0.95;
  const ROUNDING = 1e-6; // a lead of less is none
  const MISSING = -128;
  const SPACES = { native: "the embedding as it is", pca50: "its 50 leading components" };

  const mean = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const sd = (xs) => Math.sqrt(xs.reduce((sum, x) => sum + (x - mean(xs)) ** 2, 0) / (xs.length - 1));

  /** Quantile by linear interpolation, as NumPy's. */
  function quantile(xs, q) {
    const sorted = xs.filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
    const at = q * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted.length ? sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]) : NaN;
  }
  const interval = (xs) => [quantile(xs, (1 - LEVEL) / 2), quantile(xs, (1 + LEVEL) / 2)];

  /** Scores of a set with their resamples: table[method][metric] is null or {value, draws}. */
  function decode(set, nKept) {
    const bytes = new Int8Array(Array.from(atob(set.draws), (c) => c.charCodeAt(0)));
    let start = 0;
    return set.values.map((row, m) =>
      row.map((value, k) => {
        if (value === null) return null;
        const own = bytes.subarray(start, (start += nKept));
        return { value, draws: Float64Array.from(own, (q) => (q === MISSING ? NaN : value + q * set.steps[m][k])) };
      })
    );
  }

  /** One number a method of a set: the weighted mean of the metrics that the set has; null where a method lacks one. */
  function combined(table, weights) {
    const used = weights.map((w, k) => (w > 0 && table.some((row) => row[k]) ? w : 0));
    const total = used.reduce((sum, w) => sum + w, 0);
    if (!total) return null;
    const asked = used.flatMap((w, k) => (w ? [[k, w / total]] : []));
    return table.map((row) => {
      if (asked.some(([k]) => !row[k])) return null;
      const n = row[asked[0][0]].draws.length;
      const draws = Array.from({ length: n }, (_, b) => asked.reduce((sum, [k, w]) => sum + w * row[k].draws[b], 0));
      return { value: asked.reduce((sum, [k, w]) => sum + w * row[k].value, 0), draws };
    });
  }

  const ranks = (xs) => xs.map((x) => 0.5 + xs.reduce((r, y) => r + (y > x ? 1 : y === x ? 0.5 : 0), 0));

  /** How far each score is behind the best, with intervals that hold for all pairs at once (max-T). */
  function behindBest(scores) {
    const n = scores[0].draws.length;
    const first = scores.reduce((best, s, i) => (s.value > scores[best].value ? i : best), 0);
    const pairs = [];
    for (let a = 0; a < scores.length; a++)
      for (let b = a + 1; b < scores.length; b++) {
        const sign = a === first ? 1 : -1;
        const gaps = Array.from({ length: n }, (_, i) => sign * (scores[a].draws[i] - scores[b].draws[i]));
        pairs.push({ a, b, gap: sign * (scores[a].value - scores[b].value), gaps });
      }
    const known = Array.from({ length: n }, (_, i) => pairs.every((p) => !Number.isNaN(p.gaps[i])));
    pairs.forEach((p) => {
      p.gaps = p.gaps.filter((_, i) => known[i]);
      [p.mean, p.sd] = [mean(p.gaps), sd(p.gaps)];
    });
    const moving = pairs.filter((p) => p.sd > 1e-12);
    const farthest = pairs[0]?.gaps.map((_, i) => Math.max(...moving.map((p) => Math.abs(p.gaps[i] - p.mean) / p.sd)));
    const reach = moving.length ? quantile(farthest, LEVEL) : NaN;
    const behind = scores.map((s, i) => (i === first ? { gap: 0, low: 0, high: 0 } : null));
    for (const p of pairs.filter((pair) => pair.a === first || pair.b === first)) {
      const alike = p.gaps.length && p.gaps.every((g) => Math.abs(g) <= 1e-12);
      const half = p.sd > 1e-12 ? reach * p.sd : alike ? 0 : NaN; // what never varies is not certain, but for no difference
      behind[p.a === first ? p.b : p.a] = { gap: p.gap, low: p.gap - half, high: p.gap + half };
    }
    return { first, behind };
  }

  /**
   * Rank the methods that compete, by the mean over datasets of each one's weighted mean of metrics.
   * Returns rows (the best first), controls, unranked methods, datasets used and left out, and why nobody may be best.
   */
  function rank(build, { datasets, space, weights }) {
    const w = build.metrics.map((metric) => Number(weights[metric.name] ?? 0));
    const sets = build.sets.filter((set) => set.space === space && datasets.includes(set.dataset));
    const found = sets.map((set) => [set, combined(decode(set, build.n_kept), w)]);
    const used = found.filter(([, scores]) => scores);
    const pooled = build.methods.map((method, m) => {
      const own = used.map(([, scores]) => scores[m]);
      if (!own.length || own.some((s) => !s)) return { ...method, missing: true };
      const draws = own[0].draws.map((_, b) => mean(own.map((s) => s.draws[b])));
      const [low, high] = interval(draws);
      return { ...method, value: mean(own.map((s) => s.value)), low, high, draws };
    });
    const scored = pooled.filter((m) => !m.missing);
    const competes = (m) => ["baseline", "foundation"].includes(m.role);
    const rows = scored.filter(competes);
    const halves = scored.filter((m) => m.role === "half");
    const least = halves.length === 2 ? Math.abs(halves[0].value - halves[1].value) : 0;
    if (rows.length) {
      const place = ranks(rows.map((m) => m.value));
      const again = rows[0].draws.map((_, b) => ranks(rows.map((m) => m.draws[b])));
      const { first, behind } = behindBest(rows);
      rows.forEach((m, i) => {
        m.rank = place[i];
        [m.rankLow, m.rankHigh] = interval(again.map((r) => r[i]));
        m.behind = behind[i];
        m.leads = i === first || !(behind[i].low > ROUNDING) || rows[first].value - m.value <= least;
      });
      rows.sort((a, b) => b.value - a.value);
    }
    return {
      rows,
      least,
      controls: ["floor", "ceiling"].flatMap((role) => scored.filter((m) => m.role === role)),
      unranked: pooled.filter((m) => m.missing && competes(m)),
      used: used.map(([set]) => set),
      left: found.filter(([, scores]) => !scores).map(([set]) => set),
      unfit: used.flatMap(([set]) =>
        build.metrics
          .filter((metric, k) => w[k] > 0 && set.unfit[metric.name])
          .map((metric) => ({ dataset: set.dataset, metric: metric.title, why: set.unfit[metric.name] }))
      ),
    };
  }

  /** 95 % intervals of a mean: if datasets of a source resemble each other (Bell and McCaffrey), and if none did. */
  function meanIntervals(values, clusters, t) {
    const n = values.length;
    if (n < 2) return { interval: [NaN, NaN], apart: [NaN, NaN] };
    const quantileOfT = (inverse) => {
      const at = Math.min(inverse * 100, t.length - 1.001);
      return t[Math.floor(at)] + (at % 1) * (t[Math.floor(at) + 1] - t[Math.floor(at)]);
    };
    const center = mean(values);
    const alone = quantileOfT(1 / (n - 1)) * (sd(values) / Math.sqrt(n));
    const apart = [center - alone, center + alone];
    const names = [...new Set(clusters)];
    if (names.length < 2) return { interval: apart, apart };
    const size = names.map((c) => clusters.filter((x) => x === c).length);
    const scale = size.map((s) => 1 / (n * Math.sqrt(1 - s / n)));
    const sums = names.map((c) => values.reduce((sum, v, i) => sum + (clusters[i] === c ? v - center : 0), 0));
    const gram = names.map((a, i) =>
      names.map((b, j) =>
        clusters.reduce(
          (sum, c) => sum + ((c === a) - size[i] / n) * scale[i] * (((c === b) - size[j] / n) * scale[j]), 0)
      )
    );
    const trace = gram.reduce((sum, row, i) => sum + row[i], 0);
    const freedom = trace ** 2 / gram.flat().reduce((sum, x) => sum + x ** 2, 0);
    const half =
      quantileOfT(1 / freedom) * Math.sqrt(sums.reduce((sum, s, i) => sum + (s * scale[i]) ** 2, 0));
    return { interval: [center - half, center + half], apart };
  }

  function verdict({ interval: wide, apart, nRows, nSources }) {
    const told = [wide, apart].filter(([low, high]) => low > 0 || high < 0);
    const sides = new Set(told.map(([low]) => (low > 0 ? "ahead" : "behind")));
    if (sides.size !== 1) return nRows > 1 ? "not told apart" : "one dataset";
    return (told.length === 2 && nSources > 2 ? "" : "mostly ") + [...sides][0];
  }

  /** Every published model against one, by the weighted mean of tasks, on the datasets where a source has both. */
  function compare(record, { against, weights, seen }) {
    const asked = record.tasks.flatMap((_, k) => (weights[k] > 0 ? [[k, weights[k]]] : []));
    const total = asked.reduce((sum, [, w]) => sum + w, 0);
    const table = new Map(); // source and dataset → name → task → value
    const put = (source, dataset, name, task, value) => {
      const key = `${source}/${dataset}`;
      if (!table.has(key)) table.set(key, { source, names: new Map() });
      const { names } = table.get(key);
      if (!names.has(name)) names.set(name, new Map());
      names.get(name).set(task, value);
    };
    for (const [source, dataset, task, name, value, known] of record.rows)
      if (seen || !known) put(source, dataset, record.names[name], task, value);
    for (const [source, dataset, task, ...ends] of record.ends)
      ["floor", "ceiling"].forEach((end, i) => ends[i] !== null && put(source, dataset, end, task, ends[i]));
    const score = (tasks) =>
      tasks && asked.every(([k]) => tasks.has(k)) ? asked.reduce((sum, [k, w]) => sum + (w / total) * tasks.get(k), 0) : NaN;
    const rows = [...record.names, "floor", "ceiling"].filter((name) => name !== against).map((name) => {
      const both = [...table.values()]
        .map(({ source, names }) => ({ source, gap: score(names.get(name)) - score(names.get(against)) }))
        .filter(({ gap }) => total && !Number.isNaN(gap));
      const gaps = both.map(({ gap }) => gap);
      const nSources = new Set(both.map(({ source }) => source)).size;
      const about = { name, nRows: gaps.length, nSources, gap: mean(gaps), ahead: gaps.filter((g) => g > 0).length };
      return { ...about, ...meanIntervals(gaps, both.map(({ source }) => source), record.t) };
    });
    const found = rows.filter((row) => row.nRows).sort((a, b) => b.gap - a.gap);
    return found.map((row) => ({ ...row, word: verdict(row) }));
  }

  globalThis.zsExplorer = { decode, rank, compare };
  if (typeof document === "undefined") return;

  // The page.

  const number = (x, digits = 2) => (Math.abs(x) < 0.5 / 10 ** digits ? 0 : x).toFixed(digits).replace("-", "−");
  /** A difference with its sign, and three decimals where two would hide on which side of zero it lies. */
  const signed = (x) => (x >= 0.0005 ? "+" : "") + number(x, Math.abs(x) >= 0.0005 && Math.abs(x) < 0.005 ? 3 : 2);
  const ends = (low, high, write = number) =>
    Number.isNaN(low) ? "" : ` <span class="zs-ci">[${write(low)}, ${write(high)}]</span>`;
  const safe = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const join = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
  const percent = (x) => `${(100 * Math.min(Math.max(x, 0), 1)).toFixed(1)}%`;

  function table(caption, heads, rows, textColumns, note) {
    const kind = (i) => (i < textColumns ? "text" : "number");
    const head = heads.map((h, i) => `<th scope="col" class="${kind(i)}">${h}</th>`).join("");
    const line = (cells) =>
      cells.map((c, i) => (i ? `<td class="${kind(i)}">${c}</td>` : `<th scope="row" class="text">${c}</th>`)).join("");
    const body = rows.map((cells) => `<tr>${line(cells)}</tr>`).join("");
    return `<figure class="zs-table"><figcaption>${caption}</figcaption><div><table><thead><tr>${head}</tr></thead>
      <tbody>${body}</tbody></table></div><p class="zs-note">${note}</p></figure>`;
  }

  function showBuild(build, state) {
    const chosen = { datasets: state.on, space: state.space, weights: state.w };
    const { rows, controls, unranked, used, left, unfit, least } = rank(build, chosen);
    const weighed = build.metrics.filter((m) => state.w[m.name] > 0);
    if (!rows.length) return ["No method has all of these scores: choose a dataset, and give a metric a weight.", ""];
    const marks = controls.map((c) => `<b style="--x:${percent(c.value)}" title="${safe(c.title)}"></b>`).join("");
    const bar = (m) =>
      `<i class="zs-bar" style="--v:${percent(m.value)};--l:${percent(m.low)};--h:${percent(m.high)}">${marks}</i>`;
    const score = (m) => `${number(m.value)}${ends(m.low, m.high)}`;
    const star = (m) => (m.leads && !unfit.length ? `<b>${score(m)} ★</b>` : score(m)) + bar(m);
    const lines = rows.map((m) => [
      safe(m.title), star(m), number(m.rank, m.rank % 1 ? 1 : 0), `${number(m.rankLow, 0)} – ${number(m.rankHigh, 0)}`,
      m.behind.gap ? `${number(m.behind.gap, 3)}${ends(m.behind.low, m.behind.high, (x) => number(x, 3))}` : "first",
      m.role,
    ]);
    const rest = controls.map((m) => [safe(m.title), score(m) + bar(m), "", "", "", `control: ${m.role}`]);
    const [first, ...tied] = [...rows.filter((m) => m.behind.gap === 0), ...rows.filter((m) => m.leads && m.behind.gap)];
    const where = used.map((s) => `${s.dataset} (${s.n_cells.toLocaleString("en")} cells)`);
    const what = weighed.length === 1 ? weighed[0].title : `the weighted mean of ${weighed.length} metrics`;
    const tie = tied.length ? `; not told from it: ${join(tied.map((m) => m.title))}` : rows.length > 1 ? "; it is told from all others" : "";
    const [why] = unfit;
    const doubt = why
      ? ` Nobody is called best: ${why.metric} fails its controls on ${why.dataset} (${why.why})` +
        (unfit.length > 1 ? `, and ${unfit.length - 1} more such.` : ".")
      : "";
    const note = [
      `Intervals and ranks: 95 % of ${build.n_kept} of ${build.n_boot} resamples of these cells.`,
      "Behind the first: intervals that hold for all pairs of methods at once. ★: the best, and those not told from it",
      `or that it leads by no more than ${number(least, 3)}, by which two halves of the same cells' molecules differ.`,
      "Marks in the bars: the controls.",
      left.length ? `None of these metrics is defined on ${join(left.map((s) => s.dataset))}.` : "",
      unranked.length ? `Not scored everywhere, and so not ranked: ${join(unranked.map((m) => m.title))}.` : "",
    ];
    const heads = ["method", "score", "rank", "95 % of ranks", "behind the first", "family"];
    return [
      safe(`${first.title} has the highest score by ${what} on ${join(used.map((s) => s.dataset))}, ${number(first.value)}${tie}.${doubt}`),
      table(safe(`${what[0].toUpperCase()}${what.slice(1)} on ${join(where)}, ${SPACES[state.space]}`), heads, [...lines, ...rest], 1, safe(note.join(" "))),
    ];
  }

  /** A difference between -0.5 and 0.5 and its interval, about a line at zero. */
  function forest({ gap, interval: [low, high] }) {
    const [m, l, h] = [gap, low, high].map((x) => percent((high - low < 1 ? x : gap) + 0.5));
    return `<i class="zs-bar zs-difference" style="--m:${m};--l:${l};--h:${h}"></i>`;
  }

  function showRecord(record, state) {
    const rows = compare(record, { against: state.against, weights: state.tasks, seen: state.seen });
    const asked = record.tasks.filter((_, k) => state.tasks[k] > 0);
    const control = (name) => name === "floor" || name === "ceiling";
    const models = rows.filter((row) => !control(row.name) && !record.baselines.includes(row.name));
    const told = (name) => name + (record.told.includes(name) ? "†" : "");
    const those = (word) => models.filter((row) => row.word === word).map((row) => told(row.name));
    const [ahead, behind] = ["ahead", "behind"].map(those);
    const sure = ahead.length + behind.length
      ? `Of ${models.length} models ${join(ahead) || "none"} ${ahead.length > 1 ? "are" : "is"} ahead of ${state.against}, and ${join(behind) || "none"} behind it`
      : `None of ${models.length} models is clearly ahead of ${state.against} or behind it`;
    const mostly = ["mostly ahead", "mostly behind"].map((word) => (those(word).length ? `; ${word}: ${join(those(word))}` : "")).join("");
    const between = ({ interval: [low, high] }) => // an interval as wide as the scale says nothing
      high - low < 1 ? ends(low, high, signed) : Number.isNaN(low) ? "" : ' <span class="zs-ci">scores too far apart</span>';
    if (!rows.length) return ["No source has all of these tasks: give one of them a weight.", ""];
    const title = (name) => (control(name) ? `<i>sources' own ${name}</i>` : safe(told(name)));
    const lines = rows.map((row) => [
      title(row.name), control(row.name) ? "control" : row.word, `${signed(row.gap)}${between(row)}${forest(row)}`, ends(...row.apart, signed) || "–",
      `${row.ahead} of ${row.nRows}`, row.nSources,
    ]);
    const what = asked.length === 1 ? asked[0] : `${asked.length} tasks, weighted`;
    const heads = ["who", "verdict", `less ${safe(state.against)}`, "if independent", "ahead", "sources"];
    const note = "Mean over datasets of each score less that of the one compared with, on the datasets where a source has both, once a source; " +
      "its 95 % interval lets datasets of one source resemble each other, the next does not; mostly: only one of the two leaves out zero, or there are two sources or fewer. Models were run on different " +
      "datasets, so the rows do not rank them. What is left out of verdicts is left out here." +
      (rows.some((row) => record.told.includes(row.name)) ? " †: told cell types in its pre-training." : "") +
      (state.seen ? "" : " Datasets known to have been seen in pre-training are left out.");
    return [
      safe(`${sure}${mostly}.`),
      table(safe(`${what}: published scores less those of ${state.against}`), heads, lines, 2, safe(note)),
    ];
  }

  const PRESETS = { AvgBIO: { avg_bio: 1 }, batch: { avg_batch: 1 }, balanced: { avg_bio: 0.6, avg_batch: 0.4 } };

  /** The choice, as it stands in the address: from=build&on=kang&space=native&w=avg_bio:1. */
  function read(hash, { build, record }) {
    const given = new URLSearchParams(hash.replace(/^#/, ""));
    const weights = (text) => Object.fromEntries(
      (text ?? "").split(",").map((pair) => pair.split(":")).filter(([k, v]) => k && Number(v) > 0).map(([k, v]) => [k, Number(v)])
    );
    const all = [...new Set(build.sets.map((set) => set.dataset))];
    const on = (given.get("on") ?? all.join()).split(",").filter((d) => all.includes(d));
    const space = build.sets.some((set) => set.space === given.get("space")) ? given.get("space") : "native";
    const against = [...record.names].includes(given.get("against")) ? given.get("against") : "PCA";
    const tasks = given.has("tasks") ? weights(given.get("tasks")) : { 0: 1 };
    // The record comes first: it has the published models, which are what a reader came for.
    const from = all.length && given.get("from") === "build" ? "build" : "record";
    return { from, on, space, against, seen: given.get("seen") !== "no", tasks, w: given.has("w") ? weights(given.get("w")) : PRESETS.AvgBIO };
  }

  function written(state) {
    const weights = (w) => Object.entries(w).filter(([, v]) => v > 0).map(([k, v]) => `${k}:${v}`).join();
    const parts = state.from === "build"
      ? { from: "build", on: state.on.join(), space: state.space, w: weights(state.w) }
      : { from: "record", against: state.against, tasks: weights(state.tasks), seen: state.seen ? "yes" : "no" };
    return "#" + Object.entries(parts).map(([k, v]) => `${k}=${encodeURIComponent(v).replace(/%2C/g, ",").replace(/%3A/g, ":")}`).join("&");
  }

  const choice = (label, name, options, chosen) =>
    `<label>${label} <select name="${name}">${options.map(([value, text]) =>
      `<option value="${safe(value)}"${value === chosen ? " selected" : ""}>${safe(text)}</option>`).join("")}</select></label>`;
  const tick = (name, value, text, on) =>
    `<label><input type="checkbox" name="${name}" value="${safe(value)}"${on ? " checked" : ""}> ${safe(text)}</label>`;
  const weight = (name, key, text, value) =>
    `<label><input type="number" name="${name}" data-key="${key}" min="0" max="100" step="any" value="${value ?? 0}"> ${safe(text)}</label>`;

  function controlsOf({ build, record }, state) {
    const all = [...new Set(build.sets.map((set) => set.dataset))];
    const from = choice("Scores", "from", [...(all.length ? [["build", "this build"]] : []), ["record", "the public record"]], state.from);
    if (state.from === "record") {
      const others = record.names.filter((name) => !record.baselines.includes(name));
      const tasks = record.tasks.map((text, k) => weight("task", k, text, state.tasks[k])).join("");
      return `<div>${from}${choice("compared with", "against", [...record.baselines, ...others].map((n) => [n, n]), state.against)}
        ${tick("seen", "yes", "with datasets known to have been seen in pre-training", state.seen)}</div>
        <fieldset><legend>Weights of tasks</legend>${tasks}</fieldset>`;
    }
    const spaces = [...new Set(build.sets.map((set) => set.space))].map((s) => [s, SPACES[s]]);
    const families = [...new Set(build.metrics.map((m) => m.family))];
    const weights = families.map((family) => `<fieldset><legend>${family}</legend>${build.metrics
      .filter((m) => m.family === family).map((m) => weight("w", m.name, m.title, state.w[m.name])).join("")}</fieldset>`);
    return `<div>${from}${choice("of", "space", spaces, state.space)}</div>
      <fieldset><legend>Datasets</legend>${all.map((d) => tick("on", d, d, state.on.includes(d))).join("")}</fieldset>
      <div>${Object.keys(PRESETS).map((p) => `<button type="button" data-preset="${p}">${p}</button>`).join("")}</div>
      <details><summary>Weights of metrics</summary>${weights.join("")}</details>`;
  }

  function start() {
    const place = document.getElementById("zs-explorer");
    if (!place) return;
    const data = JSON.parse(place.querySelector("script").textContent);
    place.innerHTML = `<form></form><p class="zs-finding" aria-live="polite"></p><div></div>
      <p><button type="button" data-copy>Copy a link to this choice</button></p>`;
    const [form, finding, shown] = place.children;
    let state = read(location.hash, data);
    const show = () => {
      const [said, html] = state.from === "build" ? showBuild(data.build, state) : showRecord(data.record, state);
      finding.innerHTML = said;
      shown.innerHTML = html;
      form.querySelectorAll("[data-preset]").forEach((b) =>
        b.setAttribute("aria-pressed", written(state) === written({ ...state, w: PRESETS[b.dataset.preset] })));
      window.zsTables?.all();
    };
    const draw = () => ((form.innerHTML = controlsOf(data, state)), show());
    const keep = () => history.replaceState(null, "", written(state));
    const gather = (name) => Object.fromEntries(
      [...form.querySelectorAll(`input[name=${name}]`)].map((i) => [i.dataset.key, Number(i.value)]).filter(([, v]) => v > 0));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      const fields = new FormData(form), before = state.from;
      state = { ...state, from: fields.get("from") };
      if (before === "build") Object.assign(state, { on: fields.getAll("on"), space: fields.get("space"), w: gather("w") });
      else Object.assign(state, { against: fields.get("against"), seen: fields.has("seen"), tasks: gather("task") });
      keep();
      if (event.target.name === "from") draw(), form.querySelector("select").focus();
      else show();
    });
    form.addEventListener("click", ({ target }) => {
      if (!target.dataset.preset) return;
      state = { ...state, w: PRESETS[target.dataset.preset] };
      form.querySelectorAll("input[name=w]").forEach((i) => (i.value = state.w[i.dataset.key] ?? 0));
      keep(), show();
    });
    place.querySelector("[data-copy]").addEventListener("click", async ({ target }) => {
      keep();
      await navigator.clipboard?.writeText(location.href).catch(() => {});
      target.textContent = "The address of this page holds the choice";
    });
    window.addEventListener("hashchange", () => ((state = read(location.hash, data)), draw()));
    draw();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
