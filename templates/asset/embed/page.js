// Owns the page for developers: its code blocks, the gallery of states, and the playground with the real element.

import { configure } from "./v1.js";

const base = new URL("..", import.meta.url).href.replace(/\/$/, "");
const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const make = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

// ---- words: the service's own for the samples, and this page's

const own = document.documentElement.lang;
const table = async (name) => (await fetch(`/assets/i18n/${name}.json`, { credentials: "omit" })).json();
const [en, es, guide] = await Promise.all(["en", "es", `guide.${own}`].map(table));
const tables = { en, es };
const say = (key, values = {}) => guide[`guide.${key}`].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const values = {
  en: { date: "Feb 27", time: "2:41 PM", until: "3:41 PM", name: "Ana Ruiz", agent: "Sam Lee", method: "code" },
  es: { date: "27 feb", time: "2:41 p.m.", until: "3:41 p.m.", name: "Ana Ruiz", agent: "Sam Lee", method: "código" },
};
const fill = (lang, key) => tables[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[lang][name]).replace(/\.m\.\./g, ".m.");
const sam = { id: "sam", name: "Sam Lee" };
const ana = { id: "ana", name: "Ana Ruiz" };

/** name -> tone, more of the status, attributes. */
const samples = {
  checking: { own: true },
  not_verified: { tone: "neutral" },
  code_sent: { tone: "pending", more: { agent: sam, contact: ana, seconds_left: 600 } },
  in_use: { own: true, more: { agent: { id: "kim", name: "Kim Brown" } } },
  verified: { tone: "success", more: { agent: sam, contact: ana, method: "code", assurance: "contact", seconds_left: 3600 } },
  expired: { tone: "neutral", state: "not_verified", key: "expired", more: { last_verified_at: "2026-02-27T19:41:00Z" } },
  locked: { tone: "danger", more: { seconds_left: 900 } },
  reported: { tone: "danger" },
  no_contact: { tone: "neutral", state: "not_verified", attribute: "no-contact" },
  not_eligible: { tone: "neutral", state: "not_verified", attribute: "This lead is closed." },
  stale: { tone: "success", state: "verified", more: { stale: true, agent: sam, contact: ana, seconds_left: 3600 } },
  error: { own: true },
};

function sample(name, lang) {
  const { own, tone, state = name, key = state, more } = samples[name];
  if (own) return { state, ...more };
  return {
    client: "4711", state, pin: "not_set", requirements: [], version: 1, ...more,
    button: { tone, label: fill(lang, `button.${state}`), tooltip: fill(lang, `button.${key}.tooltip`) },
  };
}

function pose(button, name, lang = own) {
  const { attribute } = samples[name];
  if (attribute) button.setAttribute("unavailable", attribute);
  else button.removeAttribute("unavailable");
  button.status = sample(name, lang);
}

for (const button of all("[data-state]")) pose(button, button.dataset.state);

for (const name of Object.keys(samples)) {
  const button = make("countersign-button");
  button.setAttribute("client", `state-${name}`);
  find("#state-table tbody").append(make("tr", {}, make("td", {}, button), make("td", {}, say(`when.${name}`)), make("td", {}, say(`click.${name}`))));
  pose(button, name);
}

// ---- code

