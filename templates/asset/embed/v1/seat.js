// Owns what a window needs to open: a token that names whom it is about, and its address as a page of its own.

import { claimsOf } from "./claims.js";

/** Whether a token names what a window is to be about; one that cannot be read is the service's to refuse. */
function names(token, about) {
  const kind = ["session", "signing"].find((one) => about[one]) ?? "client";
  return claimsOf(token)[`${kind}s`]?.includes(about[kind]) ?? kind === "client";
}

/** What a window about a client needs: a token that names it is asked for where the page's own does not. */
export async function seatOf(service, about) {
  const shared = await service.token();
  const token = names(shared, about) ? shared : await service.ask(about);
  if (!names(token, about)) throw Object.assign(new Error("client_not_in_token"), { status: 403, code: "client_not_in_token" });
  return { base: service.base, tenant: encodeURIComponent(claimsOf(token).tenant), token };
}

/** Where the window is as a page of its own. */
export async function windowUrl(service, { client, surface = "lead_card", lang = "en", ...more }) {
  const about = { client, surface, ...more };
  const { base, tenant, token } = await seatOf(service, about);
  return `${base}/window/${tenant}#${new URLSearchParams({ token, ...about, lang })}`;
}
