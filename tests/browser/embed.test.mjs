// `<countersign-button>` on a page of a CRM, against the stub: what it shows in every state, what it asks the service for, what a
// person can do with it. Time is moved by hand.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { launch, listen, picture, violations } from "./browse.mjs";
import { EmbedStub, kevin, maria, tokenFor } from "./embed.stub.mjs";

const HOUR = 3600e3;
let stub, browser;

before(async () => { browser = await launch(); });
after(() => browser.close());
// A service of its own for each test: what a page that is gone still had to ask reaches nobody.
beforeEach(async () => { stub = await new EmbedStub().start(); });
afterEach(() => stub.stop());

/** The CRM's page in a context of its own; a complaint of its policy, or an error nobody caught, fails the test. */
async function visit({ lang = "en", scheme = "light", clock = false, url, ...options } = {}, work) {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, colorScheme: scheme, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const complaints = await listen(page);
  // So that a test can wait for what is under way.
  await page.addInitScript(() => {
    const { fetch } = window;
    window.underWay = 0;
    window.fetch = async (url, init) => {
      window.underWay += 1;
      try {
        const answer = await fetch(url, init);
        if (!String(url).includes("/stream")) await answer.clone().arrayBuffer();
        return answer;
      } finally {
        window.underWay -= 1;
      }
    };
    window.settled = async () => {
      const turn = () => new Promise((done) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); });
      do for (let turns = 0; turns < 5; turns += 1) await turn(); while (window.underWay);
    };
  });
  if (clock) await page.clock.install({ time: new Date("2026-02-27T16:00:00Z") });
  try {
    await page.goto(url ?? `${stub.crm}/?lang=${lang}`);
    await work(page, context);
    assert.deepEqual(await complaints(), []);
  } finally {
    await context.close();
  }
}

