// Light or dark: as the system says, unless somebody chose.

import { button } from "./dom.js";

const NAME = "docket-explorer-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: "◐", light: "☀", dark: "☾" };

function chosen() {
  const kept = localStorage.getItem(NAME);
  return kept in NEXT ? kept : "auto";
}

function wear(theme) {
  document.documentElement.dataset.theme = theme;
}

/** The switch. */
export function switcher() {
  const node = button("", () => {
    localStorage.setItem(NAME, NEXT[chosen()]);
    label();
  }, { class: "plain" });
  const label = () => {
    wear(chosen());
    node.textContent = SIGNS[chosen()];
    node.setAttribute("aria-label", `Colours: ${chosen()}. Change to ${NEXT[chosen()]}.`);
    node.title = `Colours: ${chosen()}`;
  };
  label();
  return node;
}
