// The button on a page of a CRM against the service itself: its headers, its stream, its window, its messages; and what is
// fetched, measured as it is served.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch, picture } from "./browse.mjs";
import { freeAddress, listen, Serving, until } from "./serving.mjs";

const service = new Serving();
const api = (...call) => service.api(...call);
let base, crmServer, crm, readmeOrigin, browser;

/** The CRM: a page, and its server's own route for the token. */
async function serveCrm(request, response) {
  const url = new URL(request.url, "http://crm");
  if (url.pathname === "/token") {
    const client = url.searchParams.get("client");
    const { agent_token: token } = await api("POST", "/agent-tokens", { agent: { id: "sam", name: "Sam Lee" }, clients: client ? [client] : [] });
    return response.end(token);
  }
  if (url.pathname === "/crm.js") {
    return response.writeHead(200, { "content-type": "text/javascript" }).end(`
      import { configure } from "${base}/embed/v1.js";
      configure({ token: async (about) => (await fetch("/token" + (about ? "?client=" + encodeURIComponent(about.client) : ""))).text() });`);
  }
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; script-src 'self' ${base}; style-src 'self'; connect-src 'self' ${base}; frame-src ${base}; img-src data:; require-trusted-types-for 'script'`,
    "cross-origin-opener-policy": "same-origin",
  });
  response.end(`<!doctype html><html lang="${url.searchParams.get("lang") ?? "en"}"><link rel="icon" href="data:,"><title>CRM</title><script type="module" src="/crm.js"></script><main><h1>Lead 4711</h1>
    <countersign-button client="4711" name="Ruiz Landscaping LLC"></countersign-button> <countersign-button client="4712" compact></countersign-button></main>`);
}

before(async () => {
  [crmServer, crm] = await listen(serveCrm);
  readmeOrigin = await freeAddress();
  ({ base } = await service.start(`allowed_origins = ["${crm}", "${readmeOrigin}"]`));
  const contact = { id: "ana", name: "Ana Ruiz", role: "owner", email: "ana@ruiz.example", mobile: "+13055550142" };
  for (const client of ["4711", "4712"]) await api("PUT", `/clients/${client}`, { name: "Ruiz Landscaping LLC", contacts: [contact] });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  crmServer?.close();
  crmServer?.closeAllConnections();
  await service.stop();
});

async function open() {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  const page = await context.newPage();
  page.problems = [];
  page.calls = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (line) => { if (line.type() === "error") page.problems.push(line.text()); });
  page.on("request", (request) => { if (request.url().startsWith(`${base}/api/`)) page.calls.push(`${request.method()} ${new URL(request.url()).pathname}`); });
  await page.goto(crm);
  return page;
}

const button = (page, client = "4711") => page.locator(`countersign-button[client="${client}"] >> button`);

const newestCode = async () => (await service.sent()).map(({ text }) => text.match(/\b(\d{3} \d{3})\b/)?.[1]).find(Boolean);

const both = new Serving();

/** A client that is told, with a PIN set by its link. */
async function withPin(id) {
  const contact = { id: "ana", name: "Ana Ruiz", role: "owner", email: `ana@${id}.example` };
  await both.api("PUT", `/clients/${id}`, { name: "Ruiz Landscaping LLC", contacts: [contact] });
  await both.api("POST", `/clients/${id}/pin/link`, { contact: "ana" });
  const link = await until(async () => (await both.sent()).find(({ to }) => to === contact.email)?.text.match(/https?:\S+\/p\/\S+/)?.[0], "the link");
  const page = await browser.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.locator("#pin").fill("482057");
  await page.locator("#again").fill("482057");
  await page.getByRole("button", { name: "Save PIN", exact: true }).click();
  await page.getByText("Your PIN is ready").first().waitFor();
  await page.close();
}

/** The window about a client as a page of its own, opened from a screen of the CRM. */
async function windowFrom(surface, id, work, lang = "en") {
  const { agent_token: token } = await both.api("POST", "/agent-tokens", { agent: { id: "sam", name: "Sam Lee" }, clients: [id] });
  const page = await browser.newPage();
  page.setDefaultTimeout(5000);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${both.base}/window/acme#token=${token}&client=${id}&surface=${surface}&lang=${lang}`);
  const shown = (text) => page.locator("main").getByText(text).filter({ visible: true }).first().waitFor();
  const press = (name) => page.getByRole("button", { name, exact: true }).click();
  const typeCode = async () => {
    const before = (await both.sent()).length;
    await press("Send code");
    const code = await until(async () => (await both.sent()).slice(before).map(({ text }) => text.match(/\b(\d{3} \d{3})\b/)?.[1]).find(Boolean), "the code");
    await page.getByRole("textbox").fill(code);
    await press("Verify");
  };
  const typePin = async () => {
    await page.locator("#pin-digits, #pin, input.veiled").first().fill("482057");
    await press("Verify PIN");
  };
  await work({ page, shown, press, typeCode, typePin });
  assert.deepEqual(problems, []);
  await page.close();
}

