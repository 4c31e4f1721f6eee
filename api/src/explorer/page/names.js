// What things are called: asked for when a name is first shown, six at a time, and remembered. A reviewer's key may read
// nothing but the history, so that is where names come from: the difference between nothing and now.

import { ask } from "./api.js";
import { make } from "./dom.js";
import { pathOf } from "./kinds.js";

/** Before anything was. */
export const BEGINNING = "1970-01-01T00:00:00Z";
const AT_ONCE = 6;
const TITLES = ["title", "name", "label", "body", "email", "description"];

const known = new Map();
const learned = new Map();
const waiting = [];
let busy = 0;

/** Forgets all of them: somebody else signs in. */
export function forgetNames() {
  known.clear();
  learned.clear();
  waiting.length = 0;
}

/** A text that becomes the thing's name as soon as it is known. */
export function named(kind, id, attributes = {}) {
  const node = make("span", attributes, id ? id.slice(0, 8) : "–");
  if (id && pathOf(kind)) learn(kind, id).then((name) => name && (node.textContent = name));
  return node;
}

/** Who did something. */
export function actor(who) {
  if (who.type === "system") return make("span", {}, "Docket");
  return named(who.type === "member" ? "member" : "api_key", who.id);
}

/** The name of a thing, or nothing. */
export function learn(kind, id) {
  const asked = `${pathOf(kind)}/${id}`;
  if (!known.has(asked)) known.set(asked, new Promise((resolve) => waiting.push({ asked, resolve })));
  next();
  return known.get(asked);
}

function next() {
  while (busy < AT_ONCE && waiting.length > 0) {
    busy += 1;
    const { asked, resolve } = waiting.pop();
    lookUp(asked).then(resolve).finally(() => {
      busy -= 1;
      next();
    });
  }
}

async function lookUp(asked) {
  try {
    const { changes } = await ask(`${asked}/diff`, { from: BEGINNING });
    const titles = TITLES.map((field) => changes.find((change) => change.field === field)?.to);
    const name = titles.find((title) => typeof title === "string" && title !== "");
    if (name) learned.set(asked, name);
    return name;
  } catch {
    return undefined;
  }
}

/** The things of a kind whose names are known by now, as `[id, name]`. */
export function namesOf(kind) {
  const path = `${pathOf(kind)}/`;
  return [...learned].filter(([asked]) => asked.startsWith(path)).map(([asked, name]) => [asked.slice(path.length), name]);
}
