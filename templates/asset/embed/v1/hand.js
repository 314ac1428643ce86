// Owns what a person does with a button: its tooltip, and what a click does. Loaded when one is first pointed at or reached.

import { load } from "./load.js";
import { stands } from "./stands.js";

// Besides what every button hears from the first on.
const HEARD = ["pointerleave", "pointerup", "pointercancel", "contextmenu", "focusout", "keydown"];
const HELD = 500;                                 // milliseconds of a touch that asks for the tooltip

let pointed = null;                               // the one button whose tooltip is shown
let turn = null;                                  // the press whose window is to open: a later one takes its place
const timers = new WeakMap();                     // button -> until its tooltip comes or goes
const held = new WeakSet();                       // buttons whose touch has shown the tooltip and is no click
const opened = new WeakSet();                     // buttons whose window is open

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
button { -webkit-touch-callout: none; }
#tip {
  position: fixed; inset: auto; display: none; box-sizing: border-box; width: max-content; max-width: min(20rem, 100vw - 16px);
  margin: 0; padding: .5em .75em; border: 1px solid transparent; border-radius: 6px; overflow: visible; z-index: 2147483647;
  background: light-dark(#1f2328, #e6edf3); color: light-dark(#fff, #0d1117); overflow-wrap: break-word;
  font: 13px/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
#tip.on { display: block; }
.ear { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`);

addEventListener("scroll", () => pointed && place(pointed), true);
addEventListener("pointerdown", ({ target }) => pointed && target !== pointed && hide(pointed), true);

// ---- the tooltip

export function hear(element, event, pressed) {
  const { type } = event, touch = event.pointerType === "touch";
  const { button } = element;
  equip(element);
  if (type === "click" && pressed) held.has(element) ? event.preventDefault() : press(element);
  // One that is told of late may be over.
  if (type === "pointerenter" && !touch && (event.eventPhase || element.matches(":hover"))) show(element);
  if (type === "pointerleave" && !touch && !button.matches(":focus-visible")) later(element, 200, () => hide(element));
  if (type === "focusin" && button.matches(":focus-visible")) show(element);
  if (type === "focusout") hide(element);
  if (type === "pointerdown") held.delete(element);
  if (type === "pointerdown" && touch && pressed) {
    later(element, HELD, () => {
      held.add(element);
      show(element);
    });
  }
  if ((type === "pointerup" || type === "pointercancel") && touch) clearTimeout(timers.get(element));
  if (type === "contextmenu" && held.has(element)) event.preventDefault();
  if (type === "keydown" && event.key === "Escape" && pointed === element) {
    // The key closed the tooltip and nothing else of the page.
    event.preventDefault();
    event.stopPropagation();
    hide(element);
  }
}

/** A button has drawn what may have another size. */
export function drawn(element) { if (pointed === element) place(element); }

function later(element, ms, act) {
  timers.set(element, setTimeout(act, ms));
}

function show(element) {
  clearTimeout(timers.get(element));
  if (!element.face || !element.isConnected) return;
  if (pointed && pointed !== element) hide(pointed);
  pointed = element;
  element.tip.className = "on";
  // Where nothing is known yet there are but the first words.
  if (!element.face.act) element.words().catch(() => {});
  if (!element.tip.matches(":popover-open")) element.tip.showPopover();
  place(element);
}

function place({ button, tip }) {
  const at = button.getBoundingClientRect(), { offsetWidth, offsetHeight, style } = tip;
  const above = at.top - offsetHeight - 6;
  style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - offsetWidth - 8))}px`;
  style.top = `${above > 8 ? above : at.bottom + 6}px`;
}

export function hide(element) {
  clearTimeout(timers.get(element));
  if (pointed !== element) return;
  pointed = null;
  element.tip.hidePopover();
  element.tip.className = "";
}

/** What a tooltip needs, and the ear of those who do not see it. */
function equip(element) {
  const root = element.shadowRoot;
  if (root.adoptedStyleSheets.includes(sheet)) return;
  root.adoptedStyleSheets.push(sheet);
  element.ear = Object.assign(document.createElement("span"), { className: "ear", role: "status" });
  root.append(element.ear);
  for (const event of HEARD) element.addEventListener(event, element);
}

function explain(element) {
  show(element);
  element.ear.textContent = element.tip.textContent;
}

// ---- what a click does

export function press(element, tools) {
  equip(element);
  element.refused = null;
  const { board, face: { act } } = element;
  if (act === "retry") return board?.life?.retry();
  if (act !== "open") return explain(element);
  if (element.tell("open", { cancelable: true }) && board && !opened.has(element)) enter(element, tools);
}

async function enter(element, tools) {
  const { board, row, service, surface, language: lang } = element, { client } = row;
  // A page may draw its rows anew meanwhile, or make this button another client's: then one that is still about this client
  // takes its place.
  const heir = () => (row.buttons.has(element) ? element : [...row.buttons][0] ?? element);
  const tell = (type) => heir().tell(type, { detail: stands(row.status, surface) });
  const about = { client, surface, lang, ...(tools && { tools }) };
  const refresh = async () => (await board.wake())?.refresh(client);
  const heard = async (type, status) => {
    if (status?.button) (await board.wake())?.take(status);
    // What its opening and its end bring is asked for elsewhere.
    if (type !== "ready" && type !== "closed") await refresh();
    if (type === "failed") tell(type);
  };
  const mine = turn = {};
  const wanted = () => turn === mine && heir().isConnected;
  let open = true;
  // Once: whatever comes after may belong to the next window.
  const over = () => {
    if (!open) return;
    open = row.open = false;
    opened.delete(element);
    wait(element, false);
  };
  row.open = true;
  opened.add(element);
  hide(element);
  wait(element, true);
  try {
    const { openWindow } = await load(service.framed ? "framed" : "window");
    const words = service.framed && await element.words();
    const window = await openWindow(service, about, { name: element.getAttribute("name"), words, heard, wanted });
    wait(element, false);
    if (window) {
      tell("opened");
      await window.closed;
      // Who clicks again at once is not made to wait for the status.
      over();
      await refresh();
      tell("closed");
    }
  } catch (problem) {
    element.refused = problem;
    await element.words().catch(() => {});
  }
  over();
  // The browser gives the focus back to where it was; where that is gone, it is the button's.
  if (!document.activeElement || document.activeElement === document.body) heir().focus();
  if (element.refused) explain(element);
}

function wait(element, waiting) {
  element.waiting = waiting;
  element.draw();
}
