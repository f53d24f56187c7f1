// The page's one WebSocket. Small events come in and become events of the page: `run:42`, `tpl:7`,
// `runs`, `resync` on body, to which live regions listen; frames of a log become `log` events.
// Scripts send by `socket:send` and hear of `socket:up` and `socket:down`.
import { $, $$, on, tell } from "./app.js";

const PATIENCE = 5000;
const POLL = 10000;
const address = document.body.dataset.socket;
let last = document.body.dataset.last ?? "";
let socket = null;
let failures = 0;
let retry, complain, poll;

export function connect() {
  clearTimeout(retry);
  if (!address || socket) return;
  const url = new URL(address, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  socket.onopen = opened;
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onclose = lost;
}

function opened() {
  failures = 0;
  calm();
  send({ op: "hello", last });
  pill("");
  tell("socket:up");
}

function receive(frame) {
  if (frame.i) last = frame.i;
  if (frame.r !== undefined) return tell("log", frame);
  if (frame.t === "resync") return tell("resync");
  if (frame.t !== "run") return tell(frame.t, frame);
  patch(frame);
  signal(`run:${frame.id}`, frame);
  if (frame.tpl) signal(`tpl:${frame.tpl}`, frame);
  return signal("runs", frame);
}

// Of a burst the first and the last are told, a little further apart than the throttles of those
// who listen (500 ms for one run or template, 1 s for all): they drop what comes within, and would
// miss how a quick run ended.
const bursts = new Map();
function signal(name, frame) {
  if (bursts.has(name)) return void bursts.set(name, frame);
  bursts.set(name, null);
  setTimeout(() => {
    const last = bursts.get(name);
    bursts.delete(name);
    if (last) signal(name, last);
  }, name === "runs" ? 1050 : 550);
  return tell(name, frame);
}

// A badge says the new state at once; its row follows by HTTP.
function patch({ id, st }) {
  const shape = $(`[data-status="${st}"]`, $("#statuses").content);
  for (const badge of $$(`[data-run="${id}"][data-status]`)) {
    if (!shape || badge.dataset.status === st) continue;
    badge.className = `${badge.classList[0]} ${shape.classList[1]}`;
    badge.dataset.status = st;
    badge.replaceChildren(...shape.cloneNode(true).childNodes);
  }
}

// Tries again after 0.5 s · 2ⁿ ± 50 %, at most 15 s. After 5 s the page says so and polls.
function lost({ code }) {
  socket = null;
  if (code >= 4000) return location.reload(); // signed out, or no member any more
  const wait = Math.min(15000, 500 * 2 ** failures) * (0.5 + Math.random());
  failures += 1;
  retry = setTimeout(connect, wait);
  complain ??= setTimeout(() => {
    pill("Reconnecting…");
    poll ??= setInterval(() => {
      pill("Reconnecting…");
      tell("poll");
    }, POLL);
  }, PATIENCE);
  return tell("socket:down", { failures });
}

function calm() {
  clearTimeout(complain);
  clearInterval(poll);
  complain = poll = undefined;
}

function leave() {
  clearTimeout(retry);
  calm();
  if (!socket) return;
  tell("socket:leave");
  socket.onclose = null;
  socket.close();
  socket = null;
}

function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

// Scripts that know more add to the pill when it comes up.
function pill(text) {
  const box = $("#socket-state");
  box.textContent = text;
  box.hidden = !text;
  if (text) tell("socket:pill", box);
}

on("socket:send", ({ detail }) => send(detail));
on("DOMContentLoaded", connect);
addEventListener("online", connect);
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => persisted && connect());
