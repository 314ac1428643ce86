// What the modules of the CRM's pages share: the page's words, a call to the CRM's server, and the ear.
export const page = document.body.dataset;
export const lang = document.documentElement.lang;
export const find = (selector) => document.querySelector(selector);
export const all = (selector) => [...document.querySelectorAll(selector)];
export const el = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
export const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
};

/** For screen readers: the region is there, empty, from the start. */
export const say = (text) => { find("#said").textContent = text; };

export async function call(path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const answer = await fetch(path, options);
    return { ok: answer.ok, data: await answer.json() };
  } catch {
    return { ok: false, data: { code: "offline", title: page.offline } };
  }
}

const country = `${lang}-US`;
const day = new Intl.DateTimeFormat(country, { month: "short", day: "numeric" });
const clock = new Intl.DateTimeFormat(country, { timeStyle: "medium" });
const moment = new Intl.DateTimeFormat(country, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(country, { numeric: "auto" });
const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);

function told(time) {
  const date = new Date(time.dateTime);
  if (time.dataset.as === "clock") return clock.format(date);
  if (time.dataset.as !== "day") return moment.format(date);
  const days = Math.round((midnight(date) - midnight(Date.now())) / 864e5);
  return days < -6 ? day.format(date) : relative.format(days, "day");
}

/** Times are the reader's own. */
export function tellTimes(root = document) {
  for (const time of root.querySelectorAll("time")) time.textContent = told(time);
}
