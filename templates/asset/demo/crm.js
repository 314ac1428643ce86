// The CRM's pages: every button's status, the window in a dialog, and the protected change.
const page = document.body.dataset;
const lang = document.documentElement.lang;
const find = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const say = (text) => { find("#said").textContent = text; };

async function call(path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  try {
    const answer = await fetch(path, options);
    return { ok: answer.ok, data: await answer.json() };
  } catch {
    return { ok: false, data: { title: page.offline } };
  }
}

// --- the status of every button -------------------------------------------------------------------------------

const ICONS = {
  not_verified: "shield", code_sent: "keypad", verified: "verified", locked: "lock",
  reported: "warning", refused: "dash", unknown: "warning",
};
const off = new Map(); // by company and screen: where the service said that verification is switched off

function paint(button, row) {
  const tip = document.getElementById(button.getAttribute("aria-describedby"));
  const icon = row.lapsed ? "clock" : ICONS[row.state] ?? "shield";
  button.classList.remove("tone-neutral", "tone-pending", "tone-success", "tone-danger");
  button.classList.add(`tone-${row.tone}`);
  button.dataset.state = row.state;
  button.querySelector("[data-label]").textContent = row.label;
  button.querySelector("use").setAttribute("href", `#i-${icon}`);
  button.querySelector("svg").classList.remove("spin");
  tip.textContent = row.tooltip;
  if (shown === button) place(button, tip.textContent);
}

function protect(rows) {
  for (const button of all("[data-bank]")) {
    const verified = rows[button.dataset.bank]?.state === "verified";
    button.disabled = !verified;
    find(`#bank-${CSS.escape(button.dataset.bank)}`).textContent = verified ? page.bankOpen : page.bankLocked;
  }
}

async function refresh() {
  const { ok, data } = await call(`/status?lang=${lang}`);
  if (!ok) return;
  for (const button of all(".verify")) {
    const { client, tenant, surface } = button.dataset;
    const row = off.get(`${tenant} ${surface}`) ?? data.rows[client];
    if (row) paint(button, row);
  }
  protect(data.rows);
  await received(data.pushes);
}

async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, 2000);
}

// --- what the CRM was told -------------------------------------------------------------------------------------

let pushes = -1;

async function received(count) {
  if (count === pushes) return;
  pushes = count;
  const tab = all(".tabs a").at(-1);
  tab.querySelector(".count")?.remove();
  if (count) tab.append(Object.assign(document.createElement("span"), { className: "count", textContent: count }));
  if (!find("#pushes") || String(count) === page.pushes) return;
  page.pushes = count;
  const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  find("#pushes").replaceChildren(...fresh.querySelector("#pushes").childNodes);
  tell();
}

// A push shows within half a second; everything else waits for the next poll.
async function listen() {
  const { ok, data } = document.hidden ? {} : await call("/changes");
  if (ok && data.pushes !== pushes) await refresh();
  setTimeout(listen, 500);
}

// Times are the reader's own.
function tell() {
  const format = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "medium" });
  for (const time of all("time")) time.textContent = format.format(new Date(time.dateTime));
}

// --- the window ------------------------------------------------------------------------------------------------

const dialog = find("#window");

function refuse(key, { code, title, detail, status }) {
  const lines = [Object.assign(document.createElement("strong"), { textContent: title })];
  if (code) {
    const said = [page.answered, detail, `(${code}, ${status})`].filter(Boolean).join(" ");
    lines.push(Object.assign(document.createElement("p"), { className: "meta", textContent: said }));
  }
  find("#refusal").replaceChildren(...lines);
  find("#refusal").hidden = false;
  if (code === "surface_disabled") off.set(key, { state: "refused", tone: "neutral", label: page.off, tooltip: title });
}

async function open({ client, tenant, surface, event }) {
  find("#frame").replaceChildren();
  find("#refusal").hidden = true;
  find("#opening").hidden = false;
  dialog.showModal();
  const { ok, data } = await call("/verify", { client, surface, event, agent: page.agent, lang });
  find("#opening").hidden = true;
  const key = `${tenant} ${surface}`;
  if (!ok) {
    refuse(key, data);
  } else if (dialog.open) {
    off.delete(key);
    const frame = document.createElement("iframe");
    frame.title = find("#frame").dataset.title;
    frame.src = data.window_url;
    frame.addEventListener("load", () => frame.focus());
    find("#frame").replaceChildren(frame);
  }
  refresh();
}

addEventListener("message", (message) => {
  const frame = find("#frame iframe");
  const ours = message.origin === page.service && message.source === frame?.contentWindow;
  if (!ours || message.data?.source !== "countersign") return;
  // From here on the window's own heading and button serve; until then, and where it never loads, the dialog's do.
  if (message.data.type === "ready") dialog.classList.add("bare");
  if (message.data.type === "closed") dialog.close();
  refresh();
});

dialog.addEventListener("close", () => {
  dialog.classList.remove("bare");
  find("#frame").replaceChildren();
  refresh();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-verify]");
  if (button) {
    button.closest("[popover]")?.hidePopover();
    open(button.dataset);
  }
  event.target.closest("[data-close]")?.closest("dialog").close();
});

// --- tooltips and menus: beside their button, whatever scrolls around it ---------------------------------------

const tip = find("#tip");
let shown = null;
let leaving = 0;

function place(button, text) {
  clearTimeout(leaving);
  shown = button;
  tip.textContent = text;
  tip.hidden = !text;
  const at = button.getBoundingClientRect();
  const above = at.top > tip.offsetHeight + 12;
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${above ? at.top - tip.offsetHeight - 6 : at.bottom + 6}px`;
}

function hide() {
  tip.hidden = true;
  shown = null;
}

function hover(event) {
  const button = event.target.closest?.(".verify");
  if (button) place(button, document.getElementById(button.getAttribute("aria-describedby")).textContent);
  else if (event.target === tip) clearTimeout(leaving);
  else if (shown && shown !== document.activeElement) leaving = setTimeout(hide, 150);
}

addEventListener("pointerover", hover);
addEventListener("focusin", (event) => { if (event.target.matches?.(":focus-visible")) hover(event); });
addEventListener("focusout", hide);
addEventListener("scroll", hide, true);
addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });

for (const menu of all(".menu")) {
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    const at = find(`[popovertarget="${CSS.escape(menu.id)}"]`).getBoundingClientRect();
    menu.style.left = `${Math.max(8, at.right - menu.offsetWidth)}px`;
    menu.style.top = `${Math.min(at.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
  });
}

// --- the protected change --------------------------------------------------------------------------------------

const bank = find("#bank");
let changing = null;

for (const button of all("[data-bank]")) {
  button.addEventListener("click", () => {
    changing = button.dataset.bank;
    find("#bank-client").textContent = button.dataset.name;
    find("#bank-account").value = find("#bank-error").textContent = "";
    bank.showModal();
  });
}

bank?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const account = find("#bank-account").value;
  const { ok, data } = await call("/bank", { client: changing, account, lang });
  if (!ok) {
    find("#bank-error").textContent = data.title;
    find("#bank-account").focus();
    return;
  }
  find(`[data-account="${CSS.escape(changing)}"]`).textContent = data.account;
  bank.close();
  say(page.bankDone);
});

tell();
poll();
listen();
