// Owns the calls to the service: the page's token (in memory only, shared by all), and the reading of a stream.
// Knows nothing of buttons.

/** An answer that is not the one hoped for. `status` 0 is no answer at all. */
export class Problem extends Error {
  constructor(status, code, wait = 0) {
    super(code ?? `status ${status}`);
    Object.assign(this, { status, code, wait });
  }
}

/** What a token says of itself, for looks only: the service alone decides what it is good for. */
function claimsOf(token) {
  try {
    const body = token.slice(4).split(".")[0].replace(/-/g, "+").replace(/_/g, "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0))));
  } catch {
    return {};
  }
}

/** Whether a token names what a window is to be about; one that cannot be read is the service's to refuse. */
function names(token, about) {
  const kind = ["session", "signing"].find((one) => about[one]) ?? "client";
  return claimsOf(token)[`${kind}s`]?.includes(about[kind]) ?? kind === "client";
}

export class Service {
  #give;
  #held;

  constructor({ base, token, framed, tenant }) {
    this.base = new URL(base).href.replace(/\/$/, "");
    this.origin = new URL(base).origin;
    Object.assign(this, { framed, tenant });
    this.#give = token;
  }

  async #ask(about) {
    let token;
    try {
      token = await this.#give(this.tenant ? { tenant: this.tenant, ...about } : about);
    } catch (why) {
      // What the page's own server was refused with tells the agent more than that there is no token.
      throw new Problem(why?.status ?? 0, why?.code ?? "no_token");
    }
    if (typeof token !== "string" || !token.trim()) throw new Problem(401, "no_token");
    this.agent = claimsOf(token).agent?.id ?? this.agent;
    return token.trim();
  }

  /** The page's token. Who comes while one is on its way waits for the same; `refused` is one that is no good. */
  #token(refused) {
    if (!this.#held || this.#held === refused) {
      const held = this.#held = this.#ask();
      held.catch(() => { if (this.#held === held) this.#held = null; });
    }
    return this.#held;
  }

  /** What a window about a client needs: a token that names it is asked for where the shared one does not. */
  async seat(about) {
    const shared = await this.#token();
    const token = names(shared, about) ? shared : await this.tokenFor(about);
    if (!names(token, about)) throw new Problem(403, "client_not_in_token");
    return { base: this.base, tenant: encodeURIComponent(claimsOf(token).tenant), token };
  }

  /** Where the window is as a page of its own. */
  async windowUrl({ lang, ...about }) {
    const { base, tenant, token } = await this.seat(about);
    return `${base}/window/${tenant}#${new URLSearchParams({ token, ...about, lang })}`;
  }

  /** A new token that names a client, whatever the shared one says. */
  tokenFor(about) { return this.#ask(about); }

  async call(path, { signal, ...init } = {}) {
    const held = this.#token();
    let answer = await this.#fetch(path, init, signal, await held);
    if (answer.status === 401) {
      const next = this.#token(held);
      answer = await this.#fetch(path, init, signal, await next);
      if (answer.status === 401 && this.#held === next) this.#held = null;
    }
    if (answer.ok || answer.status === 304) return answer;
    const { code } = await answer.json().catch(() => ({}));
    throw new Problem(answer.status, code, Number(answer.headers.get("retry-after")) || 0);
  }

  async #fetch(path, { headers, ...init }, signal = AbortSignal.timeout(15e3), token) {
    try {
      return await fetch(this.base + path, {
        ...init, signal, headers: { ...headers, authorization: `Bearer ${token}` }, credentials: "omit", cache: "no-store",
      });
    } catch {
      throw new Problem(0);
    }
  }
}

/** Calls `tell` with the data of each event of that name, `alive` with every sign of life, until the stream ends. */
export async function readEvents(body, name, tell, alive) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "", event = "", data = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const [, field, text] = line.match(/^(\w*): ?(.*?)\r?$/) ?? [];
      if (field === "event") event = text;
      if (field === "data") data += text;
      if (field !== undefined || line.trim()) continue;
      if (event === name) tell(data);
      event = data = "";
    }
  }
}
