// The modules of the button and the window as the service serves them: the files, and the two kinds it makes of others.

import { readFile } from "node:fs/promises";

const root = new URL("../../templates/", import.meta.url);

export const tables = Object.fromEntries(await Promise.all(["en", "es"].map(async (lang) =>
  [lang, JSON.parse(await readFile(new URL(`i18n/${lang}.json`, root), "utf8"))])));

/** The texts of some sections, as a module; of one the name is left out. */
function words(sections, own, wanted = () => true) {
  const some = (lang) => Object.fromEntries(Object.entries(tables[lang])
    .filter(([key]) => sections.some((section) => key.startsWith(section)))
    .map(([key, text]) => [key.startsWith(own) ? key.slice(own.length) : key, text])
    .filter(([key]) => wanted(lang, key)));
  return `export default ${JSON.stringify({ en: some("en"), es: some("es") })};`;
}

/** What is under `/embed/` and a name. */
export async function embedded(name) {
  if (name === "v1/words.js") return words(["embed."], "embed.");
  const [, own] = name.match(/^v1\/window\/words-(en|es)\.js$/) ?? [];
  if (own) return words(["window.", "channel.", "method."], "window.", (lang, key) => lang === own || key.startsWith("say_"));
  if (name === "v1/window/desk-words.js") return words(["desk."], "");
  if (name === "v1/window/style.js") {
    const css = await readFile(new URL("asset/embed/v1/window/style.css", root), "utf8");
    return `export const sheet = new CSSStyleSheet();\nsheet.replaceSync(${JSON.stringify(css)});`;
  }
  return readFile(new URL(`asset/embed/${name}`, root), "utf8");
}
