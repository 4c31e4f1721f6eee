// The frame: who is signed in, and which view is open.

import { ask } from "./api.js";
import { button, make, place, say } from "./dom.js";
import { forgetNames } from "./names.js";
import { Badge } from "./proof/badge.js";
import * as proof from "./proof/view.js";
import * as replay from "./replay/view.js";
import * as resource from "./resource/view.js";
import { current, go, link } from "./route.js";
import * as session from "./session.js";
import { signIn } from "./signin.js";
import { switcher } from "./theme.js";
import * as timeline from "./timeline/view.js";

const VIEWS = { timeline, resource, replay, proof };
const MENU = { timeline: "Timeline", replay: "Replay", proof: "Proof" };

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const corner = document.getElementById("corner");
const theme = switcher();

/** What is open: its name, what hears of changes of the address, what ends its requests. */
let open = {};
/** How it stands with the proof. */
let badge;

/** Shows the sign-in form, or what the address says. */
async function start() {
  close();
  frame();
  if (!session.key()) return signIn(main, start);
  try {
    const me = await ask("me");
    frame(me);
    follow(me);
    main.focus();
  } catch (error) {
    session.forget();
    signIn(main, start, error);
  }
}

function frame(me) {
  nav.hidden = !me;
  const leave = me && button("Sign out", signOut, { class: "plain" });
  const whose = me && make("span", { class: "whose", title: me.key.label }, me.workspace.name);
  badge = me && new Badge(me);
  place(corner, badge?.node, whose, theme, leave);
  const entry = ([view, text]) => make("a", { href: link(view), "data-view": view }, text);
  place(nav, Object.entries(MENU).map(entry));
}

function signOut() {
  session.forget();
  forgetNames();
  history.replaceState(null, "", link(""));
  say("Signed out.");
  start();
}

function follow(me) {
  const route = current();
  const view = VIEWS[route.view] ? route.view : "timeline";
  for (const entry of nav.children) {
    entry.toggleAttribute("aria-current", entry.dataset.view === view);
    if (entry.dataset.view === view) entry.setAttribute("aria-current", "page");
  }
  if (open.view === view && open.update?.(route)) return;
  close();
  const ending = new AbortController();
  open = { view, me, ending };
  place(main);
  document.title = `${MENU[view] ?? "Resource"} · ${me.workspace.name} · Docket explorer`;
  badge.look(ending.signal);
  open.update = VIEWS[view].open(main, route, { signal: ending.signal, me });
}

function close() {
  open.ending?.abort();
  open = {};
  say("");
}

// The part behind `#` is ours, so the browser can't follow this link by itself.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", () => open.me && follow(open.me));
if (!current().view) go("timeline");
start();
