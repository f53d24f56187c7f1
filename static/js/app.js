// What every page does: requests of HTMX, theme, toasts, copying. One listener per matter, bound to
// data attributes, so that swapped-in HTML works too.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (name, listener, capture) => document.addEventListener(name, listener, capture);
export const tell = (name, detail, target = document.body) =>
  target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

/** What this browser keeps; "" forgets. Where storage is off, nothing is kept. */
export function stored(key, value) {
  try {
    if (value === "") delete localStorage[key];
    else if (value !== undefined) localStorage[key] = value;
    return localStorage[key];
  } catch {
    return undefined;
  }
}

// A morph must not reset what somebody is typing.
Idiomorph.defaults.ignoreActiveValue = true;

on("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = $("meta[name=csrf-token]").content;
});

// A form is sent once, however often its keys are pressed: until the answer is here. Nobody tells
// when a whole page was stopped on its way: that may be tried again after a while.
on("submit", (event) => {
  const { target: form, timeStamp } = event;
  if (timeStamp < form.dataset.sent) {
    event.preventDefault();
    event.stopPropagation();
  } else if (form.matches("[method=post]")) form.dataset.sent = timeStamp + 3e4;
}, true);
on("htmx:afterRequest", ({ detail: { elt, xhr } }) => {
  if (!xhr.getResponseHeader("HX-Redirect")) delete elt.dataset.sent;
});
addEventListener("pageshow", () => $$("form").forEach((form) => delete form.dataset.sent));

// A form that was refused or is stale takes the focus: its summary, else its first bad field.
const showErrors = () => ($("[data-summary]") ?? $("[aria-invalid=true]"))?.focus();
on("htmx:afterSettle", (event) => {
  if ([409, 422].includes(event.detail.xhr?.status)) showErrors();
});
showErrors();

// Failed requests swap nothing. The server says why in a toast of its own where it can.
on("htmx:responseError", ({ detail: { xhr } }) => {
  if (!xhr.getResponseHeader("HX-Trigger")) toast(`Not done: server error ${xhr.status}`, "fail");
});
on("htmx:sendError", () => toast("Not done: no answer", "fail"));

// Toasts leave after 6 s, unless they report a failure or somebody looks at them.
export function toast(text, kind = "ok") {
  if ($$(".toasts .toast").some((other) => other.textContent === text)) return;
  const box = $(`.toast[data-toast=${kind}]`, $("#toasts").content).cloneNode(true);
  $("span", box).textContent = text;
  $(".toasts").append(box);
  expire(box);
}
function expire(box) {
  if (box.dataset.toast === "fail") return;
  const leave = () => {
    if (box.matches(":hover, :focus-within")) setTimeout(leave, 2000);
    else box.remove();
  };
  setTimeout(leave, 6000);
}
$$(".toasts .toast").forEach(expire);
on("toast", ({ detail }) => toast(detail.text, detail.kind));

// Appearance: the boot script in <head> applies it before the first paint. `data-density-set` and
// its like choose; a look's usual value is not stored.
const LOOKS = { theme: "system", density: "normal", log: "theme", keys: "on" };
const WISHES = Object.keys(LOOKS).map((name) => `[data-${name}-set]`).join();
const look = document.documentElement.dataset;

function wished({ dataset }) {
  const name = Object.keys(LOOKS).find((one) => dataset[`${one}Set`]);
  return [name, dataset[`${name}Set`]];
}
function choose([name, value]) {
  const usual = value === LOOKS[name];
  stored(name, usual ? "" : value);
  if (usual) delete look[name];
  else look[name] = value;
  markChosen();
}
function markChosen() {
  for (const item of $$(WISHES)) {
    const [name, value] = wished(item);
    const chosen = value === (look[name] ?? LOOKS[name]);
    if (item.type === "radio") item.checked = chosen;
    else if (item.role) item.ariaChecked = chosen;
  }
}
markChosen();

// The clipboard needs HTTPS or localhost; elsewhere the old command still works.
async function copy(text, message = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    ($("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(message);
}
on("copy:text", ({ detail }) => copy(detail.text, detail.message));

on("click", ({ target }) => {
  const wish = target.closest(WISHES);
  if (wish) choose(wished(wish));
  const source = target.closest("[data-copy], [data-copy-from]");
  if (source) copy(source.dataset.copy || $(source.dataset.copyFrom).textContent);
});

// A form with `data-guard` asks before its changes are lost.
on("input", ({ target }) => target.form?.setAttribute("data-dirty", ""));
on("submit", ({ target }) => target.removeAttribute("data-dirty"));
addEventListener("beforeunload", (event) => {
  if ($("form[data-guard][data-dirty]")) event.preventDefault();
});
