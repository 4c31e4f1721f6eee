// A workspace's events, a page at a time in both directions. Positions lead from page to page: wherever one is in a
// million events, a page costs what it is long.

import { ask } from "../api.js";
import { instant } from "../time.js";
import { lastBefore } from "./when.js";

const PAGE = 100;
/** The filters that the address has as the API has them. */
const FILTERS = ["kind", "type", "resource_id", "actor_id", "key_id", "command_id", "causation_id", "request_id", "dialect"];

/** The events that some filters find, from a moment on. */
export class Trail {
  constructor(params, signal) {
    Object.assign(this, { params, signal, oldest: undefined, newest: undefined, ended: false });
  }

  /** As the API reads them. */
  filters() {
    this.read ??= this.bounds().then((bounds) => ({ ...bounds, ...Object.fromEntries(FILTERS.map((name) => [name, this.params[name]])) }));
    return this.read;
  }

  async bounds() {
    const { from, until } = this.params;
    return {
      "position[gt]": from && (await lastBefore(instant(from), this.signal)),
      "position[lte]": until && (await lastBefore(instant(until), this.signal)),
    };
  }

  /** The next page towards the beginning; empty at the end. */
  async older() {
    if (this.ended) return [];
    const filters = await this.filters();
    const { data, has_more } = await ask("audit", { ...filters, "position[lt]": await this.start(), limit: PAGE }, this.signal);
    this.ended = !has_more;
    this.met(data);
    return data;
  }

  /** What the next page comes before: what is there already, or the moment jumped to, if any. */
  async start() {
    if (this.oldest || !this.params.at) return this.oldest;
    return 1 + (await lastBefore(instant(this.params.at), this.signal));
  }

  /** The next page towards now, newest first; empty if there is none. */
  async newer() {
    const filters = await this.filters();
    const after = this.newest ?? filters["position[gt]"];
    const { data } = await ask("audit", { ...filters, "position[gt]": after, sort: "position", limit: PAGE }, this.signal);
    this.met(data.reverse());
    return data;
  }

  met(events) {
    if (events.length === 0) return;
    this.newest = Math.max(this.newest ?? 0, events[0].position);
    this.oldest = Math.min(this.oldest ?? Infinity, events.at(-1).position);
  }
}
