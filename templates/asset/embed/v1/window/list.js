// Owns whom the agent may be speaking with: who is picked and how they are written to, and the list that they are picked from.
// What is done with whom was picked is told by who shows it.

const CODE = { head: "choose", none: "none_reachable", send: "send", sending: "sending", held: "send_in" };

export function listOf({ view, t, api }) {
  const pick = { contact: null, channels: [], locale: "" };

  function choose(contact) {
    Object.assign(pick, { contact: contact?.id ?? null, channels: contact ? view.defaultChannels(contact) : [], locale: contact?.locale ?? "" });
  }

  /** What a surface still asks for, as a note over the list. */
  const asked = ({ missing = [] }) => missing.length ? [[t(missing.length > 1 ? "needs_both" : `needs_${missing[0]}`), "info"]] : [];

  /** Shows whom `data` names, for a code where `texts` say nothing else. Gives what was drawn, and the notes over it in one text. */
  function show(data, { notes = [], texts = CODE, backTo = "" }, on) {
    const reachable = data.contacts.filter((contact) => contact.reachable);
    const chosen = reachable.find((contact) => contact.id === pick.contact) ?? (reachable.length === 1 ? reachable[0] : null);
    if (chosen?.id !== pick.contact) choose(chosen);
    if (!reachable.length) notes = [...notes, [t(texts.none)]];
    const drawn = view.choose({ data, pick, notes, backTo, now: api.now(), texts }, {
      ...on,
      pick: (contact) => { choose(contact); on.picked?.(); },
      channel: (channel, on) => { pick.channels = pick.channels.filter((one) => one !== channel).concat(on ? channel : []); },
      locale: (locale) => { pick.locale = locale; },
    });
    return { drawn, told: notes.map(([text]) => text).join(" ") };
  }

  return { pick, choose, asked, show };
}
