// The page of the API's document, from the real service: read in both colour schemes, on a desk and on a phone, by
// keyboard, with and without scripts; and what a reader does with it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, picture, violations } from "./browse.mjs";
import { binary, ended } from "./serving.mjs";

// One of each kind: the page repeats them, and axe takes its time with every one.
const parts = ["header", "nav", "#countersign", "#errors", "#codes-of-errors", "#post_webhook", "#request_code", "#list_events", "[id='message.failed']"];

let service, dir, browser, origin;

/** Starts the service on a port of its own; gives where it says that it listens. */
function start(folder) {
  const env = {
    PATH: process.env.PATH,
    COUNTERSIGN_SERVER__BIND: "127.0.0.1:0",
    COUNTERSIGN_DATABASE__URL: `sqlite://${folder}/countersign.db`,
    COUNTERSIGN_SECRETS__MASTER_KEY: Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString("base64"),
    COUNTERSIGN_EMAIL__DIR: folder,
    COUNTERSIGN_SMS__DIR: folder,
  };
  service = spawn(binary, ["serve"], { env, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    service.stderr.on("data", (text) => {
      said += text;
      const address = said.match(/"message":"serving","address":"([^"]+)"/)?.[1];
      if (address) resolve(`http://${address}`);
    });
    service.on("exit", (status) => reject(new Error(`the service ended (${status}): ${said}`)));
  });
}

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "countersign-docs-"));
  origin = await start(dir);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await ended(service);
  await rm(dir, { recursive: true, force: true });
});

/** The page in a context of its own; it must neither complain nor ask anybody else for anything. */
async function visit({ width = 1440, height = 900, hash = "", ...more }, work) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce", ...more });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
  page.on("request", (request) => { if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) complaints.push(request.url()); });
  try {
    await page.goto(`${origin}/api/v1/docs${hash}`);
    await work(page, context);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

for (const [name, width, height, judged] of [["desk", 1440, 900, true], ["tablet", 1024, 800], ["phone", 390, 844, true], ["narrow", 320, 640]]) {
  test(`everything can be read (${name})`, async () => {
    await visit({ width, height }, async (page) => {
      await picture(page, `docs-${name}`);
      for (const fold of await page.locator("details").all()) await fold.evaluate((details) => { details.open = true; });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide}px too wide`);
      if (judged) assert.deepEqual(await violations(page, {}, { include: parts }), []);
    });
  });
}

test("every operation of the document is on the page", async () => {
  const document = await (await fetch(`${origin}/api/v1/openapi.json`)).json();
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  await visit({}, async (page) => {
    for (const id of [...ids, ...Object.keys(document.webhooks)]) {
      assert.equal(await page.locator(`section[id="${id}"]`).count(), 1, id);
      assert.equal(await page.locator(`#contents a[href="#${id}"]`).count(), 1, id);
    }
  });
});

test("a call is copied as it stands", async () => {
  await visit({ permissions: ["clipboard-read", "clipboard-write"], hash: "#request_code" }, async (page) => {
    const sample = page.locator("#request_code figure").first();
    await sample.getByRole("button", { name: "Copy: Request: Send a code to a contact" }).click();
    await sample.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^curl '[^']+\/api\/v1\/clients\/lead-10482\/codes' \\\n  -H "Authorization: Bearer \$COUNTERSIGN_KEY" \\\n/);
    assert.equal(copied, await sample.locator("code").textContent());
  });
});

test("the contents are searched by words, and show where the reader is", async () => {
  await visit({ hash: "#check_code" }, async (page) => {
    await page.locator("#contents a[aria-current]").getByText("Check what the contact read out").waitFor();
    await page.getByLabel("Find a call").fill("lock lift");
    const left = page.locator("#contents li").filter({ visible: true });
    assert.deepEqual(await left.allInnerTexts(), ["POST\nLift a lock"]);
    await page.getByLabel("Find a call").fill("");
    assert.ok(await left.count() > 30);
  });
});

test("the keyboard reaches the content at once, and every example", async () => {
  await visit({}, async (page) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "content");
    const pre = page.locator("#put_client pre").first();
    await pre.focus();
    assert.equal(await pre.evaluate((element) => document.activeElement === element), true);
  });
});

test("on a phone the contents fold away once something is chosen", async () => {
  await visit({ width: 390, height: 844 }, async (page) => {
    const link = page.locator("#contents").getByText("Lift a lock");
    assert.equal(await link.isVisible(), false);
    await page.locator("#contents summary").click();
    await link.click();
    assert.equal(await link.isVisible(), false);
    await page.waitForFunction(() => location.hash === "#unlock_client");
  });
});

test("without scripts everything is there but what needs one", async () => {
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.getByRole("heading", { name: "Lift a lock" }).waitFor();
    assert.equal(await page.getByRole("button").filter({ visible: true }).count(), 0);
    assert.equal(await page.locator("#find").isVisible(), false);
  });
});
