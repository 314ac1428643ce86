// Owns what a page hears of a change.

const EVENTS = { code_sent: "sent", verified: "verified", locked: "locked", reported: "reported" };

const same = (one, other) => one?.version === other.version && one.button.tooltip === other.button.tooltip && one.lapsed === other.lapsed;

/** Tells the page what has changed, from each of the buttons. The first status that is known is no news of what happened. */
export function announce(buttons, before, status) {
  if (same(before, status)) return;
  const news = before && ["state", "challenge", "verified_at"].some((key) => before[key] !== status[key]);
  for (const button of buttons) {
    button.tell("status");
    if (news && EVENTS[status.state]) button.tell(EVENTS[status.state]);
  }
}
