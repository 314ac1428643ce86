// Owns the verification window in a frame: the service's own page in a dialog, for a page whose other scripts should not see
// what is typed. Opened by the same call as the element, it tells the same words: sent, verified, failed, locked, reported.

import { windowUrl } from "./seat.js";

const TYPES = ["ready", "sent", "verified", "failed", "locked", "reported", "closed"];
const PATIENCE = 10e3;

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
dialog {
  box-sizing: border-box; width: 28.5rem; max-width: calc(100vw - 2rem); height: 44rem; max-height: calc(100dvh - 2rem);
  padding: 0; border: 1px solid light-dark(#d1d9e0, #30363d); border-radius: 12px; overflow: hidden;
  background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #e6edf3);
  font: 15px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: rgb(0 0 0 / .5); }
header { display: flex; align-items: center; gap: 1rem; padding: .5rem .5rem .5rem 1rem; }
p { flex: 1; margin: 0; }
button {
  min-width: 44px; min-height: 44px; padding: 0 .75rem; border: 1px solid light-dark(#818b98, #7d8590); border-radius: 6px;
  background: none; color: inherit; font: inherit; cursor: pointer;
}
button:focus-visible { outline: 3px solid light-dark(#0550ae, #79c0ff); outline-offset: 2px; }
iframe { flex: 1; width: 100%; border: 0; color-scheme: normal; }
[hidden] { display: none; }
@media (max-width: 480px) {
  dialog { width: 100vw; max-width: none; height: 100dvh; max-height: none; margin: 0; border: 0; border-radius: 0; }
}
`);

const make = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** Opens the window about a client; `heard` is told what happens in it. Gives `{ closed }`, a promise of its end. */
export async function openWindow(service, about, { name, words, heard, wanted }) {
  const src = await windowUrl(service, about);
  if (!wanted()) return null;
  const { origin: host } = new URL(service.base);
  const place = make("div");
  const title = name ? `${words.window}: ${name}` : words.window;
  const dialog = make("dialog", { ariaLabel: title });
  const state = make("p", { textContent: words.opening, role: "status" });
  const close = make("button", { type: "button", textContent: words.close, onclick: () => dialog.close() });
  const frame = make("iframe", { title, src, referrerPolicy: "strict-origin" });
  const bar = make("header");
  bar.append(state, close);
  dialog.append(bar, frame);
  const root = place.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  root.append(dialog);
  document.body.append(place);

  let ready = false;
  const late = setTimeout(() => { state.textContent = words["opening.failed"]; }, PATIENCE);
  const renew = async () => {
    const { lang, ...who } = about;
    const token = await service.ask(who);
    frame.contentWindow?.postMessage({ source: "countersign", type: "token", token }, host);
  };
  const listen = ({ origin, source, data }) => {
    if (origin !== host || source !== frame.contentWindow) return;
    if (data?.source !== "countersign" || data.client !== about.client || !TYPES.includes(data.type)) return;
    if (data.type === "closed") return dialog.close();
    if (data.type !== "ready") return heard(data.type);
    // Said again, it asks for a new token. From the first time on the window's own heading and button serve.
    if (ready) return renew().catch(() => {});
    ready = bar.hidden = true;
    clearTimeout(late);
    frame.focus();
  };
  addEventListener("message", listen);
  const closed = new Promise((done) => dialog.addEventListener("close", () => {
    clearTimeout(late);
    removeEventListener("message", listen);
    place.remove();
    done();
  }));
  dialog.showModal();
  return { closed };
}
