// Owns how the button looks: its icons, its style, and which of them a status calls for. Draws nothing itself.

const CLOCK = "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0M8 4.2V8l2.6 1.7";
const SHIELD = "M8 1.3 2.5 3.2v4.3c0 3.4 2.2 5.9 5.5 7.2 3.3-1.3 5.5-3.8 5.5-7.2V3.2z";
const WARNING = "M8 1.8 1.3 13.7h13.4zM8 6.3v3.4M8 11.8v.01";

/** A line for each state, on a grid of 16 by 16. */
export const ICONS = {
  checking: "M14.5 8A6.5 6.5 0 1 1 8 1.5",
  not_verified: SHIELD,
  expired: CLOCK,
  code_sent: "M4 3.5h.01M8 3.5h.01M12 3.5h.01M4 8h.01M8 8h.01M12 8h.01M4 12.5h.01M8 12.5h.01M12 12.5h.01",
  in_use: "M10.8 5a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0M2.5 14c.4-3 2.6-4.6 5.5-4.6s5.1 1.6 5.5 4.6",
  verified: `${SHIELD}M5.3 8l2 2 3.5-3.9`,
  locked: "M4.5 7h7A1.5 1.5 0 0 1 13 8.5v4a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 12.5v-4A1.5 1.5 0 0 1 4.5 7M5.2 7V4.8a2.8 2.8 0 0 1 5.6 0V7",
  reported: WARNING,
  no_contact: "M1.5 3.5h13v9h-13zM1.8 4 8 8.8 14.2 4M2.5 15 13.5 1",
  not_eligible: "M3 8h10",
  error: WARNING,
};

const own = (key) => ({ look: key, tone: "neutral", label: key, tip: `${key}.tooltip` });
const reasons = { tenant_not_eligible: "reason_tenant", surface_disabled: "reason_surface" };

/** What a button shows: look, tone, words (`given` by the service, else keys of our own), and what a click does. */
export function face({ status, fault, stale }, { agent, unavailable, refused }) {
  if (fault?.status === 400) return { ...own("not_eligible"), tip: "reason_client" };
  if (fault?.status === 403) return { ...own("not_eligible"), tip: reasons[fault.code] ?? "reason_token" };
  if (fault || status?.state === "error") return { ...own("error"), tone: "danger", tip: fault?.status === 401 ? "signed_out" : "error.tooltip", act: "retry" };
  if (!status?.button) return { ...own(status?.state ?? "checking"), value: status?.agent?.name };
  const { state, button } = status;
  const more = { act: "open", stale, note: refused && (refused.status === 401 ? "signed_out" : "opening.failed") };
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

export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: inline-block; max-width: 100%; vertical-align: middle; }
:host([hidden]), [hidden] { display: none !important; }
button {
  --fg: var(--countersign-neutral, light-dark(#424a53, #d1d7e0));
  --bg: var(--countersign-neutral-fill, light-dark(#f6f8fa, #161b22));
  display: inline-flex; align-items: center; gap: .5em; box-sizing: border-box; max-width: 100%; min-height: 44px;
  margin: 0; padding: .25em .875em; border: 1px solid var(--countersign-border, light-dark(#818b98, #7d8590));
  border-radius: var(--countersign-radius, 6px);
  background: var(--bg); color: var(--fg); cursor: pointer;
  font: var(--countersign-font, 500 14px/1.3 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  text-align: start; overflow-wrap: anywhere; -webkit-touch-callout: none; touch-action: manipulation;
}
.pending { --fg: var(--countersign-pending, light-dark(#0550ae, #79c0ff)); --bg: var(--countersign-pending-fill, light-dark(#ddf4ff, #0c2d4d)); }
.success { --fg: var(--countersign-success, light-dark(#116329, #7ee787)); --bg: var(--countersign-success-fill, light-dark(#dafbe1, #0f2a17)); }
.danger { --fg: var(--countersign-danger, light-dark(#a40e26, #ffa198)); --bg: var(--countersign-danger-fill, light-dark(#ffebe9, #3c1217)); }
.stale { border-style: dashed; }
button:hover { border-color: var(--fg); }
button:focus-visible { outline: 3px solid var(--countersign-ring, light-dark(#0550ae, #79c0ff)); outline-offset: 2px; }
button[aria-disabled] { cursor: default; }
:host([compact]) button { min-height: 32px; padding: .125em .625em; gap: .375em; font-size: 13px; }
@media (pointer: coarse) { :host([compact]) button { min-height: 44px; } }
svg { flex: none; width: 1.15em; height: 1.15em; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.code_sent svg { stroke-width: 2.4; }
@media (prefers-reduced-motion: no-preference) {
  .checking svg { animation: turn 1s linear infinite; }
  @keyframes turn { to { rotate: 1turn; } }
}
#tip {
  position: fixed; inset: auto; display: none; box-sizing: border-box; width: max-content; max-width: min(20rem, 100vw - 16px);
  margin: 0; padding: .5em .75em; border: 1px solid transparent; border-radius: 6px; overflow: visible; z-index: 2147483647;
  background: light-dark(#1f2328, #e6edf3); color: light-dark(#fff, #0d1117); overflow-wrap: break-word;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
#tip.on { display: block; }
.ear { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`);
