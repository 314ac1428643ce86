// What every browser test needs: a Chromium that keeps to itself, axe, and the pictures that SHOTS asks for.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const shots = process.env.SHOTS;
export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export function launch(...more) {
  if (shots) mkdirSync(shots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more],
  });
}

/** What axe has against a page, in short: rule and elements. */
export async function violations(page, options) {
  await page.evaluate(axe);
  const run = { runOnly: { type: "tag", values: tags }, ...options };
  const found = await page.evaluate((wanted) => globalThis.axe.run(wanted), run);
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
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

export async function picture(page, name, options) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), ...options });
}
