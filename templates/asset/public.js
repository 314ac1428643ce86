// What a script adds to a public page: a form is sent once, however often its button is pressed, a PIN that is shown need not
// be typed twice, and what is to be kept can be printed and copied.

const show = document.querySelector(".show");
let sent = false;

document.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});
// Back from the next page: what it asks for may be asked for again.
addEventListener("pageshow", () => { sent = false; });

if (show) {
  const { form } = show;
  const pin = form.elements.namedItem("pin");
  const again = form.elements.namedItem("again");
  const words = [show.textContent, show.dataset.hide];
  const shown = Object.assign(document.createElement("input"), { type: "hidden", name: "shown", value: "1", disabled: true });
  form.append(shown);

  const turn = (on) => {
    pin.type = on ? "text" : "password";
    again.disabled = on;
    again.closest(".field").hidden = on;
    shown.disabled = !on;
    show.textContent = words[Number(on)];
  };
  show.addEventListener("click", () => {
    turn(pin.type === "password");
    pin.focus();
  });
  show.hidden = false;

  // Browsers keep what was typed into fields that show it.
  form.addEventListener("submit", () => { pin.type = "password"; });
  // Back from the next page: the form is as it was left, so it starts over.
  addEventListener("pageshow", () => { turn(false); });
}

/** A button that only a script can be behind. */
const offer = (button, work) => {
  button.addEventListener("click", work);
  button.hidden = button.parentElement.hidden = false;
};

for (const button of document.querySelectorAll(".print")) offer(button, () => { print(); });

// Browsers have a clipboard for pages that came safely.
for (const button of navigator.clipboard ? document.querySelectorAll(".copy") : []) {
  const said = button.parentElement.querySelector("[role=status]");
  const source = document.querySelector(button.dataset.copies);
  offer(button, async () => {
    said.textContent = "";
    const lines = [...source.querySelectorAll("code")].map((code) => code.textContent.replace(/\s/g, ""));
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      said.textContent = button.dataset.copied;
    } catch {
      // The browser was told not to: then it takes a key of the keyboard.
      getSelection().selectAllChildren(source);
    }
  });
}
