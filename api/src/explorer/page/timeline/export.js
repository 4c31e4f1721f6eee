// Taking what the filters find home, as NDJSON. It is streamed to a file where the browser can do that.

import { trouble } from "../advice.js";
import { get } from "../api.js";
import { button, make, place, say } from "../dom.js";

const NAME = "docket-audit.ndjson";
const TYPE = "application/x-ndjson";

/** The button. */
export function exporter(filters, signal) {
  const told = make("span", { class: "told" });
  const node = button("Export", async () => {
    node.disabled = true;
    try {
      await save(await filters(), signal);
    } catch (error) {
      if (error.name !== "AbortError") place(told, trouble(error));
    } finally {
      node.disabled = false;
    }
  }, { title: "Everything that the filters find, an event a line (NDJSON)" });
  return make("div", { class: "export" }, node, told);
}

async function save(filters, signal) {
  const file = await window.showSaveFilePicker?.({ suggestedName: NAME }).then((handle) => handle.createWritable());
  const response = await get("audit", { ...filters, sort: "position" }, { signal, accept: TYPE });
  const pieces = [];
  let [lines, last] = [0, ""];
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    lines += piece.split("\n").length - 1;
    last = (last + piece).slice(-20_000);
    await (file ? file.write(piece) : pieces.push(piece));
    say(`${lines} lines …`);
  }
  await (file ? file.close() : download(pieces));
  say(ended(last) ? `${lines - 1} events are in the file.` : "The file is NOT complete: the answer broke off. Try again.");
}

/** The last line says that everything is there. */
function ended(text) {
  return text.trimEnd().split("\n").at(-1).startsWith('{"end":');
}

function download(pieces) {
  const url = URL.createObjectURL(new Blob(pieces, { type: TYPE }));
  make("a", { href: url, download: NAME }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
