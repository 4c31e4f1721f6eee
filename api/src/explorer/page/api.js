// Asking Docket's own API: every answer is its JSON, everything else is thrown as `Refused`.

import { key } from "./session.js";
import { say } from "./dom.js";

/** So long we wait by ourselves when asked to, in seconds. */
const PATIENCE = 15;
const TRIES = 3;

/** What the API refused, or that it could not be reached. */
export class Refused extends Error {
  constructor(status, problem, wait) {
    super(problem.detail || problem.title || "The request failed.");
    Object.assign(this, { status, code: problem.code, wait, requestId: problem.request_id });
  }
}

/** An address of the API, wherever this page is mounted. Parameters without a value are left out. */
export function address(path, params = {}) {
  const url = new URL(`v1/${path}`, new URL(".", location.href.split("#")[0]));
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/** GET: the JSON of the answer. */
export async function ask(path, params, signal) {
  return (await get(path, params, { signal })).json();
}

/** GET: the answer itself. Waits and asks again where the API says for how long. */
export async function get(path, params, { signal, accept = "application/json" } = {}) {
  for (let tried = 1; ; tried += 1) {
    const response = await send(address(path, params), signal, accept);
    if (response.ok) return response;
    const refused = await reason(response);
    if (!refused.wait || refused.wait > PATIENCE || tried === TRIES) throw refused;
    say(`The server asks for patience: going on in ${refused.wait} s.`);
    await pause(refused.wait * 1000, signal);
    say("");
  }
}

async function send(url, signal, accept) {
  const headers = { authorization: `Bearer ${key()}`, accept };
  try {
    return await fetch(url, { headers, signal, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { detail: "The server can't be reached." });
  }
}

async function reason(response) {
  const problem = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("retry-after")) || undefined;
  return new Refused(response.status, problem, wait);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