const button = (page, client = "10482") => page.locator(`countersign-button[client="${client}"] >> button`).first();
const label = (page, text, client) => button(page, client).getByText(text).waitFor();
const tip = (page, client = "10482") => page.locator(`countersign-button[client="${client}"] >> #tip`).first();
const asked = (kind = "status") => stub.requests.filter((request) => request.kind === kind);
const heard = (page, type) => page.evaluate((wanted) => window.heard.filter((one) => one.type === wanted), type);
const rows = (clients) => `<h1>Rows</h1><table><tbody>${clients.map((client) => `<tr><td>${client}</td><td><countersign-button compact client="${client}"></countersign-button></td></tr>`).join("")}</tbody></table>`;
const many = (count) => Array.from({ length: count }, (_, i) => `lead-${i}`);
/** Waits for something that only the test's own side can see. */
async function until(sees, what = "what was expected") {
  for (let tries = 0; tries < 500; tries += 1) {
    const seen = await sees();
    if (seen) return seen;
    await new Promise((done) => { setImmediate(() => setTimeout(done, 10)); });
  }
  assert.fail(`${what} did not come`);
}
const streaming = (count = 1) => until(() => stub.streams.size === count, `${count} streams`);
/** Lets the page's time run, where its clock is the test's: step by step, so that each answer is taken in before it goes on. */
async function pass(page, ms) {
  const step = Math.max(1000, ms / 60);
  for (let left = ms; left > 0; left -= step) {
    await page.clock.runFor(Math.min(step, left));
    await page.evaluate(() => window.settled());
  }
}
/** As a laptop that was shut: the wall clock went on, no timer did. */
const sleep = async (page, ms) => {
  await page.clock.setSystemTime(new Date(await page.evaluate(() => Date.now()) + ms));
  await pass(page, 1100);
};
const hide = (page, hidden) => page.evaluate((value) => {
  Object.defineProperty(document, "hidden", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);
const frameOf = (page) => until(() => page.frames().find((frame) => frame.url().includes("/window/acme")), "the window");

const states = [
  { name: "checking", set: () => { stub.hold = new Promise(() => {}); }, en: ["Checking…", "Checking status"], es: ["Consultando…", "Consultando el estado"] },
  { name: "none", set() {}, en: ["Not verified", "Not verified – click to verify"], es: ["Sin verificar", "Sin verificar: haga clic para verificar"] },
  {
    name: "pending", set: () => stub.set("10482", "code_sent", { agent: maria, challenge: "chl_1", seconds_left: 600 }),
    en: ["Code sent", "Code sent to Ana Ruiz at 2:41 PM. Click to enter it."], es: ["Código enviado", "Código enviado a Ana Ruiz a las 2:41 p.m. Haga clic para ingresarlo."],
  },
  {
    name: "in-use", set: () => stub.set("10482", "code_sent", { agent: kevin, challenge: "chl_1", seconds_left: 600 }),
    en: ["In use", "Kevin Brown is verifying this client now."], es: ["En uso", "Kevin Brown está verificando a este cliente ahora."],
  },
  {
    name: "verified", set: () => stub.verified("10482"),
    en: ["Verified 2:41 PM", "Verified Feb 27, 2:41 PM by Maria Lopez (code). Valid until 3:41 PM. Click for details."],
    es: ["Verificado 2:41 p.m.", "Verificado el 27 feb, 2:41 p.m., por Maria Lopez (código). Válido hasta las 3:41 p.m. Haga clic para ver detalles."],
  },
  {
    name: "expired", set: () => stub.set("10482", "not_verified", { last_verified_at: "2026-02-27T19:41:00Z" }),
    en: ["Not verified", "Last verified Feb 27, 2:41 PM by Maria Lopez. Click to verify again."],
    es: ["Sin verificar", "Última verificación: 27 feb, 2:41 p.m., por Maria Lopez. Haga clic para verificar otra vez."],
  },
  { name: "lapsed", set: () => stub.verified("10482", { seconds_left: 0 }), en: ["Not verified", "The verification has ended. Click to verify again."], es: ["Sin verificar", "La verificación terminó. Haga clic para verificar otra vez."] },
  { name: "locked", set: () => stub.set("10482", "locked", { seconds_left: 900 }), en: ["Locked", "Too many wrong codes. Try again at 2:41 PM."], es: ["Bloqueado", "Demasiados errores. Intente otra vez a las 2:41 p.m."] },
  {
    name: "reported", set: () => stub.set("10482", "reported"),
    en: ["Reported", "The client reported a code they did not ask for. Follow your fraud steps."], es: ["Reportado", "El cliente reportó un código que no pidió. Siga el protocolo de fraude."],
  },
  {
    name: "no-contact", set: () => { stub.body = '<h1>Leads</h1><countersign-button client="10482" unavailable="no-contact"></countersign-button>'; },
    en: ["No contact", "No email or phone on file. Add one before you verify."], es: ["Sin contacto", "No hay correo ni teléfono. Agregue uno antes de verificar."],
  },
  {
    name: "unavailable", set: () => { stub.body = '<h1>Leads</h1><countersign-button client="10482" unavailable="This lead is closed."></countersign-button>'; },
    en: ["Not eligible", "This lead is closed."], es: ["No aplica", "This lead is closed."],
  },
  { name: "not-eligible", set: () => { stub.fail = { status: 403, code: "tenant_not_eligible" }; }, en: ["Not eligible", "Your company does not use verification."], es: ["No aplica", "Su empresa no usa la verificación."] },
  { name: "not-in-token", set: () => { stub.fail = { status: 403, code: "client_not_in_token" }; }, en: ["Not eligible", "You may not verify this client."], es: ["No aplica", "No puede verificar a este cliente."] },
  { name: "signed-out", set: () => stub.refused.add(stub.token), en: ["Status unknown", "Your CRM session has ended. Sign in again."], es: ["Estado desconocido", "Su sesión del CRM terminó. Entre otra vez."] },
  { name: "unknown-client", set: () => stub.bad.add("10482"), en: ["Not eligible", "This client is not known here."], es: ["No aplica", "Este cliente no está registrado aquí."] },
  { name: "error", set: () => { stub.fail = { status: 500, code: "internal" }; }, en: ["Status unknown", "We could not check the status. Click to try again."], es: ["Estado desconocido", "No pudimos consultar el estado. Haga clic para intentar otra vez."] },
];

describe("every state", () => {
  for (const state of states) {
    for (const lang of ["en", "es"]) {
      test(`${state.name} says what it is (${lang})`, async () => {
        state.set();
        const compact = stub.body.replace("<h1>Leads</h1>", "").replace("<countersign-button", "<countersign-button compact");
        stub.body += `<p>${compact}</p>`;
        await visit({ lang }, async (page) => {
          const [words, tooltip] = state[lang];
          const shown = page.locator("countersign-button >> button");
          for (const one of [shown.first(), shown.last()]) {
            await one.getByText(words, { exact: true }).waitFor();
            assert.ok((await one.getAttribute("aria-label") ?? await one.innerText()).startsWith(words), "the name starts with the words");
            assert.ok(await one.locator("path").getAttribute("d"), "an icon");
          }
          await page.keyboard.press("Tab");
          await tip(page).filter({ visible: true }).getByText(tooltip).waitFor();
          assert.doesNotMatch(await tip(page).innerText(), /\{\w+\}|undefined|null/);
          assert.deepEqual(await violations(page), []);
          await picture(page, `button-${state.name}.${lang}`, { clip: { x: 0, y: 0, width: 520, height: 240 } });
        });
      });
    }
  }

  test("no two states share an icon and a word", async () => {
    const seen = new Map();
    for (const state of states.filter(({ name }) => !/^(lapsed|unavailable|not-in-token|signed-out|unknown-client)$/.test(name))) {
      stub.reset();
      state.set();
      await visit({}, async (page) => {
        await label(page, state.en[0]);
        const look = `${await button(page).locator("path").getAttribute("d")} ${state.en[0]}`;
        assert.equal(seen.get(look), undefined, `${state.name} looks like ${seen.get(look)}`);
        seen.set(look, state.name);
      });
    }
  });

  test("a company that uses PINs has red buttons until verified, with the service's own words", async () => {
    stub.set("10482", "not_verified", { tone: "danger" });
    await visit({}, async (page) => {
      await label(page, "Not verified");
      const color = () => button(page).evaluate((node) => getComputedStyle(node).backgroundColor);
      assert.equal(await color(), "rgb(255, 235, 233)");
      await streaming();
      stub.verified("10482");
      await label(page, "Verified 2:41 PM");
      assert.equal(await color(), "rgb(218, 251, 225)");
    });
  });

  test("targets are 44 px high, 32 in rows with a mouse and 44 with a finger", async () => {
    stub.body = '<h1>Leads</h1><countersign-button client="a"></countersign-button> <countersign-button compact client="b"></countersign-button>';
    const height = async (page, client) => (await button(page, client).boundingBox()).height;
    await visit({}, async (page) => {
      await label(page, "Not verified", "b");
      assert.deepEqual([await height(page, "a"), await height(page, "b")], [44, 32]);
    });
    await visit({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 700 } }, async (page) => {
      await label(page, "Not verified", "b");
      assert.deepEqual([await height(page, "a"), await height(page, "b")], [44, 44]);
    });
  });

  test("forced colours keep border and icon; reduced motion keeps still", async () => {
    stub.hold = new Promise(() => {});
    await visit({ forcedColors: "active", reducedMotion: "reduce" }, async (page) => {
      await label(page, "Checking…");
      const style = (selector, name) => page.locator(`countersign-button >> ${selector}`).evaluate((node, key) => getComputedStyle(node)[key], name);
      assert.equal(await style("button", "borderTopStyle"), "solid");
      assert.equal(await style("svg", "animationName"), "none");
      assert.equal(await style("path", "stroke"), await style("button", "color"));
    });
    await visit({ reducedMotion: "no-preference" }, async (page) => {
      await label(page, "Checking…");
      assert.equal(await page.locator("countersign-button >> svg").evaluate((node) => getComputedStyle(node).animationName), "turn");
    });
  });

  test("a page themes it by properties and parts, and its own scheme decides between light and dark", async () => {
    stub.verified("10482");
    await visit({ scheme: "dark" }, async (page) => {
      await label(page, "Verified 2:41 PM");
      const colour = () => button(page).evaluate((node) => getComputedStyle(node).backgroundColor);
      assert.equal(await colour(), "rgb(15, 42, 23)");
      await page.locator("countersign-button").evaluate((node) => { node.style.colorScheme = "light"; });
      assert.equal(await colour(), "rgb(218, 251, 225)");
      await page.locator("countersign-button").evaluate((node) => node.style.setProperty("--countersign-success-fill", "rgb(1, 2, 3)"));
      assert.equal(await colour(), "rgb(1, 2, 3)");
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("countersign-button::part(success) { border-radius: 22px }");
        document.adoptedStyleSheets = [sheet];
      });
      assert.equal(await button(page).evaluate((node) => getComputedStyle(node).borderTopLeftRadius), "22px");
    });
  });
});

describe("before it is there", () => {
  const link = (page) => page.getByRole("link", { name: "Verify" });

  test("where the script does not load the page's own link stays", async () => {
    stub.broken = true;
    await visit({}, async (page) => {
      await link(page).waitFor();
      assert.equal(await page.evaluate(() => customElements.get("countersign-button")), undefined);
    });
  });

  test("until it is configured the page's own link stays, too", async () => {
    stub.unconfigured = true;
    await visit({}, async (page) => {
      await page.waitForFunction(() => customElements.get("countersign-button"));
      await link(page).waitFor();
      assert.equal(stub.requests.length, 0);
      await page.evaluate(() => window.start());
      await label(page, "Not verified");
      assert.equal(await link(page).isVisible(), false);
    });
  });

  test("without a function for the token it says what is missing", async () => {
    stub.unconfigured = true;
    await visit({}, async (page) => {
      await page.waitForFunction(() => window.configure);
      assert.match(await page.evaluate(() => { try { window.configure({}); } catch (error) { return error.message; } }), /needs a function/);
    });
  });
});

