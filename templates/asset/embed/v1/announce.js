// Owns what a page hears of a change.

import { stands } from "./stands.js";

const EVENTS = { code_sent: "sent", verified: "verified", locked: "locked", reported: "reported" };

const same = (one, other) => one?.version === other.version && one.button.tooltip === other.button.tooltip && one.lapsed === other.lapsed;

/** Tells the page what has changed, from each of the buttons. The first status that is known is no news of what happened. */
export function announce(buttons, earlier, later) {
  for (const button of buttons) {
    const [before, status] = [earlier, later].map((one) => stands(one, button.surface));
    if (same(before, status)) continue;
    button.tell("status");
    const news = before && ["state", "challenge", "verified_at"].some((key) => before[key] !== status[key]);
    if (news && EVENTS[status.state]) button.tell(EVENTS[status.state]);
  }
}
