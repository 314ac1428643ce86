// The lists: finding a client by name, person or number, sorting the table, and noting that somebody spoke with a client.
import { all, call, find, page, say, tellTimes } from "./crm-page.js";

// --- finding -----------------------------------------------------------------------------------------------------

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const field = find("#find");
/** A number is found however its digits are set apart. */
const digits = (node) => [...node.querySelectorAll("a[href^='tel:']")].map(({ href }) => href.replace(/\D/g, "")).join(" ");
const entries = all("[data-entry]").map((node) => [node, plain(`${node.dataset.entry} ${node.textContent} ${digits(node)}`)]);

field?.addEventListener("input", () => {
  const words = plain(field.value).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const [node, text] of entries) {
    node.hidden = !words.every((word) => text.includes(word));
    count += !node.hidden;
  }
  find("#found").textContent = page.found.replace("{n}", count).replace("{all}", entries.length);
  find("#nothing").hidden = count > 0;
});

// --- sorting -----------------------------------------------------------------------------------------------------

const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

for (const button of all("th [data-sort]")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of all("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = head.closest("table").tBodies[0];
    const value = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent.trim();
    const rows = [...body.rows].sort((one, other) => order.compare(value(one), value(other)));
    body.append(...(up ? rows : rows.reverse()));
  });
}

// --- "spoke with the client" -------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-log]");
  if (!button) return;
  const { ok, data } = await call("/contacted", { client: button.dataset.log });
  if (!ok) return say(data.title ?? page.offline);
  for (const time of all(`time[data-contacted="${CSS.escape(button.dataset.log)}"]`)) {
    time.dateTime = data.at;
    time.closest("[data-value]")?.setAttribute("data-value", data.at);
    tellTimes(time.parentElement);
  }
  say(page.logged.replace("{name}", button.dataset.name));
});
