// Owns words: the texts of one window, and times and dates as a person reads them.
// Knows nothing of the page.

import { load } from "../load.js";
import { first } from "./words.js";

export const languages = ["en", "es"];

/** The words of one language; the agent may have to speak another. A window learns in parts what it needs besides the first. */
export function wordsOf(wanted) {
  const language = languages.includes(wanted) ? wanted : "en";
  const tables = Object.fromEntries(languages.map((lang) => [lang, { ...first[lang] }]));
  const learn = async (part, lang = language) => { Object.assign(tables[lang], (await load(`window/${part}-${lang}`)).default); };
  let zone;
  let values = {};

  /** Values that any text may name (digits, brand, phone), and the zone that all times are told in. */
  function setTenant({ digits, short_name, support_phone, time_zone }) {
    values = { digits, brand: short_name, phone: support_phone };
    zone = time_zone;
  }

  const raw = (key, lang = language) => tables[lang][key];

  /** Has what is said aloud in a language at hand; gives nothing to wait for where it is. */
  const speak = (keys, lang) => keys.every((key) => tables[lang][key]) ? null : learn("say", lang);

  function fill(text, vars) {
    const filled = text.replace(/\{(\w+)\}/g, (_, name) => vars[name] ?? values[name] ?? "");
    // Spanish clocks say "a la 1:05" but "a las 2:05"; a sentence that ends in "p.m." has its full stop.
    return filled.replace(/\blas (?=1:)/g, "la ").replace(/\.m\.\./g, ".m.").trim();
  }

  const t = (key, vars = {}, lang = language) => fill(raw(key, lang) ?? key, vars);

  /** What the agent says aloud, without the quotation marks of the table: the page sets its own. */
  const spoken = (key, vars, lang) =>
    t(key, vars, lang).replace(/^["“]|["”](?=\.?$)/g, "").replace(/([?!])\.$/, "$1");

  const format = (options) => new Intl.DateTimeFormat(`${language}-US`, { timeZone: zone, ...options });
  const hour = { hour: "numeric", minute: "2-digit" };

  const timeOf = (when) => format(hour).format(new Date(when));
  const momentOf = (when) => format({ month: "short", day: "numeric", ...hour }).format(new Date(when));

  /** A time alone while it is near enough to be understood, with its date beyond that. */
  const near = (when, now) => Math.abs(new Date(when) - now) < 12 * 3600e3 ? timeOf(when) : momentOf(when);

  function ago(when, now) {
    const minutes = Math.max(1, Math.round((now - new Date(when)) / 60e3));
    const words = new Intl.RelativeTimeFormat(`${language}-US`);
    return minutes < 60 ? words.format(-minutes, "minute") : words.format(-Math.round(minutes / 60), "hour");
  }

  function languageName(code) {
    const name = new Intl.DisplayNames(`${language}-US`, { type: "language" }).of(code);
    return name[0].toUpperCase() + name.slice(1);
  }

  return { language, setTenant, learn, speak, raw, fill, t, spoken, format, timeOf, momentOf, near, ago, languageName };
}
