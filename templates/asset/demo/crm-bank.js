// The protected change: the button opens for a verified client only, and the server asks the service once more.
import { all, call, find, lang, page, say } from "./crm-page.js";

const dialog = find("#bank");
let changing = null;

for (const button of all("[data-bank]")) {
  button.addEventListener("click", () => {
    changing = button.dataset.bank;
    find("#bank-client").textContent = button.dataset.name;
    find("#bank-account").value = find("#bank-error").textContent = "";
    dialog.showModal();
  });
}

dialog?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const account = find("#bank-account").value;
  const { ok, data } = await call("/bank", { client: changing, account, lang });
  if (!ok) {
    find("#bank-error").textContent = data.title;
    find("#bank-account").focus();
    return;
  }
  find(`[data-account="${CSS.escape(changing)}"]`).textContent = data.account;
  dialog.close();
  say(page.bankDone);
});

for (const button of all("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
