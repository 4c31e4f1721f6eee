// What went wrong, in words, and what to do about it.

import { button, make } from "./dom.js";

const ADVICE = {
  0: "Check the network, and that the server is running.",
  400: "Check the filters.",
  401: "Check the key: it may be mistyped, revoked or expired. Sign out and in again with one that works.",
  404: "It does not exist in this workspace, or not at that moment.",
  429: "This key has asked too often.",
  503: "The server is busy, or has not signed anything yet.",
};

/** An error as a paragraph people can act on, with a button if trying again may help. */
export function trouble(error, again) {
  const text = make("p", {}, make("strong", {}, error.message), " ", advice(error));
  const named = error.requestId && make("p", { class: "quiet" }, `Request ${error.requestId}`);
  return make("div", { class: "trouble", role: "alert" }, text, named, again && button("Try again", again));
}

/** What to do about it. */
export function advice(error) {
  if (error.status === 403) return forbidden(error);
  const wait = error.wait ? ` Try again in ${error.wait} s.` : "";
  return `${ADVICE[error.status] ?? "Try again; if it lasts, tell whoever runs the server."}${wait}`;
}

function forbidden() {
  return "The explorer takes a key with the scope audit:read and the role admin; the board also takes tasks:read, "
    + "projects:read and sprints:read. An admin can mint one: POST /v1/keys.";
}

/** So long nothing is said of what takes a while, in milliseconds. */
const SOON = 200;

/** Runs what fills a place, and says there that it is on its way. */
export async function patiently(place, work) {
  place.setAttribute("aria-busy", "true");
  const soon = setTimeout(() => place.classList.add("loading"), SOON);
  try {
    return await work();
  } finally {
    clearTimeout(soon);
    place.classList.remove("loading");
    place.removeAttribute("aria-busy");
  }
}

/** The same, and shows the trouble there if there is any. Leaving the page is none. */
export async function guarded(place, work) {
  try {
    await patiently(place, work);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.status === undefined) throw error;
    place.replaceChildren(trouble(error, () => guarded(place, work)));
  }
}
