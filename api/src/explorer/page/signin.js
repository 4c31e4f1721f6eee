// The form that asks for a key.

import { advice } from "./advice.js";
import { make, place } from "./dom.js";
import { take } from "./session.js";

/** Asks for a key, then goes on. */
export function signIn(main, then, error) {
  const input = make("input", {
    id: "key", name: "key", type: "password", required: true, autocomplete: "off", spellcheck: "false",
    placeholder: "dkt_live_…", "aria-describedby": "key-hint",
  });
  const submit = (event) => {
    event.preventDefault();
    const given = input.value.trim();
    if (!given) return;
    input.value = "";
    take(given);
    then();
  };
  const form = make("form", { class: "signin card", submit, autocomplete: "off" },
    make("h1", {}, "Look into the past"),
    make("p", { class: "quiet" }, "What happened in a workspace, as it was at any moment, and proof that it is unaltered."),
    error && make("p", { class: "trouble", role: "alert" }, make("strong", {}, error.message), " ", advice(error)),
    make("label", { for: "key" }, "API key"),
    input,
    make("p", { id: "key-hint", class: "quiet small" },
      "One with the scope ", make("code", {}, "audit:read"), " and the role admin. It stays in this tab and is forgotten ",
      "when the tab is closed."),
    make("button", { type: "submit", class: "primary" }, "Sign in"));
  place(main, form);
  input.focus();
}
