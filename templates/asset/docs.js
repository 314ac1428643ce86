// What the page of the API can do with a script: copy an example, find a call, and show where the reader is.
// Without it everything is there to be read.

for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.closest("figure").querySelector("code").textContent;
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(code);
    } catch {
      said = "Not copied";
    }
    button.textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
}

const contents = document.querySelector("#contents");
const links = [...contents.querySelectorAll("a[href^='#']")];

const find = document.querySelector("#find");
find.closest("p").hidden = false;
find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const list of contents.querySelectorAll("ul")) {
    for (const item of list.children) {
      const text = `${item.textContent} ${item.querySelector("a").hash}`.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
    const empty = [...list.children].every((item) => item.hidden);
    list.hidden = empty;
    list.previousElementSibling.hidden = empty;
  }
});

// On a small screen the contents are folded, and fold again once something was chosen.
const small = matchMedia("(max-width: 59.99rem)");
const fold = contents.querySelector("details");
const follow = () => { fold.open = !small.matches; };
follow();
small.addEventListener("change", follow);
contents.addEventListener("click", (event) => {
  if (small.matches && event.target.closest("a")) fold.open = false;
});

// By hand: scrolled into view by the browser, a link would be where the Tab key goes on from, past the way to the content.
function bring(link) {
  const box = contents.getBoundingClientRect(), at = link.getBoundingClientRect();
  contents.scrollTop += Math.min(0, at.top - box.top) + Math.max(0, at.bottom - box.bottom);
}

const marked = new Map(links.map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    for (const link of links) link.removeAttribute("aria-current");
    const link = marked.get(target.id);
    link?.setAttribute("aria-current", "true");
    if (!small.matches && link) bring(link);
  }
}, { rootMargin: "-15% 0px -75% 0px" });
for (const section of document.querySelectorAll("section.part, section.entry")) seen.observe(section);
