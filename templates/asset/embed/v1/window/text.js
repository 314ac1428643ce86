// Owns words: the texts of one window, times and dates as a person reads them, and a typed code as digits.
// Knows nothing of the page.

import { load } from "../load.js";

export const languages = ["en", "es"];

const tableOf = (part, language) => load(`window/${part}-${language}`).then((loaded) => loaded.default);

/** The words of one language; the agent may have to speak another. Of one kind of window alone there are `more`. */
export async function wordsOf(wanted, more) {
  const language = languages.includes(wanted) ? wanted : "en";
  const own = await Promise.all(["words", more].filter(Boolean).map((part) => tableOf(part, language)));
  const tables = { [language]: Object.assign({}, ...own) };
  let zone;
  let values = {};

  /** Values that any text may name (digits, brand, phone), and the zone that all times are told in. */
  function setTenant({ digits, short_name, support_phone, time_zone }) {
    values = { digits, brand: short_name, phone: support_phone };
    zone = time_zone;
  }

  const raw = (key, lang = language) => tables[lang][key];

  /** Has what is said aloud in a language at hand; gives nothing to wait for where it is. */
  const speak = (lang) => tables[lang] ? null : tableOf("say", lang).then((said) => { tables[lang] = said; });

  const known = (key) => raw(key) !== undefined;

  function fill(text, vars) {
    const filled = text.replace(/\{(\w+)\}/g, (_, name) => vars[name] ?? values[name] ?? "");
    // Spanish clocks say "a la 1:05" but "a las 2:05"; a sentence that ends in "p.m." has its full stop.
    return filled.replace(/\blas (?=1:)/g, "la ").replace(/\.m\.\./g, ".m.").trim();
  }

  const t = (key, vars = {}, lang = language) => fill(raw(key, lang) ?? key, vars);

  /** A text as heading and remainder. Cut before it is filled in, so that "p.m." or "J. Smith" cuts nothing. */
  function headed(key, vars = {}) {
    const [, head, rest] = (raw(key) ?? key).match(/^(.+?[.!?])\s+(.+)$/s) ?? [null, raw(key) ?? key, ""];
    return [fill(head, vars).replace(/\.$/, ""), fill(rest, vars)];
  }

  /** What the agent says aloud, without the quotation marks of the table: the page sets its own. */
  const spoken = (key, vars, lang) =>
    t(key, vars, lang).replace(/^["“]|["”](?=\.?$)/g, "").replace(/([?!])\.$/, "$1");

  const format = (options) => new Intl.DateTimeFormat(`${language}-US`, { timeZone: zone, ...options });
  const hour = { hour: "numeric", minute: "2-digit" };
  const date = { month: "short", day: "numeric" };

  const timeOf = (when) => format(hour).format(new Date(when));
  const dateOf = (when) => format(date).format(new Date(when));
  const momentOf = (when) => format({ ...date, ...hour }).format(new Date(when));

  /** A time alone while it is near enough to be understood, with its date beyond that. */
  const near = (when, now) => Math.abs(new Date(when) - now) < 12 * 3600e3 ? timeOf(when) : momentOf(when);

  function ago(when, now) {
    const minutes = Math.max(1, Math.round((now - new Date(when)) / 60e3));
    const words = new Intl.RelativeTimeFormat(`${language}-US`);
    return minutes < 60 ? words.format(-minutes, "minute") : words.format(-Math.round(minutes / 60), "hour");
  }

  /** A length of time in one unit: "24 hours", "45 minutes". */
  function span(ms) {
    const hours = ms >= 2 * 3600e3;
    const unit = { style: "unit", unit: hours ? "hour" : "minute", unitDisplay: "long" };
    return new Intl.NumberFormat(`${language}-US`, unit).format(Math.round(ms / (hours ? 3600e3 : 60e3)));
  }

  function languageName(code) {
    const name = new Intl.DisplayNames(`${language}-US`, { type: "language" }).of(code);
    return name[0].toUpperCase() + name.slice(1);
  }

  return { language, setTenant, speak, known, t, headed, spoken, timeOf, dateOf, momentOf, near, ago, span, languageName };
}

/** The code as typed or pasted: digits of other scripts become ASCII; spaces, dashes and dots go. */
export const plainCode = (text) => text
  .replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (digit) => digit.charCodeAt(0) & 15)
  .replace(/[\s\p{Pd}\u200b-\u200f\u2060\ufeff.·]/gu, "");
