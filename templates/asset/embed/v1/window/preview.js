// Draws the agent's window as it would look with a branding, for the frame beside the form: the window's own parts, words and
// style with the facts of an example. There is no token, nothing is called, and nothing in it can be pressed.

import { part } from "./parts.js";
import { moreOf } from "./step-text.js";
import { stepsOf } from "./step-view.js";
import { steps } from "./steps.js";
import { style } from "./style.js";
import { wordsOf } from "./text.js";
import { applyAccent } from "./theme.js";
import { viewOf } from "./view.js";

const place = document.querySelector("#window");
const tenant = JSON.parse(place.dataset.tenant);
const contact = { id: "ana", name: "Ana Ruiz", channels: [] };
const messages = [
  { id: "1", channel: "email", to: "a•••@ruiz.example", state: "sent" },
  { id: "2", channel: "sms", to: "(•••) •••-0142", state: "delivered" },
].map((one) => ({ ...one, at: place.dataset.at }));

const words = wordsOf(place.lang);
await words.learn("more");
words.setTenant(tenant);
const [top, frame] = part("frame", words.t, true);
applyAccent(top, tenant.accent);
frame.title.textContent = words.t("title", { name: "Ruiz Landscaping LLC" });
frame.about.textContent = tenant.short_name;
frame.close.setAttribute("aria-label", words.t("close"));
const drawn = stepsOf(moreOf(words), frame.view, viewOf(words, frame.view)).code({ data: { tenant }, notes: [], contact, locale: place.lang, channels: ["email", "sms"] }, {});
drawn.deliver(messages, {});
drawn.clock(10 * 60e3, 30e3);
top.inert = true;
const root = place.attachShadow({ mode: "open" });
root.adoptedStyleSheets = [style, steps];
root.append(top);
