// Owns the window's markup: its frame and one part a step, built node by node, so that it stands under any page's policy.
// Knows nothing of what happens in it.

import { CHECKED, CLOCK, LOCK, PERSON, WARNING } from "../icons.js";

const CIRCLE = "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0";
const PICTURES = {
  close: "M4 4l8 8m0-8-8 8",
  ok: `${CIRCLE}M5 8.3l2.1 2.1L11 6.2`,
  fail: `${CIRCLE}M5.8 5.8l4.4 4.4m0-4.4-4.4 4.4`,
  info: `${CIRCLE}M8 7.4v3.6M8 5v.01`,
  wait: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  sent: "M2 8h11M9 4l4 4-4 4",
  shield: CHECKED, warn: WARNING, clock: CLOCK, lock: LOCK, person: PERSON,
};

export function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

export function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `i-${name}`);
  path.setAttribute("d", PICTURES[name]);
  svg.append(path);
  return svg;
}

/** Builds a part: `h` makes a node, `t` names its text, `ref` is how the part's user finds it. Gives its root and those. */
function stamp(t, build) {
  const refs = {};
  const h = (tag, { ref, t: key, ...attributes } = {}, ...children) => {
    const node = el(tag, key ? { textContent: t(key) } : {}, ...children);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    if (ref) refs[ref] = node;
    return node;
  };
  return [build(h), refs];
}

const again = { type: "button" };
const hidden = { hidden: "" };

const PARTS = {
  loading: (h) => h("p", { class: "loading", t: "loading" }),

  prompt: (h) => h("div", { class: "ask" },
    h("div", { class: "bar" }, h("h3", { ref: "head" }), h("div", { class: "toggle", role: "group", ref: "toggle" })),
    h("blockquote", { ref: "words" })),

  choose: (h) => h("form", { novalidate: "" },
    h("div", { ref: "notes" }),
    h("fieldset", { class: "people", "aria-describedby": "choose-hint" },
      h("legend", {}, h("h2", { ref: "head", tabindex: "-1" })),
      h("p", { id: "choose-hint", class: "hint", t: "choose_hint" }),
      h("div", { ref: "people" })),
    h("div", { class: "how", ref: "how", ...hidden },
      h("fieldset", {}, h("legend", { t: "channels" }), h("div", { class: "checks", ref: "channels" })),
      h("div", {}, h("label", { class: "above", for: "locale", t: "msg_lang" }), h("select", { id: "locale", ref: "locale" }))),
    h("div", { id: "sure", class: "sure", ref: "sure" }),
    h("section", { class: "prompt", ref: "before" },
      h("h2", { t: "before_title" }), h("p", { class: "hint", t: "before" }), h("p", { class: "hint", t: "never" }),
      h("div", { ref: "prompt" }),
      h("details", { ref: "doubt" }, h("summary", { t: "doubt" }))),
    h("p", { class: "error", ref: "error" }),
    h("div", { class: "actions end stay" },
      h("button", { ...again, ref: "back", ...hidden }), h("button", { ...again, ref: "pin", ...hidden }),
      h("button", { class: "primary", ref: "send", "aria-describedby": "sure" }))),

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

  frame: (h, inline) => h(inline ? "main" : "dialog", { ref: "top", "aria-labelledby": "title" },
    h("div", { class: "head" },
      h("div", {}, h("h1", { id: "title", ref: "title", tabindex: "-1" }), h("p", { id: "about", ref: "about" })),
      h("button", { ...again, id: "close", ref: "close", class: "plain" }, icon("close"))),
    h("div", { id: "banner", ref: "banner", class: "note warn", ...hidden }),
    h("div", { id: "view", ref: "view" }),
    h("div", { id: "say", ref: "say", class: "ear", "aria-live": "polite", "aria-atomic": "true" }),
    h("div", { id: "alert", ref: "alert", class: "ear", role: "alert", "aria-atomic": "true" })),
};

/** One part by its name, its texts filled in by `t`. */
export const part = (name, t, detail) => stamp(t, (h) => PARTS[name](h, detail));