const grammar = /(\/\/[^\n]*|(?<=^|\s)#(?!\w)[^\n]*|<!--[^]*?-->)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|(<\/?[\w-]+|(?<!=)\/?>)|\b(import|from|export|const|let|async|await|return|if|new|throw|def|and|not|else|for|of)\b|(--[\w-]+|::part)|\b([\w-]+)(?=[=:(])/g;

/** Colours a text, well enough to read it by. */
function colour(text) {
  const pieces = [];
  let at = 0;
  for (const found of text.matchAll(grammar)) {
    const kind = ["c", "s", "n", "k", "a", "a"][found.slice(1).findIndex(Boolean)];
    pieces.push(text.slice(at, found.index), make("span", { className: kind, textContent: found[0] }));
    at = found.index + found[0].length;
  }
  return [...pieces, text.slice(at)];
}

const titles = { html: "HTML", js: "JavaScript", sh: "Shell", css: "CSS", http: say("script.policy"), py: "Python" };

function copier(text) {
  const button = make("button", { type: "button", textContent: say("script.copy") });
  button.onclick = async () => {
    const copied = await navigator.clipboard?.writeText(text()).then(() => true, () => false);
    button.textContent = say(copied ? "script.copied" : "script.press");
    if (!copied) getSelection().selectAllChildren(button.closest(".code").querySelector("pre:not([hidden]) code"));
    setTimeout(() => { button.textContent = say("script.copy"); }, 2000);
  };
  return button;
}

let examples = 0;

function block(pre, kind, title) {
  const code = find("code", pre) ?? pre;
  const text = code.textContent.replaceAll("{base}", base);
  code.replaceChildren(...colour(text));
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", say("script.example", { n: examples += 1, title: title ?? titles[kind] }));
  return text;
}

for (const pre of all("pre[data-code]:not([data-tab])")) {
  const kind = pre.dataset.code;
  const text = block(pre, kind);
  const frame = make("div", { className: "code" }, make("div", { className: "code-bar" }, titles[kind], copier(() => text)));
  pre.replaceWith(frame);
  frame.append(pre);
}

for (const group of all("[data-tabs]")) {
  const panes = all("pre", group);
  const texts = panes.map((pre) => block(pre, pre.dataset.code, pre.dataset.tab));
  const tabs = panes.map((pre, at) => make("button", { type: "button", role: "tab", id: `tab-${at}`, textContent: pre.dataset.tab }));
  const choose = (chosen, focus) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
      panes[at].hidden = at !== chosen;
    });
    if (focus) tabs[chosen].focus();
  };
  tabs.forEach((tab, at) => {
    tab.onclick = () => choose(at);
    tab.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step) choose((at + step + tabs.length) % tabs.length, true);
    };
    panes[at].id = `pane-${at}`;
    tab.setAttribute("aria-controls", panes[at].id);
    panes[at].setAttribute("role", "tabpanel");
  });
  const list = make("div", { role: "tablist" }, ...tabs);
  list.setAttribute("aria-label", say("script.tabs"));
  group.className = "code";
  group.prepend(make("div", { className: "code-bar" }, list, copier(() => texts[panes.findIndex((pre) => !pre.hidden)])));
  choose(0);
}

// ---- the playground

const knobs = find("#knobs"), stage = find("#stage"), set = find("#set"), log = find("#log");
const field = (name) => knobs.elements[name];
const subject = make("countersign-button");
subject.setAttribute("name", "Ruiz Landscaping LLC");
let live = null;

for (const name of Object.keys(samples)) {
  field("state").append(make("option", { value: name, textContent: name.replaceAll("_", " "), selected: name === "verified" }));
}
field("base").value = base;
for (const option of field("lang").options) option.selected = option.defaultSelected = option.value === own;

const scenes = {
  card: () => make("div", { className: "card" },
    make("strong", { textContent: "Ruiz Landscaping LLC" }),
    make("dl", {}, make("dt", { textContent: say("script.lead") }), make("dd", { textContent: "4711" }), make("dt", { textContent: say("script.owner") }), make("dd", { textContent: "Ana Ruiz" })),
    subject),
  table: () => {
    const row = (name, cell) => make("tr", {}, make("td", { textContent: name }), make("td", {}, cell));
    const other = (state) => {
      const button = make("countersign-button");
      button.setAttribute("client", `row-${state}`);
      button.toggleAttribute("compact", true);
      pose(button, state, field("lang").value);
      button.setAttribute("lang", field("lang").value);
      return button;
    };
    return make("table", {}, make("thead", {}, make("tr", {}, make("th", { textContent: say("script.client"), scope: "col" }), make("th", { textContent: say("script.verification"), scope: "col" }))),
      make("tbody", {}, row("Bright Smile Dental", other("not_verified")), row("Ruiz Landscaping LLC", subject), row("Delta Freight Inc.", other("expired"))));
  },
};

const linear = (byte) => (byte /= 255) <= 0.04045 ? byte / 12.92 : ((byte + 0.055) / 1.055) ** 2.4;
const light = (hex) => [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16))).reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const contrast = (one, other) => {
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
};

/** What the theme's knobs say, where they say something else than the standard. */
function theme() {
  const changed = (name) => field(name).value !== field(name).defaultValue && field(name).value;
  return Object.entries({
    "--countersign-radius": changed("radius") && `${changed("radius")}px`,
    "--countersign-font": changed("size") && `500 ${changed("size")}px/1.3 system-ui, sans-serif`,
    "--countersign-success": changed("fg"),
    "--countersign-success-fill": changed("fill"),
  }).filter(([, value]) => value);
}

