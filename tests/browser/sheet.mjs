// Puts the pictures of all states of the window on one sheet a language, as README shows them:
// SHOTS=shots node --test window.test.mjs && node sheet.mjs shots ../../docs

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { states } from "./states.mjs";

const [from, to] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1620, height: 800 } });
for (const [lang, scheme] of [["en", "light"], ["es", "dark"]]) {
  const pictures = states.map(({ name }) => {
    const data = readFileSync(join(from, `${name}.${lang}.${scheme}.png`)).toString("base64");
    return `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${data}"></figure>`;
  });
  await page.setContent(`<html lang="${lang}"><style>
    body { margin: 0; padding: 12px; display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; background: #818b98; font: 13px system-ui; }
    figure { margin: 0; background: #fff; } figcaption { padding: 4px 8px; } img { display: block; width: 100%; }
  </style>${pictures.join("")}`);
  await page.screenshot({ path: join(to, `states-${lang}.png`), fullPage: true });
}
await browser.close();
