// The window in a dialog: asked for by a click, closed by the window or the agent, and given a new token in time.
import { call, el, find, lang, page, say } from "./crm-page.js";
import { refresh, switchOff, switchOn } from "./crm-status.js";
import { place } from "./crm-tip.js";

const dialog = find("#window");
let asked = null; // whose window it is
const key = ({ tenant, surface }) => `${tenant} ${surface}`;

function refuse({ code, title, status }) {
  const again = !/not_eligible|surface_disabled/.test(code);
  find("#refusal").replaceChildren(
    el("strong", { textContent: title }),
    ...(status ? [el("p", { className: "meta", textContent: `${page.answered} ${code} (${status})` })] : []),
    el("div", { className: "bar end" },
      el("button", { type: "button", className: "second", textContent: page.shut, onclick: () => dialog.close() }),
      ...(again ? [el("button", { type: "button", className: "first", textContent: page.again, onclick: () => ask() })] : [])),
  );
  find("#refusal").hidden = false;
  find("#refusal .bar").lastElementChild.focus();
  if (code === "surface_disabled") switchOff(key(asked), title);
}

async function ask() {
  const { client, surface } = asked;
  find("#frame").replaceChildren();
  find("#refusal").hidden = true;
  find("#opening").hidden = false;
  const { ok, data } = await call("/verify", { client, surface, agent: page.agent, lang });
  find("#opening").hidden = true;
  if (!dialog.open || asked.client !== client) return;
  if (!ok) {
    refuse(data);
  } else {
    switchOn(key(asked));
    const frame = el("iframe", { title: find("#frame").dataset.title, src: data.window_url });
    frame.addEventListener("load", () => frame.focus());
    find("#frame").replaceChildren(frame);
  }
  refresh();
}

export function open(button) {
  if (button.getAttribute("aria-disabled") === "true") {
    const why = document.getElementById(button.getAttribute("aria-describedby"))?.textContent ?? "";
    say(why);
    if (button.matches(".verify")) place(button);
    return;
  }
  asked = { ...button.dataset };
  dialog.showModal();
  dispatchEvent(new CustomEvent("crm:window"));
  ask();
}

/** The window says `ready` a second time when its token has ended: this agent is still signed in, so there is another. */
async function renew(frame) {
  const { ok, data } = await call("/token", { client: asked.client, agent: page.agent, lang });
  if (ok) frame.contentWindow?.postMessage({ source: "countersign", type: "token", token: data.token }, page.service);
}

addEventListener("message", (message) => {
  const frame = find("#frame iframe");
  const ours = message.origin === page.service && message.source === frame?.contentWindow;
  if (!ours || message.data?.source !== "countersign") return;
  if (message.data.type === "ready" && dialog.classList.contains("bare")) renew(frame);
  // From here on the window's own heading and button serve; until then, and where it never loads, the dialog's do.
  if (message.data.type === "ready") dialog.classList.add("bare");
  if (message.data.type === "closed") dialog.close();
  refresh();
});

dialog.addEventListener("close", () => {
  dialog.classList.remove("bare");
  find("#frame").replaceChildren();
  dispatchEvent(new CustomEvent("crm:window"));
  refresh();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest(".verify[data-verify]");
  if (button) open(button);
  event.target.closest("[data-close]")?.closest("dialog").close();
});
