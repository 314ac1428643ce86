// A service of a test's own: a tenant, a database and an outbox in a folder that goes with it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const binary = process.env.COUNTERSIGN_BINARY ?? fileURLToPath(new URL("../../target/debug/countersign", import.meta.url));

/** A server on an address of its own; gives both. */
export const listen = (handler) => new Promise((done) => {
  const server = createServer((request, response) => Promise.resolve(handler(request, response)).catch((error) => response.writeHead(500).end(String(error))));
  server.listen(0, "127.0.0.1", () => done([server, `http://127.0.0.1:${server.address().port}`]));
});

/** An address that nobody listens at. */
export async function freeAddress() {
  const [server, address] = await listen(() => {});
  await new Promise((done) => { server.close(done); });
  return address;
}

/** Waits for something that only the test's own side can see. */
export async function until(sees, what) {
  for (let tries = 0; tries < 2000; tries += 1) {
    const seen = await sees();
    if (seen) return seen;
    await new Promise((done) => { setTimeout(done, 10); });
  }
  return assert.fail(`${what} did not come`);
}

/** Waits until a process has ended that was told to. */
export async function ended(child) {
  if (!child) return;
  const end = new Promise((done) => { child.once("exit", done); });
  child.kill("SIGTERM");
  await end;
}

export class Serving {
  #child;
  #config;
  #env;
  apiKey = `csk_${randomBytes(24).toString("hex")}`;

  /** Starts the service with one tenant, Acme; `more` is what its file says besides, `settings` what the service's own does. */
  async start(more = "", settings = "") {
    this.dir = await mkdtemp(join(tmpdir(), "countersign-browser-"));
    this.base = await freeAddress();
    const [tenants, config] = ["tenants.toml", "countersign.toml"].map((name) => join(this.dir, name));
    await writeFile(tenants, `[[tenant]]\nid = "acme"\nname = "Acme Relief LLC"\neligible = true\napi_key = "${this.apiKey}"\n${more}\n`);
    await writeFile(config, settings);
    const { COUNTERSIGN_BINARY: _, ...env } = process.env;
    Object.assign(env, {
      COUNTERSIGN_SERVER__BIND: this.base.slice(7), COUNTERSIGN_SERVER__DRAIN: "0s", COUNTERSIGN_SERVER__PUBLIC_URL: this.base, COUNTERSIGN_SECRETS__MASTER_KEY: randomBytes(32).toString("base64"),
      COUNTERSIGN_DATABASE__URL: `sqlite://${join(this.dir, "db")}?mode=rwc`, COUNTERSIGN_EMAIL__DIR: join(this.dir, "out"), COUNTERSIGN_SMS__DIR: join(this.dir, "out"),
      COUNTERSIGN_VOICE__DIR: join(this.dir, "out"),
    });
    [this.#config, this.#env] = [config, env];
    this.run(["tenant", "apply", tenants]);
    this.#child = spawn(binary, ["serve", "--config", config], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const pipe of [this.#child.stdout, this.#child.stderr]) pipe.on("data", (text) => { said += text; });
    this.#child.on("exit", (status) => { if (status) console.error(said); });
    await until(() => fetch(`${this.base}/readyz`).then(({ ok }) => ok, () => false), "the service");
    return this;
  }

  /** Runs a command of the service's, with what is typed into it; gives what it says. */
  run(words, input) {
    return execFileSync(binary, [...words, "--config", this.#config], { env: this.#env, stdio: "pipe", input, encoding: "utf8" });
  }

  /** Makes an account of the console, as whoever operates the service does. */
  account(email, role, password, tenants = []) {
    this.run(["admin", "create", email, "--role", role, "--name", "Ada Park", ...tenants.flatMap((id) => ["--tenant", id])], `${password}\n`);
  }

  async stop() {
    await ended(this.#child);
    await rm(this.dir, { recursive: true, force: true });
  }

  async api(method, path, body) {
    const answer = await fetch(`${this.base}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${this.apiKey}`, "content-type": "application/json" }, body: body && JSON.stringify(body),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok ? "" : await answer.clone().text()}`);
    return answer.json();
  }

  /** All messages that were sent, the oldest first, as the files say. */
  async sent() {
    const out = join(this.dir, "out");
    const names = (await readdir(out).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(out, name), "utf8"))));
  }
}
