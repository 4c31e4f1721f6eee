// What was verified, line by line.

import { make } from "../dom.js";

const SIGNS = { true: ["✓", "Verified"], false: ["✗", "FAILED"], undefined: ["–", "Not checked"] };

/** A list of `[whether it holds, what]`; what is neither true nor false could not be checked. */
export function findings(list) {
  const line = ([holds, what]) => {
    const verdict = holds === undefined || holds === null ? undefined : Boolean(holds);
    const [sign, word] = SIGNS[verdict];
    return make("li", { class: `finding ${word === "FAILED" ? "bad" : verdict ? "good" : "open"}` },
      make("span", { class: "sign", "aria-hidden": "true" }, sign), make("span", { class: "unseen" }, `${word}: `), what);
  };
  return make("ul", { class: "findings" }, list.map(line));
}
