// Points in one panel: drawn by WebGL, moved, zoomed, pointed at and enclosed by a pointer or by keys.
// A scene is shared by panels: n points, lit (whether each stands out), and what to do when a user
// points at one (point), draws a line around some (enclose), wants all back (clear) or a lasso (lasso).
const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
const WHOLE = 65535; // coordinates are numbers of two bytes
const VERTEX = `attribute vec2 from, to; attribute vec4 color; uniform vec2 scale, at; uniform float size, share, turn;
varying vec3 shade; varying float soft;
void main() {
  gl_Position = vec4((mix(from, to, share) - at) * scale, 0., 1.);
  if (turn != color.a) gl_Position = vec4(2., 2., 2., 1.); // faint points have the first turn, lit ones the second
  gl_PointSize = size; soft = 1. / size; shade = color.rgb;
}`;
const FRAGMENT = `precision mediump float; varying vec3 shade; varying float soft;
void main() { gl_FragColor = vec4(shade, 1.) * smoothstep(.5, .5 - soft, distance(gl_PointCoord, vec2(.5))); }`;

class Panel {
  constructor(box, scene) {
    Object.assign(this, {box, scene, canvas: box.querySelector("canvas"), line: box.querySelector("polygon"),
      ring: box.querySelector(".ring"), tip: box.querySelector(".tip")});
    this.home();
  }
  home() { this.x = this.y = .5; this.zoom = 1; this.draw(); }