describe("one request for all", () => {
  test("500 rows cost one request and one stream", async () => {
    stub.body = rows(many(500));
    await visit({}, async (page) => {
      await label(page, "Not verified", "lead-499");
      await streaming();
      await label(page, "Not verified", "lead-0");
      assert.deepEqual(stub.requests.map(({ kind, method, clients }) => [kind, method, clients.length]), [["status", "POST", 500], ["stream", "POST", 500]]);
      assert.deepEqual(await page.evaluate(() => window.asked), [null], "the token was asked for once");
    });
  });

  test("501 rows cost two", async () => {
    stub.body = rows(many(501));
    stub.streaming = false;
    await visit({}, async (page) => {
      await label(page, "Not verified", "lead-500");
      await label(page, "Not verified", "lead-0");
      assert.deepEqual(asked().map(({ clients }) => clients.length).sort(), [1, 500]);
    });
  });

  test("buttons about the same client ask for it once, and all of them hear", async () => {
    stub.body = rows(["a", "b", "a"]);
    await visit({}, async (page) => {
      await streaming();
      assert.deepEqual(asked()[0].clients, ["a", "b"]);
      stub.verified("a");
      await page.waitForFunction(() => [...document.querySelectorAll("[client=a]")].every((one) => one.status?.state === "verified"));
    });
  });

  test("rows that come later join with one request, rows that go are no longer asked for", async () => {
    stub.body = rows(["a", "b"]);
    await visit({}, async (page) => {
      await streaming();
      await page.evaluate(() => {
        document.querySelector("tr").remove();
        for (const client of ["c", "d"]) {
          const one = document.createElement("countersign-button");
          one.setAttribute("client", client);
          document.querySelector("main").append(one);
        }
      });
      await label(page, "Not verified", "d");
      await until(() => [...stub.streams].some(({ clients }) => clients.includes("d")));
      await streaming();
      assert.deepEqual(asked().map(({ clients }) => clients), [["a", "b"], ["c", "d"]]);
      assert.deepEqual([...stub.streams].map(({ clients }) => clients), [["b", "c", "d"]]);
    });
  });

  test("a row that is moved, or sorted anew, asks nothing", async () => {
    stub.body = rows(["a", "b"]);
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await label(page, "Not verified", "b");
      await pass(page, 300);
      await streaming();
      await page.evaluate(() => document.querySelector("tbody").append(document.querySelector("tr")));
      assert.equal(await button(page, "a").innerText(), "Not verified", "it does not even flicker");
      await pass(page, 50);
      stub.verified("a");
      await label(page, "Verified 2:41 PM", "a");
      assert.equal(asked().length, 1);
    });
  });

  test("another client in the same element is another status", async () => {
    stub.verified("b");
    stub.body = rows(["a"]);
    await visit({}, async (page) => {
      await label(page, "Not verified", "a");
      await page.evaluate(() => document.querySelector("countersign-button").setAttribute("client", "b"));
      await label(page, "Verified 2:41 PM", "b");
    });
  });

  test("one client that cannot be asked for does not take the others with it", async () => {
    stub.body = rows(["a", "b", "c", "d"]);
    stub.bad.add("c");
    await visit({}, async (page) => {
      await label(page, "Not eligible", "c");
      for (const client of ["a", "b", "d"]) await label(page, "Not verified", client);
    });
  });

  test("buttons in two languages on one page speak their own", async () => {
    stub.body = '<h1>Two</h1><countersign-button client="a"></countersign-button><p lang="es"><countersign-button client="b"></countersign-button></p><countersign-button lang="es" client="a" id="third"></countersign-button>';
    await visit({}, async (page) => {
      await label(page, "Not verified", "a");
      await label(page, "Sin verificar", "b");
      await page.locator("#third >> button").getByText("Sin verificar").waitFor();
      assert.deepEqual(asked().map(({ headers, clients }) => [headers["accept-language"], clients]), [["en", ["a"]], ["es", ["b", "a"]]]);
    });
  });
});

describe("the token", () => {
  test("an ended one is asked for again once, whoever needs it", async () => {
    stub.body = `${rows(["a"])}<p lang="es"><countersign-button client="b"></countersign-button></p>`;
    const ended = stub.token;
    stub.refused.add(ended);
    await visit({}, async (page) => {
      await page.evaluate(() => window.asked);
      await label(page, "Status unknown", "a");
      stub.requests.length = 0;
      await page.evaluate(() => { window.asked.length = 0; });
      stub.token = tokenFor([], { serial: 2 });
      await button(page, "a").click();
      await label(page, "Not verified", "a");
      assert.equal((await page.evaluate(() => window.asked)).length, 1);
    });
  });

  test("calls that fail together share the new one", async () => {
    stub.body = `${rows(["a"])}<p lang="es"><countersign-button client="b"></countersign-button></p>`;
    stub.issued = tokenFor([], { serial: 1 });
    stub.refused.add(stub.issued);
    let release;
    stub.hold = new Promise((done) => { release = done; });
    await visit({}, async (page) => {
      await until(() => asked().length === 2);
      stub.issued = tokenFor([], { serial: 2 });
      release();
      await label(page, "Not verified", "a");
      await label(page, "Sin verificar", "b");
      assert.deepEqual(await page.evaluate(() => window.asked), [null, null]);
      assert.equal(asked().length, 4);
    });
  });

  test("the token is in no address, no storage and no request but the header", async () => {
    await visit({}, async (page, context) => {
      await streaming();
      assert.equal(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href.includes("cst_")])), '[{},{},"",false]');
      assert.deepEqual(await context.cookies(), []);
      assert.ok(stub.requests.every(({ headers }) => !headers.cookie && headers.authorization === `Bearer ${stub.token}`));
    });
  });
});

