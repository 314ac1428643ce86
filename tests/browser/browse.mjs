// What every browser test needs: a Chromium that keeps to itself, axe, and the pictures that SHOTS asks for.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const shots = process.env.SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export function launch(...more) {
  if (shots) mkdirSync(shots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more],
  });
}

/** What axe has against a page in the light and in the dark, in short: rule and elements. */
export async function violations(page, options, within = "html") {
  await page.evaluate(axe);
  const judge = async (runOnly) => {
    const found = await page.evaluate((wanted) => globalThis.axe.run(...wanted), [within, { runOnly, ...options }]);
    return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  };
  const light = await judge({ type: "tag", values: tags });
  // Nothing but the colours differs.
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await judge({ type: "rule", values: ["color-contrast", "link-in-text-block"] });
  await page.emulateMedia({ colorScheme: "light" });
  return [...light, ...dark];
}

/** Keeps what a page complains about: errors nobody caught, and what of it the console tells. */
export async function listen(page, told = /Content Security Policy|Refused to|Trusted/) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.stack));
  page.on("console", (message) => { if (told.test(message.text())) complaints.push(message.text()); });
  await page.addInitScript(() => {
    /** What has the focus, in whatever shadow. */
    window.active = () => {
      let node = document.activeElement;
      while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
      return node;
    };
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  return async () => [...complaints, ...await page.evaluate(() => window.violations)];
}

/** A picture in the light and one in the dark. */
export async function picture(page, name, options) {
  if (!shots) return;
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(shots, `${name}.${colorScheme}.png`), ...options });
  }
}
