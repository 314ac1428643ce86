// Owns a code or PIN as it is typed or pasted. Keeps nothing.

/** The code as typed or pasted: digits of other scripts become ASCII; spaces, dashes and dots go. */
export const plainCode = (text) => text
  .replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (digit) => digit.charCodeAt(0) & 15)
  .replace(/[\s\p{Pd}\u200b-\u200f\u2060\ufeff.·]/gu, "");