describe("as things change", () => {
  test("a change on the stream is shown, and an older one is not", async () => {
    await visit({}, async (page) => {
      await streaming();
      stub.verified("10482");
      await label(page, "Verified 2:41 PM");
      const [stream] = stub.streams;
      stream.tell({ ...stub.status("10482", "en"), state: "not_verified", version: 0, button: { tone: "neutral", label: "Old", tooltip: "Old" } });
      stub.set("10482", "reported");
      await label(page, "Reported");
      assert.deepEqual((await heard(page, "status")).map(({ detail }) => detail.state), ["not_verified", "verified", "reported"]);
      assert.equal(asked().length, 1, "nothing was polled");
    });
  });

  test("the page hears of changes, from the element, through shadow roots", async () => {
    stub.body = '<h1>Card</h1><section></section>';
    await visit({}, async (page) => {
      await page.waitForFunction(() => customElements.get("countersign-button"));
      await page.evaluate(() => {
        const root = document.querySelector("section").attachShadow({ mode: "open" });
        const one = document.createElement("countersign-button");
        one.setAttribute("client", "10482");
        root.append(one);
      });
      await streaming();
      stub.set("10482", "code_sent", { agent: maria, challenge: "chl_1" });
      await until(async () => (await heard(page, "sent")).length);
      stub.verified("10482");
      const [event] = await until(async () => { const all = await heard(page, "verified"); return all.length && all; });
      assert.deepEqual([event.detail.client, event.detail.state, event.detail.contact.name], ["10482", "verified", "Ana Ruiz"]);
      stub.set("10482", "locked");
      stub.set("10482", "reported");
      await until(async () => (await heard(page, "reported")).length === 1 && (await heard(page, "locked")).length === 1);
    });
  });

  test("without a stream it asks again and again, and what has not changed is not sent again", async () => {
    stub.streaming = false;
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await label(page, "Not verified");
      await pass(page, 6100);
      await until(() => asked().length === 2);
      assert.equal(asked()[1].headers["if-none-match"], '"en0"');
      await label(page, "Not verified");
      stub.verified("10482");
      await until(async () => { await pass(page, 6100); return asked().length >= 3; });
      await label(page, "Verified 2:41 PM");
    });
  });

  test("while the service fails it waits longer and longer, and no less than the service says", async () => {
    stub.fail = { status: 503, code: "unavailable", headers: { "retry-after": "100" } };
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await until(() => asked().length === 1);
      await label(page, "Status unknown");
      await pass(page, 99e3);
      assert.equal(asked().length, 1);
      stub.fail = { status: 500, code: "internal" };
      await pass(page, 2e3);
      await until(() => asked().length === 2);
      for (const [least, most] of [[15, 25], [31, 50], [47, 75], [47, 75]]) {
        const before = asked().length;
        let seconds = 0;
        for (; asked().length === before && seconds < 100; seconds += 1) await pass(page, 1000);
        assert.ok(seconds >= least && seconds <= most, `asked after ${seconds} seconds, not ${least} to ${most}`);
      }
    });
  });

  test("while hidden it asks nothing and holds no stream; shown again it asks at once", async () => {
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await label(page, "Not verified");
      await pass(page, 300);
      await streaming();
      await hide(page, true);
      await streaming(0);
      const before = stub.requests.length;
      await pass(page, 10 * 60e3);
      assert.equal(stub.requests.length, before);
      stub.verified("10482");
      await hide(page, false);
      await label(page, "Verified 2:41 PM");
      await pass(page, 300);
      await streaming();
    });
  });

  test("a page that opens in the background waits until it is seen", async () => {
    stub.unconfigured = true;
    await visit({}, async (page) => {
      await page.waitForFunction(() => window.start);
      await hide(page, true);
      await page.evaluate(() => window.start());
      await label(page, "Checking…");
      assert.equal(stub.requests.length, 0);
      await hide(page, false);
      await label(page, "Not verified");
    });
  });

  test("a stream that ends is followed by a question and by another stream", async () => {
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await label(page, "Not verified");
      await pass(page, 300);
      await streaming();
      stub.set("10482", "code_sent", { agent: maria, challenge: "chl_1" });
      await label(page, "Code sent");
      // Long enough for the last of the polling to be over.
      await pass(page, 8000);
      assert.equal(asked().length, 1);
      for (const { response } of stub.streams) response.end();
      await streaming(0);
      stub.verified("10482");
      await until(async () => { await pass(page, 500); return asked().length === 2; });
      await label(page, "Verified 2:41 PM");
      await until(async () => { await pass(page, 2000); return stub.streams.size === 1; });
    });
  });

  test("where the service has no room for another stream it polls, and comes back when it was told to", async () => {
    stub.full = { "retry-after": "30" };
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await label(page, "Not verified");
      await until(async () => { await pass(page, 300); return asked("stream").length === 1; });
      stub.full = null;
      await pass(page, 25e3);
      assert.equal(asked("stream").length, 1);
      assert.ok(asked().length > 3, `${asked().length} questions`);
      await until(async () => { await pass(page, 1000); return stub.streams.size === 1; });
    });
  });

  test("a stream that has gone silent is given up", async () => {
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await label(page, "Not verified");
      await pass(page, 300);
      await streaming();
      await pass(page, 46e3);
      await streaming(0);
    });
  });
});

describe("a surface that asks for more than any proof", () => {
  const payroll = (change) => ({ surfaces: { payroll_card: { held: ["code"], missing: [], ...change } } });
  const green = { state: "verified", held: ["code", "pin"], agent: maria, verified_at: "2026-02-27T19:41:00Z", expires_at: "2026-02-27T19:42:00Z", seconds_left: 60 };
  const on = (page, surface) => page.locator(`countersign-button[surface="${surface}"] >> button`);
  const says = (page, surface, text) => on(page, surface).getByText(text, { exact: true }).waitFor();
  beforeEach(() => {
    stub.body = '<h1>Payroll</h1><countersign-button client="10482" surface="lead_card"></countersign-button> <countersign-button client="10482" surface="payroll_card"></countersign-button>';
  });

  test("each button shows and tells what counts where it stands", async () => {
    await visit({}, async (page) => {
      await says(page, "payroll_card", "Not verified");
      stub.verified("10482", payroll({ state: "not_verified", missing: ["pin"] }), { held: "code", missing: "security PIN" });
      await says(page, "lead_card", "Verified 2:41 PM");
      await says(page, "payroll_card", "Not verified");
      await on(page, "payroll_card").hover();
      await page.locator(`countersign-button[surface="payroll_card"] >> #tip`).filter({ visible: true }).getByText("This screen still needs").waitFor();
      assert.equal((await heard(page, "verified")).length, 1, "only where it counts");
      stub.verified("10482", payroll(green));
      await says(page, "payroll_card", "Verified 2:41 PM");
      await until(async () => (await heard(page, "verified")).length === 2);
      const details = (await heard(page, "verified")).map(({ detail }) => detail.seconds_left);
      assert.deepEqual(details, [3600, 60]);
      await page.locator('countersign-button[surface="payroll_card"]').evaluate((node) => node.setAttribute("surface", "enrollments"));
      await page.evaluate(() => document.querySelector('countersign-button[surface="enrollments"]').status.seconds_left).then((left) => assert.equal(left, 3600));
    });
  });

  test("without a network each is green for its own time and no longer", async () => {
    stub.verified("10482", payroll(green));
    await visit({ clock: true }, async (page) => {
      await pass(page, 20);
      await says(page, "payroll_card", "Verified 2:41 PM");
      await pass(page, 300);
      await streaming();
      stub.fail = { status: 503, code: "unavailable" };
      await pass(page, 61e3);
      await on(page, "payroll_card").getByText("Not verified").waitFor();
      assert.match(await on(page, "lead_card").innerText(), /^Verified 2:41 PM/);
      await sleep(page, HOUR);
      await on(page, "lead_card").getByText("Not verified").waitFor();
    });
  });
});

