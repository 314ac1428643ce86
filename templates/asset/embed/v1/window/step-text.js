// Owns what only the steps after the first need of words. Keeps nothing.

/** The words of a window, and besides what these steps say. */
export function moreOf(words) {
  const { language, raw, fill, format } = words;

  const known = (key) => raw(key) !== undefined;

  /** A text as heading and remainder. Cut before it is filled in, so that "p.m." or "J. Smith" cuts nothing. */
  function headed(key, vars = {}) {
    const [, head, rest] = (raw(key) ?? key).match(/^(.+?[.!?])\s+(.+)$/s) ?? [null, raw(key) ?? key, ""];
    return [fill(head, vars).replace(/\.$/, ""), fill(rest, vars)];
  }

  const dateOf = (when) => format({ month: "short", day: "numeric" }).format(new Date(when));

  /** A length of time in one unit: "24 hours", "45 minutes". */
  function span(ms) {
    const hours = ms >= 2 * 3600e3;
    const unit = { style: "unit", unit: hours ? "hour" : "minute", unitDisplay: "long" };
    return new Intl.NumberFormat(`${language}-US`, unit).format(Math.round(ms / (hours ? 3600e3 : 60e3)));
  }

  return { ...words, known, headed, dateOf, span };
}
