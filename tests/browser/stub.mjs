// A stand-in for the service behind the agent's window: the same routes, answers that a test decides, time that it moves.
// It serves the real page and modules. Start it alone (`node stub.mjs`) to look at the window in a browser.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { embedded } from "./modules.mjs";

const root = new URL("../../templates/", import.meta.url);
const MINUTE = 60e3;

export const CODE = "482913";
export const PIN = "482057";
/** A token as the service makes them, as far as a browser reads it. */
export const GOOD = `cst_${Buffer.from(JSON.stringify({ tenant: "acme", agent: { id: "a-1" }, clients: ["10482"], sessions: ["S-1042"], signings: ["sgn_1"] })).toString("base64url")}.c2ln`;
const types = { js: "text/javascript", css: "text/css" };

export const ana = {
  id: "c-1", name: "Ana Ruiz", role: "owner", locale: "es", reachable: true, reason: null, until: null,
  channels: [
    { channel: "email", to: "a•••@gmail.com", changed_at: null, blocked: false },
    { channel: "sms", to: "(•••) •••-••42", changed_at: null, blocked: false },
  ],
};
export const luis = {
  id: "c-2", name: "Luis Ruiz", role: "authorized_representative", locale: "en", reachable: true, reason: null, until: null,
  channels: [{ channel: "email", to: "l•••@outlook.com", changed_at: null, blocked: false }],
};
export const rosa = {
  id: "c-3", name: "Rosa Peña", role: "authorized_representative", locale: null, reachable: false, reason: "no_contact", until: null, channels: [],
};
export const maria = { id: "a-1", name: "Maria Lopez" };
export const kevin = { id: "a-2", name: "Kevin Brown" };

export class Stub {
  #offset = 0;
  #sequence = 0;
  requests = [];

