// Owns a session or a signing as an agent sees it: how far each of its people is, and what can be done for them.
// The service decides; what was clicked is asked for, and then everybody is read again.

import { desk } from "./desk.js";
import { card } from "./guest.js";
import { el, icon } from "./parts.js";
import { dress } from "./step-parts.js";
import { moreOf } from "./step-text.js";
import { stepsOf } from "./step-view.js";
import { steps } from "./steps.js";
import { applyAccent } from "./theme.js";

const PACE = 2;                                   // seconds between two looks
const SLOWEST = 15;

/**
 * Shows a session (`about.session`) or a signing (`about.signing`) in a frame. `seat` is `{ base, tenant }`; `host` hears
 * `ready`, `verified`, `locked` and `closed` by `post(type)`; `ready` said again asks for a new token. Gives `{ renew, shut, end }`.
 */
export function openGuests({ frame, words, about, seat, host, inline, api, view: common }) {
  const { t, near, setTenant } = words;
  const { banner } = frame;
  const view = { ...common, ...stepsOf(moreOf(words), frame.view, common) };
  const life = new AbortController();
  const kind = about.session ? "session" : "signing";
  const path = `/api/v1/${kind}s/${encodeURIComponent(about[kind])}`;

  let data = null;                                // what the service last said
  let cards = new Map();                          // person -> what shows them
  let shape = null;                               // the parts of the page around them
  let busy = false;
  let stopped = false;                            // signed out: no call until there is a new token
  let closed = false;
  let misses = 0;
  let due = 0;

  const say = (text) => frame.say.replaceChildren(el("p", { textContent: text }));
  const alarm = (text) => frame.alert.replaceChildren(el("p", { textContent: text }));

  // ---- facts

  async function read() {
    const answer = await api.call("GET", `/window/${seat.tenant}/${kind}s/${encodeURIComponent(about[kind])}`);
    setTenant(answer.tenant);
    applyAccent(frame.top, answer.tenant.accent);
    tellProblem(null);
    take(answer);
  }

  const people = () => (kind === "session" ? data.session.participants : [{ ...data.signing.signer, ...data.signing, name: data.signing.signer.name }]);
  const pathOf = (person) => (kind === "session" ? `${path}/participants/${encodeURIComponent(person.id)}` : path);
  const running = () => kind === "signing" || data.session.state === "running";

  function take(answer) {
    const before = data && new Map(people().map((person) => [person.id, person.state]));
    data = answer;
    if (!shape) build();
    for (const person of people()) {
      if (!cards.has(person.id)) {
        cards.set(person.id, card({ words, view, kind, person, may: data.may, call: (what) => act(person, what), now: () => api.now() }));
        shape.list.append(cards.get(person.id).root);
      }
      cards.get(person.id).show(person, running(), data.session?.invite_by);
      if (!before || before.get(person.id) === person.state) continue;
      say(`${person.name}: ${t(`desk.is_${person.state}`)}.`);
      if (person.state === "verified" || person.state === "locked") host.post(person.state);
    }
    for (const [id, { root }] of cards) {
      if (people().some((person) => person.id === id)) continue;
      root.remove();
      cards.delete(id);
    }
    shape.over.hidden = running();
    shape.end.hidden = kind === "signing" || !running();
  }

  // ---- the page

  function build() {
    const { name } = kind === "session" ? { name: data.session.id } : data.signing.signer;
    const starts = kind === "session" && data.session.starts_at;
    frame.title.textContent = t(`desk.${kind}`, { name });
    frame.about.textContent = view.dotted(
      data.tenant.short_name, kind === "signing" && data.signing.document.name, starts && near(starts, api.now()));
    const over = el("p", { className: "note calm" }, icon("clock"), t("desk.over"));
    const list = el("div", { className: "guests" });
    const end = el("div", { className: "actions end" });
    shape = { list, over, end };
    askFirst(end, ["desk.end", "desk.end_sure", "desk.end_yes"], () => attempt(async () => {
      await api.call("DELETE", path);
      await read();
      say(t("desk.over"));
    }));
    frame.view.replaceChildren(over, list, end);
    frame.title.focus();
  }

  /** A button whose click asks before it does what cannot be taken back. */
  function askFirst(place, [label, question, yes], then) {
    const first = el("button", { type: "button", textContent: t(label) });
    const no = el("button", { type: "button", textContent: t("desk.no") });
    const sure = el("button", { type: "button", textContent: t(yes), className: "primary" });
    const asked = el("p", { textContent: t(question) });
    first.onclick = () => { place.replaceChildren(asked, no, sure); alarm(t(question)); no.focus(); };
    no.onclick = () => { place.replaceChildren(first); first.focus(); };
    sure.onclick = () => { place.replaceChildren(first); then(); };
    place.replaceChildren(first);
  }

  // ---- what can be done

  /** One thing for one person: its answer, or `null` where it was refused. Afterwards everybody is as the service says. */
  function act(person, { method = "POST", to = "", body, done }) {
    return attempt(async () => {
      const answer = await api.call(method, pathOf(person) + to, body ?? (method === "POST" ? {} : undefined));
      await read().catch((problem) => { if (!api.refused(problem)) throw problem; });
      if (done) say(t(done, { name: person.name }));
      return answer;
    }, cards.get(person.id));
  }

  async function attempt(work, one) {
    if (busy) return null;
    busy = true;
    if (banner.dataset.kind === "limit") tellProblem(null);
    try {
      return await work();
    } catch (problem) {
      if (!api.refused(problem)) throw problem;
      trouble(problem, one);
      return null;
    } finally {
      busy = false;
      due = 0;
    }
  }

  // ---- what goes wrong

  function trouble(problem, one) {
    const { code, wait, status } = problem;
    const time = near(api.now() + (wait ?? 30) * 1000, api.now());
    const text = {
      too_soon: () => t("e_too_soon", { s: wait ?? 30 }), too_many_sends: () => t("desk.e_sends", { time }),
      locked: () => t("desk.e_locked", { time }), contact_invalid: () => t("desk.e_detail"), invalid_request: () => t("desk.e_detail"),
      contact_unreachable: () => t("desk.e_unreachable"), challenge_over: () => t("desk.e_gone"),
    }[code];
    if (text && one) {
      one.fail(text());
      return alarm(text());
    }
    return tellProblem(problem, status === 404 && data ? t("desk.e_gone") : text?.());
  }

  function tellProblem(problem, text) {
    const now = !problem ? "" : text ? "limit" : { 401: "signed_out", 403: "refused", 404: "refused" }[problem.status] ?? (navigator.onLine ? "server" : "offline");
    if (!now && banner.dataset.kind === "limit" && !busy) return;
    if (now === "signed_out") {
      stopped = true;
      if (banner.dataset.kind !== now) host.post("ready");
    }
    const news = text || banner.dataset.kind !== now;
    banner.dataset.kind = now;
    banner.hidden = !now;
    if (!now || !news) return;
    if (now === "refused") stopped = true;
    const told = text ?? t(now === "refused" ? "desk.e_refused" : `e_${now}_idle`);
    banner.replaceChildren(icon("warn"), el("span", { textContent: told }));
    alarm(told);
    if (!data) view.clear();
  }

  // ---- time

  async function poll() {
    try {
      await read();
      misses = 0;
    } catch (problem) {
      if (!api.refused(problem)) throw problem;
      misses += 1;
      tellProblem(problem);
    }
  }

  function tick() {
    for (const one of cards.values()) one.tick();
    if (stopped || closed || busy || document.hidden || performance.now() < due) return;
    due = Infinity;
    poll().finally(() => { due = performance.now() + Math.min(SLOWEST, PACE * 2 ** misses) * 1000; });
  }

  // ---- start and end

  function shut() {
    if (closed) return;
    closed = true;
    host.post("closed");
    if (!inline) return;
    const open = el("button", { type: "button", textContent: t("reopen"), className: "primary" });
    open.onclick = () => { closed = false; frame.view.replaceChildren(shape?.over ?? "", shape?.list ?? "", shape?.end ?? ""); due = 0; tick(); frame.title.focus(); };
    frame.view.replaceChildren(el("p", { textContent: t("desk.closed") }), open);
    open.focus();
  }

  function renew(token) {
    api.renew(token);
    stopped = closed = false;
    due = 0;
    tick();
  }

  frame.close.onclick = shut;
  const { signal } = life;
  document.addEventListener("visibilitychange", () => { due = 0; tick(); }, { signal });
  addEventListener("online", () => { due = misses = 0; tick(); }, { signal });
  const ticking = setInterval(tick, 1000);
  dress(frame, steps, desk);
  view.clear("loading");
  host.post("ready");
  tick();

  function end() {
    clearInterval(ticking);
    life.abort();
  }

  return { renew, shut, end };
}
