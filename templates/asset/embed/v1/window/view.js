// Owns what is drawn: one function a step, each given the facts and the handlers, none of them making a call.
// Texts from anywhere go in as text, never as markup.

import { el, icon, part } from "./parts.js";
import { languages, plainCode } from "./text.js";

/** What is drawn of one window: `words` in its language, `place` where its steps go. */
export function viewOf(words, place) {
  const { known, t, speak, spoken, timeOf, dateOf, momentOf, near, ago, languageName } = words;
  const stamp = (name) => part(name, t);

  const clear = (name) => place.replaceChildren(...(name ? [stamp(name)[0]] : []));

  const channelName = (channel) => t(`channel.${channel}`);
  const channelNames = (channels) => channels.map(channelName).join(" + ");

  /** What a note is about shows by its picture too, never by its colour alone. */
  const note = ([text, tone = "warn", picture = tone === "info" ? "info" : "warn"]) =>
    el("p", { className: `note ${tone}` }, icon(picture), el("span", { textContent: text }));

  // ---- what the agent says

  function prompts(lines, lang, heading = "tell") {
    const [root, refs] = stamp("prompt");
    refs.head.textContent = t(heading);
    const show = (chosen) => {
      refs.words.lang = chosen;
      refs.words.replaceChildren(...lines.map(([key, vars]) => el("p", { textContent: spoken(key, vars, chosen) })));
      for (const button of refs.toggle.children) button.setAttribute("aria-pressed", String(button.lang === chosen));
    };
    const say = (chosen) => {
      root.wanted = chosen;
      const loading = speak(chosen);
      if (!loading) return show(chosen);
      if (!refs.words.lang) show(words.language);
      // What cannot be had leaves the words as they are; the next click tries again.
      return loading.then(() => root.wanted === chosen && show(chosen), () => {});
    };
    refs.toggle.setAttribute("aria-label", t("prompt_lang"));
    refs.toggle.append(...languages.map((code) =>
      el("button", { type: "button", lang: code, textContent: code === "es" ? "Español" : "English", onclick: () => say(code) })));
    say(lang);
    return Object.assign(root, { say });
  }

  // ---- choosing a contact

  const roles = { owner: "role_holder", authorized_representative: "role_auth" };
  const roleName = (role) => Object.hasOwn(roles, role ?? "") ? t(roles[role]) : (role ?? "").replaceAll("_", " ");

  function warnings(contact, now) {
    if (contact.reachable) {
      const changed = contact.channels.filter((one) => one.changed_at && !one.opted_out).map((one) =>
        `${channelName(one.channel)}: ${t("changed_warn", { when: momentOf(one.changed_at) })}`);
      const shut = contact.channels.find((one) => one.opted_out || one.not_served);
      return shut ? [...changed, t(shut.opted_out ? "d_opted_out" : "d_not_served")] : changed;
    }
    const until = contact.until && near(contact.until, now);
    if (contact.reason === "locked") return [until ? t("e_locked", { time: until }) : t("locked_short")];
    if (contact.reason !== "changed") return [t(`${/out|served/.test(contact.reason) ? "d" : "e"}_${contact.reason}`)];
    const changed = contact.channels.map((one) => one.changed_at).filter(Boolean).sort().at(-1);
    return [t("e_changed", { when: changed ? ago(changed, now) : "", until })];
  }

  function person(contact, picked, now, onPick) {
    const details = [...new Set(contact.channels.map((one) => one.to)), contact.locale && languageName(contact.locale)];
    return el("label", { className: contact.reachable ? "person" : "person off" },
      el("input", {
        type: "radio", name: "contact", value: contact.id, disabled: !contact.reachable, checked: contact.id === picked,
        onchange: () => onPick(contact),
      }),
      el("span", {},
        el("span", { className: "who" }, el("strong", { textContent: contact.name }), ` · ${roleName(contact.role)}`),
        // Each on one line if it fits: half a number is hard to read.
        el("span", { className: "where" }, ...details.filter(Boolean).flatMap((text, index) =>
          [index ? " · " : "", el("span", { textContent: text })])),
        ...warnings(contact, now).map((text) =>
          el("span", { className: "mark" }, icon(contact.reason === "locked" ? "lock" : "warn"), el("span", { textContent: text })))));
  }

  /** The default is email and text together, or a call where nothing else is known. */
  function defaultChannels(contact) {
    const open = contact.channels.filter((one) => !one.blocked).map((one) => one.channel);
    const written = open.filter((channel) => channel !== "voice");
    return written.length ? written : open;
  }

  /** What may be chosen: a call, too, where the texts that would have come first are stopped. */
  const offered = (contact) => contact.channels.some((one) => one.opted_out)
    ? contact.channels.filter((one) => !one.blocked).map((one) => one.channel) : defaultChannels(contact);

  /** Whom to send a code, or, with `link`, the link to set a PIN by. */
  function choose({ data, pick, notes, backTo, now, link }, on) {
    const [root, refs] = stamp("choose");
    const reachable = data.contacts.filter((contact) => contact.reachable);
    const intro = prompts([["say_intro", { agent: data.agent.name }]], words.language);
    const doubt = prompts([["say_doubt"]], words.language);
    const speak = () => { for (const prompt of [intro, doubt]) prompt.say(pick.locale || words.language); };

    // Before it goes: to whom and where, and what it puts an end to.
    const drawLink = ({ name, channels }) => {
      const written = channels.filter(({ channel, blocked }) => channel !== "voice" && !blocked).map((one) => one.to);
      const to = new Intl.ListFormat(words.language).format(new Set(written));
      const ends = [data.pin.state === "set" && "link_old", data.pin.link && "link_void"].filter(Boolean);
      refs.sure.replaceChildren(note([[t("link_sure", { name, to }), ...ends.map((key) => t(key))].join(" "), "info"]));
    };

    const drawHow = (contact) => {
      refs.how.hidden = !contact || link;
      if (contact && link) drawLink(contact);
      if (refs.how.hidden) return;
      refs.channels.replaceChildren(...offered(contact).map((channel) => el("label", {},
        el("input", {
          type: "checkbox", name: "channel", value: channel, checked: pick.channels.includes(channel),
          onchange: (event) => on.channel(channel, event.target.checked),
        }), channelName(channel))));
      const options = contact.locale ? languages : ["", ...languages];
      refs.locale.replaceChildren(...options.map((code) =>
        el("option", { value: code, textContent: code ? languageName(code) : t("lang_default"), selected: code === pick.locale })));
      speak();
    };

    const send = link ? (data.pin.state === "not_set" ? "send_pin_link" : "pin_reset_link") : "send";
    refs.head.textContent = t(link ? "choose_link" : "choose");
    refs.send.textContent = t(send);
    refs.back.textContent = t(link ? "pin_back" : "back");
    refs.pin.hidden = link || !data.pin?.enabled;
    refs.pin.textContent = t(data.pin?.state === "not_set" ? "send_pin_link" : "use_pin");
    refs.pin.onclick = () => on.pin();
    refs.notes.append(...notes.map(note));
    refs.people.append(...data.contacts.map((contact) => person(contact, pick.contact, now, (chosen) => {
      on.pick(chosen);
      refs.error.replaceChildren();
      drawHow(chosen);
    })));
    refs.locale.onchange = () => { on.locale(refs.locale.value); speak(); };
    refs.prompt.append(intro);
    refs.doubt.append(doubt);
    refs.doubt.hidden = !data.tenant.support_phone;
    refs.send.hidden = !reachable.length;
    refs.before.hidden = refs.send.hidden || link;
    refs.back.hidden = !backTo;
    refs.back.onclick = on.back;
    root.onsubmit = (event) => { event.preventDefault(); on.send(); };
    drawHow(reachable.find((contact) => contact.id === pick.contact));
    place.replaceChildren(root);

    const radio = place.querySelector("input[type=radio]:checked:enabled") ?? place.querySelector("input[type=radio]:enabled");
    return {
      focus: (unasked) => (unasked ? refs.head : reachable.length === 1 ? refs.send : radio ?? refs.head).focus(),
      fail(text) { refs.error.replaceChildren(icon("warn"), text); (radio && !pick.contact ? radio : refs.send).focus(); },
      busy: (busy) => working(refs.send, busy, link ? send : "sending", send),
      pause: (seconds) => waiting(refs.send, seconds, link ? "again_in" : "send_in", send),
    };
  }

  // ---- the security PIN

  function pin({ data, notes, locale }, on) {
    const [root, refs] = stamp("pin");
    const { state } = data.pin;
    const usable = state === "set";
    refs.notes.append(...notes.map(note));
    refs.stands.textContent = usable || notes.length ? "" : t(state === "locked" ? "e_pin_locked" : "e_pin_none");
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

  function working(button, busy, during, otherwise) {
    button.setAttribute("aria-disabled", String(busy));
    button.textContent = t(busy ? during : otherwise);
  }

  function waiting(button, seconds, during, otherwise) {
    button.setAttribute("aria-disabled", String(seconds > 0));
    button.textContent = t(seconds > 0 ? during : otherwise, { s: seconds });
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

  function code({ data, notes, contact, locale, channels }, on) {
    const [root, refs] = stamp("code");
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
        waiting(refs.again, Math.ceil(wait / 1000), "again_in", "again");
        refs.call.setAttribute("aria-disabled", String(wait > 0));
      },
      fail(text, again) {
        failed(refs, text);
        if (again) ask([["say_again"]]);
      },
      calling: () => ask(calling),
      resent() {
        refs.error.replaceChildren(icon("sent"), t("resent"));
        refs.error.classList.add("calm");
        refs.input.removeAttribute("aria-invalid");
        refs.input.value = "";
        refs.input.focus();
        ask(written.length ? [["say_code"], [where]] : calling);
      },
    };
  }

  // ---- how it ended

  function result({ tone, picture, head, lines = [], steps = [], say, locale, recent, actions }) {
    const [root, refs] = stamp("result");
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

  const dotted = (...parts) => parts.filter(Boolean).join(" · ");
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

  return { clear, choose, code, pin, result, channelNames, delivery, deliveryWords, defaultChannels, verifiedFacts, alreadyFacts, dotted };
}