describe("a screen that asks for a code and a PIN", { concurrency: false }, () => {
  before(() => both.start(`[tenant.policy.pin]\nenabled = true\n[tenant.surface.payroll_card]\nrequires = ["code", "pin"]`));
  after(() => both.stop());

  const payroll = async (id) => (await both.api("GET", `/clients/${id}/status`)).surfaces.payroll_card;

  test("after the code the window goes on to the PIN, and only then says that the client is verified", async () => {
    await withPin("p-1");
    await windowFrom("payroll_card", "p-1", async ({ page, shown, typeCode, typePin }) => {
      await shown("This screen asks for a code and the security PIN.");
      await typeCode();
      await shown("This screen still asks for the security PIN.");
      assert.equal(await page.getByText("is verified").filter({ visible: true }).count(), 0);
      assert.deepEqual((await payroll("p-1")).missing, ["pin"]);
      await picture(page, "window-still-missing");
      await typePin();
      await shown("is verified");
      await shown("security PIN");
      assert.equal((await payroll("p-1")).state, "verified");
    });
    await windowFrom("payroll_card", "p-1", ({ shown }) => shown("code and security PIN"));
  });

  test("after the PIN it goes on to the code; whoever comes back finds what is missing, in their language", async () => {
    await withPin("p-2");
    await both.api("POST", "/clients/p-2/pin/check", { pin: "482057" });
    await windowFrom("payroll_card", "p-2", ({ shown }) => shown("Esta pantalla aún pide un código."), "es");
    await windowFrom("payroll_card", "p-2", async ({ shown, press, typePin, typeCode }) => {
      await shown("This screen still asks for a code.");
      await press("Use security PIN");
      await typePin();
      await shown("This screen still asks for a code.");
      await typeCode();
      await shown("is verified");
    });
  });

  test("a client without a PIN is offered one, and a screen that requires nothing is content with the code", async () => {
    const contact = { id: "ana", name: "Ana Ruiz", role: "owner", email: "ana@p-3.example" };
    await both.api("PUT", "/clients/p-3", { name: "Ruiz Landscaping LLC", contacts: [contact] });
    await windowFrom("lead_card", "p-3", async ({ shown, typeCode }) => {
      await typeCode();
      await shown("is verified");
    });
    await windowFrom("payroll_card", "p-3", async ({ page, shown }) => {
      await shown("This screen still asks for the security PIN.");
      await shown("This client has no security PIN.");
      await page.getByRole("button", { name: "Create PIN", exact: true }).waitFor();
    });
  });
});

