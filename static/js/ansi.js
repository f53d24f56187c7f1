// A line of terminal output becomes runs of text with classes, and these become nodes. Nothing here
// parses or builds HTML: text enters the page by textContent only.

// SGR; OSC 8; other CSI; other strings (OSC, DCS, …); two-character escapes; control characters.
const ESCAPES = new RegExp(
  [
    /\x1b\[([\d;]*)m/,
    /\x1b\]8;[^;\x07\x1b]*;([^\x07\x1b]*)(?:\x07|\x1b\\)/,
    /\x1b\[[0-?]*[ -/]*[@-~]/,
    /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)/,
    /\x1b[ -/]*[0-~]/,
    /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);
const STYLES = {
  1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 8: "conceal", 9: "strike",
};

// The 16 colours as terminals mean them. Others take the nearest, so that contrast always holds.
const BASE = [
  [0, 0, 0], [205, 49, 49], [13, 188, 121], [229, 229, 16], [36, 114, 200], [188, 63, 188],
  [17, 168, 205], [229, 229, 229], [102, 102, 102], [241, 76, 76], [35, 209, 139], [245, 245, 67],
  [59, 142, 234], [214, 112, 214], [41, 184, 219], [255, 255, 255],
];

function nearest(rgb) {
  const far = (base) => base.reduce((sum, value, i) => sum + (value - (rgb[i] || 0)) ** 2, 0);
  return BASE.reduce((best, base, i) => (far(base) < far(BASE[best]) ? i : best), 0);
}

function indexed(n) {
  if (n < 16) return n;
  if (n > 231) return nearest(Array(3).fill(8 + (n - 232) * 10));
  const level = (v) => (v && 55 + v * 40);
  const cube = n - 16;
  return nearest([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level));
}

function select(state, codes) {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    const side = code < 40 || (code > 89 && code < 98) ? "fg" : "bg";
    if (code === 0) Object.assign(state, { fg: null, bg: null, styles: new Set() });
    else if (STYLES[code]) state.styles.add(STYLES[code]);
    else if (code === 22) ["bold", "dim"].forEach((style) => state.styles.delete(style));
    else if (code > 22 && code < 30) state.styles.delete(STYLES[code - 20]);
    else if (code === 38 || code === 48) {
      const few = codes[i + 1] === 5;
      state[side] = few ? indexed(codes[i + 2] || 0) : nearest(codes.slice(i + 2, i + 5));
      i += few ? 2 : 4;
    } else if (code === 39 || code === 49) state[side] = null;
    else if (code > 29 && code < 50) state[side] = code % 10;
    else if (code > 89 && code < 108) state[side] = 8 + (code % 10);
  }
}

// A coloured background decides alone: its text takes the log's own colour (log.css).
function classes({ fg, bg, styles }) {
  const names = [...styles].filter((style) => style !== "inverse");
  const ground = styles.has("inverse") ? (fg ?? "-text") : bg;
  if (ground !== null) names.push("on-colour", `b${ground}`);
  else if (fg !== null) names.push(`c${fg}`);
  return names.join(" ");
}

/** Runs of equal look: [{text, classes, href}]. A carriage return keeps what came last. */
export function parse(line) {
  const runs = [];
  const state = { fg: null, bg: null, styles: new Set(), href: null };
  const source = line.replace(/\r+$/, "");
  let from = 0;
  const push = (part) => {
    const cut = part.lastIndexOf("\r") + 1;
    if (cut) runs.length = 0;
    const text = part.slice(cut);
    if (text) runs.push({ text, classes: classes(state), href: state.href });
  };
  for (const match of source.matchAll(ESCAPES)) {
    const [whole, sgr, href] = match;
    push(source.slice(from, match.index));
    from = match.index + whole.length;
    if (sgr !== undefined) select(state, sgr.split(";").map(Number));
    if (href !== undefined) state.href = /^https?:\/\//i.test(href) ? href : null;
  }
  push(source.slice(from));
  return runs;
}

/** A line without its escape sequences. */
export const plain = (line) => parse(line).map(({ text }) => text).join("");

function node({ href, classes: look }, text, marked) {
  const tag = marked ? "mark" : href ? "a" : look && "span";
  if (!tag) return text;
  const element = document.createElement(tag);
  if (tag === "a") Object.assign(element, { href, rel: "noreferrer", target: "_blank" });
  if (look && !marked) element.className = look;
  element.textContent = text;
  return element;
}

/** Fill an element with a line; `pattern` (global) marks its matches, also across colours. */
export function render(element, line, pattern) {
  const runs = parse(line);
  const text = runs.map((run) => run.text).join("");
  const found = pattern ? [...text.matchAll(pattern)] : [];
  const marks = found.map(({ index, 0: match }) => [index, index + match.length]);
  const nodes = [];
  let start = 0;
  for (const run of runs) {
    const end = start + run.text.length;
    const cuts = [start, ...marks.flat().filter((at) => at > start && at < end), end];
    for (let i = 0; i + 1 < cuts.length; i++) {
      const marked = marks.some(([a, b]) => cuts[i] >= a && cuts[i + 1] <= b);
      nodes.push(node(run, run.text.slice(cuts[i] - start, cuts[i + 1] - start), marked));
    }
    start = end;
  }
  element.replaceChildren(...nodes);
}
