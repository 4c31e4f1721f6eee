// Who is signed in. The key is in this tab's memory of its session and nowhere else: it goes when the tab goes.

const NAME = "docket-explorer-key";

/** The key; null if nobody is signed in. */
export function key() {
  return sessionStorage.getItem(NAME);
}

/** Takes a key. */
export function take(given) {
  sessionStorage.setItem(NAME, given);
}

/** Forgets it. */
export function forget() {
  sessionStorage.removeItem(NAME);
}
