// The run page: joins the log with its toolbar, the page's socket, the title and the favicon.
import { $, on, stored, tell } from "./app.js";
import { LogView } from "./log.js";

const TAIL = 2000;
const SAY = 5000;
const ENDED = /^(success|error|stopped|rejected|not_executed)$/;
const scroller = $(".log-view");
const field = $("#log-search");
const tool = (name) => $(`[data-log="${name}"]`);
const ask = (op, more) => tell("socket:send", { op, run: Number(scroller.dataset.run), ...more });
const counted = (n) => `${n.toLocaleString("en")} line${n === 1 ? "" : "s"}`;

if (scroller) {
  const view = new LogView(scroller);
  scroller.log = view; // for tests and measurements
  keep(view, "wrap", "wrap", matchMedia("(max-width: 640px)").matches);
  keep(view, "time", "timed", true);
  toolbar(view);
  search(view);
  labels(view);
  live(view);
  announce();
}

// A switch of the toolbar is a class of the log; it is kept for the next log.
function keep(view, name, className, fallback) {
  const set = (on) => {
    scroller.classList.toggle(className, on);
    tool(name).ariaPressed = on;
    view.draw();
  };
  set((stored(`log-${name}`) ?? String(fallback)) === "true");
  tool(name).addEventListener("click", () => {
    const on = !scroller.classList.contains(className);
    set(on);
    stored(`log-${name}`, String(on));
  });
}

function toolbar(view) {
  const actions = {
    error: () => view.nextError(1),
    fold: () => view.toggleAll(),
    follow: () => view.setFollow(true),
    next: () => view.nextHit(1),
    previous: () => view.nextHit(-1),
    copy: () => copyLines(view),
    link: () => tell("copy:text", { text: location.href, message: "Link copied" }),
    screen: () => scroller.closest(".log").requestFullscreen(),
  };
  for (const name in actions) tool(name).addEventListener("click", actions[name]);
  on("keydown", (event) => {
    const { key, target } = event;
    const control = event.ctrlKey || event.metaKey;
    const free = getSelection().isCollapsed && !target.closest("input, textarea");
    if (control && key === "c" && free && view.target) copyLines(view);
    if (control || event.altKey || target !== scroller) return;
    if (key === "Escape") find(view, "");
    tool({ w: "wrap", t: "time", y: "link" }[key])?.click();
  });
}

async function copyLines(view) {
  if (!view.target) {
    tell("toast", { text: "Click a line number first" });
    return;
  }
  const [from, to] = view.target;
  const text = await view.lines.text(from, to);
  tell("copy:text", { text, message: `${counted(to - from + 1)} copied` });
}

function find(view, text) {
  field.value = text;
  view.search(text);
}
function search(view) {
  let idle;
  field.addEventListener("input", () => {
    clearTimeout(idle);
    idle = setTimeout(() => view.search(field.value), 250);
  });
  field.addEventListener("keydown", ({ key, shiftKey }) => {
    if (key === "Enter") view.nextHit(shiftKey ? -1 : 1);
    if (key === "Escape") scroller.focus();
  });
  view.addEventListener("hits", () => {
    const none = view.refused ? "Search failed" : "No match";
    const [at, of] = [view.hit + 1, view.found].map((n) => n.toLocaleString("en"));
    tool("count").textContent = view.query && (view.found ? `${at} of ${of}` : none);
  });
}

// What toolbar, region and foot say about the state of the log.
function labels(view) {
  let seen = view.count;
  view.addEventListener("follow", () => (tool("follow").ariaPressed = view.follow));
  view.addEventListener("sections", () => {
    tool("error").hidden = !view.errors.length;
    tool("fold").hidden = !view.tasks().length;
  });
  view.addEventListener("paint", () => {
    if (view.follow || view.done) seen = view.count;
    const fresh = view.count - seen;
    const label = fresh > 0 ? `${fresh.toLocaleString("en")} new` : "Follow";
    tool("follow").lastElementChild.textContent = label;
    scroller.ariaLabel = `Log, ${counted(view.count)}`;
    note(view);
  });
}
function note(view) {
  const foot = tool("note");
  const lost = "The log was deleted, or you are signed out.";
  const empty = view.done ? "This run wrote no output." : "No output yet.";
  const text = view.lines.lost ? lost : view.count ? "" : empty;
  if (foot.textContent !== text) foot.textContent = text;
  foot.hidden = !text;
}

// A run that is not finished sends lines over the socket. What is missed, and what comes while the
// socket is down for long, is fetched by HTTP.
async function live(view) {
  let up = false;
  let poll;
  const watch = () => {
    if (up && view.ready && !view.done && !document.hidden) {
      ask("log", { from: view.count, rev: view.rev });
    }
  };
  on("socket:up", () => {
    up = true;
    clearInterval(poll);
    watch();
  });
  on("socket:down", ({ detail: { failures } }) => {
    up = false;
    if (view.done) return;
    clearInterval(poll);
    if (failures > 2) poll = setInterval(() => view.lines.tail(), TAIL);
  });
  on("socket:pill", ({ detail }) => {
    if (!view.done) detail.textContent += ` showing up to line ${view.count.toLocaleString("en")}`;
  });
  on("socket:leave", () => ask("stop"));
  on("log", ({ detail }) => view.receive(detail));
  on(`run:${scroller.dataset.run}`, async ({ detail: { st } }) => {
    if (view.count || view.done || !ENDED.test(st)) return;
    await view.lines.tail(); // a run that ended in the queue has no output whose end is told
    view.receive({ t: "end", r: view.run, total: view.count });
  });
  on("visibilitychange", () => (document.hidden ? ask("pause") : watch()));
  await view.open();
  watch();
}

// Says the state aloud: the latest one, at most every five seconds.
function announce() {
  let idle;
  let next;
  on(`run:${scroller.dataset.run}`, ({ detail: { st, n, of } }) => {
    const shapes = $("#statuses").content;
    next = $(`[data-status="${st}"]`, shapes).textContent + (of ? `, step ${n} of ${of}` : "");
    idle ??= setTimeout(() => {
      tool("say").textContent = next;
      idle = null;
    }, SAY);
  });
}

// The header says what title and icon of the page are; it is swapped when the state changes.
on("htmx:afterSwap", () => {
  const state = $("[data-title]");
  if (!state) return;
  document.title = state.dataset.title;
  $("link[rel=icon]").href = state.dataset.icon;
});
