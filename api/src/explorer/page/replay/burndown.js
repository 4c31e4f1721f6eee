// The burndown of a sprint as it looked at a moment, drawn by hand.

import { guarded } from "../advice.js";
import { ask } from "../api.js";
import { draw, make, place } from "../dom.js";
import { day, told } from "../time.js";

/** Wide and flat, or as narrow as a phone: texts stay readable in both. */
const PHONE = matchMedia("(max-width: 45rem)");
const HEIGHT = 150;
const EDGE = { left: 40, right: 80, top: 12, bottom: 28 };
const TICKS = 4;

/** The chart; nothing without a sprint. */
export class Burndown {
  constructor(sprint, signal) {
    Object.assign(this, { sprint, signal, shown: undefined });
    this.node = make("section", { class: "card burndown", "aria-label": "Burndown", hidden: !sprint });
  }

  /** Shows it as of a position, which is that moment. */
  async show(position, instant) {
    if (!this.sprint || this.shown === position) return;
    this.shown = position;
    await guarded(this.node, async () => {
      const found = await this.asked(position);
      if (!found) return place(this.node, make("p", { class: "quiet" }, "The sprint was not planned yet."));
      const { sprint, data } = found;
      const unit = data.some((day) => day.scope?.points > 0) ? "points" : "tasks";
      place(this.node,
        make("h2", {}, `${sprint.name}: ${unit} left, as it looked on ${told(instant)} UTC`),
        data.length === 0 ? make("p", { class: "quiet" }, "The sprint has no days yet.") : chart(data, unit, day(instant)),
        make("p", { class: "quiet small" }, "Dashed: the same pace every day."), table(data, unit));
    });
  }

  /** What it was; nothing if there was none. */
  async asked(as_of) {
    return ask("reports/burndown", { sprint_id: this.sprint, as_of }, this.signal).catch((error) => {
      if (error.status === 404) return undefined;
      throw error;
    });
  }
}

function chart(days, unit, as_of) {
  const width = PHONE.matches ? 380 : 960;
  const known = days.filter((day) => day.scope !== null);
  const most = Math.max(1, ...known.map((day) => Math.max(day.scope[unit], day.remaining[unit])));
  const x = (at) => EDGE.left + (at * (width - EDGE.left - EDGE.right)) / Math.max(1, days.length - 1);
  const y = (amount) => HEIGHT - EDGE.bottom - (amount * (HEIGHT - EDGE.top - EDGE.bottom)) / most;
  const line = (kind) => known.map((day, at) => `${x(at)},${y(day[kind][unit])}`).join(" ");
  const here = days.findIndex((day) => day.date === as_of);
  const said = known.at(-1);
  const label = said ? `${said.remaining[unit]} of ${said.scope[unit]} ${unit} left on ${said.date}` : "Nothing is known yet";
  return draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label },
    grid(most, x, y, days, width),
    here >= 0 && draw("line", { class: "here", x1: x(here), x2: x(here), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }),
    said && draw("line", { class: "ideal", x1: x(0), y1: y(said.scope[unit]), x2: x(days.length - 1), y2: y(0) }),
    draw("polyline", { class: "scope", points: line("scope") }),
    draw("polyline", { class: "remaining", points: line("remaining") }),
    known.map((day, at) => draw("circle", { class: "remaining", cx: x(at), cy: y(day.remaining[unit]), r: 3 })),
    said && names(said, unit, x(known.length - 1), y));
}

function grid(most, x, y, days, width) {
  const step = Math.max(1, Math.ceil(most / TICKS));
  const even = Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step);
  // The top has its number, if there is room for it.
  const amounts = most - even.at(-1) > step / 2 ? [...even, most] : even;
  const every = Math.ceil(days.length / (width / 70));
  return draw("g", { class: "grid" },
    amounts.map((amount) => [
      draw("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(amount), y2: y(amount) }),
      draw("text", { x: EDGE.left - 8, y: y(amount) + 4, "text-anchor": "end" }, amount)]),
    days.map(({ date }, at) => at % every === 0
      && draw("text", { x: x(at), y: HEIGHT - 8, "text-anchor": "middle" }, date.slice(5))));
}

/** Each line's name at its end, apart from each other. */
function names(said, unit, x, y) {
  const low = y(said.remaining[unit]);
  const high = Math.min(y(said.scope[unit]), low - 16);
  return draw("g", { class: "names" },
    draw("text", { x: x + 8, y: high + 4 }, `scope ${said.scope[unit]}`),
    draw("text", { class: "strong", x: x + 8, y: low + 4 }, `left ${said.remaining[unit]}`));
}

/** The same as numbers. */
function table(days, unit) {
  const cell = (amount) => make("td", {}, amount === null ? "–" : amount[unit]);
  const titles = ["Day", "Scope", "Done", "Left"].map((title) => make("th", { scope: "col" }, title));
  const row = ({ date, scope, done, remaining }) =>
    make("tr", {}, make("th", { scope: "row" }, date), [scope, done, remaining].map(cell));
  return make("details", {}, make("summary", {}, "As numbers"),
    make("table", { class: "changes values" }, make("thead", {}, make("tr", {}, titles)), make("tbody", {}, days.map(row))));
}