describe("when the hour ends", () => {
  const verified = async (page) => {
    await pass(page, 20);
    await label(page, "Verified 2:41 PM");
    await pass(page, 300);
    await streaming();
    stub.requests.length = 0;
  };
  /** The service's clock reaches the end, too, and tells nobody by itself. */
  const over = () => {
    const streams = stub.streams;
    stub.streams = new Set();
    stub.set("10482", "not_verified", { last_verified_at: "2026-02-27T19:41:00Z" });
    stub.streams = streams;
  };

  test("it turns back by itself, then asks", async () => {
    stub.verified("10482", { seconds_left: 60 });
    await visit({ clock: true }, async (page) => {
      await verified(page);
      for (let at = 0; at < 3; at += 1) {
        await pass(page, 18e3);
        for (const { response } of stub.streams) response.write(":\n\n");
        assert.equal(await button(page).innerText(), "Verified 2:41 PM");
      }
      over();
      await pass(page, 7e3);
      await label(page, "Not verified");
      await until(() => asked().length === 1);
      await page.waitForFunction(() => document.querySelector("countersign-button").status.last_verified_at);
      assert.equal((await heard(page, "status")).at(-1).detail.state, "not_verified");
    });
  });

  test("one with no time left is at no moment shown as one", async () => {
    stub.verified("10482", { seconds_left: 0 });
    await visit({}, async (page) => {
      await label(page, "Not verified");
      assert.deepEqual([...new Set((await heard(page, "status")).map(({ detail }) => detail.state))], ["not_verified"]);
    });
  });

  test("nor while what watches over it is not there yet", async () => {
    stub.verified("10482", { seconds_left: 0 });
    await visit({}, async (page) => {
      let release;
      const held = new Promise((done) => { release = done; });
      await page.route(/\/v1\/live\.js/, async (route) => { await held; await route.continue(); });
      await page.reload();
      await label(page, "Not verified");
      release();
    });
  });

  test("a laptop that slept over it wakes to the truth", async () => {
    stub.verified("10482");
    await visit({ clock: true }, async (page) => {
      await verified(page);
      await sleep(page, 30 * 60e3);
      assert.equal(await button(page).innerText(), "Verified 2:41 PM", "half an hour is not an hour");
      stub.fail = { status: 503, code: "unavailable" };
      await sleep(page, 31 * 60e3);
      await label(page, "Not verified");
    });
  });

  test("a laptop whose clock is set back does not make it longer", async () => {
    stub.verified("10482", { seconds_left: 40 });
    await visit({ clock: true }, async (page) => {
      await verified(page);
      await sleep(page, -10 * HOUR);
      assert.equal(await button(page).innerText(), "Verified 2:41 PM");
      stub.fail = { status: 503, code: "unavailable" };
      await pass(page, 40e3);
      await label(page, "Not verified");
    });
  });

  test("a clock that was set wrong ends it early on the screen only until the service was asked", async () => {
    stub.verified("10482");
    await visit({ clock: true }, async (page) => {
      await verified(page);
      let release;
      stub.hold = new Promise((done) => { release = done; });
      await sleep(page, 2 * HOUR);
      await label(page, "Not verified");
      release();
      await pass(page, 2e3);
      await label(page, "Verified 2:41 PM");
    });
  });

  test("without a network it is not green beyond its hour, and says that it is not up to date", async () => {
    stub.verified("10482");
    await visit({ clock: true }, async (page, context) => {
      await verified(page);
      await page.clock.pauseAt(await page.evaluate(() => Date.now()) + 500);
      await context.setOffline(true);
      await label(page, "Verified 2:41 PM · not up to date");
      await page.keyboard.press("Tab");
      await tip(page).getByText("this is what was known last").waitFor();
      await sleep(page, HOUR);
      await label(page, "Not verified · not up to date");
      over();
      await context.setOffline(false);
      await until(async () => { await pass(page, 1000); return asked().length; });
      await label(page, "Not verified");
      await page.waitForFunction(() => document.querySelector("countersign-button").status.last_verified_at);
      assert.equal(await button(page).innerText(), "Not verified");
    });
  });
});

describe("the tooltip", () => {
  test("shows on hover and stays while it is pointed at", async () => {
    stub.verified("10482");
    stub.body = '<h1>Card</h1><p>Some</p><p>room</p><p>above</p><countersign-button client="10482"></countersign-button>';
    await visit({}, async (page) => {
      await label(page, "Verified 2:41 PM");
      await button(page).hover();
      await tip(page).waitFor();
      const box = await tip(page).boundingBox();
      await page.mouse.move(box.x + 40, box.y + box.height / 2, { steps: 4 });
      await page.evaluate(() => new Promise((done) => { setTimeout(done, 300); }));
      assert.ok(await tip(page).isVisible());
      await page.mouse.move(800, 550);
      await tip(page).waitFor({ state: "hidden" });
    });
  });

  test("shows on focus, and Escape closes it and nothing else", async () => {
    stub.body = '<dialog open><h1>Card</h1><countersign-button client="10482"></countersign-button></dialog>';
    await visit({}, async (page) => {
      await label(page, "Not verified");
      await page.evaluate(() => { document.querySelector("dialog").close(); document.querySelector("dialog").showModal(); });
      await tip(page).waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await page.evaluate(() => document.querySelector("dialog").open), true, "the first Escape closed the tooltip");
      await tip(page).waitFor({ state: "hidden" });
      await page.keyboard.press("Escape");
      assert.equal(await page.evaluate(() => document.querySelector("dialog").open), false);
    });
  });

  test("is never cut off by a table that scrolls", async () => {
    stub.body = `<h1>Rows</h1><div id="box" tabindex="0">${rows(["a", "b", "c"])}</div>`;
    await visit({}, async (page) => {
      await label(page, "Not verified", "c");
      await page.evaluate(() => Object.assign(document.querySelector("#box").style, { height: "60px", width: "90px", overflow: "auto" }));
      await button(page, "a").focus();
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("Tab");
      await tip(page, "a").waitFor();
      const box = await tip(page, "a").boundingBox();
      assert.ok(box.x >= 8 && box.width > 120, JSON.stringify(box));
      const hit = await page.evaluate(({ x, y }) => document.elementFromPoint(x, y)?.localName, { x: box.x + box.width - 5, y: box.y + 5 });
      assert.equal(hit, "countersign-button");
    });
  });

  test("a finger that stays shows it, one that taps opens the window", async () => {
    await visit({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 700 } }, async (page, context) => {
      await label(page, "Not verified");
      const { x, y, width, height } = await button(page).boundingBox();
      const touch = await context.newCDPSession(page);
      const point = [{ x: x + width / 2, y: y + height / 2 }];
      await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: point });
      await tip(page).waitFor();
      await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
      assert.equal(await page.locator("dialog").count(), 0);
      await page.touchscreen.tap(200, 600);
      await tip(page).waitFor({ state: "hidden" });
      await button(page).tap();
      await page.locator("dialog").waitFor();
    });
  });
});

