// Owns one participant or signer on the agent's screen: how far they are, their messages, and what can be done for them.
// Its parts stay while it is shown: a look at the service changes texts, and takes neither focus nor what is being typed.

import { el, icon } from "./parts.js";

const LOOKS = {
  open: ["wait", ""], invited: ["sent", ""], arrived: ["person", "info"], code_sent: ["wait", "info"], verified: ["ok", "good"],
  locked: ["lock", "bad"], left: ["clock", ""],
};
const DETAILS = { session: ["mobile", "email"], signing: ["mobile", "phone"] };
const TYPES = { mobile: "tel", phone: "tel", email: "email" };

/** `call({ method, to, body, done })` asks the service and gives its answer, or `null` where it refused; `now` is its time. */
export function card({ words, view, kind, person, may, call, now: clock }) {
  const { t, timeOf, near } = words;
  const id = `g${Math.random().toString(36).slice(2)}`;
  const button = (key, act, more = {}) => el("button", { type: "button", textContent: t(key), onclick: act, ...more });
  const where = el("p", { className: "where" });
  const state = el("p", { className: "mark" });
  const messages = el("ul", { className: "delivery" });
  const error = el("p", { className: "error", id: `${id}e` });
  const code = el("div", { className: "note info told", hidden: true });
  const form = el("form", { hidden: true, noValidate: true });
  const sure = el("div", { className: "note warn", hidden: true });
  const actions = el("div", { className: "actions" });
  const name = el("h2", { textContent: person.name, id, tabIndex: -1 });
  const root = el("div", { className: "guest" }, name, where, state, messages, error, code, form, sure, actions);
  root.setAttribute("role", "group");
  root.setAttribute("aria-labelledby", id);

  let now = person;
  let seen = person.verified_at;
  let ends = null;                                // when the code on screen is over

  // ---- a code that is told

  function tell({ secret, expires_at }, key) {
    ends = Date.parse(expires_at);
    const digits = el("strong", { className: "code", textContent: secret });
    const hide = button("desk.hide", () => { veil(); reveal.focus(); });
    code.replaceChildren(icon("info"), el("div", {}, digits, el("p", { textContent: t(key, { name: now.name, time: near(expires_at, clock()) }) }), el("div", { className: "actions" }, hide)));
    code.hidden = false;
    hide.focus();
  }

  function veil() {
    ends = null;
    code.hidden = true;
    code.replaceChildren();
  }

  const reveal = kind === "session"
    ? button("desk.reveal", async () => {
      const shown = await call({ to: "/reveal" });
      if (shown) tell({ secret: shown.code.replace(/^(...)(?=...$)|^(....)(?=....$)/, "$& "), expires_at: shown.expires_at }, "desk.reveal_hint");
    })
    : button("desk.access", async () => {
      const made = await call({ to: "/access-code" });
      if (made) tell({ secret: made.access_code, expires_at: made.expires_at }, "desk.access_hint");
    });

  // ---- other details

  const fields = DETAILS[kind].map((detail) => {
    const input = el("input", { type: TYPES[detail], id: id + detail, autocomplete: "off", name: detail });
    const label = el("label", { className: "above", textContent: t(`desk.${detail}`), htmlFor: id + detail });
    input.setAttribute("aria-describedby", `${id}h ${id}e`);
    return { detail, input, row: el("p", {}, label, input) };
  });

  function correct(open) {
    form.hidden = !open;
    actions.hidden = open;
    if (!open) return change.focus();
    for (const { detail, input } of fields) {
      input.value = "";
      input.placeholder = now[detail] ?? "";
    }
    fields[0].input.focus();
  }

  form.append(...fields.map(({ row }) => row), el("p", { className: "hint", id: `${id}h`, textContent: t(`desk.correct_hint_${kind}`) }),
    el("div", { className: "actions" }, button("desk.no", () => { error.replaceChildren(); correct(false); }),
      el("button", { className: "primary", textContent: t(`desk.save_${kind}`) })));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const typed = fields.filter(({ input }) => input.value.trim());
    if (!typed.length) return fail(t("desk.e_empty"), fields[0].input);
    error.replaceChildren();
    const body = Object.fromEntries(typed.map(({ detail, input }) => [detail, input.value.trim()]));
    if (await call({ method: "PATCH", body, done: `desk.saved_${kind}` })) correct(false);
  };

  // ---- what cannot be taken back

  const no = button("desk.no", () => { sure.hidden = true; actions.hidden = false; remove.focus(); });
  sure.append(icon("warn"), el("div", {}, el("p", { textContent: t("desk.remove_sure", { name: person.name }) }),
    el("div", { className: "actions" }, no, button("desk.remove_yes", () => { no.onclick(); call({ method: "DELETE", done: "desk.removed" }); }, { className: "primary" }))));

  const again = button("desk.again", () => { error.replaceChildren(); call({ to: "/resend", done: "desk.sent_again" }); });
  const change = button(`desk.correct_${kind}`, () => correct(true));
  const remove = button("desk.remove", () => { sure.hidden = false; actions.hidden = true; no.focus(); });
  if (kind === "session") actions.append(again, reveal, change, remove);
  else actions.append(reveal, change);

  // ---- what is shown

  function fail(text, input) {
    error.replaceChildren(icon("warn"), text);
    const at = input ?? (form.hidden ? null : fields.find((one) => one.input.value)?.input);
    at?.focus();
  }

  /** A message as a line; an invitation and a code never go the same way, so the way tells which of them it is. */
  function line(message, inviteBy) {
    const shown = view.delivery(message, message.at);
    const what = t(message.channel === inviteBy ? "desk.invitation" : "desk.code");
    shown.querySelector(".way").prepend(`${what}: `);
    return shown;
  }

  function show(next, running, inviteBy) {
    now = next;
    const role = next.role?.replaceAll("_", " ");
    where.textContent = view.dotted(role, ...DETAILS[kind].map((detail) => next[detail]));
    const [picture, tone] = LOOKS[next.state] ?? LOOKS.invited;
    const since = { verified: next.verified_at, locked: next.locked_until, left: next.left_at, arrived: next.arrived_at }[next.state];
    const text = t(next.state === "locked" && since ? "desk.is_locked_until" : `desk.is_${next.state}`, { time: since ? timeOf(since) : "" });
    if (state.dataset.told !== text) {
      state.dataset.told = text;
      state.className = `mark ${tone}`;
      state.replaceChildren(icon(picture), since && next.state !== "locked" ? `${text} · ${timeOf(since)}` : text);
    }
    const lines = JSON.stringify(next.messages);
    if (messages.dataset.told !== lines) {
      messages.dataset.told = lines;
      messages.replaceChildren(...(next.messages ?? []).map((message) => line(message, inviteBy)));
    }
    const over = next.state === "verified" || next.state === "left" || next.state === "locked";
    // An access code is made for who was verified before, too: only a new verification ends it.
    if (ends && over && (kind === "session" || next.verified_at !== seen)) veil();
    seen = next.verified_at;
    reveal.hidden = !running || (kind === "session" ? !may.reveal || !next.arrived_at || over : !may.access_code);
    again.hidden = !running || next.state === "verified" || next.state === "left";
    change.hidden = remove.hidden = !running || next.state === "left";
    tick();
  }

  /** What is over by its time is not shown a second longer. */
  function tick() { if (ends && clock() >= ends) veil(); }

  return { root, show, fail, tick };
}
