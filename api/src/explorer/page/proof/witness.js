// Whether one event is as it was signed: computed here, in the browser.

import { ask } from "../api.js";
import { make, place } from "../dom.js";
import { base64, bytes, leafHash, rootOf } from "./merkle.js";
import { findings } from "./findings.js";

/** What an event has in place of who a person is: that stands beside it, where it can be erased. */
const DIGEST = "personal";
/** What is stored of keys and shown to nobody. */
const SECRET = "sha256";

/** Shows it in a node; the leaf, read, is the answer. */
export async function witness(node, event, signal) {
  place(node, make("p", { class: "quiet" }, "Checking …"));
  const proof = await ask("audit/proof", { position: event.position }, signal);
  const leaf = proof.leaf === null ? undefined : JSON.parse(proof.leaf);
  place(node, findings(await examine(proof, leaf, event)));
  return leaf;
}

/** What is checked, one by one, and whether it holds. */
export async function examine(proof, leaf, event) {
  const { checkpoint } = proof;
  const hash = proof.leaf === null ? undefined : base64(await leafHash(proof.leaf));
  const root = await rootOf(proof.leaf_index, checkpoint.size, bytes(proof.leaf_hash), proof.proof.map(bytes));
  return [
    [hash === proof.leaf_hash, "The stored event has the hash that was signed."],
    [root && base64(root) === checkpoint.root_hash,
      `It is number ${proof.leaf_index + 1} of the ${checkpoint.size} under the signed root.`],
    [leaf && agrees(leaf, event), leaf?.payload[DIGEST]
      ? "What is shown here is what is stored, but for who a person is: of that only a digest is signed."
      : "What is shown here is what is stored."],
  ];
}

function agrees(leaf, event) {
  return leaf.position === event.position && leaf.stream === event.resource_id && leaf.version === event.version
    && leaf.event_type === event.type && leaf.command === event.command_id
    && Date.parse(leaf.recorded_at) === Date.parse(event.recorded_at) && leaf.metadata.request_id === event.request_id
    && (leaf.metadata.actor.id ?? null) === (event.actor.id ?? null)
    && says(leaf.payload, event.data);
}

/** Whether an event says what is stored of it, no less and no more. */
function says(stored, shown) {
  const members = Object.keys(stored).filter((name) => name !== DIGEST && name !== SECRET);
  const whole = stored[DIGEST] !== undefined || Object.keys(shown).every((name) => members.includes(name));
  return whole && members.every((name) => JSON.stringify(stored[name]) === JSON.stringify(shown[name]));
}
