// Owns the tenant's colour in a window: an accent, on each page on which the service says that it can be told from it.

/** Sets the accent by day and by night; where there is none the style's own serves. */
export function applyAccent({ style }, accent) {
  for (const page of ["light", "dark"]) {
    style.setProperty(`--on-${page}`, accent?.[page]?.fill ?? "");
    style.setProperty(`--in-${page}`, accent?.[page]?.letters ?? "");
  }
}
