// The log: a virtual list over the server's lines. The position is one float in rows (which row is
// at the top edge, and how much of it is hidden) or "follow", pinned to the end. Rows are the lines
// that are not folded away. Heights are read from the rendered block, so wrapped lines need no
// table of heights.
import { render } from "./ansi.js";
import { Folds } from "./folds.js";
import { Lines } from "./lines.js";
import { FAILED, summary, tone } from "./parts.js";

const MAX_HEIGHT = 8e6; // px; browsers end near 17 million
const OVERSCAN = 12; // rows beyond the edges
const PADDING = 8; // px, above and below the block together
const SETTLE = 150; // ms after which the scrollbar is put right
const LONG = 2000; // lines, from which finished tasks without a failure are folded at first
const TASK = /task|handler/;
const STARS = / \*{3,}$/;
const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;
const make = (tag, name) =>
  Object.assign(document.createElement(tag), { className: `log-${name}` });
const clock = (ms) => (ms ? new Date(ms).toTimeString().slice(0, 8) : "");

export class LogView extends EventTarget {
  pos = 0;
  follow = false;
  target = null; // selected lines, [from, to]
  rows = [];
  last = 0; // scrollTop that was seen last
  query = "";
  pattern = null;
  hits = [];
  hit = -1;
  found = 0;
  searches = 0;
  sections = new Map();
  folds = new Folds(this.sections);
  at = new Map();
  rev = 0;
  error = -1;

  /** `scroller` says by data attributes which run it shows, how long it is, and if it ended. */
  constructor(scroller) {
    super();
    const { url, run, total, done } = scroller.dataset;
    Object.assign(this, { scroller, run: Number(run), done: done !== undefined });
    this.lines = new Lines(url, () => this.draw());
    this.lines.total = Number(total);
    this.spacer = scroller.appendChild(make("div", "spacer"));
    this.block = this.spacer.appendChild(make("div", "layer")).appendChild(make("div", "block"));
    this.lineHeight = parseFloat(getComputedStyle(scroller).lineHeight);
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    scroller.addEventListener("keydown", (event) => this.key(event));
    scroller.addEventListener("click", (event) => this.click(event));
    addEventListener("hashchange", () => this.hash());
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  get view() { return this.scroller.clientHeight; }
  get wrap() { return this.scroller.classList.contains("wrap"); }
  get count() { return this.lines.total; }
  get length() { return this.count - this.folds.hidden; } // rows
  get top() { return this.folds.line(Math.floor(this.pos)); } // line
  get full() { return this.length * this.lineHeight + PADDING; }
  get parts() { return [...this.sections.values()]; }
  get height() { return Math.min(this.full, MAX_HEIGHT); }
  get room() { return Math.max(0, this.height - this.view); }
  get end() { return Math.max(0, this.length - (this.view - PADDING) / this.lineHeight); }
  get exact() { return !this.wrap && this.full <= MAX_HEIGHT; }

  /** Show the line of the address, else the end of a live run, else the first line. */
  async open() {
    if (!this.hash()) this.setFollow(!this.done);
    await Promise.all([!this.done && this.lines.tail(), this.loadSections()]);
    this.ready = true;
    this.foldFinished();
  }

  tell(name) {
    this.dispatchEvent(new Event(name));
  }

  // What comes in

  /** A frame of the socket: lines, sections, a number of lines, the end. */
  receive({ t, r, o, l, ms, rev, s, total }) {
    if (r !== this.run) return;
    if (t === "l") this.lines.put(o, l, [[o, ms]]);
    if (t === "s") this.putSections(rev, s);
    if (t === "gone") this.lines.lost = 404;
    if (total) this.lines.total = Math.max(this.count, total);
    if (t === "end") this.done = true;
    if (t === "end" || (t === "n" && rev > this.rev)) this.loadSections();
    this.draw();
  }

  async loadSections() {
    try {
      const { rev, s } = await this.lines.ask(`sections?since=${this.rev}`);
      this.putSections(rev, s);
    } catch { /* they are an addition: the lines are complete without them */ }
  }

  putSections(rev, sections) {
    this.rev = Math.max(this.rev, rev);
    for (const section of sections) {
      this.sections.set(section.id, section);
      if (!(this.at.get(section.from)?.id > section.id)) this.at.set(section.from, section);
    }
    this.tell("sections");
    if (this.ready && this.follow) this.foldFinished();
    this.draw();
  }

  /** The last line of each part that failed; a part that contains such a part does not count. */
  get errors() {
    const failed = this.parts.filter(({ status }) => FAILED.test(status));
    const parents = new Set(failed.map(({ parent }) => parent));
    const leaves = failed.filter(({ id }) => !parents.has(id));
    return leaves.map(({ from, to }) => to ?? from).sort((a, b) => a - b);
  }

  // Folding

  /** Fold these parts and open all others; the line on top stays there. */
  fold(ids) {
    const line = this.top;
    this.folds.apply(ids);
    if (!this.follow) this.pos = this.folds.row(line);
    this.draw();
    this.align();
  }

  /** In a long log what went well is folded, until the reader folds or looks for something. */
  foldFinished() {
    if (this.touched || this.target || this.count <= LONG) return;
    this.fold(this.tasks(/success/));
  }

  /** The ids of the tasks in this state, in a log without tasks those of its phases. */
  tasks(state = /^/) {
    const parts = this.parts.filter(({ from, to }) => to > from);
    const tasks = parts.filter(({ kind }) => TASK.test(kind));
    return (tasks[0] ? tasks : parts).filter(({ status }) => state.test(status)).map(({ id }) => id);
  }

  /** Fold or open a part; without one the innermost around the line on top. */
  toggle(section = this.parts.findLast(({ from, to }) => from <= this.top && this.top <= to)) {
    const closed = new Set(this.folds.closed);
    if (section && !closed.delete(section.id)) closed.add(section.id);
    this.touched = true;
    this.fold(closed);
  }

  toggleAll() {
    this.touched = true;
    this.fold(this.folds.closed.size ? [] : this.tasks());
  }

  // Position

  setFollow(on) {
    this.follow = on;
    this.tell("follow");
    this.draw();
  }

  moveTo(pos) {
    this.pos = Math.min(Math.max(0, pos), Math.max(0, this.length - 1));
    if (this.follow) this.setFollow(false);
    this.draw();
  }

  moveBy(pixels) {
    const from = this.follow ? this.end : this.pos;
    const base = Math.floor(from);
    const anchor = this.rows.find(({ index }) => index === base)?.element;
    if (this.follow || this.exact || !anchor) return this.moveTo(from + pixels / this.lineHeight);
    const top = anchor.offsetTop + (from - base) * anchor.offsetHeight + pixels;
    const row = this.rows.find(({ index, element: { offsetTop, offsetHeight } }) =>
      index >= 0 && offsetTop + offsetHeight > top);
    if (!row || top < 0) return this.moveTo(from + pixels / this.lineHeight);
    return this.moveTo(row.index + (top - row.element.offsetTop) / row.element.offsetHeight);
  }

  scrolled() {
    const top = this.scroller.scrollTop;
    const delta = top - this.last;
    this.last = top;
    if (this.view !== this.painted) return this.draw(); // the browser moved it, not the reader
    if (Math.abs(delta) < 1) return;
    if (delta > 0 && top >= this.room - 1) return this.setFollow(true);
    if (top <= 0) this.moveTo(0);
    else if (this.exact) this.moveTo(top / this.lineHeight);
    else if (Math.abs(delta) < this.view * 1.5) this.moveBy(delta);
    else this.moveTo((top / this.room) * this.end);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.align(), SETTLE);
  }

