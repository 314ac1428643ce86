// Owns what is drawn first, the list of contacts, given the facts and the handlers, and what all steps have in common.
// Texts from anywhere go in as text, never as markup.

import { el, icon, note, part } from "./parts.js";
import { languages } from "./text.js";

const UNREACHABLE = { no_writing: "e_no_writing", not_served: "d_not_served", opted_out: "d_opted_out" };

/** What is drawn of one window: `words` in its language, `place` where its steps go. */
export function viewOf(words, place) {
  const { t, learn, speak, spoken, momentOf, near, ago, languageName } = words;
  const stamp = (name) => part(name, t);

  const clear = (name) => place.replaceChildren(...(name ? [stamp(name)[0]] : []));

  const channelName = (channel) => t(`channel.${channel}`);
  const channelNames = (channels) => channels.map(channelName).join(" + ");

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
      const loading = speak(lines.map(([key]) => key), chosen);
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
    if (contact.reason !== "changed") return [t(UNREACHABLE[contact.reason] ?? "e_no_contact")];
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

  /** Whom to send something: `texts` say what, and with `texts.sure` a note says where it goes before it does. */
  function choose({ data, pick, notes, backTo, now, texts }, on) {
    const [root, refs] = stamp("choose");
    const reachable = data.contacts.filter((contact) => contact.reachable);
    const intro = prompts([["say_intro", { agent: data.agent.name }]], words.language);
    const doubt = prompts([["say_doubt"]], words.language);
    const speak = () => {
      const lang = pick.locale || words.language;
      for (const prompt of [intro, doubt]) prompt.say(lang);
      // The next step has more to say; where it cannot be had now, that step asks for it again.
      if (lang !== words.language) learn("say", lang).catch(() => {});
    };

    const drawHow = (contact) => {
      refs.how.hidden = !contact || Boolean(texts.sure);
      if (contact && texts.sure) refs.sure.replaceChildren(note([texts.sure(contact), "info"]));
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

    refs.head.textContent = t(texts.head);
    refs.send.textContent = t(texts.send);
    if (backTo) refs.back.textContent = t(backTo);
    refs.pin.hidden = Boolean(texts.sure) || !data.pin?.enabled;
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
    refs.before.hidden = refs.send.hidden || Boolean(texts.sure);
    refs.back.hidden = !backTo;
    refs.back.onclick = on.back;
    root.onsubmit = (event) => { event.preventDefault(); on.send(); };
    drawHow(reachable.find((contact) => contact.id === pick.contact));
    place.replaceChildren(root);

    const radio = place.querySelector("input[type=radio]:checked:enabled") ?? place.querySelector("input[type=radio]:enabled");
    return {
      focus: (unasked) => (unasked ? refs.head : reachable.length === 1 ? refs.send : radio ?? refs.head).focus(),
      fail(text) { refs.error.replaceChildren(icon("warn"), text); (radio && !pick.contact ? radio : refs.send).focus(); },
      busy: (busy) => working(refs.send, busy, texts.sending, texts.send),
      pause: (seconds) => waiting(refs.send, seconds, texts.held, texts.send),
    };
  }

  /** Nothing is there to be shown, and why. */
  function stuck(text, retry) {
    const again = el("button", { type: "button", className: "primary", textContent: t("try_again"), onclick: retry });
    place.replaceChildren(note([text]), el("div", { className: "actions end" }, again));
    again.focus();
  }

  // ---- what all steps have in common

  function working(button, busy, during, otherwise) {
    button.setAttribute("aria-disabled", String(busy));
    button.textContent = t(busy ? during : otherwise);
  }

  function waiting(button, seconds, during, otherwise) {
    button.setAttribute("aria-disabled", String(seconds > 0));
    button.textContent = t(seconds > 0 ? during : otherwise, { s: seconds });
  }

  const dotted = (...parts) => parts.filter(Boolean).join(" · ");

  return { clear, choose, stuck, prompts, working, waiting, channelName, channelNames, defaultChannels, dotted };
}
