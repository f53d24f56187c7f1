// What the first line of a part of the log says of all of it.
export const FAILED = /^(fail|error)/;
const COUNTS = ["ok", "changed", "failed", "unreachable", "skipped"];

// "57 ok · 1 failed", "66 lines", "1.2 s" at the first line of a part; a phase has no other title.
export function summary({ kind, title, from, to, ms0, ms1, ...hosts }, closed) {
  const counts = COUNTS.filter((name) => hosts[name]).map((name) => `${hosts[name]} ${name}`);
  const time = ms1 && `${((ms1 - ms0) / 1000).toFixed(1)} s`;
  const lines = closed && `${to - from + 1} lines`;
  return [kind === "phase" && title, counts.join(" · "), lines, time].filter(Boolean);
}

// The worst that has happened in a part.
export function tone({ status, failed, unreachable, changed }) {
  const bad = failed || unreachable || FAILED.test(status);
  return `is-part tone-${bad ? "fail" : changed ? "warn" : "ok"}`;
}
