// The pages behind a link to set a PIN, served by the service itself, on a screen of a telephone: with a script and without, in both
// languages, by day and by night.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { chromium } from "playwright-core";

const binary = process.env.COUNTERSIGN_BINARY ?? fileURLToPath(new URL("../../target/debug/countersign", import.meta.url));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const shots = process.env.SHOTS;
const apiKey = `csk_${randomBytes(24).toString("hex")}`;
const words = {
  en: {
    first: "Create your security PIN", next: "Create a new security PIN", go: "Continue", choose: "Choose a 6-digit PIN", again: "Type it again",
    show: "Show PIN", hide: "Hide PIN", save: "Save PIN", done: "Your PIN is ready", easy: "That PIN is easy to guess. Choose another one",
    match: "The two PINs are different. Type them again", empty: "Enter a 6-digit PIN", used: "This link was already used",
    voided: "This link no longer works", unknown: "This link is not valid", other: "Español", help: "Need help? Call 800-555-0199.",
  },
  es: {
    first: "Cree su PIN de seguridad", next: "Cree un nuevo PIN de seguridad", go: "Continuar", choose: "Elija un PIN de 6 dígitos", again: "Escríbalo otra vez",
    show: "Mostrar PIN", hide: "Ocultar PIN", save: "Guardar PIN", done: "Su PIN está listo", easy: "Ese PIN es fácil de adivinar. Elija otro",
    match: "Los dos PIN son distintos. Escríbalos otra vez", empty: "Ingrese un PIN de 6 dígitos", used: "Este enlace ya se usó",
    voided: "Este enlace ya no sirve", unknown: "Este enlace no es válido", other: "English", help: "¿Necesita ayuda? Llame al 800-555-0199.",
  },
};
let dir, service, base, browser, clients = 0;

const freeAddress = () => new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = `http://127.0.0.1:${server.address().port}`;
    server.close(() => done(address));
  });
});

async function api(method, path, body) {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }, body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? "" : await answer.clone().text()}`);
  return answer.json();
}

/** Waits for something that only the test's own side can see. */
async function until(sees, what) {
  for (let tries = 0; tries < 2000; tries += 1) {
    const seen = await sees();
    if (seen) return seen;
    await new Promise((done) => { setTimeout(done, 10); });
  }
  return assert.fail(`${what} did not come`);
}

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "countersign-pin-"));
  base = await freeAddress();
  await writeFile(join(dir, "tenants.toml"), `[[tenant]]\nid = "acme"\nname = "Acme Relief LLC"\neligible = true\napi_key = "${apiKey}"\n
    [tenant.brand]\nshort_name = "Acme Relief"\nsupport_phone = "800-555-0199"\ncolor = "#8250df"\n[tenant.policy.pin]\nenabled = true\n`);
  await writeFile(join(dir, "countersign.toml"), "");
  const { COUNTERSIGN_BINARY: _, ...env } = process.env;
  Object.assign(env, {
    COUNTERSIGN_SERVER__BIND: base.slice(7), COUNTERSIGN_SERVER__PUBLIC_URL: base, COUNTERSIGN_SECRETS__MASTER_KEY: randomBytes(32).toString("base64"),
    COUNTERSIGN_DATABASE__URL: `sqlite://${join(dir, "db")}?mode=rwc`, COUNTERSIGN_EMAIL__DIR: join(dir, "out"), COUNTERSIGN_SMS__DIR: join(dir, "out"),
  });
  const config = ["--config", join(dir, "countersign.toml")];
  execFileSync(binary, ["tenant", "apply", join(dir, "tenants.toml"), ...config], { env, stdio: "pipe" });
  service = spawn(binary, ["serve", ...config], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const pipe of [service.stdout, service.stderr]) pipe.on("data", (text) => { said += text; });
  service.on("exit", (status) => { if (status) console.error(said); });
  await until(() => fetch(`${base}/readyz`).then(({ ok }) => ok, () => false), "the service");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  if (shots) mkdirSync(shots, { recursive: true });
});