describe("rows that come and go", () => {
  test("a client that comes back is shown, though nothing about it is new", async () => {
    stub.streaming = false;
    await visit({}, async (page) => {
      const show = (client) => page.evaluate((id) => {
        const next = document.createElement("countersign-button");
        next.setAttribute("client", id);
        document.querySelector("countersign-button").replaceWith(next);
      }, client);
      await label(page, "Not verified");
      for (const client of ["20", "10482", "20"]) {
        await show(client);
        await label(page, "Not verified", client);
      }
    });
  });

  test("what the service refuses to tell is not what it told before", async () => {
    stub.streaming = false;
    stub.verified("10482");
    await visit({}, async (page) => {
      await label(page, "Verified 2:41 PM");
      await page.waitForFunction(() => window.heard.some(({ type }) => type === "status"));
      stub.fail = { status: 403, code: "tenant_not_eligible" };
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await label(page, "Not eligible");
      const last = () => page.evaluate(() => window.heard.filter(({ type }) => type === "status").at(-1).detail?.state ?? "nothing");
      assert.equal(await last(), "nothing");
      stub.fail = null;
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await label(page, "Verified 2:41 PM");
      assert.equal(await last(), "verified");
    });
  });

  test("a window that comes late does not open over the one that was asked for after it", async () => {
    stub.body = '<h1>Leads</h1><countersign-button client="2"></countersign-button><countersign-button client="10482"></countersign-button>';
    await visit({}, async (page) => {
      const of = (client) => page.locator(`countersign-button[client="${client}"] button`);
      for (const client of ["2", "10482"]) await of(client).getByText("Not verified").waitFor();
      let release;
      const held = new Promise((done) => { release = done; });
      await page.route(/\/token$/, async (route) => { await held; await route.continue(); });
      stub.issued = tokenFor(["2"]);
      await of("2").click();
      await of("10482").click();
      await frameOf(page);
      release();
      await page.locator('countersign-button[client="2"] button:not(.checking)').waitFor();
      assert.deepEqual(page.frames().map((frame) => new URL(frame.url()).hash.match(/client=(\w+)/)?.[1]).filter(Boolean), ["10482"]);
    });
  });
});

describe("a page with clients of several tenants", () => {
  const rows = (count) => Array.from({ length: count }, (_, n) => `<countersign-button client="c-${n}" tenant="t-${n}"></countersign-button>`).join("");

  test("asks for one token and one batch a tenant, and says which", async () => {
    stub.body = `<h1>Leads</h1>${rows(2)}<countersign-button client="c-9" tenant="t-1"></countersign-button>`;
    await visit({}, async (page) => {
      await page.getByRole("button", { name: "Not verified" }).nth(2).waitFor();
      assert.deepEqual(await page.evaluate(() => window.asked), [{ tenant: "t-0" }, { tenant: "t-1" }]);
      const batches = stub.requests.filter(({ kind }) => kind === "status").map(({ clients }) => clients.join());
      assert.deepEqual(batches.sort(), ["c-0", "c-1,c-9"]);
    });
  });

  test("gives its stream back when its last button goes, and hears again when one comes", async () => {
    stub.body = `<h1>Leads</h1>${rows(1)}`;
    await visit({ clock: true }, async (page) => {
      await page.getByRole("button", { name: "Not verified" }).waitFor();
      // Long enough that no poll is due any more.
      await pass(page, 20_000);
      await streaming(1);
      await page.evaluate(() => { window.row = document.querySelector("countersign-button"); row.remove(); });
      await pass(page, 100);
      await streaming(0);
      await page.evaluate(() => document.body.append(row));
      await pass(page, 1000);
      await streaming(1);
    });
  });

  test("holds two streams, and asks for the rest", async () => {
    stub.body = `<h1>Leads</h1>${rows(5)}`;
    await visit({ clock: true }, async (page) => {
      await page.getByRole("button", { name: "Not verified" }).nth(4).waitFor();
      await pass(page, 1000);
      await until(() => stub.streams.size === 2, "two streams");
      const streamed = [...stub.streams].flatMap(({ clients }) => clients);
      const polled = ["c-0", "c-1", "c-2", "c-3", "c-4"].filter((client) => !streamed.includes(client));
      for (const client of polled) stub.statuses.set(client, { client, state: "locked", pin: "not_set", requirements: [], version: 5 });
      await pass(page, 8000);
      await page.getByText("Locked").nth(2).waitFor();
      assert.equal(stub.streams.size, 2);
    });
  });

  test("a tenant that may not is shown so, with the reason that the page's server was given", async () => {
    stub.body = `<h1>Leads</h1>${rows(2)}`;
    stub.unconfigured = true;
    await visit({}, async (page) => {
      await page.evaluate(() => {
        window.refuse = ({ tenant }) => tenant === "t-0" && Object.assign(new Error("no"), { status: 403, code: "tenant_not_eligible" });
        window.start();
      });
      await page.getByText("Not eligible").waitFor();
      await page.getByRole("button", { name: "Not verified" }).waitFor();
      const [no, yes] = await page.evaluate(() => [...document.querySelectorAll("countersign-button")].map(({ refusal }) => refusal));
      assert.match(no, /does not use verification/);
      assert.equal(yes, null);
    });
  });

  test("a menu's entry opens what the button opens", async () => {
    await visit({}, async (page) => {
      await label(page, "Not verified");
      await page.evaluate(() => document.querySelector("countersign-button").open());
      await frameOf(page);
    });
  });
});

