// Owns the ends: for each way a verification can come to rest, what it says and which ways lead on.
// It decides nothing; the last of the ways is the one to take.

/** How a code can end that leaves the window on a screen of its own. */
export const ENDED = ["expired", "superseded", "cancelled", "used", "spent"];

export function ending(kind, { words: { headed, t, timeOf, near }, view, data, challenge, reason, lockTime, now, close, reopen, retry, send, startOver, another }) {
  const shut = ["close", close];
  const fresh = ["send_new", send];
  const anew = ["start_over", startOver];
  const elsewhere = data?.contacts.some((one) => one.reachable && one.id !== challenge?.contact) ? [["help_other", another]] : [];

  const screen = (tone, picture, [text, vars], actions, extra = [], more = {}) => {
    const [head, rest] = headed(text, vars);
    return { tone, picture, head, lines: [rest, ...extra.map((key) => t(key))], actions, ...more };
  };
  const warn = (picture, text, actions, extra, say) => screen("warn", picture, text, actions, extra, { say });
  const stop = (picture, text, actions, extra, say) => screen("bad", picture, text, actions, extra, { say });
  const good = (name, lines, actions, recent) => ({ tone: "good", picture: "shield", head: t("ok", { name }), lines, actions, recent });

  switch (kind) {
    case "expired": return warn("clock", ["e_expired"], [...elsewhere, fresh], [], "say_new");
    case "superseded": return warn("warn", ["e_superseded"], [shut, anew]);
    case "cancelled": return warn("warn", ["e_cancelled"], [shut, anew]);
    case "used": return warn("warn", ["e_used"], [shut, fresh]);
    case "spent": return stop("lock", ["e_locked_code"], [...elsewhere, fresh], ["locked_hint"], "say_new");
    case "locked":
      return stop("lock", lockTime ? ["e_locked", { time: lockTime }] : ["locked_short"], [...elsewhere, shut], ["locked_hint"], "say_fail");
    case "reported": {
      const report = data.recent.find(({ action }) => action === "reported");
      const time = report && near(report.at, now);
      const who = report && t(report.contact_name ? "reported_by" : "reported_at", { name: report.contact_name, time });
      const until = data.reported_until && t("reported_until", { time: near(data.reported_until, now) });
      const steps = [...["reported_hint", "locked_hint", "reported_steps"].map((key) => t(key)), until].filter(Boolean);
      return { tone: "bad", picture: "warn", head: t("reported_title"), lines: [who], steps, say: "say_fail", actions: [shut] };
    }
    case "ok": {
      const { here: status } = data;
      const name = status.contact?.name ?? challenge?.contact_name ?? data.client.name;
      return good(name, [view.verifiedFacts(status), t("ok_hint", { time: timeOf(status.expires_at) })], [["done", close]]);
    }
    case "already": return good(data.client.name, view.alreadyFacts(data.here), [shut, ["verify_again", startOver]], data.recent);
    case "closed": return screen("calm", "ok", ["shut"], [["reopen", reopen]]);
    case "nobody": return warn("person", ["no_contacts"], [shut]);
    case "not_eligible": return warn("warn", ["e_not_eligible", { reason }], [shut]);
    case "permission": return warn("lock", ["e_permission"], [shut]);
    case "signed_out": return warn("lock", ["e_signed_out_idle"], [shut]);
    default: return warn("warn", [kind === "offline" ? "e_offline_idle" : "e_server_idle"], [["try_again", retry]]);
  }
}
