// A picture of when how much happened. A click leads to that moment.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { draw, make, place } from "../dom.js";
import { go } from "../route.js";
import { told } from "../time.js";

const HEIGHT = 40;
/** What happened at all is seen. */
const LEAST = 2;

/** The picture of what these filters find. */
export function activity(params, filters, signal) {
  const node = make("figure", { class: "activity" });
  guarded(node, async () => {
    const found = await ask("audit/activity", await filters(), signal).catch((error) => {
      // The list says what is wrong with the filters.
      if (error.status === 400) return undefined;
      throw error;
    });
    if (!found || found.events === 0) return place(node);
    return place(node, picture(found, params), caption(found));
  });
  return node;
}

function picture({ from, to, events, spans }, params) {
  const most = Math.max(...spans);
  const end = (at) => new Date(Date.parse(from) + ((at + 1) * (Date.parse(to) - Date.parse(from))) / spans.length + 1).toISOString();
  const bar = (count, at) => {
    // By the root, so that a busy hour does not make all others flat.
    const height = count === 0 ? 0 : Math.max(LEAST, Math.sqrt(count / most) * HEIGHT);
    const about = `${count} events until ${told(end(at))} UTC`;
    return draw("g", { click: () => count > 0 && go("timeline", { ...params, at: end(at), event: "" }) },
      draw("rect", { class: "ground", x: at, y: 0, width: 1, height: HEIGHT }),
      draw("rect", { class: "bar", x: at + 0.1, y: HEIGHT - height, width: 0.8, height }),
      draw("title", {}, about));
  };
  const label = `${events} events from ${told(from)} to ${told(to)} UTC, at most ${most} in one of ${spans.length} equal spans`;
  return draw("svg", { viewBox: `0 0 ${spans.length} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    spans.map(bar));
}

function caption({ from, to, events }) {
  return make("figcaption", { class: "quiet small" },
    make("span", {}, told(from).slice(0, 16)), make("strong", {}, `${events.toLocaleString("en")} events`), make("span", {}, `${told(to).slice(0, 16)} UTC`));
}
