// Owns the calls to the service: the token (in memory only), the server's clock, and what went wrong.
// Knows nothing of the page.

/** An answer that is not the one hoped for. `status` 0 is no answer at all. */
class Problem extends Error {
  constructor(status, body = {}, wait = null) {
    super(body.code ?? `status ${status}`);
    this.status = status;
    this.code = body.code;
    this.body = body;
    this.wait = wait;
  }
}

export class Api {
  #token;
  #skew = 0;

  constructor({ base, token, language }) {
    this.#token = token;
    Object.assign(this, { base, language });
  }

  renew(token) { this.#token = token; }

  /** Whether it is an answer, or that there was none: what else is thrown is a mistake of ours. */
  refused(why) { return why instanceof Problem; }

  /** The server's time now. This machine's own clock only measures what has passed since the last answer. */
  now() { return Date.now() + this.#skew; }

  async call(method, path, body) {
    if (!this.#token) throw new Problem(401);
    let answer, parsed;
    const began = Date.now();
    try {
      answer = await fetch(this.base + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#token}`,
          "accept-language": this.language,
          ...(body && { "content-type": "application/json" }),
        },
        body: body && JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(15_000),
      });
      // An error may come from a proxy that speaks no JSON; an answer that is cut short is no answer.
      parsed = answer.status === 204 ? {} : await answer.json().catch((cut) => { if (answer.ok) throw cut; return {}; });
    } catch {
      throw new Problem(0);
    }
    this.#compareClocks(answer.headers.get("date"), began);
    if (answer.ok) return parsed;
    const wait = Number(answer.headers.get("retry-after"));
    throw new Problem(answer.status, parsed, Number.isFinite(wait) && wait > 0 ? wait : null);
  }

  #compareClocks(date, began) {
    if (!date) return;
    // The header counts whole seconds, so half a second is the fair guess.
    const skew = Date.parse(date) + 500 - (began + Date.now()) / 2;
    // Small differences are the header's rounding; following them would make the countdown stutter.
    if (Math.abs(skew - this.#skew) > 1500) this.#skew = skew;
  }
}