describe("the window", () => {
  const opened = async (page) => {
    await label(page, "Not verified");
    await button(page).focus();
    await page.keyboard.press("Enter");
    const frame = await frameOf(page);
    await page.locator("dialog").waitFor();
    await page.locator("dialog header").waitFor({ state: "hidden" });
    return frame;
  };
  const focused = (page) => page.evaluate(() => document.activeElement.getAttribute("client"));

  test("opens by keyboard with the token in the fragment, closes on its word, and gives the focus back", async () => {
    stub.body = '<h1>Leads</h1><countersign-button client="10482" surface="payroll_card" name="Ruiz Landscaping"></countersign-button>';
    await visit({}, async (page) => {
      const frame = await opened(page);
      const { search, hash, origin } = new URL(frame.url());
      assert.deepEqual([origin, search], [stub.origin, ""]);
      assert.deepEqual(Object.fromEntries(new URLSearchParams(hash.slice(1))), { token: stub.token, client: "10482", surface: "payroll_card", lang: "en" });
      assert.equal(await page.locator("dialog").getAttribute("aria-label"), "Verification: Ruiz Landscaping");
      assert.doesNotMatch(await button(page).getAttribute("class"), /checking/, "nothing is waited for any more");
      assert.equal(await page.locator("dialog iframe").getAttribute("title"), "Verification: Ruiz Landscaping");
      await picture(page, `button-window`);
      assert.deepEqual(await violations(page, { iframes: false }), []);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.locator("dialog").waitFor({ state: "detached" });
      await until(async () => (await heard(page, "closed")).length);
      assert.equal(await focused(page), "10482");
    });
  });

  test("a button that becomes another client's while its window is open tells of the one that it was opened for", async () => {
    await visit({}, async (page) => {
      const frame = await opened(page);
      await page.evaluate(() => document.querySelector("countersign-button").setAttribute("client", "99"));
      // By now nobody would ask for the first one any more.
      await label(page, "Not verified", "99");
      stub.verified("10482");
      await frame.evaluate(() => { window.say("failed"); window.say("closed"); });
      for (const type of ["failed", "closed"]) {
        const [event] = await until(async () => { const all = await heard(page, type); return all.length && all; });
        assert.deepEqual([event.detail.client, event.detail.state], ["10482", "verified"], type);
      }
    });
  });

  test("what is asked for at its end is told whatever else is asked for meanwhile", async () => {
    stub.streaming = false;
    await visit({}, async (page) => {
      const frame = await opened(page);
      await page.evaluate(() => document.querySelector("countersign-button").setAttribute("client", "99"));
      await label(page, "Not verified", "99");
      stub.verified("10482");
      let release;
      stub.hold = new Promise((done) => { release = done; });
      const before = asked().length;
      await frame.evaluate(() => { window.say("failed"); window.say("closed"); });
      await page.locator("dialog").waitFor({ state: "detached" });
      await until(() => asked().length === before + 2);
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await until(() => asked().length === before + 3);
      release();
      for (const type of ["failed", "closed"]) {
        const [event] = await until(async () => { const all = await heard(page, type); return all.length && all; });
        assert.deepEqual([event.detail.client, event.detail.state], ["10482", "verified"], type);
      }
    });
  });

  test("what happens in it is asked for at once and told to the page", async () => {
    stub.streaming = false;
    await visit({}, async (page) => {
      const frame = await opened(page);
      stub.set("10482", "code_sent", { agent: maria, challenge: "chl_1", seconds_left: 600 });
      await frame.evaluate(() => window.say("sent"));
      await until(async () => (await heard(page, "sent")).length === 1);
      await frame.evaluate(() => window.say("failed"));
      await until(async () => (await heard(page, "failed")).length === 1);
      stub.verified("10482");
      await frame.evaluate(() => window.say("verified"));
      const [event] = await until(async () => { const all = await heard(page, "verified"); return all.length && all; });
      assert.deepEqual([event.client, event.detail.state], ["10482", "verified"]);
      await frame.evaluate(() => window.say("closed"));
      const [end] = await until(async () => { const all = await heard(page, "closed"); return all.length && all; });
      assert.equal(end.detail.state, "verified");
      await label(page, "Verified 2:41 PM");
    });
  });

  test("a page that draws its rows anew meanwhile hears its end, and has the focus where it was", async () => {
    await visit({}, async (page) => {
      const frame = await opened(page);
      await page.evaluate(() => {
        const old = document.querySelector("countersign-button");
        const next = document.createElement("countersign-button");
        next.setAttribute("client", "10482");
        next.id = "next";
        old.replaceWith(next);
      });
      stub.verified("10482");
      await frame.evaluate(() => window.say("closed"));
      const [end] = await until(async () => { const all = await heard(page, "closed"); return all.length && all; });
      assert.equal(end.detail.state, "verified");
      assert.equal(await page.evaluate(() => document.activeElement.id), "next");
    });
  });

  test("Escape and the dialog's own button close it where the window never comes", async () => {
    stub.late = true;
    await visit({}, async (page) => {
      await label(page, "Not verified");
      for (const leave of [() => page.getByRole("button", { name: "Close" }).first().click(), () => page.keyboard.press("Escape")]) {
        await button(page).click();
        await page.locator("dialog header").getByText("Opening…").waitFor();
        await leave();
        await page.locator("dialog").waitFor({ state: "detached" });
        await page.waitForFunction(() => document.activeElement.localName === "countersign-button");
      }
    });
  });

  test("a message from anyone else is not heard", async () => {
    await visit({}, async (page, context) => {
      const frame = await opened(page);
      // From the page itself, from another origin, from the window about somebody else, and in a shape nobody knows.
      await page.evaluate((origin) => window.postMessage({ source: "countersign", type: "closed", client: "10482" }, "*"));
      const other = await context.newPage();
      await other.goto(stub.foreign);
      await page.evaluate((url) => { window.other = null; addEventListener("message", ({ origin, data }) => { if (data === "done") window.other = origin; }); window.popup = window.open(url); }, stub.foreign);
      const popup = await until(() => context.pages().find((one) => one !== page && one !== other && one.url().startsWith(stub.foreign)));
      await popup.evaluate(() => { opener.postMessage({ source: "countersign", type: "closed", client: "10482" }, "*"); opener.postMessage("done", "*"); });
      await page.waitForFunction((origin) => window.other === origin, stub.foreign);
      const before = asked().length;
      await frame.evaluate(() => { window.say("closed", { client: "1" }); window.say("nonsense"); window.say("closed", { source: "x" }); window.say("failed"); });
      await until(async () => (await heard(page, "failed")).length === 1);
      assert.equal(asked().length, before + 1, "only a word that is known is a reason to ask");
      assert.equal(await page.locator("dialog").isVisible(), true);
      assert.deepEqual(await heard(page, "closed"), []);
    });
  });

  test("a token that ends while it is open is renewed, for the window's own origin only", async () => {
    await visit({}, async (page) => {
      const frame = await opened(page);
      stub.token = tokenFor(["10482"], { serial: 2 });
      await frame.evaluate(() => window.say("ready"));
      const [message] = await until(async () => { const all = await frame.evaluate(() => window.heard); return all.length && all; });
      assert.deepEqual(message, { origin: stub.crm, data: { source: "countersign", type: "token", token: stub.token } });
      assert.deepEqual((await page.evaluate(() => window.asked)).at(-1), { client: "10482", surface: "lead_card" });
    });
  });

  test("for a client that the page's token does not name, one that does is asked for", async () => {
    stub.token = tokenFor([]);
    await visit({}, async (page) => {
      await label(page, "Not verified");
      stub.token = tokenFor(["10482"], { serial: 2 });
      await button(page).click();
      const frame = await frameOf(page);
      assert.equal(await frame.evaluate(() => window.about.token), stub.token);
      assert.deepEqual(await page.evaluate(() => window.asked), [null, { client: "10482", surface: "lead_card" }]);
    });
  });

  test("where there is none the button says calmly that this client may not be verified", async () => {
    stub.token = tokenFor(["somebody"]);
    await visit({}, async (page) => {
      await label(page, "Not verified");
      await button(page).click();
      await label(page, "Not eligible");
      await tip(page).filter({ visible: true }).getByText("You may not verify this client.").waitFor();
      assert.equal(await page.locator("dialog").count(), 0);
      assert.match(await button(page).getAttribute("class"), /neutral/);
    });
  });

  test("where the CRM gives no token the button says so and stays as it was", async () => {
    stub.verified("10482");
    stub.token = tokenFor([]);
    await visit({}, async (page) => {
      await label(page, "Verified 2:41 PM");
      await page.route("**/token", (route) => route.abort());
      await button(page).click();
      await tip(page).filter({ visible: true }).getByText("The window did not open.").waitFor();
      assert.equal(await button(page).innerText(), "Verified 2:41 PM");
    });
  });

  test("a page may open it in a way of its own", async () => {
    await visit({}, async (page) => {
      await label(page, "Not verified");
      await page.evaluate(() => addEventListener("countersign:open", (event) => { event.preventDefault(); window.wanted = event.detail.client; }));
      await button(page).click();
      assert.equal(await page.evaluate(() => window.wanted), "10482");
      assert.equal(await page.locator("dialog").count(), 0);
    });
  });

  test("a phone's whole screen is its", async () => {
    await visit({ viewport: { width: 390, height: 700 } }, async (page) => {
      await opened(page);
      const { x, y, width, height } = await page.locator("dialog").boundingBox();
      assert.deepEqual([x, y, width, height], [0, 0, 390, 700]);
    });
  });
});

