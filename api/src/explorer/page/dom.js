// The only place where elements are made. Texts are set as texts, so nothing that users wrote becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element; attributes that are functions are listeners. */
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** An SVG element. */
export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Puts these in the place of whatever is in a node. */
export function place(node, ...children) {
  node.replaceChildren(...shown(children));
  return node;
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...shown(children));
  return node;
}

function shown(children) {
  return children.flat(3).filter((child) => child !== undefined && child !== null && child !== false);
}

/** A button that does something. */
export function button(text, click, attributes = {}) {
  return make("button", { type: "button", click, ...attributes }, text);
}

/** A field of a form with its label. */
export function field(text, input, hint) {
  return make("label", { class: "field" }, make("span", {}, text, hint && make("small", { class: "quiet" }, ` ${hint}`)), input);
}

/** A choice among `[value, text]`. */
export function choice(attributes, options, chosen) {
  const make_option = ([value, text]) => make("option", { value, selected: value === chosen }, text);
  return make("select", attributes, options.map(make_option));
}

/** So long what is said stays, in milliseconds. */
const SAID = 8_000;
let saying;

/** Says something to whoever looks and to whoever listens. */
export function say(text) {
  const node = document.getElementById("status");
  node.textContent = text;
  clearTimeout(saying);
  saying = setTimeout(() => (node.textContent = ""), SAID);
}