describe("the button and the service", { concurrency: false }, () => {
  test("an agent verifies a client from a page of the CRM, and another agent's page turns green by itself", async () => {
    const [page, other] = [await open(), await open()];
    for (const one of [page, other]) await button(one, "4712").getByText("Not verified").waitFor();
    await until(() => other.calls.includes("GET /api/v1/status/stream"), "the stream");
    await button(page).click();
    const frame = page.locator("countersign-window dialog");
    await frame.getByRole("button", { name: "Send code", exact: true }).click();
    const code = await until(newestCode, "the code");
    await button(other).getByText("Code sent").waitFor();
    await frame.getByRole("textbox").fill(code);
    await frame.getByRole("button", { name: "Verify", exact: true }).click();
    await frame.getByText("Ana Ruiz is verified").first().waitFor();
    await picture(page, "service-verified");
    await frame.getByRole("button", { name: "Done", exact: true }).click();
    for (const one of [page, other]) await button(one).getByText(/^Verified \d/).waitFor();
    await page.locator("countersign-window").waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("client")), "4711");
    await api("POST", "/clients/4711/status/revoke", {});
    for (const one of [page, other]) await button(one).getByText("Not verified").waitFor();
    assert.deepEqual(other.calls.sort(), ["GET /api/v1/status", "GET /api/v1/status/stream"], "one question, one stream, and all by itself");
    for (const one of [page, other]) {
      assert.deepEqual(one.problems, []);
      await one.context().close();
    }
  });

  test("the page that the README makes works as it is written", async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const [, script] = readme.match(/cat > button\.py <<'EOF'\n([^]*?)\nEOF\n/);
    const { port } = new URL(readmeOrigin);
    await writeFile(join(service.dir, "button.py"), script.replace("http://127.0.0.1:8080", base).replace("9100", port));
    await writeFile(join(service.dir, "my-crm.keys"), `my-crm: created\n  api_key = "${service.apiKey}"\n`);
    const python = spawn(process.env.TEST_PYTHON ?? "python3", ["button.py"], { cwd: service.dir, stdio: "ignore" });
    try {
      await until(() => fetch(readmeOrigin).then(({ ok }) => ok, () => false), "the page of the README");
      const page = await browser.newPage();
      await page.goto(readmeOrigin);
      await page.getByText("4711: not_verified").waitFor();
      await button(page).click();
      await page.locator("countersign-window dialog").getByText("Ana Ruiz").first().waitFor();
      await page.close();
    } finally {
      python.kill();
    }
  });

  test("a page that is none of the tenant's can neither frame the window nor use a token in it", async () => {
    const [server, foreign] = await listen((request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(`<!doctype html><title>Somebody else</title><iframe src="${base}/window/acme#client=4711"></iframe>`);
    });
    const page = await browser.newPage();
    try {
      await page.goto(foreign);
      await until(() => page.frames().some((frame) => frame.url().startsWith("chrome-error:")), "the browser's refusal");
      const { agent_token: token } = await api("POST", "/agent-tokens", { agent: { id: "sam", name: "Sam Lee" }, clients: ["4711"] });
      const read = await page.evaluate(([url, bearer]) => fetch(url, { headers: { authorization: `Bearer ${bearer}` } }).then(({ status }) => status, () => "refused"),
        [`${base}/window/acme/clients/4711`, token]);
      assert.equal(read, "refused");
    } finally {
      await page.close();
      server.close();
      server.closeAllConnections();
    }
  });

  test("the page for developers is there, and its playground speaks to the service", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (line) => { if (line.type() === "error") problems.push(line.text()); });
    await page.goto(`${base}/embed`);
    await page.getByRole("radio", { name: "This service" }).check();
    const { agent_token: token } = await api("POST", "/agent-tokens", { agent: { id: "sam", name: "Sam Lee" }, clients: ["4712"] });
    await page.locator("#k-token").fill(token);
    await page.locator("#k-client").fill("4712");
    await page.getByRole("button", { name: "Connect" }).click();
    await page.locator("#log li").getByText('{"client":"4712","state":"not_verified"').first().waitFor();
    await page.locator("#set countersign-button >> button").click();
    await page.locator("countersign-window dialog").getByText("Ana Ruiz").first().waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  // Bytes as they go out to a browser that takes gzip: what is paid before anything can be used, which for a window is one module
  // with its words in every language, and what is loaded after that.
  const FIRST = { button: 4096, window: 10240 };
  const LATER = {
    "v1/hand.js": 2048, "v1/live.js": 2816, "v1/rare.js": 1600, "v1/address.js": 512, "v1/framed.js": 1920, "v1/window/case.js": 10240, "v1/window/guests.js": 8704, "v1/window/preview.js": 11520,
    "v1/words-en.js": 768, "v1/words-es.js": 768, "v1/window/more-en.js": 2816, "v1/window/more-es.js": 3072, "v1/window/say-en.js": 512, "v1/window/say-es.js": 576,
    "v1/window/desk-words-en.js": 1280, "v1/window/desk-words-es.js": 1280,
  };

  const bytes = (name) => new Promise((done, failed) => {
    get(`${base}/embed/${name}`, { headers: { "accept-encoding": "gzip" } }, async (answer) => {
      assert.deepEqual([answer.statusCode, answer.headers["content-encoding"]], [200, "gzip"], name);
      done((await answer.toArray()).reduce((sum, { length }) => sum + length, 0));
    }).on("error", failed);
  });
  const sum = async (names) => (await Promise.all(names.map(bytes))).reduce((all, one) => all + one, 0);

  for (const lang of ["en", "es"]) {
    test(`what is fetched before the button, and then the window, can be used is small (${lang})`, async () => {
      const page = await browser.newPage();
      let asked = [];
      page.on("request", (request) => {
        const { pathname } = new URL(request.url());
        if (pathname.startsWith("/embed/")) asked.push(pathname.slice(7));
      });
      const answered = page.waitForRequest(`${base}/api/v1/status?**`).then(() => [...asked]);
      await page.goto(`${crm}/?lang=${lang}`);
      const first = await answered;
      assert.deepEqual(first, ["v1.js"], "one request comes before the question");
      await button(page).getByText(/Not verified|Sin verificar/).waitFor();
      await until(() => ["live", "hand", "rare", `words-${lang}`].every((name) => asked.includes(`v1/${name}.js`)), "what a button has later");
      asked = [];
      // What the list does not wait for comes never here: the rest is all that it takes.
      const rest = [`v1/window/case.js`, `v1/window/more-${lang}.js`];
      await page.route((url) => rest.includes(url.pathname.slice(7)), () => {});
      await button(page).click();
      const window = page.locator("countersign-window dialog");
      await window.getByRole("radio").first().check();
      await window.getByRole("button", { name: /^(Send code|Enviar código)$/ }).click();
      await window.getByRole("button", { name: /^(Sending the code|Enviando el código)/ }).waitFor();
      await until(() => rest.every((name) => asked.includes(name)), "the rest is asked for");
      const needed = asked.filter((name) => !rest.includes(name));
      assert.deepEqual(needed, ["v1/window.js"], "one request comes before the window, and it has all that is said there");
      const measured = { button: await sum(first), window: await sum(needed), rest: await sum(rest) };
      console.log(`${lang}: button ${measured.button} bytes, window ${measured.window} bytes, its rest ${measured.rest}`);
      assert.ok(measured.button <= FIRST.button, `${measured.button} bytes for the button`);
      assert.ok(measured.window <= FIRST.window, `${measured.window} bytes for the window`);
      await page.close();
    });
  }

  test("what is loaded later is small, too", async () => {
    for (const [name, most] of Object.entries(LATER)) {
      const size = await bytes(name);
      assert.ok(size <= most, `${name}: ${size} bytes of ${most}`);
      console.log(`${name} ${size}`);
    }
  });
});
