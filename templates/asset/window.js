// Owns the window as a page of its own, in a frame or a popup, and what passes between it and the CRM that embeds it: the
// address's fragment, messages out, a new token in. Anything but the embedding page itself is neither spoken to nor listened to.

/** Reads the fragment and takes the token out of the address, so that it is in no history, bookmark or screenshot. */
function readAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  fragment.delete("token");
  history.replaceState(null, "", `${location.pathname}${location.search}#${fragment}`);
  const [, tenant] = location.pathname.match(/\/window\/([^/]+)/) ?? [null, ""];
  const kind = ["session", "signing"].find((one) => fragment.has(one)) ?? "client";
  return {
    token,
    tenant,
    about: [kind, fragment.get(kind) ?? ""],
    surface: fragment.get("surface") ?? "lead_card",
    tools: fragment.get("tools"),
    language: fragment.get("lang") ?? navigator.language.slice(0, 2),
  };
}

function parentOrigin() {
  if (parent === window) return null;
  const known = location.ancestorOrigins?.[0] ?? document.referrer;
  try {
    const { origin } = new URL(known);
    return origin === "null" ? null : origin;
  } catch {
    return null;
  }
}

class Host {
  #origin = parentOrigin();

  constructor([kind, id], onToken) {
    this.about = { [kind]: id };
    addEventListener("message", ({ origin, source, data }) => {
      if (!this.#origin || origin !== this.#origin || source !== parent) return;
      if (data?.source === "countersign" && data.type === "token" && typeof data.token === "string") onToken(data.token);
    });
  }

  post(type, status) {
    if (!this.#origin) return;
    const { state = null, version = null } = status ?? {};
    parent.postMessage({ source: "countersign", type, ...this.about, state, version }, this.#origin);
  }
}

/** The page is called what the window's heading says. */
const entitle = (title) => new MutationObserver(() => { document.title = title.textContent; }).observe(title, { childList: true });

async function start() {
  const { tenant, token, about, surface, tools, language } = readAddress();
  document.documentElement.lang = language === "es" ? "es" : "en";
  const element = document.createElement("countersign-window");
  element.setAttribute("inline", "");
  element.setAttribute(...about);
  element.setAttribute("surface", surface);
  if (tools) element.setAttribute("tools", tools);
  const opening = document.getElementById("opening");
  const fail = () => {
    element.remove();
    opening.replaceWith(document.getElementById("fatal").content);
  };
  try {
    await import("/embed/v1/window.js");
  } catch {
    return fail();
  }
  const host = new Host(about, (next) => element.renew(next));
  opening.after(element);
  const heard = (type, status) => {
    if (type === "ready" && opening.isConnected) {
      opening.remove();
      entitle(element.shadowRoot.getElementById("title"));
    }
    host.post(type, status && { ...status, ...status.surfaces?.[surface] });
  };
  element.show({ base: "", tenant, token, heard }).catch(fail);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    element.close();
  });
}

start();
