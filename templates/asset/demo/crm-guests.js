// Shows a signing or a session live, in the service's own window.
import { all, page } from "./crm-page.js";

const { loadWindow } = await import(`${page.service}/embed/v1.js`).catch(() => ({}));

async function follow({ dataset: { follow: kind, id, tenant } }) {
  await loadWindow();
  const shown = document.createElement("countersign-window");
  shown.setAttribute(kind, id);
  shown.setAttribute("tenant", tenant);
  document.body.append(shown);
  await shown.show().finally(() => shown.remove());
  // What came of it is the CRM's own to show.
  location.reload();
}

for (const button of all("[data-follow]")) {
  button.disabled = !loadWindow;
  button.onclick = () => follow(button);
}
