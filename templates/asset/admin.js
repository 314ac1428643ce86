// What htmx leaves open about what it replaces in place, lists and the preview of a wording. An answer without that part, such as the
// page to sign in on again, is gone to as a page, and a form is sent as one; whoever's place went with the list before is put at the
// new one; a field is marked by its faults. And the preview of a call is read aloud, where the browser can.

const goes = ({ detail: { pathInfo, requestConfig: { elt } } }) => {
  if (elt.form) elt.form.requestSubmit(elt);
  else location.assign(pathInfo.finalRequestPath);
};
const voice = window.speechSynthesis;

function settled() {
  for (const field of document.querySelectorAll("[aria-describedby$=-faults]")) {
    if (document.getElementById(field.getAttribute("aria-describedby")).firstElementChild) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  for (const play of document.querySelectorAll(".play")) play.hidden = !voice;
}

settled();
addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if ([200, 422].includes(xhr.status) && xhr.response.includes(`id="${target.id}"`)) {
    Object.assign(event.detail, { shouldSwap: true, isError: false });
    return;
  }
  event.preventDefault();
  goes(event);
});
addEventListener("htmx:sendError", goes);
addEventListener("htmx:afterSettle", () => {
  settled();
  if (document.activeElement === document.body) document.querySelector("#list")?.focus();
});
addEventListener("click", ({ target }) => {
  if (!target.matches(".play")) return;
  if (voice.speaking) voice.cancel();
  else voice.speak(Object.assign(new SpeechSynthesisUtterance(target.dataset.words), { lang: target.dataset.lang }));
});
