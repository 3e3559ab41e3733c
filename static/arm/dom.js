// Building the page: data only ever becomes text nodes and attributes, so nothing a client's
// name may hold can turn into markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(isThere));
  return node;
}

function isThere(child) {
  return child !== undefined && child !== null && child !== false;
}

/** A shortcut as it is printed on the keys. */
export function keys(text) {
  return el("kbd", {}, text);
}
