// The button on a page of a CRM against the service itself: its headers, its stream, its window, its messages; and what is
// fetched, measured as it is served.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { chromium } from "playwright-core";

const binary = process.env.COUNTERSIGN_BINARY ?? fileURLToPath(new URL("../../target/debug/countersign", import.meta.url));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const apiKey = `csk_${randomBytes(24).toString("hex")}`;
let dir, service, base, crmServer, crm, readmeOrigin, browser;

/** An address that nobody listens at. */
async function freeAddress() {
  const [server, address] = await listen(() => {});
  await new Promise((done) => { server.close(done); });
  return address;
}

const listen = (handler) => new Promise((done) => {
  const server = createServer((request, response) => Promise.resolve(handler(request, response)).catch((error) => response.writeHead(500).end(String(error))));
  server.listen(0, "127.0.0.1", () => done([server, `http://127.0.0.1:${server.address().port}`]));
});

async function api(method, path, body) {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" }, body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? "" : await answer.clone().text()}`);
  return answer.json();
}

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
  response.end(`<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>CRM</title><script type="module" src="/crm.js"></script><main><h1>Lead 4711</h1>
    <countersign-button client="4711" name="Ruiz Landscaping LLC"></countersign-button> <countersign-button client="4712" compact></countersign-button></main>`);
}

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "countersign-embed-"));
  [crmServer, crm] = await listen(serveCrm);
  const address = base = await freeAddress();
  readmeOrigin = await freeAddress();
  await writeFile(join(dir, "tenants.toml"), `[[tenant]]\nid = "acme"\nname = "Acme Relief LLC"\neligible = true\napi_key = "${apiKey}"\nallowed_origins = ["${crm}", "${readmeOrigin}"]\n`);
  await writeFile(join(dir, "countersign.toml"), "");
  const { COUNTERSIGN_BINARY: _, ...env } = process.env;
  Object.assign(env, {
    COUNTERSIGN_SERVER__BIND: address.slice(7), COUNTERSIGN_SERVER__PUBLIC_URL: address, COUNTERSIGN_SECRETS__MASTER_KEY: randomBytes(32).toString("base64"),
    COUNTERSIGN_DATABASE__URL: `sqlite://${join(dir, "db")}?mode=rwc`, COUNTERSIGN_EMAIL__DIR: join(dir, "out"), COUNTERSIGN_SMS__DIR: join(dir, "out"),
  });
  const config = ["--config", join(dir, "countersign.toml")];
  execFileSync(binary, ["tenant", "apply", join(dir, "tenants.toml"), ...config], { env, stdio: "pipe" });
  service = spawn(binary, ["serve", ...config], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const pipe of [service.stdout, service.stderr]) pipe.on("data", (text) => { said += text; });
  service.on("exit", (status) => { if (status) console.error(said); });
  await until(() => fetch(`${base}/readyz`).then(({ ok }) => ok, () => false), "the service");
  const contact = { id: "ana", name: "Ana Ruiz", role: "owner", email: "ana@ruiz.example", mobile: "+13055550142" };
  for (const client of ["4711", "4712"]) await api("PUT", `/clients/${client}`, { name: "Ruiz Landscaping LLC", contacts: [contact] });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
});

after(async () => {
  await browser?.close();
  if (service) {
    const ended = new Promise((done) => { service.once("exit", done); });
    service.kill("SIGTERM");
    await ended;
  }
  crmServer?.close();
  crmServer?.closeAllConnections();
  await rm(dir, { recursive: true, force: true });
});

/** Waits for something that only the test's own side can see. */
async function until(sees, what) {
  for (let tries = 0; tries < 2000; tries += 1) {
    const seen = await sees();
    if (seen) return seen;
    await new Promise((done) => { setTimeout(done, 10); });
  }
  return assert.fail(`${what} did not come`);
}

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

async function newestCode() {
  const names = await readdir(join(dir, "out")).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(dir, "out", name), "utf8").catch(() => "")));
  return texts.map((text) => text.match(/\b(\d{3} \d{3})\b/)?.[1]).find(Boolean);
}

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
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, "service-verified.png") });
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
    await writeFile(join(dir, "button.py"), script.replace("http://127.0.0.1:8080", base).replace("9100", port));
    await writeFile(join(dir, "my-crm.keys"), `my-crm: created\n  api_key = "${apiKey}"\n`);
    const python = spawn(process.env.TEST_PYTHON ?? "python3", ["button.py"], { cwd: dir, stdio: "ignore" });
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

  test("what a page fetches for the button, and for the window, is small", async () => {
    const size = async (...names) => {
      let sum = 0;
      for (const name of names) {
        const answer = await fetch(`${base}/embed/${name}`);
        assert.ok(answer.ok, name);
        sum += gzipSync(await answer.text(), { level: 9 }).length;
      }
      return sum;
    };
    const loaded = await size("v1.js", "v1/button.js", "v1/look.js", "v1/service.js", "v1/statuses.js", "v1/words.js");
    const window = await size("v1/window.js", ...["case", "view", "parts", "end", "api", "text", "theme", "words", "style"].map((name) => `v1/window/${name}.js`));
    const framed = await size("v1/framed.js");
    const most = Math.max(...await Promise.all(["button", "look", "service", "statuses", "words"].map((name) => size(`v1/${name}.js`))));
    console.log(`button ${loaded} bytes in all, its largest module ${most}, window ${window}, framed ${framed}`);
    assert.ok(most <= 4 * 1024, `${most} bytes in one module`);
    assert.ok(loaded <= 12 * 1024, `${loaded} bytes for the button`);
    assert.ok(window <= 24 * 1024, `${window} bytes for the window`);
    assert.ok(framed <= 4 * 1024, `${framed} bytes for the window in a frame`);
  });
});
