// The first checkpoint that this browser saw of each workspace, and the latest: kept, so that the history can be held to
// them at the next visit. They are no secrets.

const PREFIX = "docket-explorer-checkpoint:";

/** What is kept of an origin: `{note, since}`; nothing before the first visit. */
export function recall(origin) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + origin)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a note that the history was found to agree with. */
export function keep(origin, note) {
  const since = recall(origin)?.since ?? new Date().toISOString();
  localStorage.setItem(PREFIX + origin, JSON.stringify({ note, since }));
}

/** Forgets it. */
export function forget(origin) {
  localStorage.removeItem(PREFIX + origin);
}
