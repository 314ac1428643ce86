// The inbox: looks for new messages and calls every second, redraws what changed, and answers texts.
import { lookForCalls } from "./inbox-call.js";

const lang = document.documentElement.lang;
const long = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(lang, { timeStyle: "short" });
let { tag } = document.body.dataset;

// Times are the reader's own.
function tell() {
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.textContent = ("short" in time.dataset ? short : long).format(at);
  }
}

async function redraw() {
  const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  // Without an id in the address the newest message shows, unless somebody is at work on the one that is open; with
  // one, that message stays.
  const follow = !new URLSearchParams(location.search).has("id") && !writing();
  for (const id of follow || sameMessage(fresh) ? ["list", "message"] : ["list"]) {
    document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
  }
  document.title = fresh.title;
  tell();
}

const reply = (page = document) => page.getElementById("reply");
const writing = () => reply()?.contains(document.activeElement) || Boolean(reply()?.elements.text.value);
const sameMessage = (fresh) => !writing() && reply() && reply(fresh)?.dataset.id === reply().dataset.id;

async function answer(form, text) {
  const error = form.querySelector(".error");
  error.textContent = "";
  const sent = await fetch(`/messages/${form.dataset.id}/reply`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }),
  }).catch(() => null);
  if (!sent?.ok) {
    error.textContent = error.dataset.words;
    return;
  }
  for (const turn of (await sent.json()).turns.slice(form.parentElement.querySelectorAll(".turn").length)) {
    const line = document.createElement("p");
    line.className = turn.own ? "bubble turn own" : "bubble turn";
    line.textContent = turn.text;
    form.before(line);
  }
  form.elements.text.value = "";
}

addEventListener("submit", (event) => {
  if (event.target.id !== "reply") return;
  event.preventDefault();
  const text = event.target.elements.text.value.trim();
  if (text) answer(event.target, text);
});
addEventListener("click", ({ target }) => {
  if (target.dataset.say) answer(reply(), target.dataset.say);
});

async function look() {
  try {
    await lookForCalls();
    const answer = await fetch("/messages.json", { cache: "no-store", headers: { "if-none-match": tag } });
    if (answer.ok) {
      tag = answer.headers.get("etag");
      await redraw();
    }
  } catch {
    // The inbox is away for a moment: the next look finds it again.
  }
  setTimeout(look, 1000);
}

tell();
look();
