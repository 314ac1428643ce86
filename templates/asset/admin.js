// What htmx leaves open about the lists of the console, which it replaces in place: an answer that has no list is gone to as a page,
// such as the one to sign in on again; and whoever's place went with the list before is put at the new one.

const goes = ({ detail }) => location.assign(detail.pathInfo.finalRequestPath);

addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 200 && xhr.response.includes('id="list"')) return;
  event.preventDefault();
  goes(event);
});
addEventListener("htmx:sendError", goes);
addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) document.querySelector("#list")?.focus();
});
