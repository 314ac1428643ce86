// The verification button and window for pages of a CRM: `<countersign-button client="…">`, and `configure` to say where
// the agent's token comes from. How it is used stands at /embed of the service.

import { CountersignButton } from "./v1/button.js";
import { load } from "./v1/load.js";
import { Service } from "./v1/service.js";
import { current, refreshAll, use } from "./v1/statuses.js";

/**
 * Starts all buttons of the page.
 * `token` gives a promise of the agent's token, from your own server. It is asked once, and again when the token has ended;
 * asked with `{ client, surface }` it wants one that names this client, for the window. A button with a `tenant` asks with
 * `{ tenant }`, too: for pages that show clients of several. What it throws may have the `status` and `code` of a refusal.
 * `base` is where the service is: the origin that this module came from, unless said otherwise.
 * `framed` shows the window as a page of the service in a frame, out of reach of the page's other scripts.
 */
export function configure({ base = new URL("..", import.meta.url), token, framed = false } = {}) {
  if (typeof token !== "function") throw new TypeError("countersign: configure({ token }) needs a function");
  use((tenant) => new Service({ base, token, framed, tenant }));
  CountersignButton.configured();
}

/** The address of the window about a client, for a page that opens it in a way of its own. It holds the token: keep it out of logs. */
export const windowUrl = ({ tenant, ...about }) => load("address").then((address) => address.windowUrl(current(tenant), about));

/** Makes `<countersign-window>` known, for a page that places or opens the window in a way of its own. */
export const loadWindow = () => load("window").then((window) => window.connect(current, refreshAll));

if (!customElements.get("countersign-button")) customElements.define("countersign-button", CountersignButton);
