// Keys of a list: j, k and the arrows move along its rows, Enter opens one.
import { $, $$, on } from "./app.js";

on("key", ({ detail: event }) => {
  const { key, target } = event;
  const rows = $$("[data-rows] > * > tr, [data-rows] summary");
  const at = rows.indexOf(target.closest?.("tr, summary"));
  const by = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[key];
  const row = by && rows[Math.max(0, at + by)];
  if (row && (at >= 0 || key.length === 1)) {
    event.preventDefault();
    row.tabIndex ^= 0; // set, even to what it is, it lets a row of a table take the focus
    row.focus();
  }
  if (key === "Enter" && target === rows[at]) $("a", target)?.click();
});
