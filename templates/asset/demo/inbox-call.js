// Calls in the inbox: one rings, is answered or not, and keys are pressed. What is said is shown, and spoken where
// the browser has a voice. There is no timer: whoever looks says when no key is pressed.
const card = document.getElementById("call");
const part = (id) => document.getElementById(`call-${id}`);
const calls = (path, body) => fetch(`/calls${path}`, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}),
});
const voice = window.speechSynthesis;
let shown = null;      // the call on the card
let state = null;      // ringing, talking, over
let busy = false;
let lines = 0;         // how many of its sentences are on the card

function put(call, next) {
  if (call.id !== shown?.id) {
    part("said").replaceChildren();
    lines = 0;
    for (const name of ["to", "from"]) card.querySelector(`[data-call="${name}"]`).textContent = call[name];
  }
  shown = call;
  state = next;
  card.hidden = false;
  card.dataset.state = next;
  for (const node of card.querySelectorAll("[data-when]")) node.hidden = !node.dataset.when.split(" ").includes(next);
  say(call.said.slice(lines));
  lines = call.said.length;
}

function say(sentences) {
  for (const { lang, text } of sentences) {
    const line = document.createElement("p");
    line.className = "bubble";
    line.lang = lang;
    line.textContent = text;
    part("said").append(line);
    if (!voice || part("sound").getAttribute("aria-pressed") !== "true") continue;
    voice.speak(Object.assign(new SpeechSynthesisUtterance(text), { lang, rate: 0.95 }));
  }
  part("said").scrollTop = part("said").scrollHeight;
}

function close() {
  voice?.cancel();
  card.hidden = true;
  shown = state = null;
  document.getElementById("ear").textContent = "";
}

/** One thing at a time; a call that is gone meanwhile is over, and one that cannot be asked is asked again. */
async function ask(path, body) {
  if (busy || !shown) return;
  busy = true;
  voice?.cancel();
  part("error").textContent = "";
  try {
    const answer = await calls(`/${shown.id}${path}`, body);
    if (answer.status === 404) return over();
    if (!answer.ok) throw new Error(answer.status);
    if (answer.status === 204) return state === "ringing" ? close() : over();
    const call = await answer.json();
    put(call, call.over ? "over" : "talking");
    if (call.over) part("close").focus();
    else if (path === "/answer") card.querySelector("[data-key]").focus();
  } catch {
    part("error").textContent = part("error").dataset.words;
  } finally {
    busy = false;
  }
}

function over() {
  put(shown, "over");
  part("close").focus();
}

part("answer").onclick = () => ask("/answer");
part("decline").onclick = () => ask("/end");
part("end").onclick = () => ask("/end");
part("close").onclick = close;
for (const key of card.querySelectorAll("[data-key]")) key.onclick = () => ask("/press", { key: key.dataset.key });
part("sound").hidden = !voice;
part("sound").onclick = ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") !== "true";
  currentTarget.setAttribute("aria-pressed", String(on));
  if (!on) voice?.cancel();
};

// The computer's own keys are the keypad's, but for somebody who is writing.
addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
  if (state !== "talking" || ctrlKey || metaKey || altKey || target.matches("input, textarea")) return;
  if (["1", "2", "9"].includes(key)) card.querySelector(`[data-key="${key}"]`).click();
});

/** Looks whether a telephone rings, or has stopped to. */
export async function lookForCalls() {
  const found = await (await fetch("/calls.json", { cache: "no-store" })).json();
  const more = found.filter(({ id, answered }) => id !== shown?.id && !answered);
  const waiting = card.querySelector('[data-call="more"]');
  if (!shown && more.length) {
    put(more.shift(), "ringing");
    const ear = document.getElementById("ear");
    ear.textContent = `${ear.dataset.words} ${shown.to}`;
  } else if (shown && state !== "over" && !busy && !found.some(({ id }) => id === shown.id)) {
    if (state === "ringing") close();
    else over();
  }
  waiting.hidden = !shown || !more.length;
  waiting.textContent = waiting.dataset.words.replace("{n}", more.length);
}
