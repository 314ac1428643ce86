// Owns the markup of a window's frame and of how it begins, built node by node, so that it stands under any page's policy.
// Knows nothing of what happens in it.

import { LOCK, PERSON, WARNING } from "../icons.js";

export const CIRCLE = "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0";
/** The pictures by their names; who draws more than the beginning adds its own. */
export const PICTURES = {
  close: "M4 4l8 8m0-8-8 8",
  info: `${CIRCLE}M8 7.4v3.6M8 5v.01`,
  warn: WARNING, lock: LOCK, person: PERSON,
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

/** What a note is about shows by its picture too, never by its colour alone. */
export const note = ([text, tone = "warn", picture = tone === "info" ? "info" : "warn"]) =>
  el("p", { className: `note ${tone}` }, icon(picture), el("span", { textContent: text }));

/** Builds a part: `h` makes a node, `t` names its text, `ref` is how the part's user finds it. Gives its root and those. */
export function stamp(t, build) {
  const refs = {};
  const h = (tag, { ref, t: key, ...attributes } = {}, ...children) => {
    const node = el(tag, key ? { textContent: t(key) } : {}, ...children);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    if (ref) refs[ref] = node;
    return node;
  };
  return [build(h), refs];
}

export const again = { type: "button" };
export const hidden = { hidden: "" };

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
