// From moments to positions. Time never goes back along the positions, so a moment's place is found by halving, with a
// look-up or two dozen, instead of by walking through everything that has happened since.

import { ask } from "../api.js";

/** The position of the last event before a moment; 0 if there is none. */
export async function lastBefore(moment, signal) {
  const at = Date.parse(moment);
  let [low, high] = [0, (await newestUpTo(undefined, signal))?.position ?? 0];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const event = await newestUpTo(middle, signal);
    if (!event || Date.parse(event.recorded_at) < at) low = middle;
    else high = event.position - 1;
  }
  return low;
}

async function newestUpTo(position, signal) {
  const query = { "position[lte]": position, limit: 1, fields: "position,recorded_at" };
  return (await ask("audit", query, signal)).data[0];
}