describe("a status of the page's own", () => {
  test("is shown without a service, and the service's again after", async () => {
    await visit({}, async (page) => {
      await label(page, "Not verified");
      await page.locator("countersign-button").evaluate((node, status) => { node.status = status; }, stub.verified("1") && stub.status("1", "en"));
      await label(page, "Verified 2:41 PM");
      await page.locator("countersign-button").evaluate((node) => { node.status = null; });
      await label(page, "Not verified");
    });
  });
});

describe("the page for developers", () => {
  const developers = ({ lang = "en", ...options }, work) => visit({ url: `${stub.origin}/embed?lang=${lang}`, viewport: { width: 1366, height: 900 }, reducedMotion: "reduce", ...options }, async (page, context) => {
    await page.locator("#snippet code span").first().waitFor();
    await work(page, context);
  });
  const subject = (page) => page.locator("#set countersign-button[name] >> button");
  const event = (page, type) => page.locator("#log li").getByText(`countersign:${type}`, { exact: true });

  const widths = [["desk", {}], ["phone", { viewport: { width: 390, height: 844 } }], ["narrow", { viewport: { width: 320, height: 700 } }]];
  for (const [name, options] of widths.flatMap(([name, options]) => ["en", "es"].map((lang) => [`${name}.${lang}`, { lang, ...options }]))) {
    test(`can be read (${name})`, async () => {
      await developers(options, async (page) => {
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
        assert.deepEqual(await violations(page), []);
        assert.doesNotMatch(await page.locator("main").innerText(), /\{base\}|undefined|NaN|guide\./);
        await picture(page, `developers-${name}`, { fullPage: true });
      });
    });
  }

  test("shows every state, in both languages, with what it tells the page", async () => {
    await developers({}, async (page) => {
      const names = await page.locator("#k-state option").evaluateAll((all) => all.map((one) => one.value));
      for (const name of names) {
        await page.locator("#k-state").selectOption(name);
        assert.ok((await subject(page).innerText()).length > 3, name);
      }
      assert.equal(names.length, await page.locator("#state-table tbody tr").count());
      await page.locator("#k-lang").selectOption("es");
      await page.locator("#k-state").selectOption("code_sent");
      await subject(page).getByText("Código enviado").waitFor();
      await event(page, "sent").first().waitFor();
      await subject(page).click();
      await event(page, "open").first().waitFor();
      await page.getByRole("button", { name: "Clear" }).click();
      assert.equal(await page.locator("#log li").count(), 0);
      assert.equal(asked().length, 0, "no service was asked");
    });
  });

  test("in Spanish its script speaks Spanish, too, and the samples do", async () => {
    await developers({ lang: "es" }, async (page) => {
      await subject(page).getByText("Verificado").waitFor();
      await page.getByText("Nadie ha verificado a este cliente últimamente.").waitFor();
      assert.match(await page.locator("#contrast").innerText(), /^Texto sobre su fondo: [\d.]+ a 1, suficiente\.$/);
      assert.match(await page.locator("#snippet code").innerText(), /lang="es"/);
      await page.locator("#snippet").getByRole("button", { name: "Copiar" }).waitFor();
      await page.getByRole("radio", { name: "Este servicio" }).check();
      await page.locator("#k-token").fill("csk_secret");
      await page.getByRole("button", { name: "Conectar" }).click();
      await page.getByText("Eso es una clave de API").waitFor();
      await page.getByRole("button", { name: "Volver a lo estándar" }).click();
      await page.waitForFunction(() => document.querySelector("#k-lang").value === "es");
      await page.getByRole("link", { name: "English" }).click();
      await page.getByRole("heading", { name: "The verification button" }).waitFor();
    });
  });

  test("gives the code of what is seen, and copies it", async () => {
    await developers({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
      await page.getByLabel("compact, for rows").check();
      await page.locator("#k-surface").selectOption("payroll_card");
      await page.locator("#k-radius").fill("20");
      await page.locator("#k-fg").fill("#c0ffc0");
      assert.match(await page.locator("#contrast").innerText(), /Too little/);
      const code = await page.locator("#snippet code").innerText();
      for (const part of ['surface="payroll_card" compact>', "--countersign-radius: 20px;", `src="${stub.origin}/embed/v1.js"`]) assert.ok(code.includes(part), code);
      assert.equal(await subject(page).evaluate((node) => getComputedStyle(node).borderTopLeftRadius), "20px");
      await page.locator("#snippet").getByRole("button", { name: "Copy" }).click();
      await page.locator("#snippet").getByRole("button", { name: "Copied" }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);
      await page.getByRole("button", { name: "Back to the standard" }).click();
      await page.waitForFunction(() => !document.querySelector("#snippet code").textContent.includes("--countersign"));
    });
  });

  test("connects to the service with a token, and takes no API key", async () => {
    stub.crm = stub.origin;
    stub.verified("10482");
    await developers({}, async (page) => {
      await page.getByRole("radio", { name: "This service" }).check();
      await page.locator("#k-client").fill("10482");
      await page.locator("#k-token").fill("csk_secret");
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText("That is an API key").waitFor();
      assert.equal(await page.locator("#k-token").inputValue(), "");
      await page.locator("#k-token").fill(stub.token);
      await page.getByRole("button", { name: "Connect" }).click();
      await subject(page).getByText("Verified 2:41 PM").waitFor();
      await event(page, "status").first().waitFor();
      await subject(page).click();
      await page.locator("countersign-window dialog").waitFor();
    });
  });

  test("can be used by keyboard: tabs of the examples, the skip link", async () => {
    await developers({}, async (page) => {
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.id), "main");
      await page.getByRole("tab", { name: "Node" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.getByRole("tab", { name: "Python", selected: true }).waitFor();
      await page.getByText("def countersign_token").waitFor();
    });
  });
});
