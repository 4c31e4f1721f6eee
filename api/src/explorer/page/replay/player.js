// The slider over the moments, its keys, and what moves it by itself.

import { button, make } from "../dom.js";
import { told } from "../time.js";
import { trouble } from "../advice.js";

/** In so many steps the whole is played. */
const STEPS = 80;
/** So long each is looked at, in milliseconds. */
const FRAME = 700;
/** So long the slider rests before its moment is asked for. */
const REST = 120;
/** So many steps may be asked for before the first of them is seen. */
const AHEAD = 3;

/** The slider; `next(position, by)` knows the events it stops at, `show(position)` is told where it is, and answers when that is seen. */
export class Player {
  constructor({ bounds: [first, last], next, at, signal, show }) {
    Object.assign(this, { first, last, next, signal, show, playing: false, steps: Promise.resolve(), waiting: 0 });
    const start = Math.min(last, Math.max(first, Number(at) || last));
    this.slider = make("input", {
      type: "range", min: first, max: last, step: 1, "aria-label": "Moment",
      input: () => this.rest(), keydown: (event) => this.press(event),
    });
    this.slider.value = start;
    this.toggle = button("▶ Play", () => this.play(), { class: "primary", "aria-pressed": "false" });
    const step = (text, label, by) => button(text, () => this.step(by), { "aria-label": label, title: label });
    this.wrong = make("div", {});
    this.node = make("div", { class: "player" },
      make("div", { class: "keys" }, this.toggle, step("‹", "The event before", -1), step("›", "The next event", 1)),
      this.slider, this.wrong);
    signal.addEventListener("abort", () => this.stop());
    this.look();
  }

  /** The position that is shown. */
  get at() {
    return Number(this.slider.value);
  }

  /** What the slider's place is called. */
  name(event) {
    this.slider.setAttribute("aria-valuetext", event ? `${told(event.recorded_at)} UTC, position ${this.at}` : "");
  }

  /** Shows where it is; what is asked meanwhile comes after. */
  async look() {
    if (this.looking) {
      this.again = true;
      return this.looking;
    }
    this.looking = this.shown();
    await this.looking;
    this.looking = undefined;
    if (!this.again) return undefined;
    this.again = false;
    return this.look();
  }

  async shown() {
    try {
      await this.show(this.at);
      this.wrong.replaceChildren();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.stop();
      this.wrong.replaceChildren(trouble(error, () => this.look()));
    }
  }

  rest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), REST);
  }

  /** Arrows go from event to event, wherever those are; all else is the slider's own business. */
  press(event) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.step(by);
  }

  /** To the next event, or the one before: one step after the other, so that each is seen. */
  step(by) {
    if (this.waiting >= AHEAD) return this.steps;
    this.waiting += 1;
    this.steps = this.steps.then(() => this.take(by)).finally(() => (this.waiting -= 1));
    return this.steps;
  }

  async take(by) {
    let to;
    try {
      to = (await this.next(this.at, by)) ?? this.at;
    } catch (error) {
      if (error.name !== "AbortError") this.wrong.replaceChildren(trouble(error, () => this.step(by)));
      return undefined;
    }
    if (to < this.first) return undefined;
    this.last = Math.max(this.last, to);
    this.slider.max = this.last;
    return this.move(to);
  }

  move(to) {
    this.slider.value = to;
    return this.look();
  }

  async play() {
    if (this.playing) return this.stop();
    this.playing = true;
    this.toggle.textContent = "❚❚ Pause";
    this.toggle.setAttribute("aria-pressed", "true");
    if (this.at >= this.last) await this.move(this.first);
    const step = Math.max(1, Math.ceil((this.last - this.first) / STEPS));
    // In equal shares of the positions: where much happened, more is seen of it.
    while (this.playing && this.at < this.last) {
      await new Promise((resolve) => setTimeout(resolve, FRAME));
      if (this.playing) await this.move(Math.min(this.last, this.at + step));
    }
    return this.stop();
  }

  stop() {
    this.playing = false;
    clearTimeout(this.timer);
    this.toggle.textContent = "▶ Play";
    this.toggle.setAttribute("aria-pressed", "false");
  }
}