const snippetPre = make("pre", { tabIndex: 0 }, make("code"));
const snippet = () => {
  const attributes = [["client", live?.client || "4711"], ["surface", field("surface").value]];
  if (field("lang").value !== "en") attributes.push(["lang", field("lang").value]);
  const given = subject.getAttribute("unavailable");
  if (given) attributes.push(["unavailable", given]);
  const tag = attributes.map(([name, value]) => ` ${name}="${value}"`).join("") + (field("compact").checked ? " compact" : "");
  const style = theme().map(([name, value]) => `  ${name}: ${value};\n`).join("");
  return `<script type="module" src="${base}/embed/v1.js"></script>\n\n<countersign-button${tag}>\n  <a href="/clients/${encodeURIComponent(live?.client || "4711")}/verify">Verify this client</a>\n</countersign-button>`
    + (style && `\n\n/* in your style sheet */\ncountersign-button {\n${style}}`);
};
snippetPre.setAttribute("role", "region");
snippetPre.setAttribute("aria-label", say("script.code"));
find("#snippet").append(make("div", { className: "code" }, make("div", { className: "code-bar" }, say("script.code"), copier(snippet)), snippetPre));

function draw() {
  const mode = field("mode").value;
  for (const part of all("[data-mode]", knobs)) part.hidden = part.dataset.mode !== mode;
  subject.setAttribute("lang", field("lang").value);
  subject.setAttribute("surface", field("surface").value);
  subject.toggleAttribute("compact", field("compact").checked);
  subject.removeAttribute("style");
  for (const [name, value] of theme()) subject.style.setProperty(name, value);
  const ratio = contrast(field("fg").value, field("fill").value);
  find("#contrast").textContent = say(ratio < 4.5 ? "script.contrast_low" : "script.contrast", { ratio: ratio.toFixed(1) });
  if (mode === "preview") {
    subject.setAttribute("client", "4711");
    pose(subject, field("state").value, field("lang").value);
  } else {
    subject.removeAttribute("unavailable");
    if (live) subject.setAttribute("client", live.client);
    subject.status = live ? null : sample("checking");
  }
  find("code", snippetPre).replaceChildren(...colour(snippet()));
}

function place() {
  set.replaceChildren(scenes[find("[name=where]:checked").value]());
  stage.classList.toggle("dark", find("[name=scheme]:checked").value === "dark");
}

knobs.addEventListener("input", draw);
knobs.addEventListener("reset", () => setTimeout(draw));
for (const one of all("[name=scheme], [name=where]", stage)) one.addEventListener("change", place);
field("lang").addEventListener("change", place);

knobs.addEventListener("submit", (event) => {
  event.preventDefault();
  const token = field("token").value.trim(), client = field("client").value.trim();
  const wrong = token.startsWith("csk_") ? "script.api_key" : !token.startsWith("cst_") ? "script.not_a_token" : !client ? "script.which_client" : "";
  find("#live-note").textContent = wrong && say(wrong);
  if (token.startsWith("csk_")) field("token").value = "";
  if (wrong) return;
  live = { token, client };
  configure({ base, token: async () => token });
  find("#live-note").textContent = say("script.connected");
  draw();
});

for (const type of ["status", "open", "opened", "sent", "verified", "failed", "locked", "reported", "closed"]) {
  subject.addEventListener(`countersign:${type}`, ({ detail }) => {
    const now = new Date();
    const told = JSON.stringify({ client: detail?.client, state: detail?.state, version: detail?.version });
    const time = make("time", { dateTime: now.toISOString(), textContent: now.toLocaleTimeString("en-US", { hour12: false }) });
    log.prepend(make("li", {}, time, make("b", { textContent: `countersign:${type}` }), make("span", { textContent: told })));
    while (log.children.length > 100) log.lastChild.remove();
    find("#log-empty").hidden = true;
  });
}
find("#clear").onclick = () => {
  log.replaceChildren();
  find("#log-empty").hidden = false;
};

place();
draw();

// ---- where one is

const links = new Map(all(".side a").map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    for (const link of links.values()) link.removeAttribute("aria-current");
    links.get(target.id)?.setAttribute("aria-current", "location");
  }
}, { rootMargin: "-20% 0px -70% 0px" });
for (const id of links.keys()) seen.observe(document.getElementById(id));
