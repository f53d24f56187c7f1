// What floats: sheets and dialogs with addresses, menus, tooltips.
import { $, $$, on } from "./app.js";

// A block that HTMX puts into a <dialog> opens it. A link with data-sheet gives it an address,
// which the way back closes again.
let opener = null;
let leaving = false;
const body = (dialog) => $(`#${dialog.id}-body`);

on("htmx:beforeRequest", ({ detail: { target, elt } }) => {
  if (target.closest("dialog") && !target.contains(elt)) opener = elt;
});
on("htmx:afterSwap", ({ detail }) => {
  const dialog = detail.target.closest("dialog");
  if (!dialog || dialog.open) return;
  $$(".menu:popover-open").forEach((menu) => menu.hidePopover());
  const link = opener?.closest("a[data-sheet]");
  if (link) history.pushState({ sheet: true }, "", link.href);
  dialog.dataset.pushed = link ? "yes" : "";
  dialog.showModal();
  ($("[autofocus]", dialog) ?? $(".input, .check input", dialog))?.focus();
});

// Closing asks if something was typed, and leaves nothing behind.
function shut(dialog, sure = false) {
  const dirty = $("form[data-dirty], [aria-invalid=true]", dialog);
  if (dirty && !sure && !confirm("Discard what you have entered?")) return;
  dialog.close();
}
on("close", ({ target: dialog }) => {
  if (!dialog.matches?.("#sheet, #dialog")) return;
  body(dialog).replaceChildren();
  if (dialog.dataset.pushed) {
    leaving = true;
    history.back();
  }
  dialog.dataset.pushed = "";
  opener?.focus();
}, true);
on("cancel", (event) => {
  if (!event.target.matches("dialog")) return;
  event.preventDefault();
  shut(event.target);
}, true);
for (const name of ["sheet", "dialog"]) {
  on(`${name}:close`, () => $(`#${name}[open]`) && shut($(`#${name}`), true));
}
// Our own steps in the history are kept from HTMX, which would fetch the page again.
addEventListener("popstate", (event) => {
  const sheet = $("#sheet");
  if (event.state?.sheet) location.reload();
  else if (leaving || sheet?.open) {
    event.stopImmediatePropagation();
    if (!leaving) {
      sheet.dataset.pushed = "";
      sheet.close();
    }
    leaving = false;
  }
});
on("click", ({ target }) => {
  const close = target.closest("[data-close]");
  const dialog = target.closest("dialog");
  if (close) dialog ? shut(dialog) : close.closest(".toast")?.remove();
  if (target.matches("dialog")) shut(target);
  target.closest(".menu [role^=menuitem]")?.closest(".menu").hidePopover();
});

// Menus open beside their button; arrow keys move in them.
on("toggle", ({ target: menu, newState }) => {
  if (!menu.matches?.(".menu") || newState !== "open") return;
  const button = $(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
  const room = document.documentElement;
  const below = button.bottom + 4;
  const fits = below + menu.offsetHeight <= room.clientHeight;
  menu.style.top = `${fits ? below : Math.max(4, button.top - 4 - menu.offsetHeight)}px`;
  const left = Math.min(button.left, room.clientWidth - menu.offsetWidth - 8);
  menu.style.left = `${Math.max(8, left)}px`;
  $("[role^=menuitem]", menu)?.focus();
}, true);
on("keydown", (event) => {
  const menu = event.target.closest?.(".menu");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !by) return;
  event.preventDefault();
  const items = $$("[role^=menuitem]", menu);
  items[(items.indexOf(event.target) + by + items.length) % items.length].focus();
});

// Tooltips repeat the name of an icon button; one element for all, Esc hides it.
const tip = document.createElement("div");
tip.className = "tooltip";
tip.popover = "manual";
tip.ariaHidden = "true";
let wait;
function hideTip() {
  clearTimeout(wait);
  tip.remove();
}
function showTip(target) {
  if (!target.matches(":hover, :focus-visible")) return;
  const box = target.getBoundingClientRect();
  tip.textContent = target.ariaLabel;
  (target.closest("dialog") ?? document.body).append(tip);
  tip.showPopover();
  const middle = box.left + box.width / 2 - tip.offsetWidth / 2;
  tip.style.left = `${Math.max(4, Math.min(middle, innerWidth - tip.offsetWidth - 4))}px`;
  const below = box.bottom + 6;
  const fits = below + tip.offsetHeight <= innerHeight;
  tip.style.top = `${fits ? below : box.top - tip.offsetHeight - 6}px`;
}
for (const type of ["mouseover", "focusin"]) {
  on(type, ({ target }) => {
    hideTip();
    const named = target.closest?.("[data-tip]");
    if (named) wait = setTimeout(showTip, 300, named);
  });
}
on("keydown", ({ key }) => key === "Escape" && hideTip());
on("click", hideTip);
