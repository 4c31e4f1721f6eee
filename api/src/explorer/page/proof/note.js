// Signed notes (C2SP signed-note, tlog-checkpoint): read, and their signatures checked.

import { base64, bytes, sha256 } from "./merkle.js";

const ED25519 = 1;

/** A checkpoint's note in its parts; nothing if it is none. */
export function read(note) {
  const [text, signatures] = note.split("\n\n");
  const [origin, size, root] = (text ?? "").split("\n");
  if (!signatures || !/^\d+$/.test(size ?? "") || !root) return undefined;
  const lines = signatures.split("\n").filter((line) => line.startsWith("— "));
  return { origin, size: Number(size), root, text: `${text}\n`, signatures: lines.map(signature) };
}

function signature(line) {
  const parts = line.slice(2);
  const at = parts.lastIndexOf(" ");
  const whole = bytes(parts.slice(at + 1));
  return { name: parts.slice(0, at), hint: base64(whole.slice(0, 4)), value: whole.slice(4) };
}

/** Whether a key (`name+hash+base64`) has signed a note: true, false, or nothing if this browser can't tell. */
export async function signedBy(note, key) {
  const { name, public_key } = parsed(key);
  const mine = note.signatures.find((one) => one.name === name);
  if (!mine || mine.hint !== (await hint(name, public_key))) return false;
  const usable = await crypto.subtle.importKey("raw", public_key.slice(1), "Ed25519", false, ["verify"]).catch(() => undefined);
  if (!usable) return undefined;
  return crypto.subtle.verify("Ed25519", usable, mine.value, new TextEncoder().encode(note.text));
}

function parsed(key) {
  const [name, , ...rest] = key.trim().split("+");
  const public_key = bytes(rest.join("+"));
  if (public_key[0] !== ED25519 || public_key.length !== 33) throw new Error("This is no Ed25519 key of a checkpoint.");
  return { name, public_key };
}

async function hint(name, public_key) {
  const hash = await sha256(new TextEncoder().encode(`${name}\n`), public_key);
  return base64(hash.slice(0, 4));
}
