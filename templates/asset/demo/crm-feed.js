// What the CRM was told, as it arrives: the count on the tab, the strip in the corner, and the rows of its own screen.
import { call, el, find, lang, page, tellTimes } from "./crm-page.js";

const strip = find("#feed");
const toggle = find("#feed-toggle"); // not on the screen of its own
let revision = -1;
let wanted = false; // whether the agent opened the strip
let verifying = false; // whether the window is open

const line = (row) => el("li", { className: row.older ? "older" : "" },
  el("time", { dateTime: row.at }),
  el("code", { textContent: row.kind }),
  el("span", { className: "sub", textContent: [row.client_name, row.state_word, row.version && `v${row.version}`].filter(Boolean).join(" · ") }),
  ...(row.times > 1 ? [el("span", { className: "sub", textContent: page.repeated.replace("{n}", row.times) })] : []),
  ...(row.older ? [el("span", { className: "sub", textContent: page.older })] : []));

function unfold() {
  const open = wanted || verifying;
  toggle.setAttribute("aria-expanded", String(open));
  find("#feed-list").hidden = !open;
  // Above the window's backdrop: an agent who verifies sees what the CRM hears meanwhile. The focus stays where it is.
  const focused = document.activeElement;
  if (strip.matches(":popover-open")) strip.hidePopover();
  strip.showPopover();
  if (document.activeElement !== focused) focused.focus();
}

async function draw() {
  const { ok, data } = await call(`/received?lang=${lang}`);
  if (!ok) return;
  find("#feed-list").replaceChildren(...data.rows.map(line));
  for (const time of strip.querySelectorAll("time")) time.dataset.as = "clock";
  tellTimes(strip);
  const newest = data.rows[0];
  find("#feed-newest").textContent = newest ? newest.kind : page.noneYet;
}

/** The screen of its own: new rows come on top, a row that came again is drawn anew, what is unfolded stays so. */
async function drawScreen() {
  const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  find("#figures").replaceChildren(...fresh.querySelector("#figures").childNodes);
  const there = find("#pushes tbody");
  const came = fresh.querySelector("#pushes tbody");
  if (!there || !came) return find("#pushes").replaceChildren(...fresh.querySelector("#pushes").childNodes);
  for (const row of [...came.rows].reverse()) {
    const known = there.querySelector(`tr[data-id="${CSS.escape(row.dataset.id)}"]`);
    if (!known) there.prepend(row);
    else known.querySelector("[data-checks]").replaceChildren(...row.querySelector("[data-checks]").childNodes);
  }
  tellTimes();
}

async function look() {
  const { ok, data } = document.hidden ? {} : await call("/changes");
  if (ok && data.revision !== revision) {
    revision = data.revision;
    find("#count").textContent = data.pushes || "";
    if (strip) await draw();
    else if (String(revision) !== page.revision) await drawScreen();
    page.revision = revision;
  }
}

/** Asked of the CRM's own server, which knows: it costs the service nothing, so a push shows within half a second. */
export async function listen() {
  await look();
  setTimeout(listen, 500);
}

if (strip) {
  toggle.addEventListener("click", () => {
    wanted = !wanted;
    unfold();
  });
  for (const [event, open] of [["opened", true], ["closed", false]]) {
    addEventListener(`countersign:${event}`, () => {
      verifying = open;
      unfold();
    });
  }
  unfold();
}
