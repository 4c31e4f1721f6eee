// RFC 9162: a tree's root, computed anew from a leaf and its path. Sizes go beyond 32 bits, so no bit operators.

const odd = (number) => number % 2 === 1;
const half = (number) => Math.floor(number / 2);

/** SHA-256 of some bytes, one after the other. */
export async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

/** The hash of a leaf: of a zero byte and its bytes. */
export function leafHash(text) {
  return sha256(Uint8Array.of(0), new TextEncoder().encode(text));
}

const node = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The bytes of Base64. */
export function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Base64 of bytes. */
export function base64(hash) {
  return btoa(String.fromCharCode(...hash));
}

/** The root that a leaf's path leads to (2.1.3.2); nothing if the path does not fit the tree. */
export async function rootOf(index, size, leaf, path) {
  if (index >= size) return undefined;
  let [place, last, root] = [index, size - 1, leaf];
  for (const other of path) {
    if (last === 0) return undefined;
    if (odd(place) || place === last) {
      root = await node(other, root);
      while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      root = await node(root, other);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? root : undefined;
}

/** The roots of the older and of the newer tree that a path shows to be one history (2.1.4.2); nothing if it does not. */
export async function rootsOf(from, to, older, path) {
  if (from === to) return path.length === 0 ? [older, older] : undefined;
  const steps = Number.isInteger(Math.log2(from)) ? [older, ...path] : [...path];
  let [place, last] = [from - 1, to - 1];
  while (odd(place)) [place, last] = [half(place), half(last)];
  if (steps.length === 0) return undefined;
  let [first, second] = [steps[0], steps[0]];
  for (const other of steps.slice(1)) {
    if (last === 0) return undefined;
    if (odd(place) || place === last) {
      [first, second] = [await node(other, first), await node(other, second)];
      while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      second = await node(second, other);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? [first, second] : undefined;
}