  now() { return Date.now() + this.#offset; }
  at(ms) { return new Date(this.now() + ms).toISOString(); }
  /** Moves the server's clock alone. */
  advance(ms) { this.#offset += ms; }

  async start() {
    [this.server, this.origin] = await this.#listen((request, response) => this.#serve(request, response));
    [this.hostServer, this.hostOrigin] = await this.#listen((request, response) => this.#hostPage(request, response));
    this.reset();
    return this;
  }

  async stop() {
    for (const server of [this.server, this.hostServer]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  #listen(handler) {
    return new Promise((done) => {
      const server = createServer((request, response) => Promise.resolve(handler(request, response)).catch((error) => {
        response.writeHead(500).end(String(error));
      }));
      server.listen(0, "127.0.0.1", () => done([server, `http://127.0.0.1:${server.address().port}`]));
    });
  }

  /** A fresh client with two contacts who can be reached and nothing under way. */
  reset(change = {}) {
    // Early afternoon in New York, each time anew: no time on screen falls on another day or minute.
    this.#offset = Date.parse("2026-02-27T19:41:10Z") - Date.now();
    this.requests = [];
    this.token = GOOD;
    this.hold = null;                // a promise that every answer waits for
    this.fail = {};                  // "POST codes" -> {status, body, headers}
    this.seenAgain = [];
    this.facts = {
      client: { id: "10482", name: "Ana Ruiz" },
      tenant: {
        name: "Acme Relief LLC", short_name: "Acme Relief", support_phone: "800-555-0199", accent: { light: { fill: "#7a1f5c", letters: "#ffffff" }, dark: null }, digits: 6, time_zone: "America/New_York",
      },
      agent: maria,
      status: { client: "10482", state: "not_verified", version: 1, pin: "not_set", requirements: [] },
      challenge: null,
      contacts: [structuredClone(ana), structuredClone(luis)],
      recent: [],
      pin: { enabled: false, digits: 6, state: "not_set", set_at: null, link: null },
      ...change,
    };
    return this.facts;
  }

  challenge(change = {}) {
    this.#sequence += 1;
    return {
      id: `chl_${this.#sequence}`, state: "active", contact: "c-1", contact_name: "Ana Ruiz", agent: maria,
      expires_at: this.at(10 * MINUTE), resend_at: this.at(30e3), tries_left: 5,
      messages: [
        { id: "msg_e", channel: "email", to: "a•••@gmail.com", state: "delivered" },
        { id: "msg_s", channel: "sms", to: "(•••) •••-••42", state: "queued" },
      ],
      ...change,
    };
  }

  status(state, change = {}) {
    return this.facts.status = { ...this.facts.status, state, version: this.facts.status.version + 1, ...change };
  }

  verified(change = {}) {
    return this.status("verified", {
      method: "code", channels: ["sms"], assurance: "contact", contact: { id: "c-1", name: "Ana Ruiz" }, agent: maria,
      surface: "lead_card", verified_at: this.at(0), expires_at: this.at(60 * MINUTE), ...change,
    });
  }

  url({ lang = "en", token = GOOD, client = "10482", tools } = {}) {
    return `${this.origin}/window/acme#token=${token}&client=${client}&surface=lead_card&lang=${lang}${tools ? `&tools=${tools}` : ""}`;
  }

  // ---- routes

  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://stub");
    const cors = {
      "access-control-allow-origin": this.hostOrigin, "access-control-expose-headers": "etag, retry-after, date", vary: "origin",
      "access-control-allow-headers": "authorization, content-type, accept, accept-language, if-none-match", "access-control-max-age": "600",
    };
    const answer = (status, body, headers = {}) => {
      response.writeHead(status, {
        ...cors,
        "content-type": status < 400 ? "application/json" : "application/problem+json",
        date: new Date(this.now()).toUTCString(), ...headers,
      });
      response.end(JSON.stringify(body));
    };
    const file = pathname.match(/^\/assets\/(window\.(js|css))$/);
    if (file) {
      response.writeHead(200, { "content-type": types[file[2]], "x-content-type-options": "nosniff" });
      return response.end(await readFile(new URL(`asset/${file[1]}`, root)));
    }
    if (pathname.startsWith("/embed/")) {
      if (this.fail.modules) return response.writeHead(500).end();
      response.writeHead(200, { "content-type": "text/javascript", "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" });
      return response.end(await embedded(pathname.slice(7)));
    }
    if (/^\/window\/[^/]+$/.test(pathname)) return this.#page(response);

    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : {};
    this.requests.push({ method: request.method, path: pathname, body, headers: request.headers });
    await this.hold;
    if (request.headers.authorization !== `Bearer ${this.token}`) return answer(401, { code: "unauthorized" });
    if (pathname === "/api/v1/status") return answer(200, { statuses: searchParams.getAll("client").map((client) => this.#status(client)) });
    const name = `${request.method} ${pathname.split("/").at(-1)}`;
    const wanted = this.fail[name] ?? this.fail["*"];
    if (wanted) return answer(wanted.status, { code: wanted.code, ...wanted.body }, wanted.headers);
    return this.#api(request.method, pathname, body, answer);
  }

  async #page(response) {
    const page = await readFile(new URL("page/window.html", root), "utf8");
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + `base-uri 'none'; form-action 'none'; frame-ancestors ${this.hostOrigin}`,
      "referrer-policy": "same-origin",
    });
    response.end(page.replaceAll("{{version}}", "test"));
  }

  /** As a button is told of a client. */
  #status(client) {
    const tone = { verified: "success", code_sent: "pending", locked: "danger", reported: "danger" }[this.facts.status.state] ?? "neutral";
    return { ...this.facts.status, client, button: { tone, label: this.facts.status.state, tooltip: this.facts.status.state } };
  }

  /** A page of a CRM: with the window in a frame, or (`/page?lang=…`) with the elements, under a policy as strict as they come. */
  #hostPage(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://stub");
    const lang = searchParams.get("lang") ?? "en";
    if (pathname === "/token") return response.end(this.token);
    if (pathname === "/crm.js") {
      return response.writeHead(200, { "content-type": "text/javascript" }).end(`
        import { configure, loadWindow } from "${this.origin}/embed/v1.js";
        window.heard = [];
        for (const type of ["sent", "verified", "failed", "locked", "reported", "closed"]) {
          addEventListener("countersign:" + type, ({ target, detail }) => heard.push([type, target.localName, detail?.state]));
        }
        window.loadWindow = loadWindow;
        configure({ token: async () => (await fetch("/token")).text() });`);
    }
    if (pathname === "/page") {
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer",
        "content-security-policy": `default-src 'none'; script-src 'self' ${this.origin}; connect-src 'self' ${this.origin}; img-src data:; `
          + "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
      });
      return response.end(`<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>CRM</title><script type="module" src="/crm.js"></script>
        <header>CRM</header><main><h1>Lead 10482</h1><countersign-button client="10482" name="Ruiz LLC">Verify</countersign-button></main></html>`);
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><title>CRM</title><h1>Client card</h1>
      <iframe title="Verification" width="480" height="640" src="${this.url()}"></iframe>
      <script>window.heard = []; addEventListener("message", (event) => heard.push({ origin: event.origin, data: event.data }));</script>`);
  }

  #api(method, path, body, answer) {
    const facts = this.facts;
    const live = facts.challenge;
    const own = this.more?.(method, path, body);
    if (own) return answer(...own);
    if (method === "GET" && path.startsWith("/window/")) return answer(200, { ...facts, status: this.#status(facts.client.id) });
    if (method === "POST" && path.endsWith("/codes")) {
      const contact = facts.contacts.find(({ id }) => id === body.contact);
      facts.challenge = this.challenge({
        contact: contact.id, contact_name: contact.name,
        messages: body.channels.map((channel) => ({
          id: `msg_${channel}`, channel, to: contact.channels.find((one) => one.channel === channel).to, state: "queued",
        })),
      });
      this.status("code_sent", { challenge: facts.challenge.id });
      return answer(201, { ...facts.challenge, contact_name: undefined, agent: undefined });
    }
    if (method === "POST" && path.endsWith("/pin/link")) {
      const contact = facts.contacts.find(({ id }) => id === body.contact);
      facts.pin.link = { contact: contact.id, expires_at: this.at(24 * 60 * MINUTE) };
      const messages = contact.channels.map(({ channel, to }) => ({ id: `msg_${channel}`, channel, to, state: "queued" }));
      return answer(201, { contact: contact.id, expires_at: facts.pin.link.expires_at, resend_at: this.at(30e3), messages });
    }
    if (method === "POST" && path.endsWith("/pin/check")) return answer(200, this.#checkPin(body.pin));
    const [, id, verb] = path.match(/^\/api\/v1\/challenges\/([^/]+)(?:\/(\w+))?$/) ?? [];
    const one = [live, ...this.seenAgain].find((challenge) => challenge?.id === id);
    if (!one) return answer(404, { code: "not_found" });
    if (!verb) return answer(200, one);
    if (verb === "resend") {
      one.resend_at = this.at(30e3);
      if (body.channel === "voice") one.messages.push({ id: "msg_v", channel: "voice", to: "(•••) •••-••42", state: "queued" });
      return answer(200, one);
    }
    if (verb === "cancel") {
      one.state = "cancelled";
      this.#over("not_verified");
      return answer(200, one);
    }
    return answer(200, this.check(one, body.code));
  }

  #checkPin(pin) {
    const { pin: own } = this.facts;
    if (own.state !== "set") return { result: own.state };
    if (pin === PIN) return { result: "verified", verification: this.verified({ method: "pin", channels: undefined, assurance: "pin", contact: undefined }) };
    own.tries_left = (own.tries_left ?? 5) - 1;
    if (own.tries_left === 0) own.state = "locked";
    return { result: "incorrect", tries_left: own.tries_left };
  }

  /** The service's rule in small: a test may put its own in place. */
  check(one, code) {
    if (one.state !== "active") return { result: one.state };
    if (code === CODE) {
      one.state = "verified";
      this.facts.challenge = null;
      this.seenAgain.push(one);
      return { result: "verified", verification: this.verified({ challenge: one.id }) };
    }
    one.tries_left -= 1;
    if (one.tries_left === 0) {
      one.state = "locked";
      // As the service says it of a code that alone is locked: without a time.
      this.#over("locked");
    }
    return { result: "incorrect", tries_left: one.tries_left };
  }

  #over(state) {
    this.seenAgain.push(this.facts.challenge);
    // A locked client's status names the code that was spent.
    const spent = state === "locked" ? this.facts.challenge.id : undefined;
    this.facts.challenge = null;
    this.status(state, { challenge: spent });
  }

  /** The live challenge comes to its end behind the window's back. */
  end(state, status = "not_verified") {
    this.facts.challenge.state = state;
    this.#over(status);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stub = await new Stub().start();
  console.log(`window: ${stub.url()}\nin a host page: ${stub.hostOrigin}/\nthe right code is ${CODE}`);
}
