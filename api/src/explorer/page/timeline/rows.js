// A list that may be very long: only the rows in sight are in the document, and more are asked for when the end is near.

import { make } from "../dom.js";

const AHEAD = 8;
const PHONE = matchMedia("(max-width: 45rem)");

/** The list: a listbox, moved through with the arrow keys. */
export class Rows {
  constructor({ label, heights, row, choose, older, signal }) {
    Object.assign(this, { heights, row, choose, older, items: [], drawn: new Map(), at: -1 });
    this.space = make("div", { class: "space", role: "presentation" });
    this.node = make("div", {
      class: "rows", role: "listbox", tabindex: "0", "aria-label": label, hidden: true,
      scroll: () => this.draw(), keydown: (event) => this.press(event), click: (event) => this.click(event),
    }, this.space);
    const observer = new ResizeObserver(() => this.redraw());
    observer.observe(this.node);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  get height() {
    return PHONE.matches ? this.heights.phone : this.heights.wide;
  }

  /** Adds rows below. */
  append(items) {
    this.items.push(...items);
    this.redraw();
  }

  /** Adds rows above; what is in sight stays in sight. */
  prepend(items) {
    const top = this.node.scrollTop;
    this.items.unshift(...items);
    if (this.at >= 0) this.at += items.length;
    this.redraw();
    this.node.scrollTop = top > 0 ? top + items.length * this.height : 0;
    this.draw();
  }

  /** Marks the row of an event, if it is there. */
  pick(position) {
    const at = this.items.findIndex((item) => String(item.position) === String(position));
    if (at >= 0 && at !== this.at) this.move(at);
  }

  redraw() {
    for (const node of this.drawn.values()) node.remove();
    this.drawn.clear();
    this.space.style.setProperty("height", `${this.items.length * this.height}px`);
    this.node.hidden = this.items.length === 0;
    this.draw();
  }

  draw() {
    const { scrollTop, clientHeight } = this.node;
    const first = Math.max(0, Math.floor(scrollTop / this.height) - AHEAD);
    const last = Math.min(this.items.length, Math.ceil((scrollTop + clientHeight) / this.height) + AHEAD);
    for (const [at, node] of this.drawn) if ((at < first || at >= last) && at !== this.at) this.drop(at, node);
    for (let at = first; at < last; at += 1) if (!this.drawn.has(at)) this.put(at);
    if (last >= this.items.length && this.items.length > 0) this.ask();
  }

  drop(at, node) {
    node.remove();
    this.drawn.delete(at);
  }

  put(at) {
    const node = this.row(this.items[at], this.items[at - 1]);
    const facts = { id: `row-${at}`, role: "option", "aria-posinset": at + 1, "aria-setsize": -1, "data-at": at };
    for (const [name, value] of Object.entries(facts)) node.setAttribute(name, value);
    node.setAttribute("aria-selected", at === this.at);
    node.style.setProperty("top", `${at * this.height}px`);
    this.drawn.set(at, node);
    this.space.append(node);
  }

  /** Asks for more, once at a time. */
  ask() {
    if (this.asking) return;
    this.asking = this.older().finally(() => (this.asking = undefined));
  }

  press(event) {
    const page = Math.max(1, Math.floor(this.node.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.move(this.at + steps[event.key], true);
    else if (event.key === "Enter" && this.at >= 0) this.choose(this.items[this.at], true);
    else return;
    event.preventDefault();
  }

  click(event) {
    const node = event.target.closest("[data-at]");
    if (!node) return;
    this.move(Number(node.dataset.at));
    this.choose(this.items[this.at], true);
  }

  /** Makes another row the current one, and brings it into sight. */
  move(to, told) {
    this.drawn.get(this.at)?.setAttribute("aria-selected", false);
    this.at = Math.min(this.items.length - 1, Math.max(0, to));
    const [top, bottom] = [this.at * this.height, (this.at + 1) * this.height];
    if (top < this.node.scrollTop) this.node.scrollTop = top;
    if (bottom > this.node.scrollTop + this.node.clientHeight) this.node.scrollTop = bottom - this.node.clientHeight;
    this.draw();
    this.drawn.get(this.at)?.setAttribute("aria-selected", true);
    this.node.setAttribute("aria-activedescendant", `row-${this.at}`);
    if (told) this.choose(this.items[this.at], false);
  }
}