after(async () => {
  await browser?.close();
  if (service) {
    const ended = new Promise((done) => { service.once("exit", done); });
    service.kill("SIGTERM");
    await ended;
  }
  await rm(dir, { recursive: true, force: true });
});

/** A new client whose owner reads this language. */
async function client(lang) {
  const id = `lead-${clients += 1}`;
  const contact = { id: "ana", name: "Ana Ruiz", role: "owner", email: `ana@${id}.example`, mobile: `+1305555${String(100 + clients).padStart(4, "0")}`, locale: lang };
  await api("PUT", `/clients/${id}`, { name: "Ruiz Landscaping LLC", contacts: [contact] });
  return { id, email: contact.email };
}

/** The newest link that the client was sent by email, of which there are so many by then. */
async function link({ id, email }, count = 1) {
  await api("POST", `/clients/${id}/pin/link`, { contact: "ana" });
  return until(async () => {
    const names = (await readdir(join(dir, "out")).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
    const sent = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(dir, "out", name), "utf8"))));
    const links = sent.filter(({ to }) => to === email).map(({ text }) => text.match(/https?:\S+\/p\/\S+/)?.[0]).filter(Boolean);
    return links.length >= count && links.at(-1);
  }, "the link");
}

/** A telephone; what its pages' policy or nobody caught fails the test. */
async function phone({ lang = "en", scheme = "light", script = true, width = 390 }, work) {
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme: scheme, locale: lang, javaScriptEnabled: script, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  // The answer to a PIN that is not accepted has a status of its own, which the browser calls an error.
  page.on("console", (line) => { if (line.type() === "error" && !/status of (404|422)/.test(line.text())) problems.push(line.text()); });
  try {
    await work(page);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

const type = async (page, pin, again = pin) => {
  await page.locator("#pin").fill(pin);
  if (again !== null) await page.locator("#again").fill(again);
};
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const says = (page, text) => page.getByText(text, { exact: true }).first().waitFor();

async function judge(page, name) {
  await page.evaluate(axe);
  const found = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: "tag", values } }), tags);
  assert.deepEqual(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]), [], name);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways`);
  const low = await page.evaluate(() => [...document.querySelectorAll("button, input:not([type=hidden]), .language")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML));
  assert.deepEqual(low, [], name);
  if (shots) await page.screenshot({ path: join(shots, `pin-${name}.png`) });
}

describe("a client sets a PIN on a telephone", { concurrency: false }, () => {
  for (const lang of ["en", "es"]) {
    const say = words[lang];
    for (const script of [true, false]) {
      test(`from the message to the end (${lang}, ${script ? "with" : "without"} a script)`, async () => {
        const about = await client(lang);
        const address = await link(about);
        await phone({ script }, async (page) => {
          await page.goto(address);
          await page.getByRole("heading", { level: 1, name: say.first }).waitFor();
          await says(page, say.help);
          await press(page, say.go);
          await says(page, say.choose);
          assert.equal(await page.getByRole("button", { name: say.show }).isVisible(), script, "a button that needs a script");
          await press(page, say.save);
          await says(page, say.empty);
          await type(page, "123456");
          await press(page, say.save);
          await says(page, say.easy);
          await type(page, "482057", "482058");
          await press(page, say.save);
          await says(page, say.match);
          // As it is pasted from a note.
          await type(page, " 482-057", "482 057");
          await press(page, say.save);
          await says(page, say.done);
          await page.reload();
          await says(page, say.done);
          await page.goto(address);
          await says(page, say.used);
        });
        assert.equal((await api("POST", `/clients/${about.id}/pin/check`, { pin: "482057" })).result, "verified");
      });
    }

    for (const scheme of ["light", "dark"]) {
      test(`every page can be read and used by all (${lang}, ${scheme})`, async () => {
        const about = await client(lang);
        const address = await link(about);
        const name = (what) => `${what}.${lang}.${scheme}`;
        await phone({ lang, scheme }, async (page) => {
          await page.goto(address);
          await judge(page, name("start"));
          await press(page, say.go);
          await judge(page, name("choose"));
          await type(page, "123456");
          await press(page, say.save);
          await says(page, say.easy);
          // The cursor is where the error is.
          await page.waitForFunction(() => document.activeElement.id === "pin");
          await judge(page, name("error"));
          await press(page, say.show);
          await judge(page, name("shown"));
          await press(page, say.hide);
          await type(page, "482057", "482058");
          await press(page, say.save);
          await says(page, say.match);
          await judge(page, name("match"));
          await type(page, "482057");
          await press(page, say.save);
          await says(page, say.done);
          await judge(page, name("done"));
          await page.goto(address);
          await says(page, say.used);
          await judge(page, name("used"));
          await page.goto(`${address}x`);
          await says(page, say.unknown);
          await judge(page, name("unknown"));
        });
      });
    }

    test(`a narrow telephone shows all of it (${lang})`, async () => {
      const address = await link(await client(lang));
      await phone({ width: 320 }, async (page) => {
        await page.goto(address);
        await judge(page, `narrow-start.${lang}`);
        await press(page, say.go);
        await judge(page, `narrow-choose.${lang}`);
      });
    });
  }

  test("a PIN that is shown is typed once", async () => {
    const about = await client("en");
    const address = await link(about);
    await phone({}, async (page) => {
      await page.goto(`${address}?step=pin`);
      await press(page, words.en.show);
      assert.equal(await page.locator("#again").isVisible(), false);
      await page.waitForFunction(() => document.activeElement.id === "pin");
      await press(page, words.en.hide);
      assert.equal(await page.locator("#again").isVisible(), true);
      await press(page, words.en.show);
      await type(page, "482057", null);
      await press(page, words.en.save);
      await says(page, words.en.done);
    });
    assert.equal((await api("POST", `/clients/${about.id}/pin/check`, { pin: "482057" })).result, "verified");
  });

  test("pressed twice, it is sent once", async () => {
    const address = await link(await client("en"));
    await phone({}, async (page) => {
      const posts = [];
      page.on("request", (request) => { if (request.method() === "POST") posts.push(request.url()); });
      await page.goto(`${address}?step=pin`);
      await type(page, "482057");
      await page.getByRole("button", { name: words.en.save }).dblclick();
      await says(page, words.en.done);
      assert.equal(posts.length, 1);
    });
  });

  test("the other language is one touch away, on the same page", async () => {
    const address = await link(await client("en"));
    await phone({}, async (page) => {
      await page.goto(address);
      await page.getByRole("link", { name: words.en.other }).click();
      await says(page, words.es.first);
      await press(page, words.es.go);
      await says(page, words.es.choose);
      await page.getByRole("link", { name: words.es.other }).click();
      await says(page, words.en.choose);
      await page.getByRole("link", { name: words.en.other }).click();
      await type(page, "482057");
      await press(page, words.es.save);
      await says(page, words.es.done);
      await page.getByRole("link", { name: words.es.other }).click();
      await says(page, words.en.done);
    });
  });

  test("what a page is made of is small", async () => {
    const address = await link(await client("en"));
    await phone({}, async (page) => {
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(`${address}?step=pin`);
      await page.getByRole("button", { name: words.en.show }).waitFor();
      assert.equal(asked.filter((url) => !url.startsWith("data:")).length, 3, asked.join(" "));
      const size = async (url) => gzipSync(await (await fetch(url)).text(), { level: 9 }).length;
      const [html, css, js] = await Promise.all([size(`${address}?step=pin`), size(`${base}/assets/public.css`), size(`${base}/assets/public.js`)]);
      console.log(`page ${html} bytes, style ${css}, script ${js}`);
      assert.ok(js <= 6 * 1024 && css <= 8 * 1024 && html + css + js <= 50 * 1024, `${html} ${css} ${js}`);
    });
  });
});
