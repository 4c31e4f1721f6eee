// What can be checked of a whole history, here in the browser.

import { ask } from "../api.js";
import { base64, bytes, rootsOf } from "./merkle.js";
import { read, signedBy } from "./note.js";
import { examine } from "./witness.js";

/** The checkpoint: its note says what the answer says, and a key has signed it. */
export async function checkSigned(checkpoint, key) {
  const note = read(checkpoint.note);
  const same = note && note.origin === checkpoint.origin && note.size === checkpoint.size && note.root === checkpoint.root_hash;
  const trusted = key || checkpoint.keys[0];
  const signed = note && trusted && (await signedBy(note, trusted).catch(() => false));
  const whose = key ? "the key you gave" : "the key that the server names; give one you got another way to be sure";
  return [
    [same, "The signed note says the same size and root as the answer."],
    [signed, signed === undefined ? "This browser can't check Ed25519 signatures." : `It is signed by ${whose}.`],
  ];
}

/** A kept checkpoint: the history still begins with what it covers. */
export async function checkConsistent(kept, signal) {
  const old = read(kept);
  if (!old) return [[false, "This is no checkpoint: it has the name, the size, the root and a signature."]];
  const answer = await ask("audit/consistency", { from: old.size }, signal).catch((error) => {
    if (error.status === 400) return undefined;
    throw error;
  });
  if (!answer) return [[false, `The history is shorter than the ${old.size} events of the kept checkpoint: it was cut.`]];
  const { checkpoint } = answer;
  const roots = await rootsOf(old.size, answer.to, bytes(old.root), answer.proof.map(bytes));
  const holds = roots && base64(roots[0]) === old.root && base64(roots[1]) === checkpoint.root_hash;
  return [
    [old.origin === checkpoint.origin, "The kept checkpoint is of this workspace."],
    [holds, holds
      ? `The ${answer.to} events of today begin with exactly the ${old.size} of then.`
      : `History was rewritten: the first ${old.size} events are not those that were signed.`],
  ];
}

/** Events drawn at random are those that were signed; how many of them, and those that are not. */
export async function checkSample(count, signal) {
  const [newest] = (await ask("audit", { limit: 1 }, signal)).data;
  const events = await Promise.all(Array.from({ length: count }, () => draw(newest.position, signal)));
  const proofs = await Promise.all(events.map((event) => ask("audit/proof", { position: event.position }, signal)));
  const bad = [];
  for (const [at, proof] of proofs.entries()) {
    const leaf = proof.leaf === null ? undefined : JSON.parse(proof.leaf);
    const results = await examine(proof, leaf, events[at]);
    if (!results.every(([holds]) => holds)) bad.push(proof.position);
  }
  const text = bad.length === 0 ? `${count} events drawn at random are as they were signed.` : `Not as they were signed: ${bad.join(", ")}.`;
  return [[bad.length === 0, text]];
}

async function draw(head, signal) {
  const position = 1 + Math.floor(Math.random() * head);
  const { data } = await ask("audit", { "position[gte]": position, sort: "position", limit: 1 }, signal);
  return data[0];
}
