// Owns how a verification begins: the facts, and on most days whom the agent may be speaking with. Where the facts lead
// elsewhere, and for all that follows, there is the case, which is loaded as soon as that is on screen.

import { load } from "../load.js";
import { stands } from "../stands.js";
import { listOf } from "./list.js";
import { el, icon } from "./parts.js";
import { applyAccent } from "./theme.js";

const AGAIN = 5e3;                                 // until what could not be loaded is tried again

/**
 * Starts a verification in a frame. `about` is `{ client, surface }`; `seat` is `{ base, tenant }`; `host` hears what
 * happens by `post(type, status)`, and is asked for a new token by `ready` said again. `inline` windows cannot go away:
 * closed, they say so. Gives `{ renew, shut, end }`.
 */
export function openCase({ frame, words, about, seat, host, inline, api, view }) {
  const { t, setTenant } = words;
  const { banner } = frame;
  const list = listOf({ view, t, api });
  const encoded = encodeURIComponent(about.client);

  let data = null;                                  // what the service last said
  let problem = null;                               // or why it said nothing
  let read = 0;                                     // when that was, on the monotonic clock
  let drawn = null;                                 // the list, once it is on screen
  let course = null;                                // the case
  let closed = false;
  let ended = false;

  const alarm = (text) => frame.alert.replaceChildren(el("p", { textContent: text }));

  /** What the service says, and of it what stands on this surface. */
  async function facts() {
    const said = await api.call("GET", `/window/${seat.tenant}/clients/${encoded}`);
    said.here = stands(said.status, about.surface);
    const { client, tenant } = said;
    setTenant(tenant);
    applyAccent(frame.top, tenant.accent);
    frame.title.textContent = t("title", { name: client.name });
    // A long id says nothing to a person.
    frame.about.textContent = view.dotted(tenant.short_name, client.id.length <= 12 && client.id);
    return said;
  }

  /** Whether the facts lead to the list and nowhere else. */
  function plain({ here, challenge, contacts, pin }) {
    if (here.state !== "not_verified" || challenge?.state === "active" || !contacts.length) return false;
    return !pin?.enabled || (about.tools !== "pin" && String(here.missing ?? "") !== "pin");
  }

  async function begin() {
    problem = null;
    try {
      data = await facts();
      read = performance.now();
    } catch (why) {
      if (!api.refused(why)) throw why;
      problem = why;
    }
    if (ended) return;
    if (data && !closed && plain(data)) show();
    follow();
  }

  /** A list that nothing watches over is not left to itself. */
  function follow() {
    wake().catch(() => {
      if (ended) return;
      if (drawn) setTimeout(follow, AGAIN);
      else stuck();
    });
  }

  function show() {
    const shown = list.show(data, { notes: list.asked(data.here) }, {
      send: () => press((course) => course.send(), true),
      pin: () => press((course) => course.pin()),
    });
    drawn = shown.drawn;
    drawn.focus();
    if (shown.told) alarm(shown.told);
  }

  /** The case. It takes over what is on screen as it is: nothing that was picked is lost. */
  async function wake() {
    const [{ caseOf }] = await Promise.all([load("window/case"), words.learn("more")]);
    if (ended) throw new Error("closed");
    course ??= caseOf({ frame, words, about, seat, host, inline, api, view, list, facts, start: { data, problem, read, drawn, closed } });
    return course;
  }

  /** What was pressed, once there is a case to do it. Where it cannot be loaded that is told; the next press tries again. */
  async function press(act, sends) {
    if (sends) drawn.busy(true);
    const course = await wake().catch(() => null);
    if (sends) drawn.busy(false);
    if (course) return act(course);
    banner.hidden = false;
    banner.replaceChildren(icon("warn"), el("span", { textContent: t(trouble()) }));
    alarm(banner.textContent);
  }

  const trouble = () => navigator.onLine ? "e_server_idle" : "e_offline_idle";

  /** There is nothing on screen yet, and nothing to show it with. */
  function stuck() {
    const again = () => {
      view.clear("loading");
      begin();
    };
    view.stuck(t(trouble()), again);
    alarm(t(trouble()));
  }

  function renew(token) {
    api.renew(token);
    return course?.renew(token);
  }

  function shut() {
    if (course) return course.shut();
    if (!closed) host.post("closed", data?.status);
    closed = true;
  }

  function end() {
    ended = true;
    course?.end();
  }

  frame.close.onclick = shut;
  view.clear("loading");
  host.post("ready");
  begin();

  return { renew, shut, end };
}
