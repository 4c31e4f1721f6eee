// Times as people read them. Everything is UTC, like the API: a reviewer in another country sees the same.

/** `2026-11-21 12:54:51`. */
export function told(instant) {
  return instant ? instant.slice(0, 19).replace("T", " ") : "–";
}

/** `12:54:51`. */
export function clock(instant) {
  return instant.slice(11, 19);
}

/** `2026-11-21`. */
export function day(instant) {
  return instant.slice(0, 10);
}

/** What an input for date and time holds, as the API reads it. */
export function instant(local) {
  if (!local || local.endsWith("Z")) return local;
  return `${local.length === 16 ? `${local}:00` : local}Z`;
}

/** The same the other way round. */
export function local(instant) {
  return instant ? instant.slice(0, 19) : "";
}
