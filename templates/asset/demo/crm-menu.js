// The menu of a row: opens beside its button; arrows, Home and End move in it; Escape and Tab leave it for the button.
import { all, find } from "./crm-page.js";
import { buttonOf as verification, sendPinLink } from "./crm-verify.js";

const buttonOf = (menu) => find(`[popovertarget="${CSS.escape(menu.id)}"]`);
const itemsOf = (menu) => [...menu.querySelectorAll("[role=menuitem]")];

function toggled(menu, isOpen) {
  const button = buttonOf(menu);
  button.setAttribute("aria-expanded", String(isOpen));
  if (!isOpen) return;
  for (const item of menu.querySelectorAll("[data-verify]")) {
    const why = verification(item.dataset.verify).refusal;
    item.setAttribute("aria-disabled", String(Boolean(why)));
    const note = item.querySelector("[data-why]");
    if (note) Object.assign(note, { hidden: !why, textContent: why ?? "" });
  }
  const at = button.getBoundingClientRect();
  menu.style.left = `${Math.max(8, at.right - menu.offsetWidth)}px`;
  const below = at.bottom + 4 + menu.offsetHeight < innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - menu.offsetHeight - 4)}px`;
  itemsOf(menu)[0].focus();
}

function leave(menu) {
  menu.hidePopover();
  buttonOf(menu).focus();
}

function move(event, menu) {
  const items = itemsOf(menu);
  const at = items.indexOf(document.activeElement);
  const to = {
    ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1,
  }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    items[to].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    leave(menu);
  }
}

for (const menu of all("[role=menu]")) {
  menu.addEventListener("toggle", (event) => toggled(menu, event.newState === "open"));
  menu.addEventListener("keydown", (event) => move(event, menu));
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[role=menuitem]");
    if (!item || item.getAttribute("aria-disabled") === "true") return;
    leave(menu);
    if (item.matches("[data-verify]")) item.matches("[data-pin]") ? sendPinLink(item.dataset.verify) : verification(item.dataset.verify).open();
  });
  buttonOf(menu).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    menu.showPopover();
  });
}
