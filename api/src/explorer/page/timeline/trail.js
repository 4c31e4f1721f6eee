// A workspace's events, a page at a time in both directions. Positions lead from page to page: wherever one is in a
// million events, a page costs what it is long.

import { ask } from "../api.js";
import { instant } from "../time.js";

const PAGE = 100;

/** What the address calls a filter, and the API. */
export const FILTERS = {
  kind: "kind", type: "type", resource_id: "resource_id", actor_id: "actor_id", key_id: "key_id",
  command_id: "command_id", request_id: "request_id", dialect: "dialect",
};

/** The events that some filters find, from a moment on. */
export class Trail {
  constructor(params, signal) {
    this.params = params;
    this.signal = signal;
    this.oldest = undefined;
    this.newest = undefined;
    this.ended = false;
  }

  /** As the API reads them. */
  filters() {
    const filters = { "recorded_at[gte]": instant(this.params.from), "recorded_at[lt]": instant(this.params.until) };
    for (const [name, parameter] of Object.entries(FILTERS)) filters[parameter] = this.params[name];
    return filters;
  }

  /** The next page towards the beginning; empty at the end. */
  async older() {
    if (this.ended) return [];
    const start = this.oldest ? { "position[lt]": this.oldest } : { "recorded_at[lte]": instant(this.params.at) };
    const { data, has_more } = await ask("audit", { ...this.filters(), ...start, limit: PAGE }, this.signal);
    this.ended = !has_more;
    this.met(data);
    return data;
  }

  /** The next page towards now, newest first; empty if there is none. */
  async newer() {
    const start = { "position[gt]": this.newest, sort: "position" };
    const { data } = await ask("audit", { ...this.filters(), ...start, limit: PAGE }, this.signal);
    this.met(data.reverse());
    return data;
  }

  met(events) {
    if (events.length === 0) return;
    this.newest = Math.max(this.newest ?? 0, events[0].position);
    this.oldest = Math.min(this.oldest ?? Infinity, events.at(-1).position);
  }
}
