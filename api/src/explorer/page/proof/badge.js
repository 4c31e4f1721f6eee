// How it stands with the proof, in a few words at the top of every view.

import { ask } from "../api.js";
import { make, place } from "../dom.js";
import { link } from "../route.js";
import { checkSigned } from "./checks.js";

/** Keeps a place up to date: how many events are signed, and whether the signature holds. Says nothing to who may not know. */
export class Badge {
  constructor({ key }) {
    this.node = make("span", { class: "badge" });
    this.allowed = (key.scopes ?? []).some((scope) => ["audit:read", "admin"].includes(scope));
  }

  /** Looks again. */
  async look(signal) {
    if (!this.allowed) return;
    try {
      const checkpoint = await ask("audit/checkpoint", {}, signal);
      const results = await checkSigned(checkpoint);
      const holds = results.every(([good]) => good !== false);
      const size = checkpoint.size.toLocaleString("en");
      place(this.node, make("a", { href: link("proof"), class: holds ? "good" : "bad" },
        make("span", { "aria-hidden": "true" }, holds ? "✓ " : "✗ "), holds ? `${size} events signed` : "The signature is wrong"));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === undefined) throw error;
      // Where nothing is signed, it is not asked for again and again.
      this.allowed = error.status !== 503;
      place(this.node);
    }
  }
}
