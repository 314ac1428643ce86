// Owns what a button shows that is not of every day: its words are our own, or something is to be said besides the service's.

import { claimsOf } from "./claims.js";
import { CLOCK, LOCK, PERSON, SHIELD, WARNING } from "./icons.js";
import { aged } from "./stands.js";
import { passed } from "./time.js";

const ICONS = {
  code_sent: "M4 3.5h.01M8 3.5h.01M12 3.5h.01M4 8h.01M8 8h.01M12 8h.01M4 12.5h.01M8 12.5h.01M12 12.5h.01",
  expired: CLOCK,
  in_use: PERSON,
  locked: LOCK,
  reported: WARNING,
  no_contact: "M1.5 3.5h13v9h-13zM1.8 4 8 8.8 14.2 4M2.5 15 13.5 1",
  not_eligible: "M3 8h10",
  error: WARNING,
  not_verified: SHIELD,
};

const own = (key) => ({ look: key, tone: "neutral", label: key, tip: `${key}.tooltip` });
const reasons = { tenant_not_eligible: "reason_tenant", surface_disabled: "reason_surface" };

export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
button[aria-disabled] { cursor: default; }
.pending { --fg: var(--countersign-pending, light-dark(#0550ae, #79c0ff)); --bg: var(--countersign-pending-fill, light-dark(#ddf4ff, #0c2d4d)); }
.danger { --fg: var(--countersign-danger, light-dark(#a40e26, #ffa198)); --bg: var(--countersign-danger-fill, light-dark(#ffebe9, #3c1217)); }
.stale { border-style: dashed; }
.code_sent svg { stroke-width: 2.4; }
`);

/** Look, tone, words (`given` by the service, else keys of our own), and what a click does. */
function keys({ fault, stale, start }, { service, status: told, unavailable, refused }) {
  const status = told && start ? aged(told, passed(start)) : told;
  if (fault?.status === 400) return { ...own("not_eligible"), tip: "reason_client" };
  if (fault?.status === 403) return { ...own("not_eligible"), tip: reasons[fault.code] ?? "reason_token" };
  if (fault || status?.state === "error") return { ...own("error"), tone: "danger", tip: fault?.status === 401 ? "signed_out" : "error.tooltip", act: "retry" };
  if (!status?.button) return { ...own(status?.state ?? "checking"), value: status?.agent?.name };
  const { state, button } = status;
  const more = { act: "open", stale, note: refused && (refused.status === 401 ? "signed_out" : "opening.failed") };
  const agent = service?.newest && claimsOf(service.newest).agent?.id;
  if (state === "code_sent" && agent && status.agent && status.agent.id !== agent) {
    return { ...own("in_use"), ...more, value: status.agent.name };
  }
  const shown = { look: state, tone: button.tone, label: button.label, tip: button.tooltip, given: true, ...more };
  if (state !== "not_verified") return shown;
  if (unavailable === "no-contact") return own("no_contact");
  if (unavailable) return { ...own("not_eligible"), value: unavailable };
  if (refused?.status === 403) return { ...own("not_eligible"), tip: reasons[refused.code] ?? "reason_token", act: "open" };
  if (status.lapsed) return { ...own("lapsed"), look: "expired", ...more };
  return { ...shown, look: status.last_verified_at ? "expired" : state };
}

/** What a button shows, in the words of `table`: look, tone, label, tip, and what a click does. */
export function face(row, button, table) {
  const { adoptedStyleSheets: sheets } = button.shadowRoot;
  if (!sheets.includes(sheet)) sheets.push(sheet);
  const seen = keys(row, button);
  const { stale, note } = seen;
  let [label, tip] = seen.given ? [seen.label, seen.tip] : [table[seen.label], table[seen.tip].replace(/\{\w+\}/, () => seen.value)];
  if (stale) {
    label += ` · ${table.stale}`;
    tip += ` ${table[stale.status === 401 ? "signed_out" : "stale.tooltip"]}`;
  }
  if (note) tip = `${tip.replace(/[^.]$/, "$&.")} ${table[note]}`;
  return { ...seen, label, tip, line: ICONS[seen.look] };
}
