// The status of every button: one request for all of them every two seconds, and at once when something was pushed.
import { all, call, find, lang, page } from "./crm-page.js";
import { placeAgain } from "./crm-tip.js";

const ICONS = {
  not_verified: "shield", code_sent: "keypad", verified: "verified", locked: "lock",
  reported: "warning", refused: "dash", unknown: "warning",
};
const off = new Map(); // by company and screen: where the service said that verification is switched off

export const switchOff = (key, why) => off.set(key, { state: "refused", tone: "neutral", label: page.off, tooltip: why });
export const switchOn = (key) => off.delete(key);

function paint(button, row) {
  const picture = row.lapsed ? "clock" : ICONS[row.state] ?? "shield";
  button.classList.remove("tone-neutral", "tone-pending", "tone-success", "tone-danger");
  button.classList.add(`tone-${row.tone}`);
  button.dataset.state = row.state;
  button.querySelector("[data-label]").textContent = row.label;
  button.querySelector("use").setAttribute("href", `#i-${picture}`);
  button.querySelector("svg").classList.remove("spin");
  document.getElementById(button.getAttribute("aria-describedby")).textContent = row.tooltip;
  block(button, row);
  placeAgain(button);
}

/** Where nothing can be verified the button stays, says so, and the reason stands beside it. */
function block(button, row) {
  const refused = row.state === "refused";
  button.setAttribute("aria-disabled", String(refused));
  const why = button.parentElement.querySelector("[data-why]");
  if (!why) return;
  why.hidden = !refused;
  why.textContent = refused ? row.tooltip : "";
}

function paintItem(item, row) {
  block(item, row);
  item.dataset.state = row.state;
}

function protect(rows) {
  for (const button of all("[data-bank]")) {
    const { state } = rows[button.dataset.bank] ?? {};
    button.disabled = state !== "verified";
    find(`#bank-${CSS.escape(button.dataset.bank)}`).textContent =
      state === "verified" ? page.bankOpen : state === "refused" ? page.bankRefused : page.bankLocked;
  }
}

export async function refresh() {
  const { ok, data } = await call(`/status?lang=${lang}`);
  if (!ok) return;
  for (const button of all("[data-verify]")) {
    const { client, tenant, surface } = button.dataset;
    const row = off.get(`${tenant} ${surface}`) ?? data.rows[client];
    if (row) (button.matches(".verify") ? paint : paintItem)(button, row);
  }
  protect(data.rows);
}

export async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, 2000);
}
