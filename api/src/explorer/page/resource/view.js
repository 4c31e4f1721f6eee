// One resource: as it was at any of its versions, what differs between two of them, and why a field is as it is.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { make, place } from "../dom.js";
import { kindOf, spoken } from "../kinds.js";
import { learn } from "../names.js";
import { settle } from "../route.js";
import { state } from "./state.js";
import { steps } from "./steps.js";

const PAGE = 200;

/** Opens `#/resource/tasks/<id>`. */
export function open(main, route, { signal }) {
  const [path, id] = route.rest;
  const kind = kindOf(path ?? "");
  const body = make("div", {});
  const heading = make("h1", {}, spoken(kind ?? "resource"));
  place(main, heading, body);
  if (!kind || !id) return place(body, make("p", { class: "trouble" }, "There is no such kind of resource."));
  const view = `resource/${path}/${id}`;
  learn(kind, id).then((name) => name && place(heading, make("span", { class: "quiet" }, `${spoken(kind)} `), name));
  guarded(body, async () => {
    const history = new History(view.replace("resource/", ""), signal);
    await history.more();
    await fill(body, view, route.params, history, signal);
  });
}

/** The events of a resource, newest first, page by page. */
class History {
  constructor(path, signal) {
    Object.assign(this, { path, signal, events: [], cursor: undefined, total: 0 });
  }

  async more() {
    const { data, next_cursor, total } = await ask(`${this.path}/history`, { sort: "-version", limit: PAGE, cursor: this.cursor }, this.signal);
    this.events.push(...data);
    Object.assign(this, { cursor: next_cursor, total });
    return data;
  }
}

async function fill(body, view, params, history, signal) {
  const shown = state(history, signal);
  const look = (to, from) => {
    settle(view, { at: to?.position, from: from?.position });
    list.mark(to, from);
    return shown.show(to, from);
  };
  const list = steps(history, look);
  place(body, make("div", { class: "resource" }, list.node, shown.node));
  const at = (position) => history.events.find((event) => String(event.position) === position);
  await look(at(params.at) ?? history.events[0], at(params.from));
}
