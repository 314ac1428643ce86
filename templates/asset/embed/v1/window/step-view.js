// Owns what is drawn of the steps after the first: one function a step, each given the facts and the handlers, none of them
// making a call. Texts from anywhere go in as text, never as markup.

import { plainCode } from "./digits.js";
import { el, icon, note } from "./parts.js";
import { step } from "./step-parts.js";

/** What is drawn of one window: `words` in its language, `place` where its steps go, `view` what they have in common with the first. */
export function stepsOf(words, place, { prompts, working, waiting, channelName, channelNames, dotted }) {
  const { known, t, timeOf, dateOf, momentOf } = words;

  // ---- the security PIN

  /** What the list says where a link to set a PIN by is to be sent. */
  function linkTexts({ pin }) {
    const send = pin.state === "not_set" ? "send_pin_link" : "pin_reset_link";
    // Before it goes: to whom and where, and what it puts an end to.
    const sure = ({ name, channels }) => {
      const written = channels.filter(({ channel, blocked }) => channel !== "voice" && !blocked).map((one) => one.to);
      const to = new Intl.ListFormat(words.language).format(new Set(written));
      const ends = [pin.state === "set" && "link_old", pin.link && "link_void"].filter(Boolean);
      return [t("link_sure", { name, to }), ...ends.map((key) => t(key))].join(" ");
    };
    return { head: "choose_link", none: "none_writing", send, sending: send, held: "again_in", sure };
  }

  function pin({ data, notes, locale }, on) {
    const [root, refs] = step("pin", t);
    const { state } = data.pin;
    const usable = state === "set";
    refs.notes.append(...notes.map(note));
    refs.stands.textContent = usable || notes.some(([, tone]) => tone !== "info") ? "" : t(state === "locked" ? "e_pin_locked" : "e_pin_none");
    for (const button of [refs.verify, refs.create]) button.classList.toggle("primary", (button === refs.create) === (state === "not_set"));
    if (usable) refs.prompt.append(prompts([["say_pin", { digits: data.pin.digits }]], locale, "ask"));
    refs.entry.hidden = !usable;
    refs.verify.setAttribute("aria-disabled", String(!usable));
    refs.input.maxLength = 2 * data.pin.digits - 1;
    refs.create.hidden = state !== "not_set";
    refs.forgot.hidden = state === "not_set";
    refs.forgot.open = state === "locked";
    refs.create.onclick = refs.reset.onclick = () => on.link();
    refs.code.onclick = () => on.code();
    refs.show.onclick = () => {
      const veiled = refs.input.classList.toggle("veiled");
      refs.show.textContent = t(veiled ? "pin_show" : "pin_hide");
    };
    refs.input.onpaste = pasted(refs.input);
    root.onsubmit = (event) => { event.preventDefault(); if (usable) on.check(refs.input.value); };
    place.replaceChildren(root);
    return {
      focus: () => (usable ? refs.input : state === "not_set" ? refs.create : refs.code).focus(),
      busy: (busy) => { if (usable) working(refs.verify, busy, "checking_code", "pin_verify"); },
      fail: (text) => failed(refs, text),
    };
  }

  /** What is pasted arrives as digits, however it was written. */
  const pasted = (input) => (event) => {
    event.preventDefault();
    const text = plainCode(event.clipboardData.getData("text")).slice(0, 2 * input.maxLength);
    input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
  };

  /** What is wrong stays in the field, selected, and is told beside it. */
  function failed({ error, input }, text) {
    error.replaceChildren(icon("warn"), text);
    error.classList.remove("calm");
    input.setAttribute("aria-invalid", "true");
    input.focus();
    input.select();
  }

  // ---- entering the code

  function deliveryWords({ channel, state, detail }, at) {
    const begun = channel === "voice" && state === "queued" ? "calling" : state;
    const key = [`d_${detail}`, `d_${begun}`, "d_tech"].find(known);
    return t(key, { time: at ? timeOf(at) : "" });
  }

  const calling = [["say_call"], ["say_code"]];
  const looks = { queued: ["wait", ""], sent: ["sent", ""], delivered: ["ok", "good"], failed: ["fail", "bad"], dropped: ["fail", ""] };

  function delivery(message, at) {
    const [picture, tone] = looks[message.state] ?? looks.queued;
    return el("li", {},
      el("span", { className: "way", textContent: channelName(message.channel) }), " ",
      el("span", { className: "to", textContent: message.to }), " ",
      el("strong", { className: tone }, icon(picture), deliveryWords(message, at)));
  }

  /** `few` says how many tries are left, where some were used before whoever looks now came. */
  function code({ data, notes, contact, locale, channels, few }, on) {
    const [root, refs] = step("code", t);
    const { digits, short_name } = data.tenant;
    const written = channels.filter((channel) => channel !== "voice");
    const where = written.length > 1 ? "say_where" : `say_where_${written[0]}`;
    let prompt = prompts(written.length ? [["say_code"], [where]] : calling, locale, "ask");
    const ask = (lines) => {
      const next = prompts(lines, prompt.wanted, "ask");
      prompt.replaceWith(next);
      prompt = next;
    };

    refs.notes.append(...notes.map(note));
    refs.head.textContent = t("sent", { name: contact.name });
    refs.messages.setAttribute("aria-label", t("delivery"));
    refs.prompt.append(prompt);
    refs.label.textContent = t("code_label");
    // Room for a space or dash after every digit.
    refs.input.maxLength = 2 * digits - 1;
    refs.hints.append(...["help_1", "help_2", "help_3"]
      .filter((_, index) => [channels.includes("email"), channels.includes("sms"), true][index])
      .map((key) => el("li", { textContent: t(key, { brand: short_name }) })));
    refs.call.hidden = refs.callHint.hidden = !contact.channels?.some((one) => one.channel === "voice" && !one.blocked);
    const calm = (picture, text) => {
      refs.error.replaceChildren(icon(picture), text);
      refs.error.classList.add("calm");
    };
    if (few) calm("warn", t("tries_left", { n: few }));
    refs.input.onpaste = pasted(refs.input);
    root.onsubmit = (event) => { event.preventDefault(); on.check(refs.input.value); };
    refs.again.onclick = () => on.again();
    refs.call.onclick = () => on.again("voice");
    refs.other.onclick = on.other;
    refs.cancel.onclick = on.cancel;
    place.replaceChildren(root);

    return {
      focus: () => refs.input.focus(),
      busy(busy) {
        working(refs.verify, busy, "checking_code", "verify");
        // What is asked next may be refused: "sent again" must not stand beside the reason.
        if (busy && refs.error.classList.contains("calm")) refs.error.replaceChildren();
      },
      deliver(messages, seen) {
        // Of what was sent again only the newest still matters.
        const newest = [...new Map(messages.map((message) => [message.channel, message])).values()];
        refs.messages.replaceChildren(...newest.map((message) => delivery(message, message.at ?? seen[message.id])));
        const dead = newest.length > 0 && newest.every(({ state }) => state === "failed");
        const called = newest.every(({ channel }) => channel === "voice");
        const failure = dead ? t(called ? "e_call_failed" : refs.call.hidden ? "e_undelivered" : "e_both_failed") : "";
        if (dead && refs.undelivered.hidden) {
          refs.undelivered.replaceChildren(icon("warn"), el("span", { textContent: failure }));
          refs.help.open = true;
        }
        // Nothing arrived: there is nothing to ask for and nothing to look for, only another way to take.
        refs.prompt.hidden = refs.hints.hidden = dead;
        refs.undelivered.hidden = !dead;
        return failure;
      },
      clock(left, wait) {
        const seconds = Math.max(0, Math.ceil(left / 1000));
        const soon = seconds <= 120;
        refs.left.replaceChildren(...(soon ? [icon("clock")] : []), t("expires", { m: Math.floor(seconds / 60), s: String(seconds % 60).padStart(2, "0") }));
        refs.left.classList.toggle("soon", soon);
        const pause = Math.ceil(wait / 1000);
        waiting(refs.again, pause, "again_in", "again");
        refs.call.setAttribute("aria-disabled", String(pause > 0));
        refs.call.textContent = t("help_call") + (pause > 0 ? ` (${pause} s)` : "");
      },
      fail(text, again) {
        failed(refs, text);
        if (again) ask([["say_again"]]);
      },
      calling() {
        ask(calling);
        refs.input.focus();
      },
      resent() {
        calm("sent", t("resent"));
        refs.input.removeAttribute("aria-invalid");
        refs.input.value = "";
        refs.input.focus();
        ask(written.length ? [["say_code"], [where]] : calling);
      },
    };
  }

  // ---- how it ended

  function result({ tone, picture, head, lines = [], steps = [], say, locale, recent, actions }) {
    const [root, refs] = step("result", t);
    refs.box.classList.add(tone);
    refs.box.prepend(icon(picture));
    refs.head.textContent = head;
    refs.text.append(...lines.filter(Boolean).map((text) => el("p", { textContent: text })));
    refs.next.hidden = !steps.length;
    refs.steps.append(...steps.map((text) => el("li", { textContent: text })));
    if (say) refs.prompt.append(prompts([[say]], locale));
    refs.recent.hidden = !recent?.length;
    refs.entries.append(...(recent ?? []).slice(0, 5).map((one) => el("li", {
      textContent: dotted(momentOf(one.at), t(`r_${one.action}`), one.contact_name, one.agent_name && t("by", { agent: one.agent_name })),
    })));
    refs.actions.append(...actions.map(([key, act, kind], index) =>
      el("button", { type: "button", textContent: t(key), onclick: act, className: kind ?? (index === actions.length - 1 ? "primary" : "") })));
    place.replaceChildren(root);
    const fresh = actions.some(([key]) => key === "send_new") && refs.actions.lastElementChild;
    return {
      // Where nobody asked for the change, Enter may be on its way to a button that is gone: stand on the heading.
      focus: (unasked) => (unasked ? refs.head : refs.actions.lastElementChild).focus(),
      busy: (busy) => { for (const button of refs.actions.children) button.setAttribute("aria-disabled", busy); },
      pause: (seconds) => fresh && waiting(fresh, seconds, "send_new_in", "send_new"),
    };
  }

  const method = ({ method: newest, held = [newest], channels }) => held.length > 1 ? t("method.both")
    : held[0] === "code" && channels ? channelNames(channels) : t(`method.${held[0]}`);

  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const verifiedFacts = (status) => t(status.agent ? "ok_by" : "ok_no_agent", { channel: capital(method(status)), time: timeOf(status.verified_at), agent: status.agent?.name });

  const alreadyFacts = (status) => [
    t(status.agent ? "already" : "already_no_agent", {
      date: dateOf(status.verified_at), time: timeOf(status.verified_at), agent: status.agent?.name, until: timeOf(status.expires_at),
    }),
    status.contact && t("already_how", { name: status.contact.name, method: method(status) }),
  ];

  return { linkTexts, code, pin, result, delivery, deliveryWords, verifiedFacts, alreadyFacts };
}
