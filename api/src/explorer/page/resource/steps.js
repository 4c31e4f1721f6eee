// A resource's versions: a slider over them, and each with who made it and what it changed.

import { guarded } from "../advice.js";
import { button, make, place } from "../dom.js";
import { spoken } from "../kinds.js";
import { actor } from "../names.js";
import { link } from "../route.js";
import { told } from "../time.js";
import { shown } from "../value.js";

/** The list; `look(to, from)` is told which versions to show. */
export function steps(history, look) {
  let [to, from] = [];
  const slider = make("input", {
    type: "range", min: 1, step: 1, "aria-label": "Version", input: () => look(version(Number(slider.value)), from),
  });
  const label = make("p", { class: "versions" });
  const list = make("ol", { class: "steps" });
  const more = button("Show older versions", () => guarded(label, async () => {
    await history.more();
    draw();
  }));
  const node = make("section", { class: "card", "aria-label": "Versions" },
    make("h2", {}, "Versions"), label, slider, list, more);

  function version(number) {
    return history.events.find((event) => event.version === number);
  }

  function draw() {
    slider.min = history.events.at(-1)?.version ?? 1;
    slider.max = history.total;
    more.hidden = !history.cursor;
    place(list, history.events.map(step));
    mark(to, from);
  }

  function step(event) {
    const against = button("compare", () => look(to, event === from ? undefined : event), { class: "plain small" });
    const open = make("button", { type: "button", class: "plain version", click: () => look(event, from) }, `${event.version}`, " ",
      make("strong", {}, spoken(event.type)));
    return make("li", { "data-version": event.version },
      make("div", { class: "bar" }, open, against),
      make("p", { class: "quiet small" }, `${told(event.recorded_at)} by `, actor(event.actor), " · ",
        make("a", { href: link("timeline", { resource_id: event.resource_id, event: event.position }) }, "the event")),
      make("p", { class: "small brief" }, brief(event)));
  }

  function brief(event) {
    if (event.version === 1) return undefined;
    return event.changes.slice(0, 3).map(({ field, to: value }) => [`${field.replaceAll("_", " ")} → `, shown(field, value), " "]);
  }

  /** Shows which versions are looked at. */
  function mark(later, earlier) {
    [to, from] = [later, earlier];
    slider.value = to?.version;
    slider.setAttribute("aria-valuetext", to ? `Version ${to.version}, ${told(to.recorded_at)}` : "");
    label.textContent = to ? `Version ${to.version} of ${history.total}` : "";
    for (const item of list.children) {
      const here = item.dataset.version === String(to?.version);
      item.toggleAttribute("data-here", here);
      item.querySelector(".version").setAttribute("aria-pressed", here);
      const compared = item.dataset.version === String(from?.version);
      item.toggleAttribute("data-from", compared);
      item.querySelector(".small").setAttribute("aria-pressed", compared);
    }
  }

  draw();
  return { node, mark };
}
