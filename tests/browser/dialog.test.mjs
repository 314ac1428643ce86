// The agent's window as a dialog of a CRM's own page, whose policy allows nothing that it need not: every state, and what the
// page hears. What an agent does in the window is in window.test.mjs; here is what differs where it is no frame.

import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { launch, listen, picture, violations } from "./browse.mjs";
import { until } from "./serving.mjs";
import { states } from "./states.mjs";
import { CODE, GOOD, Stub } from "./stub.mjs";

const stub = await new Stub().start();
// Where a browser keeps no cookie of a third party, nothing may be missing.
const browser = await launch("--test-third-party-cookie-phaseout");

after(async () => {
  await browser.close();
  await stub.stop();
});
beforeEach(() => {
  stub.reset();
  delete stub.check;
});

const button = (page) => page.locator("countersign-button >> button");
const dialog = (page) => page.locator("countersign-window >> dialog");
const shown = (page, text) => dialog(page).getByText(text).filter({ visible: true }).first().waitFor();
const live = (change) => { stub.facts.challenge = stub.challenge(change); };
const heard = (page, type) => page.waitForFunction((wanted) => window.heard.find(([one]) => one === wanted), type).then((found) => found.jsonValue());
const enter = async (page, code) => {
  await page.locator("#digits").fill(code);
  await page.keyboard.press("Enter");
};

/** The page opens a window of its own, without a button. */
const place = (page, attribute) => page.evaluate(async (name) => {
  await loadWindow();
  const own = document.createElement("countersign-window");
  own.setAttribute("client", "10482");
  if (name) own.setAttribute(name, "");
  document.body.append(own);
  window.ended = false;
  own.show().then(() => { window.ended = true; });
}, attribute);

/** A page of the CRM with its own context; what it complains about is kept, and must be nothing. */
async function visit({ lang = "en", scheme = "light", width = 1366, height = 768, open = true } = {}, work) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const complaints = await listen(page);
  try {
    await page.goto(`${stub.hostOrigin}/page?lang=${lang}`);
    if (open) {
      await button(page).click();
      await dialog(page).waitFor();
    }
    await work(page, context);
    assert.deepEqual(await complaints(), []);
    assert.deepEqual(await context.cookies(), [], "no cookie is kept");
  } finally {
    await context.close();
  }
}

/** States that a click of the button does not lead to: it shows them itself. */
const own = ["signed-out", "server-error", "loading"];

describe("every state in the page", () => {
  for (const state of states.filter(({ name }) => !own.includes(name))) {
    for (const lang of ["en", "es"]) {
      test(`${state.name} can be read (${lang})`, async () => {
        await visit({ lang, open: false }, async (page, context) => {
          await button(page).filter({ hasText: /not_verified/ }).waitFor();
          state.set(stub);
          await button(page).click();
          if (state.name === "closed") {
            await dialog(page).locator("#view h2").first().waitFor();
            await page.keyboard.press("Escape");
            await dialog(page).waitFor({ state: "detached" });
            return;
          }
          await dialog(page).locator("#view h2").first().waitFor();
          await state.act?.(page, stub);
          await shown(page, state[lang]);
          if (state.focus) await page.waitForFunction((wanted) => active().matches(wanted), state.focus);
          assert.equal(await dialog(page).getAttribute("lang"), lang);
          const text = await dialog(page).innerText();
          assert.doesNotMatch(text, /\{\w+\}|undefined|null|NaN|window\.\w|\.\./, "a text is not filled in");
          assert.deepEqual(await violations(page), []);
          assert.ok(await dialog(page).evaluate((node) => node.scrollWidth <= node.clientWidth), "no sideways scroll");
          await picture(page, `dialog-${state.name}.${lang}`);
          await context.setOffline(false);
        });
      });
    }
  }

  for (const name of ["choose", "code", "verified"]) {
    test(`${name} needs no scrolling at 1366 by 768`, async () => {
      await visit({ open: false }, async (page) => {
        await button(page).filter({ hasText: /not_verified/ }).waitFor();
        const state = states.find((one) => one.name === name);
        state.set(stub);
        await button(page).click();
        await dialog(page).locator("#view h2").first().waitFor();
        await state.act?.(page, stub);
        await shown(page, state.en);
        assert.ok(await dialog(page).evaluate((node) => node.scrollHeight <= node.clientHeight));
      });
    });
  }
});

