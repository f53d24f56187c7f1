// hx-swap="morph:…": a live region becomes what the server says now, and only what differs is
// touched, so that the focus, an open menu, a selection, a pressed mouse button and what was typed
// outlive the answer. No node is ever moved: the browser would forget all of these.

const kind = (node) => `${node.nodeName} ${node.id}`;

/** The next node that can become `node`; text only takes text that stands just here. */
function alike(at, node) {
  while (at && kind(at) !== kind(node)) at = node.data === undefined ? at.nextSibling : null;
  return at;
}

function morph(old, fresh) {
  if (fresh.data !== undefined) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  fill(old, fresh);
}

function fill(old, fresh) {
  let at = old.firstChild;
  const drop = () => {
    const next = at.nextSibling;
    at.remove();
    at = next;
  };
  for (const node of [...fresh.childNodes]) {
    const same = alike(at, node);
    if (!same) old.insertBefore(node, at);
    else {
      while (at !== same) drop();
      at = at.nextSibling;
      morph(same, node);
    }
  }
  while (at) drop();
}

htmx.defineExtension("morph", {
  handleSwap(style, target, fragment) {
    if (style === "morph:innerHTML") fill(target, fragment);
    else if (style === "morph:outerHTML") morph(target, fragment.firstElementChild);
    else return false;
    return [target];
  },
});
