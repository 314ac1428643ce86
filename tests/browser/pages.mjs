// What tests of the public pages share: a visit whose complaints fail it, what every page must be, and the CRM they lead back to.

import assert from "node:assert/strict";
import { picture, violations } from "./browse.mjs";
import { listen } from "./serving.mjs";

/** A telephone's screen. */
export const telephone = (width, height) => ({ viewport: { width, height }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });

/** A page in a context of its own; what its policy or nobody caught fails the test. */
export async function visiting(browser, options, work) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  // The answer to what is not accepted has a status of its own, which the browser calls an error.
  page.on("console", (line) => { if (line.type() === "error" && !/status of (403|404|409|413|422|429)/.test(line.text())) problems.push(line.text()); });
  try {
    await work(page);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

/** Presses what leads to another page, and waits until that page is whole. */
export async function pressed(target, page) {
  await target.click();
  await page.waitForLoadState();
}

/** Every page can be read by all, fits its screen, has targets for a thumb, and texts that are filled in. */
export async function judge(page, name) {
  assert.deepEqual(await violations(page), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways`);
  const low = await page.evaluate(() => [...document.querySelectorAll("button, a.second, input:not([type=hidden], [type=checkbox]), .tick, .language")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML));
  assert.deepEqual(low, [], name);
  assert.doesNotMatch(await page.locator("body").innerText(), /[{}]|undefined|null|page\.\w/, `${name} has a text that is not filled in`);
  await picture(page, name, { fullPage: true });
}

/** The CRM: its server, and where it is. */
export const backAtTheCrm = () => listen((_, response) => {
  response.writeHead(200, { "content-type": "text/html" }).end('<!doctype html><html lang="en"><title>CRM</title><link rel="icon" href="data:,"><h1>Back at the CRM</h1></html>');
});
