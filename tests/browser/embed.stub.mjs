// A stand-in for the service behind the button, and a CRM on another origin with a policy as strict as they come. Answers are
// what a test decides; statuses carry the real words. The button's modules are the real ones.

import { createServer } from "node:http";
import { embedded, served, tables } from "./modules.mjs";

export const maria = { id: "a-1", name: "Maria Lopez" };
export const kevin = { id: "a-2", name: "Kevin Brown" };

/** A token as the service makes them, as far as a browser reads it. */
export const tokenFor = (clients, { agent = maria, tenant = "acme", serial = 1 } = {}) =>
  `cst_${Buffer.from(JSON.stringify({ tenant, agent, clients, serial })).toString("base64url")}.c2ln`;

export class EmbedStub {
  async start() {
    [this.server, this.origin] = await this.#listen((request, response) => this.#serve(request, response));
    [this.crmServer] = await this.#listen((request, response) => this.#page(request, response));
    [this.foreignServer, this.foreign] = await this.#listen((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Somebody else</title>");
    });
    this.reset();
    return this;
  }

  async stop() {
    for (const server of [this.server, this.crmServer, this.foreignServer]) {
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

  reset() {
    Object.assign(this, {
      requests: [], statuses: new Map(), streams: new Set(), streaming: true, hold: null, fail: null, full: null, broken: null,
      crm: `http://127.0.0.1:${this.crmServer.address().port}`, unconfigured: false, token: tokenFor(["10482"]), issued: null, refused: new Set(), bad: new Set(), late: false,
      body: '<h1>Leads</h1><countersign-button client="10482"><a href="/window">Verify</a></countersign-button>',
    });
  }

  /** What is known of a client from now on; told to all who listen. */
  set(client, state, change = {}, values = {}) {
    const version = (this.statuses.get(client)?.version ?? 0) + 1;
    const status = { client, state, pin: "not_set", requirements: [], version, ...change, values };
    this.statuses.set(client, status);
    for (const stream of this.streams) if (stream.clients.includes(client)) stream.tell(this.status(client, stream.lang));
    return status;
  }

  verified(client, change = {}, values = {}) {
    return this.set(client, "verified", {
      method: "code", channels: ["sms"], assurance: "contact", contact: { id: "c-1", name: "Ana Ruiz" }, agent: maria, challenge: "chl_1",
      verified_at: "2026-02-27T19:41:00Z", expires_at: "2026-02-27T20:41:00Z", seconds_left: 3600, ...change,
    }, values);
  }

  status(client, lang) {
    const { values = {}, tone: own, ...status } = this.statuses.get(client) ?? { client, state: "not_verified", pin: "not_set", requirements: [], version: 0 };
    const es = lang === "es";
    const told = {
      date: es ? "27 feb" : "Feb 27", time: es ? "2:41 p.m." : "2:41 PM", until: es ? "3:41 p.m." : "3:41 PM",
      name: "Ana Ruiz", agent: status.agent?.name ?? maria.name, method: es ? "código" : "code", ...values,
    };
    const fill = (key) => tables[lang][key].replace(/\{(\w+)\}/g, (_, name) => told[name]).replace(/\.m\.\./g, ".m.");
    const tone = own ?? { code_sent: "pending", verified: "success", locked: "danger", reported: "danger" }[status.state] ?? "neutral";
    const tip = status.state === "not_verified" && status.last_verified_at ? "expired" : status.state;
    const surfaces = status.surfaces && Object.fromEntries(Object.entries(status.surfaces).map(([name, one]) => [name, this.#on(one, fill)]));
    return { ...status, ...(surfaces && { surfaces }), button: { tone, label: fill(`button.${status.state}`), tooltip: fill(`button.${tip}.tooltip`) } };
  }

  #on({ state, ...one }, fill) {
    const tip = state === "not_verified" ? "missing" : state;
    return { state, ...one, button: { tone: state === "verified" ? "success" : "neutral", label: fill(`button.${state}`), tooltip: fill(`button.${tip}.tooltip`) } };
  }

  // ---- the service

  async #serve(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://stub");
    const open = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin", "x-content-type-options": "nosniff" };
    if (pathname === "/embed" || pathname.startsWith("/assets/i18n/")) return this.#asIs(request, response);
    if (pathname.startsWith("/embed/")) return this.#module(pathname.slice(7), response, open);
    if (pathname === "/window/acme") return this.#window(response);
    const cors = {
      "access-control-allow-origin": this.crm, "access-control-expose-headers": "etag, retry-after", vary: "origin",
      "access-control-allow-methods": "GET, POST", "access-control-allow-headers": "authorization, content-type, accept, accept-language, if-none-match", "access-control-max-age": "600",
    };
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const clients = chunks.length ? JSON.parse(Buffer.concat(chunks)).clients : searchParams.getAll("client");
    const kind = pathname.endsWith("/stream") ? "stream" : "status";
    this.requests.push({ kind, method: request.method, clients, headers: request.headers });
    await this.hold;
    const lang = request.headers["accept-language"];
    const refuse = (status, code, headers = {}) => response.writeHead(status, { ...cors, ...headers, "content-type": "application/problem+json" }).end(JSON.stringify({ code }));
    if (pathname.startsWith("/window/")) return refuse(503, "unavailable");
    const bearer = request.headers.authorization?.slice(7);
    if (this.refused.has(bearer) || !bearer?.startsWith("cst_")) return refuse(401, "unauthorized");
    if (this.fail) return refuse(this.fail.status, this.fail.code, this.fail.headers);
    if (clients.some((client) => this.bad.has(client))) return refuse(400, "invalid_request");
    if (kind === "stream" && this.full) return refuse(503, "unavailable", this.full);
    if (kind === "stream") return this.streaming ? this.#stream(response, cors, clients, lang) : refuse(404, "not_found");
    const statuses = clients.map((client) => this.status(client, lang));
    const tag = `"${lang}${statuses.map(({ version }) => version).join()}"`;
    if (request.headers["if-none-match"] === tag) return response.writeHead(304, { ...cors, etag: tag }).end();
    response.writeHead(200, { ...cors, etag: tag, "content-type": "application/json" }).end(JSON.stringify({ statuses }));
  }

  #stream(response, cors, clients, lang) {
    response.writeHead(200, { ...cors, "content-type": "text/event-stream", "cache-control": "no-store" });
    const stream = { clients, lang, response, tell: (status) => response.write(`event: status\nid: ${status.version}\ndata: ${JSON.stringify(status)}\n\n`) };
    response.write("retry: 2000\n\n:\n\n");
    for (const client of clients) stream.tell(this.status(client, lang));
    this.streams.add(stream);
    response.on("close", () => this.streams.delete(stream));
  }

  async #module(name, response, open) {
    if (this.broken) return response.writeHead(503).end();
    const body = await embedded(name);
    response.writeHead(200, { ...open, "content-type": `text/${name.endsWith(".css") ? "css" : "javascript"}; charset=utf-8` }).end(body);
  }

  /** What the service itself gives, with the headers that matter to a page. */
  async #asIs(request, response) {
    const answer = await served(request.url, request.headers["accept-language"]);
    const kept = ["content-type", "content-security-policy"].filter((name) => answer.headers.has(name));
    response.writeHead(answer.status, Object.fromEntries(kept.map((name) => [name, answer.headers.get(name)]))).end(await answer.text());
  }

  /** A window that does what the test tells it. */
  #window(response) {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": `frame-ancestors ${this.crm}` });
    response.end(`<!doctype html><html lang="en"><meta name="color-scheme" content="light dark"><title>Window</title><h1>Verify Ana Ruiz</h1><button id="b">Close</button><script>
      const about = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
      const host = location.ancestorOrigins?.[0] ?? new URL(document.referrer).origin;
      window.say = (type, more) => parent.postMessage({ source: "countersign", type, client: about.client, state: null, version: null, ...more }, host);
      window.heard = []; addEventListener("message", ({ origin, data }) => heard.push({ origin, data }));
      window.about = about;
      b.onclick = () => say("closed"); ${this.late ? "" : 'say("ready");'}
    </script>`);
  }

  // ---- the CRM

  async #page(request, response) {
    if (request.url === "/token") return response.end(this.issued ?? this.token);
    if (request.url === "/crm.js") {
      response.writeHead(200, { "content-type": "text/javascript" });
      return response.end(`
        import { configure } from "${this.origin}/embed/v1.js";
        window.asked = []; window.heard = []; window.configure = configure;
        for (const type of ["status", "sent", "verified", "failed", "locked", "reported", "closed"]) {
          addEventListener("countersign:" + type, ({ target, detail }) => heard.push({ type, client: target.getAttribute("client"), detail }));
        }
        window.start = () => configure({ framed: true, token: async (about) => { asked.push(about ?? null); if (window.refuse?.(about)) throw window.refuse(about); return (await fetch("/token")).text(); } });
        ${this.unconfigured ? "" : "start();"}`);
    }
    response.writeHead(200, {
      "content-type": "text/html; charset=utf-8", "referrer-policy": "no-referrer",
      "content-security-policy": `default-src 'none'; script-src 'self' ${this.origin}; style-src 'self'; connect-src 'self' ${this.origin}; `
        + `frame-src ${this.origin}; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`,
    });
    const [, lang = "en"] = request.url.match(/lang=(\w+)/) ?? [];
    response.end(`<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">`
      + `<link rel="icon" href="data:,"><title>CRM</title><script type="module" src="/crm.js"></script><main>${this.body}</main></html>`);
  }
}
