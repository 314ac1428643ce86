// The inbox: looks for new messages every second and redraws what changed.
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
  // Without an id in the address the newest message shows; with one, the reader keeps the message that is open.
  const follow = !new URLSearchParams(location.search).has("id");
  for (const id of follow ? ["list", "message"] : ["list"]) {
    document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
  }
  document.title = fresh.title;
  tell();
}

async function look() {
  try {
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