  start() { // when the panel is first seen
    const gl = this.gl = this.canvas.getContext("webgl", {antialias: false});
    if (!gl) throw new Error("it has no WebGL");
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.uniform = name => gl.getUniformLocation(program, name);
    this.buffers = {};
    for (const [name, size, kind] of [["from", 2, gl.UNSIGNED_SHORT], ["to", 2, gl.UNSIGNED_SHORT], ["color", 4, gl.UNSIGNED_BYTE]]) {
      const place = gl.getAttribLocation(program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name] = gl.createBuffer());
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, kind, true, 0, 0);
    }
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.listen();
  }
  fill(name, array) {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.buffers[name]);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, array, this.gl.STATIC_DRAW);
  }
  place(xy, glide) { // points may glide from where they were, so that the eye can follow them
    const before = this.xy, began = performance.now();
    this.xy = xy;
    this.fill("from", before || xy);
    this.fill("to", xy);
    const step = () => {
      this.share = glide && before ? clamp((performance.now() - began) / 600, 0, 1) : 1;
      this.draw();
      if (this.share < 1) requestAnimationFrame(step);
    };
    step();
  }
  paint(bytes) { // red, green, blue and whether it is lit, of each point
    this.fill("color", bytes);
    this.painted = true;
    this.draw();
  }
  draw() {
    const {gl, canvas} = this, ratio = devicePixelRatio || 1, [w, h] = this.size;
    if (!this.xy || !this.painted || !w) return;
    const [width, height] = [w, h].map(v => Math.round(v * ratio));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(this.uniform("at"), this.x, this.y);
    gl.uniform2f(this.uniform("scale"), 2 * this.scale / w, 2 * this.scale / h);
    gl.uniform1f(this.uniform("share"), this.share);
    const size = clamp(.4 * Math.sqrt(w * h / this.scene.n), 1.6, 7) * clamp(this.zoom, 1, 30) ** .35;
    gl.uniform1f(this.uniform("size"), size * ratio);
    for (const turn of this.scene.lit.includes(0) ? [0, 1] : [1]) {
      gl.uniform1f(this.uniform("turn"), turn);
      gl.drawArrays(gl.POINTS, 0, this.scene.n);
    }
    this.mark(this.marked);
  }

  // Pixels of the panel ↔ coordinates.
  get size() { return [this.canvas.clientWidth, this.canvas.clientHeight]; }
  get scale() { return this.zoom * .94 * Math.min(...this.size); }
  where([px, py]) {
    return [this.x + (px - this.size[0] / 2) / this.scale, this.y - (py - this.size[1] / 2) / this.scale];
  }
  pixel(i) {
    const [x, y] = [this.xy[2 * i] / WHOLE, this.xy[2 * i + 1] / WHOLE];
    return [this.size[0] / 2 + (x - this.x) * this.scale, this.size[1] / 2 - (y - this.y) * this.scale];
  }
  nearest(place) { // the lit point within ten pixels, or −1
    const {xy} = this, {lit, n} = this.scene, [x, y] = this.where(place).map(u => u * WHOLE);
    let best = -1, least = (10 / this.scale * WHOLE) ** 2;
    for (let i = 0; i < n; i++) {
      const far = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
      if (far < least && lit[i]) { best = i; least = far; }
    }
    return best;
  }
  within(path) { // which points lie inside a closed line of pixels, by the parity of its crossings
    const line = path.map(place => this.where(place).map(u => u * WHOLE)), found = new Uint8Array(this.scene.n);
    for (let i = 0; i < found.length; i++) {
      const x = this.xy[2 * i], y = this.xy[2 * i + 1];
      for (let a = 0, b = line.length - 1; a < line.length; b = a++) {
        const [[ax, ay], [bx, by]] = [line[a], line[b]];
        if (ay > y !== by > y && x < ax + (y - ay) / (by - ay) * (bx - ax)) found[i] ^= 1;
      }
    }
    return found;
  }
  zoomBy(factor, place = this.size.map(v => v / 2)) {
    const [x, y] = this.where(place);
    this.zoom = clamp(this.zoom * factor, .5, 400);
    const [u, v] = this.where(place);
    this.move(x - u, y - v);
  }
  move(x, y) { this.x += x; this.y += y; this.draw(); }
  mark(i) { // ring one point
    this.marked = i;
    this.ring.hidden = !(i >= 0);
    if (i >= 0) [this.ring.style.left, this.ring.style.top] = this.pixel(i).map(v => `${v}px`);
  }

  listen() {
    const fingers = new Map(), at = e => [e.offsetX, e.offsetY], {canvas, scene} = this;
    const on = (names, act) => names.split(" ").forEach(name => canvas.addEventListener(name, act));
    let path = null, moved = 0;
    on("pointerdown", e => {
      canvas.setPointerCapture(e.pointerId);
      fingers.set(e.pointerId, at(e));
      moved = 0;
      scene.point(this, null);
      path = fingers.size === 1 && (e.shiftKey || scene.lasso()) ? [at(e)] : null;
    });
    on("pointermove", e => {
      const before = fingers.get(e.pointerId), now = at(e);
      if (!before) return scene.point(this, now);
      const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
      moved += Math.hypot(dx, dy);
      fingers.set(e.pointerId, now);
      const other = [...fingers].find(([id]) => id !== e.pointerId)?.[1];
      if (path) this.line.setAttribute("points", path.push(now) && path.join(" "));
      else if (other) {
        const apart = place => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
        this.zoomBy(apart(now) / apart(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
      } else this.move(-dx / this.scale, dy / this.scale);
    });
    on("pointerup pointercancel", e => {
      if (!fingers.delete(e.pointerId)) return;
      if (path?.length > 2) scene.enclose(this.within(path));
      else if (moved < 4) scene.point(this, at(e));
      path = null;
      this.line.setAttribute("points", "");
    });
    on("pointerleave", () => scene.point(this, null));
    on("wheel", e => { // in a page, a panel that was not clicked leaves the wheel to the page
      if (parent !== window && document.activeElement !== canvas && !e.ctrlKey) return;
      e.preventDefault();
      this.zoomBy(Math.exp(-clamp(e.deltaY, -100, 100) / 300), at(e));
    });
    on("keydown", e => {
      const far = 40 / this.scale;
      const act = {
        ArrowLeft: () => this.move(-far, 0), ArrowRight: () => this.move(far, 0), ArrowUp: () => this.move(0, far),
        ArrowDown: () => this.move(0, -far), "+": () => this.zoomBy(1.4), "=": () => this.zoomBy(1.4),
        "-": () => this.zoomBy(1 / 1.4), 0: () => this.home(), Escape: scene.clear,
      }[e.key];
      if (!act || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      act();
    });
  }
}
