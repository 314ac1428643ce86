// Owns one verification as an agent sees it, from where it began: which step is on screen, and every call that moves it to
// another. The service decides; after each answer that matters the facts are read again and the step follows from them.

import { plainCode } from "./digits.js";
import { ENDED, ending } from "./end.js";
import { el, icon } from "./parts.js";
import { dress } from "./step-parts.js";
import { moreOf } from "./step-text.js";
import { stepsOf } from "./step-view.js";
import { steps } from "./steps.js";

/**
 * Goes on with a verification that began: `start` is what the service then said and when, or the problem, what has been
 * drawn, and whether the window was closed since. Besides what the beginning was given it shares its calls and its list.
 * Gives `{ renew, shut, end }`, and what may have been pressed: `{ send, pin }`.
 */
export function caseOf({ frame, words: first, about, host, inline, api, view, list, facts, start }) {
  const words = moreOf(first);
  const { t, near } = words;
  const { banner } = frame;
  const { pick, choose } = list;
  const screens = stepsOf(words, frame.view, view);
  const life = new AbortController();               // ends with the window

  let data = start.data;                            // what the service last said
  let challenge = null;                             // the code on screen
  let step = start.drawn ? "choose" : "loading";
  let drawn = start.drawn;                          // the step's own functions: focus, fail, busy
  let busy = false;
  let stopped = false;                              // signed out: no call until there is a new token
  let closed = start.closed;
  let misses = 0;                                   // polls without an answer, in a row
  let due = 0;                                      // when to look again, on the monotonic clock
  let left = 0;                                     // milliseconds the code had at the last tick
  let seen = {};                                    // message id -> when its state was seen to change
  let lockEnds = null;                              // when a lock on screen is over
  let undelivered = "";                             // what the agent was told when every message failed
  const waits = {};                                 // contact -> when a code may be sent there again
  let told = null;                                  // until the page has heard that a code was sent

  // ---- the ear

  const say = (text) => frame.say.replaceChildren(el("p", { textContent: text }));
  const alarm = (text) => frame.alert.replaceChildren(el("p", { textContent: text }));

  // ---- facts

  const encoded = encodeURIComponent(about.client);
  const other = (one) => one?.agent && one.agent.id !== data.agent.id;
  const contactOf = (id) => data.contacts.find((contact) => contact.id === id);

  async function read() {
    data = await facts();
    tellProblem(null);
  }

  /** What the beginning has brought, for the first time; after that, what the service says now. */
  async function open({ data: known, problem } = {}) {
    await attempt(async () => {
      if (problem) throw problem;
      if (!known) await read();
      const { state, expires_at, challenge: id } = data.here;
      // Locked without a time: the last code is spent, and whoever opens the window comes to where it ended.
      const spent = state === "locked" && !expires_at && id ? await look(id).catch(() => null) : null;
      if (spent?.state !== "locked") return route();
      challenge = spent;
      waits[spent.contact] = Date.parse(spent.resend_at);
      choose(contactOf(spent.contact));
      route("locked");
    });
  }

  /** Where the facts lead. `result` is how the code that was on screen came to its end, if it did. */
  function route(result, until) {
    const { here: status } = data;
    // A code that is locked by itself is spent: a new one helps. Only a lock with a time is a lock.
    const ended = { locked: "spent", already_used: "used" }[result] ?? result;
    const live = data.challenge?.state === "active" ? data.challenge : null;
    if (status.state === "reported" || ended === "reported") return finish("reported");
    // Nothing is checked before that, whether or not a code is out.
    if (until) return finish("locked", until);
    if (live && !other(live)) return enter(live, ended === "superseded" ? [[t("e_superseded")]] : []);
    if (live) return select([inUse(live, ended === "superseded")], false, true);
    if (about.tools === "pin" && data.pin?.enabled && !ended) return tools();
    // Five wrong codes are no success, even where an earlier verification still holds.
    if (status.state === "verified" && ended !== "spent") {
      return finish(challenge && status.challenge === challenge.id && !other(status) ? "ok" : "already", null, Boolean(ended));
    }
    const lock = contactOf((challenge ?? data.challenge)?.contact);
    // A code that alone is locked gives no time: a new one helps at once.
    if (status.state === "locked" && status.expires_at) return finish("locked", status.expires_at);
    if (ended === "spent" && lock?.reason === "locked") return finish("locked", lock.until);
    if (ENDED.includes(ended)) return finish(ended);
    if (status.missing?.length) return complete(status.missing);
    select();
  }

  /** What this surface still asks for, first whatever a code can give. */
  function complete(missing) {
    const asked = list.asked({ missing });
    const none = { not_set: "e_pin_none", locked: "e_pin_locked" }[data.pin.state];
    if (missing.includes("code") || !data.pin.enabled) select(asked);
    else tools([...asked, ...(none ? [[t(none)]] : [])]);
  }

  /** What a proof that was given comes to where the facts cannot be read: the agent must not be left without the answer. */
  function taken(verification, challenge) {
    const missing = (data.here.missing ?? []).filter((method) => method !== verification.method);
    const state = missing.length ? "not_verified" : "verified";
    data.here = { ...data.here, ...verification, state, missing, held: undefined, agent: data.agent, ...(challenge && { challenge }) };
    if (!data.status.surfaces) data.status = data.here;
  }

  function inUse(live, lost) {
    const why = t(lost ? "e_lost" : "e_in_use", { agent: live.agent.name });
    return [`${why} ${t("take_over")}`, lost ? "warn" : "info", "person"];
  }

  /** Shows a step, and goes there. In a page of others a change that nobody asked for takes the focus from nowhere else. */
  function draw(make, unasked) {
    const ours = busy || !inline || frame.top.contains(frame.top.getRootNode().activeElement);
    drawn = make();
    if (ours) drawn.focus(unasked);
  }

  // ---- W1

  /** A link goes in writing: to whom only a call goes, it goes not. Where a code confirms it, that goes by text. */
  const written = (contact) => !contact.reachable || contact.channels.some(({ channel, blocked }) => !blocked && (data.pin.confirm_by_code ? channel === "sms" : channel !== "voice"))
    ? contact : { ...contact, reachable: false, reason: "no_writing" };

  /** Whom the agent is speaking with; with `link`, who is to get the link to set a PIN by. What is typed meanwhile sends nothing where it came `unasked`. */
  function select(notes = [], link = false, unasked = false) {
    step = link ? "link" : "choose";
    if (!data.contacts.length) return finish("nobody");
    const contacts = link ? data.contacts.map(written) : data.contacts;
    const mine = challenge?.state === "active" && !other(challenge) && left > 0;
    let shown;
    const make = () => list.show({ ...data, contacts }, { notes, ...(link && { texts: screens.linkTexts(data) }), backTo: link ? "pin_back" : mine && "back" }, {
      picked: hold, pin, back: () => (link ? tools() : enter(challenge)), send: link ? sendLink : send,
    });
    draw(() => (shown = make()).drawn, unasked);
    hold();
    if (shown.told) alarm(shown.told);
  }

  const pin = () => (data.pin.state === "not_set" ? select([], true) : tools());

  /** Seconds until the chosen contact may be sent a code again; the step's button tells them. */
  const waitFor = () => (step === "link" ? `link ${pick.contact}` : pick.contact);
  const held = () => Math.max(0, Math.ceil(((waits[waitFor()] ?? 0) - api.now()) / 1000));
  const hold = () => drawn?.pause?.(held());

  function send() {
    const wrong = !pick.contact ? "e_choose" : !pick.channels.length ? "e_channel" : null;
    if (wrong) {
      drawn.fail(t(wrong));
      return alarm(t(wrong));
    }
    if (held()) return say(t("e_too_soon", { s: held() }));
    const { contact, channels, locale } = pick;
    return attempt(async () => {
      say(t("sending"));
      const body = { contact, surface: about.surface, channels, ...(locale && { locale }) };
      const made = await api.call("POST", `/api/v1/clients/${encoded}/codes`, body);
      enter({ ...made, contact_name: contactOf(contact)?.name }, hasEarlier(contact) ? [[t("newest_hint"), "info"]] : []);
      say(t("sent", { name: challenge.contact_name }));
      // Who types fast has the code in before the facts are here: only its check waits, so that the page hears things in order.
      told = read().catch(() => {}).then(() => host.post("sent", data.status));
    });
  }

  /** Whether this contact may still have the message of an earlier code before them. */
  function hasEarlier(id) {
    const { name } = contactOf(id) ?? {};
    const lately = ({ action, contact_name, at }) => action === "sent" && contact_name === name && api.now() - Date.parse(at) < 3600e3;
    return challenge?.contact === id || data.recent.some(lately);
  }

  // ---- W8

  /** That a link is out is said to whoever opens the window after it went, too. */
  function linkNote({ link }) {
    if (!link) return [];
    const ttl = words.span(Date.parse(link.expires_at) - api.now());
    return [[t("pin_link_sent", { masked: link.contact.name, ttl }), "info", "sent"]];
  }

  function tools(notes = linkNote(data.pin)) {
    step = "pin";
    draw(() => screens.pin({ data, notes, locale: pick.locale || words.language }, { check: checkPin, code: () => select(), link: () => select([], true) }));
    if (notes.length) alarm(notes.map(([text]) => text).join(" "));
    later();
  }

  function checkPin(typed) {
    const { digits } = data.pin;
    const typedPin = plainCode(typed);
    if (/\D/.test(typedPin) || typedPin.length !== digits) {
      const wrong = t("e_pin_short", { digits, n: typedPin.length });
      drawn.fail(wrong);
      return alarm(wrong);
    }
    return attempt(async () => {
      say(t("checking_code"));
      const { result, tries_left: n, verification } = await api.call("POST", `/api/v1/clients/${encoded}/pin/check`, { pin: typedPin });
      if (result === "incorrect" && n > 0) {
        const text = n === 1 ? t("e_pin_wrong_1") : t("e_pin_wrong", { n });
        drawn.fail(text);
        alarm(text);
        return host.post("failed", data.status);
      }
      await read().catch((problem) => {
        if (!(api.refused(problem))) throw problem;
        if (result === "verified") taken(verification);
        else data.pin = { ...data.pin, state: result === "not_set" ? result : "locked" };
      });
      if (result === "verified" && data.here.missing?.length) return route(result);
      if (result === "verified" && data.here.state === "verified") {
        finish("ok");
        return host.post("verified", data.status);
      }
      host.post("failed", data.status);
      tools(data.pin.state === "locked" ? [[t("e_pin_locked"), "bad", "lock"]] : []);
    });
  }

  function sendLink() {
    if (!pick.contact) {
      drawn.fail(t("e_choose"));
      return alarm(t("e_choose"));
    }
    if (held()) return say(t("e_too_soon", { s: held() }));
    return attempt(async () => {
      say(t("pin_sending"));
      const sent = await api.call("POST", `/api/v1/clients/${encoded}/pin/link`, { contact: pick.contact });
      waits[waitFor()] = Date.parse(sent.resend_at);
      await read().catch(() => {});
      const masked = sent.messages.map(({ to }) => to).join(", ");
      tools([[t("pin_link_sent", { masked, ttl: words.span(Date.parse(sent.expires_at) - api.now()) }), "info", "sent"]]);
    });
  }

  // ---- W2

  function enter(live, notes = []) {
    step = "code";
    if (challenge?.id !== live.id) seen = {};
    challenge = live;
    undelivered = "";
    left = Date.parse(live.expires_at) - api.now();
    const contact = contactOf(live.contact) ?? { name: live.contact_name };
    const channels = [...new Set(live.messages.map(({ channel }) => channel))];
    Object.assign(pick, { contact: live.contact, channels, locale: pick.contact === live.contact ? pick.locale : contact.locale ?? "" });
    // No tenant gives fewer than three: the last two are left of more.
    const few = live.tries_left < 3 && live.tries_left;
    draw(() => screens.code({ data, notes, channels, few, contact: { ...contact, name: live.contact_name ?? contact.name }, locale: pick.locale || words.language }, {
      check, again, cancel,
      other: () => { choose(null); select(); },
    }));
    progress(live, true);
    drawn.clock(left, Date.parse(live.resend_at) - api.now());
    if (notes.length) alarm(notes.map(([text]) => text).join(" "));
    later();
  }

  /** What became of each message; news is told to the ear, what was so from the start is not. */
  function progress(next, first = false) {
    for (const message of next.messages) {
      const before = challenge.messages.find(({ id }) => id === message.id);
      if (first || (before?.state === message.state && before?.detail === message.detail)) continue;
      seen[message.id] = api.now();
      // Of a call the agent, who is on the line meanwhile, hears each step.
      if (message.channel === "voice" || message.state === "delivered" || message.state === "failed") {
        say(`${view.channelNames([message.channel])}: ${screens.deliveryWords(message, message.at ?? seen[message.id])}`);
      }
    }
    challenge = { ...challenge, ...next };
    waits[challenge.contact] = Date.parse(challenge.resend_at);
    const failure = drawn.deliver(challenge.messages, seen);
    if (failure && failure !== undelivered) alarm(failure);
    undelivered = failure;
  }

  function check(typed) {
    const digits = challenge?.digits ?? data.tenant.digits;
    const code = plainCode(typed);
    const wrong = !code ? t("e_empty") : /\D/.test(code) ? t("e_chars") : code.length !== digits ? t("e_short", { n: code.length }) : null;
    if (wrong) {
      drawn.fail(wrong);
      return alarm(wrong);
    }
    return attempt(async () => {
      say(t("checking_code"));
      await told;
      const answer = await api.call("POST", `/api/v1/challenges/${challenge.id}/check`, { code });
      if (answer.result === "incorrect" && answer.tries_left > 0) {
        const n = challenge.tries_left = answer.tries_left;
        const text = n === 1 ? t("e_wrong_1") : t("e_wrong", { n });
        drawn.fail(text, true);
        alarm(text);
        return host.post("failed", data.status);
      }
      await over(answer.result === "incorrect" ? "locked" : answer.result, answer.locked_until, answer.verification);
    });
  }

  /** A code has come to its end: the facts are read again, and what they say comes before what we were told. */
  async function over(ended, until, verification) {
    const was = data.here.state;
    if (challenge) challenge.state = ended;
    try {
      await read();
    } catch (problem) {
      if (ended !== "verified" || !verification) throw problem;
      taken(verification, challenge.id);
      data.challenge = null;
    }
    route(ended, until);
    const type = step === "reported" ? "reported" : step === "ok" || (step === "already" && was !== "verified") ? "verified"
      : step === "locked" || step === "spent" ? "locked" : null;
    if (type) host.post(type, data.status);
  }

  function again(channel) {
    const pause = Math.ceil((Date.parse(challenge.resend_at) - api.now()) / 1000);
    if (pause > 0) return say(t("again_in", { s: pause }));
    return attempt(async () => {
      const next = await api.call("POST", `/api/v1/challenges/${challenge.id}/resend`, channel ? { channel } : {});
      // The agent may have turned to the list of contacts meanwhile.
      if (step === "code") {
        progress(next);
        if (channel) drawn.calling();
        else drawn.resent();
      } else {
        challenge = { ...challenge, ...next };
        waits[challenge.contact] = Date.parse(challenge.resend_at);
      }
      say(t("resent"));
      host.post("sent", data.status);
    });
  }

  function cancel() {
    return attempt(async () => {
      await api.call("POST", `/api/v1/challenges/${challenge.id}/cancel`, {});
      await over("cancelled");
    });
  }

  // ---- how it ended

  function finish(kind, detail, unasked = true) {
    step = kind;
    lockEnds = kind === "locked" ? detail ?? contactOf(challenge?.contact)?.until ?? data.here.expires_at : null;
    const end = ending(kind, {
      words, view: screens, data, challenge, reason: detail, lockTime: lockEnds && near(lockEnds, api.now()), now: api.now(),
      close: shut, reopen, retry: () => open(),
      send: () => (pick.contact ? send() : select()),
      startOver: () => { challenge = null; select(); },
      another: () => { choose(null); challenge = null; select(); },
    });
    draw(() => screens.result({ locale: pick.locale || words.language, ...end }), unasked && kind !== "ok" && kind !== "closed");
    hold();
    const told = [end.head, ...end.lines, ...(end.steps ?? [])].filter(Boolean).map((text) => text.replace(/\.?$/, ".")).join(" ");
    if (end.tone === "good") say(told);
    else if (kind !== "closed") alarm(told);
    later();
  }

  function shut() {
    if (step === "closed") return;
    host.post("closed", data?.status);
    closed = true;
    if (inline && !busy) finish("closed");
  }

  function reopen() {
    closed = false;
    return open();
  }

  // ---- what goes wrong

  async function attempt(work) {
    if (busy) return;
    busy = true;
    if (banner.dataset.kind === "limit") tellProblem(null);
    drawn?.busy?.(true);
    const before = drawn;
    try {
      await work();
    } catch (problem) {
      if (!(api.refused(problem))) throw problem;
      await trouble(problem).catch((next) => api.refused(next) && tellProblem(next));
    } finally {
      busy = false;
      if (drawn === before) drawn?.busy?.(false);
      // Closed while an answer was on its way: what it brought will be there at the next opening.
      if (closed && inline && step !== "closed") finish("closed");
    }
  }

  const refusals = { tenant_not_eligible: "reason_tenant", surface_disabled: "reason_surface", client_not_found: "reason_client" };

  async function trouble(problem) {
    const { code, wait, body } = problem;
    if (refusals[code]) return finish("not_eligible", t(refusals[code]));
    if (code === "client_not_in_token") return finish("permission");
    if (code === "reported") return over("reported");
    if (code === "locked") return over("locked", body.locked_until ?? (wait && new Date(api.now() + wait * 1000).toISOString()));
    if (code === "challenge_over" || (code === "not_found" && step === "code")) return over((await look()).state);
    if (code?.startsWith("contact_")) return afresh([[t("e_contact_gone")]]);
    if (code === "too_soon" && step !== "code") {
      waits[waitFor()] = api.now() + (wait ?? 30) * 1000;
      return afresh([[t("e_too_soon", { s: held() })]], true);
    }
    if (problem.status === 429) {
      const text = code === "too_many_sends" ? t("e_sends", { time: near(api.now() + wait * 1000, api.now()) })
        : t(code === "too_soon" ? "e_too_soon" : "e_agent_rate", { s: wait });
      return tellProblem(problem, text);
    }
    tellProblem(problem);
  }

  /** The list or the live code is not what we thought: read, and say why the screen changed. What the button counts is no note. */
  async function afresh(notes, counted) {
    const link = step === "link";
    await read();
    const live = data.challenge?.state === "active" ? data.challenge : null;
    if (live && !other(live) && !link) return enter(live, notes);
    select([...(counted ? [] : notes), ...(live && other(live) ? [inUse(live)] : [])], link);
    if (counted) alarm(notes[0][0]);
  }

  /** A trouble that leaves the step as it is, so that nothing typed is lost; with no step yet, it is the step. */
  function tellProblem(problem, text) {
    const kind = !problem ? "" : text ? "limit" : problem.status === 401 ? "signed_out" : navigator.onLine ? "server" : "offline";
    // A limit is the answer to a click and stays until the next one; the others pass when the service answers again.
    if (!kind && banner.dataset.kind === "limit" && !busy) return;
    if (kind === "signed_out") {
      stopped = true;
      // The one word the host knows for "listening": it may answer with a new token.
      if (banner.dataset.kind !== kind) host.post("ready", data?.status);
    }
    const news = text || banner.dataset.kind !== kind;
    banner.dataset.kind = kind;
    if (kind && !data) return finish(kind);
    banner.hidden = !kind;
    if (!kind || !news) return;
    banner.replaceChildren(icon("warn"), el("span", { textContent: text ?? t(troubleKey(kind)) }));
    alarm(banner.textContent);
  }

  /** Only where a code is out can it be "still valid". */
  const troubleKey = (kind) => challenge?.state === "active" ? `e_${kind}` : `e_${kind}_idle`;

  async function renew(token) {
    api.renew(token);
    stopped = closed = false;
    // The call that was refused ends first; what it was for is asked again, or what was typed stays.
    while (busy) await new Promise((done) => { setTimeout(done, 50); });
    // What has been typed stays.
    return data && ["code", "pin", "choose", "link"].includes(step) ? poll().finally(later) : open();
  }

  // ---- time

  const look = (id = challenge.id) => api.call("GET", `/api/v1/challenges/${id}`);

  // What stays true only for a while is looked at again; a step that waits for the agent is not.
  const pace = { code: 2, pin: 3, choose: 5, ok: 15, already: 15, locked: 15, reported: 15 };

  function later() {
    // While a message is on its way, what became of it is what everybody waits for.
    const soon = step === "code" && challenge.messages.some(({ state }) => state === "queued" || state === "sent") ? 1 : pace[step];
    due = performance.now() + Math.min(15, soon * 2 ** misses) * 1000;
  }

  async function progressOrEnd(next) {
    tellProblem(null);
    if (next.id !== challenge.id || step !== "code") return;
    if (next.state === "active") return progress(next);
    await over(next.state);
  }

  /** What, if it changes, takes the window to another step. */
  const standing = () => [data.here.state, data.here.verified_at, data.here.missing, other(data.challenge) && data.challenge.id].join(" ");

  /** Looks at what may have changed without us: a code while it is live, the client while its state is on screen. */
  async function poll() {
    const showing = step;
    try {
      if (step === "code") {
        const id = challenge.id;
        const next = await look();
        if (busy || step !== "code" || challenge.id !== id) return;
        await progressOrEnd(next);
      } else {
        const before = standing(), had = data.pin?.state;
        await read();
        if (busy || step !== showing) return;
        if (standing() !== before) route();
        // The client has set the PIN meanwhile, or another agent has used it up.
        else if (step === "pin" && data.pin.state !== had) tools(data.pin.state === "set" ? [[t("pin_ready"), "info", "ok"]] : []);
      }
      misses = 0;
    } catch (problem) {
      if (!(api.refused(problem))) throw problem;
      misses += 1;
      tellProblem(problem);
    }
  }

  const moments = [[300e3, "a_left_5"], [120e3, "a_left_2"], [30e3, "a_left_30"]];

  function tick() {
    if (step === "code") {
      const before = left;
      left = Date.parse(challenge.expires_at) - api.now();
      drawn.clock(left, Date.parse(challenge.resend_at) - api.now());
      const passed = moments.filter(([at]) => before > at && left <= at).at(-1);
      if (left <= 0 && !busy) return runOut();
      if (passed) say(t(passed[1]));
    }
    if (!busy) hold();
    const ends = step === "ok" || step === "already" ? data.here.expires_at : step === "locked" && lockEnds;
    if (ends && !busy && api.now() >= Date.parse(ends)) {
      // No answer is needed to know that the time is up; the window must not say "verified" a second longer.
      (data.status.surfaces?.[about.surface] ?? data.status).state = "not_verified";
      data.here = { ...data.here, state: "not_verified" };
      route();
    }
    if (stopped || closed || busy || !data || !pace[step] || document.hidden || performance.now() < due) return;
    due = Infinity;
    poll().finally(later);
  }

  /** The code's time is over by the server's clock, whether or not the server can be asked. */
  function runOut() {
    return attempt(async () => {
      challenge.state = "expired";
      await read().catch(() => {});
      if (data.challenge?.id === challenge.id) data.challenge.state = "expired";
      route("expired");
    });
  }

  // ---- start and end

  dress(frame, steps);
  const { signal } = life;
  document.addEventListener("visibilitychange", () => { due = 0; tick(); }, { signal });
  addEventListener("online", () => { due = misses = 0; if (step === "offline") open(); }, { signal });
  const ticking = setInterval(tick, 1000);
  // What has just been read is looked at again no sooner than a list is anyway, however late this came.
  if (drawn) due = start.read + pace.choose * 1000;
  if (closed && inline) finish("closed");
  else if (drawn) tellProblem(null);
  else open(start);

  function end() {
    clearInterval(ticking);
    life.abort();
  }

  return { renew, shut, end, send, pin };
}
