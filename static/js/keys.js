// Keys that work on every page; the shortcut sheet (?) lists them.
import { $, $$, on, tell } from "./app.js";

const FIELDS = "input, textarea, select";
let chord = 0;

on("keydown", (event) => {
  const { key, target } = event;
  const form = target.closest?.("form");
  if (event.ctrlKey || event.metaKey) {
    if (key === "Enter" && form) form.requestSubmit();
    return;
  }
  if (event.altKey || target.closest?.(FIELDS) || $("dialog[open]")) return;
  if (document.documentElement.dataset.keys === "off") return;
  if (key === "/" && focusSearch()) event.preventDefault();
  else if (key === "?") $("[data-shortcuts]")?.click();
  else if (!target.closest?.(".log-view, .menu")) move(event);
});

function focusSearch() {
  const field = $("[data-search]");
  field?.focus();
  field?.select();
  return field;
}

// g then a letter goes to a page. What else is pressed is for the page: `key` on body.
function move(event) {
  const { key, timeStamp } = event;
  const link = timeStamp - chord < 1000 && $$("[data-goto]").find((a) => a.dataset.goto === key);
  chord = key === "g" ? timeStamp : 0;
  if (link) link.click();
  else tell("key", event);
}

// Esc leaves an empty search field; a full one is emptied by the browser.
on("keydown", ({ key, target }) => {
  if (key !== "Escape" || !target.matches?.("[data-search]")) return;
  if (target.value) {
    target.value = "";
    tell("input", null, target);
  } else target.blur();
});