  /** Put the scrollbar silently where the position says it is. */
  align() {
    const ratio = this.pos / (this.end || 1);
    const scaled = Math.min(this.room - 2, ratio * this.room);
    const top = this.follow ? this.room : this.exact ? this.pos * this.lineHeight : scaled;
    if (Math.abs(this.scroller.scrollTop - top) < 1) return;
    this.scroller.scrollTop = top;
    this.last = this.scroller.scrollTop;
  }

  /** Show a line in the middle (where lines wrap: on top), and select lines if told so. */
  goTo(line, target = this.target) {
    this.target = target;
    if (this.folds.reveal(line)) this.touched = true;
    this.spacer.style.height = `${this.height}px`;
    const row = this.folds.row(line);
    this.moveTo(this.wrap ? row : row - (this.view / this.lineHeight - 1) / 2);
    this.align();
  }

  hash() {
    const [, from, to = from] = location.hash.match(/^#L(\d+)(?:-L(\d+))?$/) ?? [];
    if (from) this.goTo(from - 1, [from - 1, to - 1]);
    return from;
  }

  // Keys and clicks

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.scroller) return;
    const line = this.lineHeight;
    const page = this.view - line;
    const toEnd = () => this.setFollow(true);
    const act = {
      ArrowDown: line, j: line, ArrowUp: -line, k: -line,
      PageDown: page, PageUp: -page, " ": event.shiftKey ? -page : page,
      Home: () => this.moveTo(0), End: toEnd, G: toEnd,
      n: () => this.nextHit(1), N: () => this.nextHit(-1),
      e: () => this.nextError(1), E: () => this.nextError(-1),
      f: () => this.toggle(), F: () => this.toggleAll(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    if (act.call) act();
    else this.moveBy(act);
    this.align();
  }

  click({ target, shiftKey }) {
    const { line } = this.rows.find(({ element }) => element.contains(target)) ?? {};
    if (target.closest(".log-fold")) this.toggle(this.at.get(line));
    if (!target.closest(".log-number")) return;
    const ends = shiftKey && this.target ? [...this.target, line] : [line];
    const [from, to] = this.target = [Math.min(...ends), Math.max(...ends)];
    const hash = `#L${from + 1}${to > from ? `-L${to + 1}` : ""}`;
    history.replaceState(history.state, "", hash);
    this.draw();
  }

  // Search: the server finds and counts, at most 2,000 places at a time

  async search(text) {
    const mine = ++this.searches;
    this.query = text.trim();
    this.pattern = this.query && new RegExp(this.query.replace(SPECIAL, "\\$&"), "giu");
    Object.assign(this, { hits: [], found: 0, more: false, refused: false });
    if (this.query) await this.findMore(0);
    if (mine !== this.searches) return;
    const top = this.follow ? 0 : this.top;
    this.showHit(Math.max(0, this.hits.findIndex((line) => line >= top)));
  }

  async findMore(from) {
    const mine = this.searches;
    try {
      const address = `search?q=${encodeURIComponent(this.query)}&from=${from}`;
      const { lines, more, total } = await this.lines.ask(address);
      if (mine !== this.searches) return;
      this.hits = this.hits.concat(lines);
      this.more = more;
      this.found = Math.max(this.found, total, this.hits.length);
    } catch {
      this.refused = true;
    }
  }

  async nextHit(by) {
    const isLast = this.hit === this.hits.length - 1;
    if (by > 0 && this.more && isLast) await this.findMore(this.hits.at(-1) + 1);
    const next = this.hit + by;
    if (next < 0 && this.more) return;
    this.showHit((next + this.hits.length) % (this.hits.length || 1));
  }

  showHit(index) {
    this.hit = this.hits.length ? index : -1;
    this.tell("hits");
    if (this.hits.length) this.goTo(this.hits[index]);
    else this.draw();
  }

  nextError(by) {
    const lines = this.errors;
    if (!lines.length) return;
    this.error = this.error < 0 && by < 0 ? -1 : this.error + by;
    this.error = (this.error + lines.length) % lines.length;
    const line = lines[this.error];
    this.goTo(line, [line, line]);
  }

  // Painting, at most once per frame

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  paint() {
    this.spacer.style.height = `${this.height}px`;
    if (!this.wrap) this.pos = Math.min(this.pos, this.end);
    const shown = Math.ceil(this.view / this.lineHeight) + OVERSCAN;
    const base = Math.floor(this.pos);
    const first = Math.max(0, this.follow ? this.length - shown : base - OVERSCAN);
    const last = Math.min(this.length, this.follow ? this.length : base + shown);
    for (let i = 0; i < Math.max(last - first, this.rows.length); i++) {
      this.paintRow(this.rows[i] ?? this.newRow(), first + i < last ? first + i : -1);
    }
    this.place(first, last, base);
    this.painted = this.view;
    if (this.follow) this.align();
    this.tell("paint");
  }

  /** Shift the block so that row `base` is where the position wants it; the ends stay put. */
  place(first, last, base) {
    const anchor = this.wrap && this.rows[base - first]?.element;
    const tall = this.wrap ? this.block.offsetHeight : (last - first) * this.lineHeight + PADDING;
    const bottom = this.view - tall;
    const above = anchor
      ? anchor.offsetTop - PADDING / 2 + (this.pos - base) * anchor.offsetHeight
      : (this.pos - first) * this.lineHeight;
    let y = this.follow ? bottom : -above;
    if (last === this.length) y = Math.max(y, first === 0 ? Math.min(bottom, 0) : bottom);
    if (first === 0) y = Math.min(y, 0);
    this.block.style.transform = `translateY(${Math.round(y)}px)`;
  }

  newRow() {
    const parts = ["number", "time", "fold", "text", "sum"].map((name) =>
      make(name === "fold" ? "button" : "span", name));
    const row = { element: make("div", "line"), parts };
    row.element.append(...parts);
    this.block.append(row.element);
    this.rows.push(row);
    return row;
  }

  /** Paint row number `index`, if the element does not show it already; -1 hides it. */
  paintRow(row, index) {
    row.index = index;
    row.element.hidden = index < 0;
    if (index < 0) return;
    const line = row.line = this.folds.line(index);
    const closed = this.folds.closed.has(this.at.get(line)?.id);
    const data = this.lines.get(line);
    const section = this.at.get(line);
    const current = this.hits[this.hit] === line;
    const target = line >= this.target?.[0] && line <= this.target[1];
    const told = section ? summary(section, closed) : [];
    const key = [line, !!data, closed, told, target, this.query, current].join();
    if (row.key === key) return;
    row.key = key;
    row.element.className =
      `log-line${target ? " is-target" : ""}${current ? " is-current" : ""} ${section ? tone(section) : ""}`;
    const [number, time, fold, text, sum] = row.parts;
    number.textContent = line + 1;
    time.textContent = clock(data?.[1]);
    sum.textContent = told.join("   ");
    fold.style.visibility = section?.to > line ? "" : "hidden";
    fold.textContent = closed ? "▸" : "▾";
    fold.ariaExpanded = !closed;
    fold.ariaLabel = section && `${section.kind} ${section.title}, ${told.join(", ")}`;
    if (data) render(text, section ? data[0].replace(STARS, "") : data[0], this.pattern);
    else text.textContent = "…";
  }
}
