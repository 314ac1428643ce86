// Owns how the button looks from the first on: its icons and its style.

import { CHECKED, CLOCK, SHIELD } from "./icons.js";

/** A line for each state of every day, on a grid of 16 by 16. */
export const ICONS = {
  checking: "M14.5 8A6.5 6.5 0 1 1 8 1.5",
  not_verified: SHIELD,
  expired: CLOCK,
  verified: CHECKED,
};

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
  font: var(--countersign-font, 500 14px/1.3 system-ui, sans-serif);
  text-align: start; overflow-wrap: anywhere; touch-action: manipulation;
}
.success { --fg: var(--countersign-success, light-dark(#116329, #7ee787)); --bg: var(--countersign-success-fill, light-dark(#dafbe1, #0f2a17)); }
button:hover { border-color: var(--fg); }
button:focus-visible { outline: 3px solid var(--countersign-ring, light-dark(#0550ae, #79c0ff)); outline-offset: 2px; }
:host([compact]) button { min-height: 32px; padding: .125em .625em; gap: .375em; font-size: 13px; }
@media (pointer: coarse) { :host([compact]) button { min-height: 44px; } }
svg { flex: none; width: 1.15em; height: 1.15em; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
@media (prefers-reduced-motion: no-preference) {
  .checking svg { animation: turn 1s linear infinite; }
  @keyframes turn { to { rotate: 1turn; } }
}
`);
