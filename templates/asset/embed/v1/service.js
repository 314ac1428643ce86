// Owns the calls to the service, and the page's token: in memory only, shared by all. Knows nothing of buttons.

/** An answer that is not the one hoped for. `status` 0 is no answer at all. */
const problem = (status, code, wait = 0) => Object.assign(new Error(code), { status, code, wait });

export class Service {
  #held;

  constructor({ base, token, framed, tenant }) {
    this.base = new URL(base).href.replace(/\/$/, "");
    Object.assign(this, { framed, tenant, give: token });
  }

  /** A new token from the page, one that names `about` where that is given. */
  async ask(about) {
    let token;
    try {
      token = await this.give(this.tenant ? { tenant: this.tenant, ...about } : about);
    } catch (why) {
      // What the page's own server was refused with tells the agent more than that there is no token.
      throw problem(why?.status ?? 0, why?.code ?? "no_token");
    }
    if (typeof token !== "string" || !token.trim()) throw problem(401, "no_token");
    return this.newest = token.trim();
  }

  /** The page's token. Who comes while one is on its way waits for the same; `refused` is one that is no good. */
  token(refused) {
    if (!this.#held || this.#held === refused) {
      const held = this.#held = this.ask();
      held.catch(() => { if (this.#held === held) this.#held = null; });
    }
    return this.#held;
  }

  async call(path, init = {}) {
    const held = this.token();
    let answer = await this.#fetch(path, init, await held);
    if (answer.status === 401) {
      const next = this.token(held);
      answer = await this.#fetch(path, init, await next);
      if (answer.status === 401 && this.#held === next) this.#held = null;
    }
    if (answer.ok || answer.status === 304) return answer;
    const { code } = await answer.json().catch(() => ({}));
    throw problem(answer.status, code, Number(answer.headers.get("retry-after")) || 0);
  }

  #fetch(path, { headers, ...init }, token) {
    return fetch(this.base + path, {
      signal: AbortSignal.timeout(15e3), ...init, headers: { ...headers, authorization: `Bearer ${token}` }, credentials: "omit", cache: "no-store",
    }).catch(() => { throw problem(0); });
  }
}
