// Times: the server writes them in UTC; here they become the reader's, and stay current.
import { $$, on } from "./app.js";

const FULL = { dateStyle: "medium", timeStyle: "long" };
const SHORT = { dateStyle: "medium", timeStyle: "short" };
const two = (n) => String(n).padStart(2, "0");

/** "48s", "4m 12s", "1h 03m", as the server writes it. */
export function duration(s) {
  const minutes = Math.floor(s / 60);
  if (!minutes) return `${s}s`;
  if (minutes < 60) return `${minutes}m ${two(s % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

/** "just now", "3 min ago", "5 h ago", then "21 Nov 09:40", with the year when it is another one. */
export function ago(when) {
  const minutes = Math.floor((Date.now() - when) / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h ago` : moment(when);
}
const moment = (when) =>
  format(when, SHORT).replace(",", "").replace(` ${new Date().getFullYear()}`, "");
const format = (when, style) => new Date(when).toLocaleString("en-GB", style);

// data-since is an age in seconds when the HTML was made: it counts on from when it came here.
const ages = new WeakMap();
function since(time) {
  const made = time.dataset.since;
  if (ages.get(time)?.made !== made) ages.set(time, { made, at: performance.now() });
  return duration(Math.floor(Number(made) + (performance.now() - ages.get(time).at) / 1000));
}

function refresh() {
  for (const time of $$("time")) {
    const when = Date.parse(time.dateTime);
    const { since: made, ago: relative, at } = time.dataset;
    const text = made ? since(time) : relative === "" ? ago(when) : at === "" && moment(when);
    if (text && time.textContent !== text) time.textContent = text;
    if (when && time.title.endsWith("UTC")) time.title = format(when, FULL);
  }
}
refresh();
setInterval(refresh, 1000);
on("htmx:afterSwap", refresh);
