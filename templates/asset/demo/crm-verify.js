// What it took to add verification to these pages: the service's button and window, and where their tokens come from.
import { all, call, find, lang, page } from "./crm-page.js";

const { configure } = await import(`${page.service}/embed/v1.js`).catch(() => ({}));

/** The button asks for a token of its company, once for all rows, and for one of the client whose window is to open. */
async function token({ tenant, client, surface, tools, session, signing }) {
  const { data } = await call("/token", { tenant, client, surface, tools, session, signing, agent: page.agent, lang });
  if (!data.token) throw Object.assign(new Error(data.title), { status: data.status, code: data.code });
  return data.token;
}

/** Where the service cannot be reached the link inside each button stays. */
configure?.({ base: page.service, token });

/** What only a verified client may have done. The button is for the eye: the CRM's server asks the service once more. */
addEventListener("countersign:status", ({ target, detail }) => {
  for (const button of all(`[data-bank="${CSS.escape(target.getAttribute("client"))}"]`)) {
    button.disabled = detail?.state !== "verified";
    find(`#${button.getAttribute("aria-describedby")}`).textContent =
      detail?.state === "verified" ? page.bankOpen : target.refusal ? page.bankRefused : page.bankLocked;
  }
});

/** A link to set a PIN is a message to the client: the agent is asked once before the window opens on the PIN's tools. */
export function sendPinLink(client) {
  const dialog = find("#pin");
  find("#pin-client").textContent = find(`[data-verify="${CSS.escape(client)}"]`).closest("[data-entry]").querySelector("[scope=row]").firstChild.textContent;
  dialog.showModal();
  dialog.onclose = () => { if (dialog.returnValue === "yes") buttonOf(client).open({ tools: "pin" }); };
  dialog.returnValue = "";
}

/** The button of a client, for a menu that opens the same window. */
export const buttonOf = (client) => find(`countersign-button[client="${CSS.escape(client)}"]`);
