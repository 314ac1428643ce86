// Owns the markup of the steps that come after the first, their pictures, and how they put on their style.
// Knows nothing of what happens in them.

import { CHECKED, CLOCK } from "../icons.js";
import { CIRCLE, PICTURES, again, hidden, stamp } from "./parts.js";

Object.assign(PICTURES, {
  ok: `${CIRCLE}M5 8.3l2.1 2.1L11 6.2`,
  fail: `${CIRCLE}M5.8 5.8l4.4 4.4m0-4.4-4.4 4.4`,
  wait: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  sent: "M2 8h11M9 4l4 4-4 4",
  shield: CHECKED, clock: CLOCK,
});

const STEPS = {
  code: (h) => h("form", { novalidate: "" },
    h("div", { ref: "notes" }),
    h("h2", { ref: "head", tabindex: "-1" }),
    h("ul", { class: "delivery", ref: "messages" }),
    h("div", { class: "note bad", ref: "undelivered", ...hidden }),
    h("div", { id: "ask", ref: "prompt" }),
    h("div", { class: "entry" },
      h("label", { for: "digits", ref: "label" }),
      h("p", { id: "error", class: "error", ref: "error" }),
      h("input", {
        id: "digits", ref: "input", type: "text", inputmode: "numeric", autocomplete: "off", autocapitalize: "off",
        spellcheck: "false", "aria-describedby": "ask error",
      }),
      h("p", { class: "left", "aria-hidden": "true", ref: "left" })),
    h("div", { class: "actions" }, h("button", { class: "primary", ref: "verify", t: "verify" }), h("button", { ...again, ref: "again" })),
    h("details", { ref: "help" },
      h("summary", { t: "help" }),
      h("ol", { ref: "hints" }),
      h("div", { class: "actions" },
        h("button", { ...again, ref: "call", t: "help_call", "aria-describedby": "call-hint", ...hidden }),
        h("button", { ...again, ref: "other", t: "help_other" }),
        h("button", { ...again, ref: "cancel", t: "cancel" })),
      h("p", { class: "hint", id: "call-hint", ref: "callHint", t: "help_call_hint", ...hidden }),
      h("p", { class: "hint", t: "help_wrong" }))),

  pin: (h) => h("form", { novalidate: "" },
    h("div", { ref: "notes" }),
    h("h2", { ref: "head", t: "pin_label", tabindex: "-1" }),
    h("p", { class: "hint", ref: "stands" }),
    h("div", { id: "ask", ref: "prompt" }),
    h("div", { class: "entry", ref: "entry" },
      h("label", { for: "digits", t: "pin_label" }),
      h("p", { id: "error", class: "error", ref: "error" }),
      h("div", { class: "actions" },
        h("input", {
          id: "digits", class: "veiled", ref: "input", type: "text", inputmode: "numeric", autocomplete: "off", spellcheck: "false",
          "aria-describedby": "ask error",
        }),
        h("button", { ...again, ref: "show", t: "pin_show" }))),
    h("div", { class: "actions" },
      h("button", { class: "primary", ref: "verify", t: "pin_verify" }), h("button", { ...again, ref: "code", t: "pin_send_code" }),
      h("button", { ...again, ref: "create", t: "pin_create", ...hidden })),
    h("details", { ref: "forgot" },
      h("summary", { t: "pin_forgot" }),
      h("div", { class: "actions" }, h("button", { ...again, ref: "reset", t: "pin_reset" })))),

  result: (h) => h("div", {},
    h("div", { class: "result", ref: "box" }, h("div", { ref: "side" }, h("h2", { ref: "head", tabindex: "-1" }), h("div", { ref: "text" }))),
    h("section", { ref: "next", class: "next", ...hidden }, h("h2", { t: "next" }), h("ol", { ref: "steps" })),
    h("div", { ref: "prompt" }),
    h("section", { ref: "recent", class: "recent", ...hidden }, h("h2", { t: "recent" }), h("ul", { ref: "entries" })),
    h("div", { class: "actions end", ref: "actions" })),
};

/** One step by its name, its texts filled in by `t`. */
export const step = (name, t) => stamp(t, STEPS[name]);

/** Puts a style on what a frame stands in, once. */
export function dress({ top }, ...sheets) {
  const { adoptedStyleSheets: worn } = top.getRootNode();
  worn.push(...sheets.filter((sheet) => !worn.includes(sheet)));
}
