// Tooltips: shown by pointer and keyboard, beside their button, whatever scrolls around it; Escape puts them away.
import { find } from "./crm-page.js";

const tip = find("#tip");
let shown = null;
let leaving = 0;

function place(button) {
  clearTimeout(leaving);
  shown = button;
  tip.textContent = button.dataset.tip;
  tip.hidden = !tip.textContent;
  const at = button.getBoundingClientRect();
  const above = at.top > tip.offsetHeight + 12;
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${above ? at.top - tip.offsetHeight - 6 : at.bottom + 6}px`;
}

function hide() {
  clearTimeout(leaving);
  tip.hidden = true;
  shown = null;
}

function hover(event) {
  const button = event.target.closest?.("[data-tip]");
  if (button) place(button);
  else if (event.target === tip) clearTimeout(leaving);
  else if (shown && shown !== document.activeElement) leaving = setTimeout(hide, 150);
}

addEventListener("pointerover", hover);
addEventListener("focusin", (event) => { if (event.target.matches?.(":focus-visible")) hover(event); });
addEventListener("focusout", hide);
addEventListener("scroll", hide, true);
addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