describe("the dialog and its page", () => {
  test("with the keyboard alone: opened, sent, verified, closed, and the focus is where it was", async () => {
    await visit({ open: false }, async (page) => {
      await button(page).filter({ hasText: /not_verified/ }).waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => active().matches("input[value='c-1']"));
      await page.keyboard.press("Space");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => active().id === "digits");
      await page.keyboard.type("482 913");
      await page.keyboard.press("Enter");
      await shown(page, "Ana Ruiz is verified");
      await page.keyboard.press("Enter");
      await dialog(page).waitFor({ state: "detached" });
      assert.equal(await page.evaluate(() => document.activeElement.localName), "countersign-button");
      await button(page).filter({ hasText: /^verified/ }).waitFor();
      await page.waitForFunction(() => window.heard.some(([type]) => type === "closed"));
      const told = (await page.evaluate(() => window.heard)).map(([type, from]) => `${from}: ${type}`);
      assert.deepEqual(told, ["countersign-button: sent", "countersign-button: verified", "countersign-button: closed"]);
    });
  });

  test("who types faster than the service tells is told of in order all the same", async () => {
    await visit({}, async (page) => {
      await shown(page, "Who are you speaking with?");
      let release;
      const held = new Promise((done) => { release = done; });
      // The look that follows the sending, not one of those before it.
      const sent = () => stub.requests.some(({ path }) => path.endsWith("/codes"));
      let asked = 0;
      await page.route("**/window/acme/**", async (route) => { if (sent() && ++asked === 1) await held; await route.continue(); });
      await dialog(page).locator("input[value='c-1']").check();
      await dialog(page).getByRole("button", { name: "Send code" }).click();
      await enter(page, CODE);
      await dialog(page).getByRole("button", { name: "Checking" }).waitFor();
      // What was asked before this has been heard by now.
      await page.evaluate(() => fetch("/token"));
      assert.deepEqual(stub.requests.filter(({ path }) => path.endsWith("/check")), []);
      release();
      await shown(page, "Ana Ruiz is verified");
      const told = await page.evaluate(() => window.heard.map(([type, , state]) => [type, state]));
      assert.deepEqual(told, [["sent", "code_sent"], ["verified", "verified"]]);
    });
  });

  test("closing cancels nothing, and opening again comes to the same step", async () => {
    live();
    await visit({}, async (page) => {
      await shown(page, "Code sent to Ana Ruiz");
      await page.locator("#digits").fill("48");
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "detached" });
      await button(page).click();
      await page.waitForFunction(() => active().id === "digits");
      assert.equal(stub.requests.filter(({ method }) => method === "POST").length, 0);
    });
  });

  test("a closed window asks the service nothing more", async () => {
    live();
    await visit({}, async (page) => {
      await shown(page, "Code sent to Ana Ruiz");
      await dialog(page).getByRole("button", { name: "Close" }).click();
      await dialog(page).waitFor({ state: "detached" });
      await page.clock.install();
      const asked = stub.requests.length;
      await page.clock.runFor(30_000);
      assert.deepEqual(stub.requests.slice(asked).filter(({ path }) => path.includes("challenges")), []);
    });
  });

  test("a token that ends is renewed by the page, what was typed kept", async () => {
    live();
    await visit({}, async (page) => {
      await shown(page, "Code sent to Ana Ruiz");
      stub.token = `${GOOD}2`;
      await enter(page, CODE);
      const renewed = ({ method, path, headers }) => method === "GET" && path.includes("challenges") && headers.authorization === `Bearer ${GOOD}2`;
      await until(() => stub.requests.some(renewed), "a look by the new token");
      await page.locator("#banner").waitFor({ state: "hidden" });
      assert.equal(await page.locator("#digits").inputValue(), CODE);
      await page.locator("#digits").press("Enter");
      await shown(page, "Ana Ruiz is verified");
    });
  });

  test("a window that the page places itself tells the page, too", async () => {
    live({ tries_left: 2 });
    await visit({ open: false }, async (page) => {
      await button(page).filter({ hasText: /not_verified/ }).waitFor();
      await place(page, "");
      await enter(page, "111111");
      await heard(page, "failed");
      await enter(page, CODE);
      assert.deepEqual(await heard(page, "verified"), ["verified", "countersign-window", "verified"]);
      await dialog(page).getByRole("button", { name: "Done" }).click();
      await page.waitForFunction(() => window.ended);
      await button(page).filter({ hasText: /^verified/ }).waitFor();
    });
  });

  test("inline it fills its place, and can be opened again", async () => {
    live();
    await visit({ open: false }, async (page) => {
      await button(page).filter({ hasText: /not_verified/ }).waitFor();
      await place(page, "inline");
      const inline = page.locator("countersign-window >> main");
      await inline.getByText("Code sent to Ana Ruiz").waitFor();
      await inline.getByRole("button", { name: "Close" }).click();
      await inline.getByRole("button", { name: "Open again" }).click();
      await inline.getByText("Code sent to Ana Ruiz").waitFor();
    });
  });

  test("inline it takes the focus from nobody when its step changes by itself", async () => {
    live();
    await visit({ open: false }, async (page) => {
      await button(page).filter({ hasText: /not_verified/ }).waitFor();
      await place(page, "inline");
      const inline = page.locator("countersign-window >> main");
      await inline.getByText("Code sent to Ana Ruiz").waitFor();
      await page.evaluate(() => document.querySelector("main").insertAdjacentElement("beforeend", Object.assign(document.createElement("input"), { id: "note" })).focus());
      stub.end("cancelled");
      await inline.getByRole("heading", { name: /cancelled/i }).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), "note");
    });
  });

  test("removed while it is open, its end is told to whoever waits for it", async () => {
    live();
    await visit({}, async (page) => {
      await shown(page, "Code sent to Ana Ruiz");
      await page.evaluate(() => document.querySelector("countersign-window").remove());
      await heard(page, "closed");
      await button(page).click();
      await shown(page, "Code sent to Ana Ruiz");
    });
  });

  test("before configure it says what is missing", async () => {
    await visit({ open: false }, async (page) => {
      const said = await page.evaluate(async (origin) => {
        // As a page that has the window alone.
        await import(`${origin}/embed/v1/window.js?alone`);
        return document.body.appendChild(document.createElement("countersign-window")).show().catch(({ message }) => message);
      }, stub.origin);
      assert.equal(said, "countersign: call configure() before a window is opened");
    });
  });

  test("a part of another version leaves no window that cannot be closed", async () => {
    await visit({ open: false }, async (page) => {
      await page.route(/\/window\/guests\.js/, (route) =>
        route.fulfill({ contentType: "text/javascript", body: "export function openGuests() { throw new Error('another version'); }", headers: { "access-control-allow-origin": "*" } }));
      const why = await page.evaluate(async () => {
        await loadWindow();
        const own = document.createElement("countersign-window");
        own.setAttribute("session", "S-1042");
        document.body.append(own);
        return own.show().then(() => "opened", ({ message }) => message);
      });
      assert.equal(why, "another version");
      assert.equal(await dialog(page).count(), 0);
    });
  });

  test("on a phone it fills the screen, and the field is in sight", async () => {
    live();
    await visit({ width: 390, height: 844 }, async (page) => {
      await page.waitForFunction(() => active().id === "digits");
      const box = await dialog(page).boundingBox();
      assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 390, 844]);
      const field = await page.locator("#digits").boundingBox();
      assert.ok(field.y + field.height < 844);
    });
  });

  test("a page with letters of 10 px and its own styles for everything changes nothing in it", async () => {
    live();
    await visit({ open: false }, async (page) => {
      await button(page).filter({ hasText: /not_verified/ }).waitFor();
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("html { font-size: 62.5%; } * { letter-spacing: .3em; color: red; } button, input, dialog { all: unset; display: inline; }");
        document.adoptedStyleSheets = [sheet];
      });
      await button(page).click();
      await shown(page, "Code sent to Ana Ruiz");
      const seen = await dialog(page).evaluate((node) => [getComputedStyle(node).fontSize, getComputedStyle(node).letterSpacing, node.getBoundingClientRect().width]);
      assert.deepEqual(seen, ["15px", "normal", 472]);
    });
  });
});
