// The state of the proof: what is signed, and whether the history is still what was signed before.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { button, field, make, place } from "../dom.js";
import { checkConsistent, checkSample, checkSigned } from "./checks.js";
import { findings } from "./findings.js";
import { forget, keep, recall } from "./kept.js";

const SAMPLE = 20;

/** Opens it. */
export function open(main, route, { signal, me }) {
  const body = make("div", { class: "cards" });
  place(main, make("h1", {}, "Is the history what it was?"),
    make("p", { class: "quiet lead" },
      "Every event is a leaf of a Merkle tree whose root is signed. What stands here was computed in this browser, from hashes."),
    body);
  guarded(body, async () => {
    const checkpoint = await ask("audit/checkpoint", {}, signal);
    place(body, signed(checkpoint), kept(checkpoint, signal), sample(signal), older(signal), offline(me));
  });
}

function card(title, ...content) {
  return make("section", { class: "card", "aria-label": title }, make("h2", {}, title), content);
}

/** Runs checks into a place that tells when they are done. */
function results() {
  const node = make("div", { "aria-live": "polite" });
  const run = (checks) => guarded(node, async () => {
    place(node, make("p", { class: "quiet" }, "Checking …"));
    const list = await checks();
    place(node, findings(list));
    return list;
  });
  return { node, run };
}

function signed(checkpoint) {
  const { node, run } = results();
  const input = make("input", { spellcheck: "false", autocomplete: "off", placeholder: "name+hash+key" });
  const submit = (event) => {
    event.preventDefault();
    run(() => checkSigned(checkpoint, input.value.trim()));
  };
  run(() => checkSigned(checkpoint));
  return card("The latest checkpoint",
    make("p", { class: "figure" }, make("strong", {}, checkpoint.size.toLocaleString("en")), " events are signed"),
    make("dl", { class: "facts" },
      make("dt", {}, "Root"), make("dd", { class: "id" }, checkpoint.root_hash),
      make("dt", {}, "Of"), make("dd", { class: "id" }, checkpoint.origin),
      make("dt", {}, "Key"), make("dd", { class: "id" }, checkpoint.keys.join(" "))),
    node,
    make("form", { class: "line", submit }, field("A public key that you trust", input), make("button", { type: "submit" }, "Check with it")),
    button("Keep the checkpoint as a file", () => download(checkpoint)));
}

function download({ note, size }) {
  const url = URL.createObjectURL(new Blob([note], { type: "text/plain" }));
  make("a", { href: url, download: `checkpoint-${size}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What this browser kept: checked at each visit, and moved on only if it agrees. */
function kept(checkpoint, signal) {
  const { node, run } = results();
  const before = recall(checkpoint.origin);
  if (!before) {
    keep(checkpoint.origin, checkpoint.note);
    return card("Since your last visit", make("p", {},
      "This is the first visit with this browser. The checkpoint is kept: the next visit will tell whether the history still begins with it."));
  }
  run(async () => {
    const list = await checkConsistent(before.note, signal);
    if (list.every(([holds]) => holds)) keep(checkpoint.origin, checkpoint.note);
    return list;
  });
  const since = before.since.slice(0, 16).replace("T", " ");
  return card("Since your last visit", make("p", { class: "quiet" }, `This browser has kept checkpoints since ${since} UTC.`), node,
    button("Forget them", (event) => {
      forget(checkpoint.origin);
      event.target.disabled = true;
    }));
}

function sample(signal) {
  const { node, run } = results();
  return card("A sample",
    make("p", { class: "quiet" }, `Draws ${SAMPLE} events at random and follows each one's path to the signed root.`), node,
    button("Draw and check", () => run(() => checkSample(SAMPLE, signal))));
}

function older(signal) {
  const { node, run } = results();
  const text = make("textarea", { rows: "5", spellcheck: "false", class: "id" });
  const submit = (event) => {
    event.preventDefault();
    run(() => checkConsistent(`${text.value.trim()}\n`, signal));
  };
  const file = make("input", { type: "file", accept: ".txt,text/plain", change: async () => (text.value = await file.files[0].text()) });
  return card("A checkpoint that you kept",
    make("p", { class: "quiet" }, "The older it is, the more it protects: the history must still begin with what it covers."),
    make("form", { class: "stack", submit }, field("As a file", file), field("Or its text", text), node,
      make("button", { type: "submit" }, "Hold the history to it")));
}

function offline(me) {
  return card("Everything, offline",
    make("p", {}, "Whoever runs the server exports the whole history with its proof; you check it with no server at all:"),
    make("pre", {}, `docket audit export --workspace ${me.workspace_id} --output FILE\n`
      + "docket audit verify FILE --trusted KEPT_CHECKPOINT --key PUBLIC_KEY"));
}
