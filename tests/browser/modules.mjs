// The parts of the button and the window exactly as the service serves them, and the texts that they are made with.

import { readFile } from "node:fs/promises";
import { after } from "node:test";

import { Serving } from "./serving.mjs";

const root = new URL("../../templates/", import.meta.url);
const parts = new Map();
let started = null;

after(async () => (await started)?.stop());

export const tables = Object.fromEntries(await Promise.all(["en", "es"].map(async (lang) =>
  [lang, JSON.parse(await readFile(new URL(`i18n/${lang}.json`, root), "utf8"))])));

/** What the service answers. It starts when it is first asked. */
export async function served(path, language = "en") {
  const { base } = await (started ??= new Serving().start());
  return fetch(base + path, { headers: { "accept-language": language } });
}

/** What is under `/embed/` and a name. */
export async function embedded(name) {
  if (!parts.has(name)) {
    const answer = await served(`/embed/${name}`);
    if (!answer.ok) throw new Error(`/embed/${name}: ${answer.status}`);
    parts.set(name, await answer.text());
  }
  return parts.get(name);
}
