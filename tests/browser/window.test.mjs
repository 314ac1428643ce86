// The agent's verification window against the stub: every state in both languages and both colour schemes, and what an agent
// does in it. Time is moved by hand: the page's with Playwright's clock, the server's with the stub.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, describe, test } from "node:test";
import { launch, listen, picture, violations } from "./browse.mjs";
import { states } from "./states.mjs";
import { tables } from "./modules.mjs";
import { ana, CODE, kevin, luis, PIN, Stub } from "./stub.mjs";

const stub = await new Stub().start();
const browser = await launch();

after(async () => {
  await browser.close();
  await stub.stop();
});
beforeEach(() => {
  stub.reset();
  delete stub.check;
});

/** A page with its own context; what it complains about is kept, and must be nothing. */
async function visit({ lang = "en", scheme = "light", clock = false, url, width = 440, height = 640 } = {}, work) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const complaints = await listen(page);
  // The page's clock starts where a laptop's might: nowhere near the server's.
  if (clock) await page.clock.install({ time: new Date("2026-02-27T16:00:00Z") });
  try {
    await page.goto(url ?? stub.url({ lang }));
    await work(page, context);
    assert.deepEqual(await complaints(), []);
  } finally {
    await context.close();
  }
}

const shown = (page, text) => page.locator("main").getByText(text).filter({ visible: true }).first().waitFor();
const settled = (page) => page.locator("#view h2").first().waitFor();
const spoken = (page, region, text) => page.locator(`#${region}`).getByText(text).waitFor({ state: "attached" });
const live = (change) => { stub.facts.challenge = stub.challenge(change); };
const posts = (end) => stub.requests.filter(({ method, path }) => method === "POST" && path.endsWith(end));
const enter = async (page, code) => {
  await page.locator("#digits").fill(code);
  await page.keyboard.press("Enter");
};
/** Time passes for both, timers included. */
const pass = async (page, ms) => {
  stub.advance(ms);
  await page.clock.runFor(ms);
};

describe("every state", () => {
  for (const state of states) {
    for (const lang of ["en", "es"]) {
      test(`${state.name} can be read (${lang})`, async () => {
        state.set(stub);
        await visit({ lang }, async (page, context) => {
          if (state.name !== "loading") await settled(page);
          await state.act?.(page, stub);
          await shown(page, state[lang]);
          if (state.focus) await page.waitForFunction((wanted) => active().matches(wanted), state.focus);
          assert.equal(await page.locator("html").getAttribute("lang"), lang);
          const text = await page.locator("main").last().innerText();
          assert.doesNotMatch(text, /\{\w+\}|undefined|null|NaN|window\.\w|\.\./, "a text is not filled in");
          assert.deepEqual(await violations(page), []);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${wide} px too wide`);
          await picture(page, `${state.name}.${lang}`, { fullPage: true });
          await context.setOffline(false);
        });
      });
    }
  }

  for (const state of states.filter(({ name }) => /^(choose-changed|code-help|incorrect|undelivered-voice|already|locked)$/.test(name))) {
    test(`${state.name} fits 320 px with text spaced out`, async () => {
      state.set(stub);
      await visit({ width: 320, lang: "es" }, async (page) => {
        await settled(page);
        await state.act?.(page, stub);
        await shown(page, state.es);
        await page.evaluate(() => {
          for (const node of document.querySelector("countersign-window").shadowRoot.querySelectorAll("*")) {
            Object.assign(node.style, { letterSpacing: "0.12em", wordSpacing: "0.16em", lineHeight: "1.5" });
          }
        });
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      });
    });
  }
});

describe("what is always in sight", () => {
  for (const { name, inline } of [{ name: "in a frame", inline: true }, { name: "as a dialog", inline: false }]) {
    test(`the title and the way out stay while the steps scroll, ${name}`, async () => {
      stub.facts.contacts = Array.from({ length: 14 }, (_, n) => ({ ...structuredClone(ana), id: `c-${n}`, name: `Ana Ruiz ${n}` }));
      const url = inline ? undefined : `${stub.hostOrigin}/page?lang=en`;
      await visit({ url, width: 1366, height: 768 }, async (page) => {
        if (!inline) await page.getByRole("button", { name: /Lead|Ruiz|not_verified/ }).click();
        const last = page.locator("input[value='c-13']");
        await last.focus();
        await last.scrollIntoViewIfNeeded();
        for (const place of ["#title", "#close"]) {
          const box = await page.locator(place).boundingBox();
          const top = await page.locator(place).evaluate((node) => {
            const { left, top, width, height } = node.getBoundingClientRect();
            const found = node.getRootNode().elementFromPoint(left + width / 2, top + height / 2);
            return found === node || node.contains(found);
          });
          assert.ok(top && box.y >= 0 && box.y < 200, `${place} ${JSON.stringify(box)}`);
        }
        await page.locator("input[value='c-2']").focus();
        const under = await page.evaluate(() => active().getBoundingClientRect().top - active().getRootNode().querySelector(".head").getBoundingClientRect().bottom);
        assert.ok(under >= 0, `what has the focus is ${under} px under the title`);
        await picture(page, `scrolled.${inline ? "frame" : "dialog"}`);
        await page.locator("#close").click();
      });
    });
  }
});

describe("what tells more than its colour", () => {
  for (const state of states.filter(({ name }) => /^(in-use|newest|pin-link-|pin-locked|too-many|signed-out-code|last-minutes|undelivered|reported)/.test(name))) {
    test(`${state.name} has a picture on each notice`, async () => {
      state.set(stub);
      await visit({}, async (page) => {
        await settled(page);
        await state.act?.(page, stub);
        await shown(page, state.en);
        const notices = page.locator(".note, .error:not(:empty), .result, .soon").filter({ visible: true });
        assert.ok(await notices.count() > 0);
        for (const notice of await notices.all()) assert.equal(await notice.locator("> svg").count(), 1, await notice.innerText());
      });
    });
  }
});

describe("the address", () => {
  test("the token leaves the address at once and is kept nowhere", async () => {
    await visit({}, async (page, context) => {
      await settled(page);
      assert.doesNotMatch(page.url(), /token|cst_/);
      assert.match(page.url(), /client=10482/);
      assert.equal(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])), '[{},{},"",null]');
      assert.deepEqual(await context.cookies(), []);
      assert.ok(stub.requests.every(({ path, headers }) => !path.includes("cst_") && !headers.cookie && !headers.referer?.includes("cst_")));
    });
  });

  test("without a token the window says so and asks the service nothing", async () => {
    await visit({ url: `${stub.origin}/window/acme#client=10482` }, async (page) => {
      await shown(page, "Your CRM session has ended");
      assert.deepEqual(stub.requests, []);
    });
  });

  test("without its modules the page says so in both languages", async () => {
    stub.fail.modules = true;
    await visit({}, async (page) => {
      await shown(page, "Close this window and open it again");
      await shown(page, "Cierre esta ventana");
    });
  });
});

describe("sending", () => {
  test("from the first radio to verified with the keyboard alone", async () => {
    await visit({}, async (page) => {
      await settled(page);
      await page.keyboard.press("Space");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => active().value), "email");
      await page.keyboard.press("Enter");
      await shown(page, "Code sent to Ana Ruiz");
      assert.deepEqual(posts("/codes")[0].body, { contact: "c-1", surface: "lead_card", channels: ["email", "sms"], locale: "es" });
      await page.waitForFunction(() => active().id === "digits");
      await page.keyboard.type("482 913");
      assert.equal(posts("/check").length, 0, "nothing is submitted by typing");
      await page.keyboard.press("Enter");
      await shown(page, "Ana Ruiz is verified");
      await page.keyboard.press("Enter");
      await shown(page, "Nothing was cancelled");
    });
  });

  test("the channels and the language that were chosen are the ones asked for", async () => {
    await visit({}, async (page) => {
      await page.locator("input[value='c-1']").check();
      await page.locator("input[value='email']").uncheck();
      await page.locator("#locale").selectOption("en");
      await page.locator(".primary").click();
      await settled(page);
      await shown(page, "Code sent to");
      assert.deepEqual(posts("/codes")[0].body, { contact: "c-1", surface: "lead_card", channels: ["sms"], locale: "en" });
      assert.equal(await page.locator("blockquote").getAttribute("lang"), "en");
    });
  });

  test("no channel at all is refused in words", async () => {
    await visit({}, async (page) => {
      await page.locator("input[value='c-2']").check();
      await page.locator("input[value='email']").uncheck();
      await page.locator(".primary").click();
      await shown(page, "Choose at least one way");
      await spoken(page, "alert", "Choose at least one way");
      assert.equal(posts("/codes").length, 0);
    });
  });

  test("clicking twice sends once", async () => {
    await visit({}, async (page) => {
      await page.locator("input[value='c-1']").check();
      let release;
      stub.hold = new Promise((done) => { release = done; });
      await page.locator(".primary").click();
      await page.locator(".primary").click({ force: true });
      release();
      await shown(page, "Code sent to");
      assert.equal(posts("/codes").length, 1);
    });
  });

  test("a blocked channel is not offered, and a phone alone is called", async () => {
    stub.facts.contacts = [
      { ...structuredClone(ana), channels: [ana.channels[0], { ...ana.channels[1], blocked: true, changed_at: stub.at(-36e5) }] },
      { ...structuredClone(luis), channels: [{ channel: "voice", to: "(•••) •••-••77", changed_at: null, blocked: false }] },
    ];
    await visit({}, async (page) => {
      await page.locator("input[value='c-1']").check();
      assert.deepEqual(await page.locator("input[name=channel]").evaluateAll((all) => all.map(({ value }) => value)), ["email"]);
      await page.locator("input[value='c-2']").check();
      assert.deepEqual(await page.locator("input[name=channel]").evaluateAll((all) => all.map(({ value }) => value)), ["voice"]);
      await page.locator(".primary").click();
      await shown(page, "You will get an automatic call");
    });
  });

  test("a contact who stopped texts is sent none, and the agent reads why", async () => {
    const stopped = { ...ana.channels[1], blocked: true, opted_out: true };
    stub.facts.contacts = [
      { ...structuredClone(ana), channels: [ana.channels[0], stopped] },
      { ...structuredClone(luis), channels: [stopped], reachable: false, reason: "opted_out" },
    ];
    await visit({ lang: "es" }, async (page) => {
      await page.locator("input[value='c-1']").check();
      assert.deepEqual(await page.locator("input[name=channel]").evaluateAll((all) => all.map(({ value }) => value)), ["email"]);
      assert.equal(await page.locator("input[value='c-2']").isDisabled(), true);
      const said = await page.locator(".mark").allInnerTexts();
      assert.deepEqual(said, Array(2).fill("El cliente canceló nuestros mensajes (STOP). Use correo o llamada"));
    });
  });

  test("too soon leads to the code that is live", async () => {
    await visit({}, async (page) => {
      await page.locator("input[value='c-1']").check();
      live();
      stub.fail["POST codes"] = { status: 429, code: "too_soon", body: { challenge: stub.facts.challenge.id }, headers: { "retry-after": "12" } };
      await page.locator(".primary").click();
      await shown(page, "12 s");
      await page.waitForFunction(() => active().id === "digits");
    });
  });

  test("a contact that is gone is said, and the new list shown", async () => {
    await visit({}, async (page) => {
      await page.locator("input[value='c-2']").check();
      stub.facts.contacts = [structuredClone(ana)];
      stub.fail["POST codes"] = { status: 422, code: "contact_not_authorized" };
      await page.locator(".primary").click();
      await shown(page, "can no longer be used");
      assert.equal(await page.locator("input[type=radio]").count(), 1);
    });
  });

  test("who reported, when and what to do next is told to the eye and to the ear", async () => {
    states.find(({ name }) => name === "reported").set(stub);
    await visit({}, async (page) => {
      await shown(page, "Reported by Ana Ruiz, 2:11 PM.");
      assert.deepEqual(await page.locator(".next li").allInnerTexts(), [
        "Stop now. Do not send another code.", "Do not continue with requests that need verification.", "Follow your fraud steps.",
        "No code can be sent to this client until Feb 28, 2:11 PM, unless your administrator lifts the block.",
      ]);
      await spoken(page, "alert", /Reported by Ana Ruiz, 2:11 PM\. Stop now\..*Follow your fraud steps\./);
      await shown(page, "I cannot make that change until we verify you");
    });
  });

  test("a client who reported a code is sent no other", async () => {
    await visit({}, async (page) => {
      await page.locator("input[value='c-1']").check();
      stub.fail["POST codes"] = { status: 409, code: "reported" };
      await page.locator(".primary").click();
      await shown(page, "Do not send another code");
    });
  });
});

describe("the code", () => {
  for (const text of ["482 913", "482-913", " 482913 ", "４８２９１３", "482913\n", "482–913", "٤٨٢٩١٣", "482.913"]) {
    test(`${JSON.stringify(text)} can be pasted`, async () => {
      live();
      await visit({}, async (page) => {
        await settled(page);
        await page.evaluate((value) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text", value);
          active().dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }, text);
        assert.equal(await page.locator("#digits").inputValue(), CODE);
        assert.equal(posts("/check").length, 0);
        await page.keyboard.press("Enter");
        await shown(page, "is verified");
        assert.deepEqual(posts("/check")[0].body, { code: CODE });
      });
    });
  }

  for (const [typed, said] of [["", "Enter the 6-digit code"], ["48291", "You entered 5"], ["48291a", "numbers only"]]) {
    test(`${JSON.stringify(typed)} is answered at the field and not sent`, async () => {
      live();
      await visit({}, async (page) => {
        await settled(page);
        await enter(page, typed);
        await shown(page, said);
        await spoken(page, "alert", said);
        assert.equal(await page.locator("#digits").getAttribute("aria-invalid"), "true");
        assert.equal(posts("/check").length, 0);
      });
    });
  }

  test("a wrong code stays, selected, with the tries left and the next sentence to say", async () => {
    live();
    await visit({}, async (page) => {
      await settled(page);
      await enter(page, "111111");
      await shown(page, "4 tries left");
      await spoken(page, "alert", "4 tries left");
      assert.equal(await page.evaluate(() => getSelection().toString() || active().value.slice(active().selectionStart, active().selectionEnd)), "111111");
      await shown(page, "número por número");
      await page.locator(".toggle [lang=en]").click();
      await shown(page, "one number at a time");
    });
  });

  test("the field carries what WCAG and the contract ask of it", async () => {
    live();
    stub.facts.tenant.digits = 8;
    await visit({}, async (page) => {
      await settled(page);
      const field = await page.locator("#digits").evaluate((node) => Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])));
      assert.equal(field.autocomplete, "off");
      assert.equal(field.inputmode, "numeric");
      assert.equal(field.maxlength, "15");
      assert.equal(await page.locator(".left").getAttribute("aria-hidden"), "true");
      await shown(page, "8-digit code");
    });
  });

  test("an answer that was lost on the way is found at the next try", async () => {
    live();
    await visit({}, async (page) => {
      await settled(page);
      stub.check = (one) => {
        const right = Stub.prototype.check.call(stub, one, CODE);
        assert.equal(right.result, "verified");
        return { result: "already_used" };
      };
      await enter(page, CODE);
      await shown(page, "Ana Ruiz is verified");
    });
  });

  test("send again waits, says why, and repeats the same code", async () => {
    live();
    await visit({ clock: true }, async (page) => {
      const again = page.getByRole("button", { name: /Send again/ });
      await again.filter({ hasText: /in \d+ s/ }).waitFor();
      assert.equal(await again.getAttribute("aria-disabled"), "true");
      await again.click({ force: true });
      await spoken(page, "say", /Send again in \d+ s/);
      assert.equal(posts("/resend").length, 0);
      await pass(page, 31_000);
      assert.equal(await again.getAttribute("aria-disabled"), "false");
      await again.click();
      await spoken(page, "say", "It is the same code");
      assert.equal(posts("/resend").length, 1);
    });
  });

  test("a limit that is told stands alone: nothing beside it says that the code was sent again", async () => {
    live({ resend_at: stub.at(-1000) });
    await visit({ clock: true }, async (page) => {
      const again = page.getByRole("button", { name: "Send again", exact: true });
      await again.click();
      await shown(page, "It is the same code");
      await pass(page, 31_000);
      stub.fail["POST resend"] = { status: 429, code: "too_many_sends", headers: { "retry-after": "540" } };
      await again.click();
      await shown(page, "Too many codes sent to this client");
      assert.equal(await page.locator("main .entry").getByText("Sent again").count(), 0);
      stub.fail = {};
      await again.click();
      await shown(page, "It is the same code");
      assert.ok(await page.locator("#banner").isHidden());
    });
  });

  test("a call is asked for where the contact has a phone for it", async () => {
    stub.facts.contacts[0].channels.push({ channel: "voice", to: "(•••) •••-••42", changed_at: null, blocked: false });
    live({ resend_at: stub.at(9000) });
    await visit({ clock: true }, async (page) => {
      await page.locator("summary").click();
      await page.getByRole("button", { name: /^Call with the code \(\d+ s\)$/ }).waitFor();
      await pass(page, 10_000);
      await page.getByRole("button", { name: "Call with the code", exact: true }).click();
      await shown(page, "Recibirá una llamada automática");
      assert.deepEqual(posts("/resend")[0].body, { channel: "voice" });
      assert.equal(await page.evaluate(() => active().id), "digits", "what the client hears is typed next");
    });
  });

  test("a call is followed step by step, to the eye and to the ear", async () => {
    live({ messages: [{ id: "msg_v", channel: "voice", to: "(•••) •••-••42", state: "queued" }] });
    await visit({ clock: true }, async (page) => {
      await shown(page, "Calling…");
      const [message] = stub.facts.challenge.messages;
      for (const [state, detail, words] of [
        ["sent", "answered", /Answered/], ["sent", "heard", /Code heard 2:41/], ["delivered", "heard", /Code heard 2:41/],
      ]) {
        Object.assign(message, { state, detail });
        await pass(page, 3000);
        await spoken(page, "say", words);
      }
      Object.assign(message, { state: "failed", detail: "no_answer" });
      await pass(page, 3000);
      await shown(page, "Not answered, or no key was pressed. The code was not played");
    });
  });

  test("delivery is followed and told to the ear", async () => {
    live();
    await visit({ clock: true }, async (page) => {
      await shown(page, "Delivering");
      stub.facts.challenge.messages[1].state = "delivered";
      await page.locator("#digits").pressSequentially("482");
      await pass(page, 3000);
      await spoken(page, "say", /Text message: Delivered 2:41/);
      assert.equal(await page.locator("#digits").inputValue(), "482", "what was typed stays");
    });
  });

  for (const width of [320, 400, 440]) {
    test(`what becomes of a message moves the field nowhere (${width} px)`, async () => {
      live();
      await visit({ clock: true, lang: "es", width, height: 800 }, async (page) => {
        await shown(page, "En camino");
        const top = async () => (await page.locator("#digits").boundingBox()).y;
        const before = await top();
        stub.facts.challenge.messages[1].state = "delivered";
        await pass(page, 3000);
        await shown(page, "Entregado");
        assert.equal(await top(), before);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
      });
    });
  }

  test("choosing another contact keeps the code and the way back to it", async () => {
    live();
    await visit({}, async (page) => {
      await page.locator("summary").click();
      await page.getByRole("button", { name: "Choose another contact" }).click();
      await page.getByRole("button", { name: "Back to the code" }).click();
      await shown(page, "Code sent to Ana Ruiz");
      assert.equal(stub.requests.filter(({ method }) => method === "POST").length, 0);
    });
  });
});

describe("the security PIN", () => {
  const pin = { enabled: true, digits: 6, state: "set", set_at: null, link: null };

  test("opened on its tools: what the client says, hidden unless shown, makes the client verified", async () => {
    stub.facts.pin = { ...pin };
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await shown(page, "Please tell me your 6-digit security PIN");
      assert.equal(await page.locator("#digits").evaluate((node) => getComputedStyle(node).webkitTextSecurity), "disc");
      await page.getByRole("button", { name: "Show" }).click();
      assert.equal(await page.locator("#digits").evaluate((node) => getComputedStyle(node).webkitTextSecurity), "none");
      await enter(page, "48 20-57");
      await shown(page, "Ana Ruiz is verified");
      assert.deepEqual(posts("/pin/check").map(({ body }) => body), [{ pin: PIN }]);
    });
  });

  test("a session that ends under a PIN that was typed keeps it, and says that it was not checked", async () => {
    stub.facts.pin = { ...pin };
    await visit({ url: `${stub.hostOrigin}/?tools=pin` }, async (page) => {
      const frame = page.frameLocator("iframe");
      await frame.getByRole("button", { name: "Use security PIN" }).click();
      await frame.locator("#digits").fill(PIN);
      stub.token = "cst_new";
      await frame.locator("#digits").press("Enter");
      await frame.locator("#banner").getByText("Your CRM session has ended").waitFor();
      await page.evaluate(() => frames[0].postMessage({ source: "countersign", type: "token", token: "cst_new" }, "*"));
      await frame.locator("#banner").waitFor({ state: "hidden" });
      assert.equal(await frame.locator("#digits").inputValue(), PIN);
      await frame.locator("#digits").press("Enter");
      await frame.getByText("is verified").first().waitFor();
    });
  });

  test("an answer that was given is shown, though the facts cannot be read after it", async () => {
    stub.facts.pin = { ...pin };
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await shown(page, "Please tell me");
      await page.route(/\/window\/acme\/clients\//, (route) => route.abort());
      await enter(page, PIN);
      await shown(page, "Ana Ruiz is verified");
    });
  });

  test("too short is answered at the field and costs no try", async () => {
    stub.facts.pin = { ...pin };
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await shown(page, "Please tell me");
      await enter(page, "4820");
      await spoken(page, "alert", "A PIN has 6 numbers. You entered 4.");
      assert.equal(posts("/pin/check").length, 0);
    });
  });

  test("without a PIN nothing can be checked: a link is sent, and the field opens when the client has set one", async () => {
    stub.facts.pin = { ...pin, state: "not_set" };
    await visit({ url: stub.url({ tools: "pin" }), clock: true }, async (page) => {
      await shown(page, "This client has no security PIN.");
      const verify = page.getByRole("button", { name: "Verify PIN" });
      assert.equal(await verify.getAttribute("aria-disabled"), "true");
      await verify.click({ force: true });
      assert.equal(posts("/pin/check").length, 0);
      await page.getByRole("button", { name: "Create PIN" }).click();
      await page.locator("input[value='c-1']").check();
      await page.getByRole("button", { name: "Send PIN setup link" }).click();
      await shown(page, "Link sent to a•••@gmail.com, (•••) •••-••42. It expires in 24 hours.");
      assert.deepEqual(posts("/pin/link").map(({ body }) => body), [{ contact: "c-1" }]);
      await page.getByRole("button", { name: "Create PIN" }).click();
      await page.getByRole("button", { name: /Send again in \d+ s/ }).waitFor();
      await page.getByRole("button", { name: "Back", exact: true }).click();
      stub.facts.pin = { ...pin };
      await pass(page, 4000);
      await shown(page, "The client has set the PIN.");
      // Asked of whom the link was sent to, in their language.
      await shown(page, "Por favor, dígame su PIN de seguridad de 6 dígitos");
    });
  });

  test("before a link is sent its button says to whom it goes, where, and what it ends", async () => {
    stub.facts.pin = { ...pin, link: { contact: { id: "c-1", name: "Ana Ruiz" }, expires_at: stub.at(36e5) } };
    stub.facts.contacts[1].channels.push({ ...ana.channels[1], blocked: true }, { channel: "voice", to: "(•••) •••-••77", changed_at: null, blocked: false });
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await shown(page, "Link sent to Ana Ruiz. It expires in 60 minutes.");
      await page.locator("summary").click();
      await page.getByRole("button", { name: "Reset PIN" }).click();
      const sure = page.locator("#sure");
      assert.equal(await sure.innerText(), "", "nobody is chosen yet");
      const ends = "and sets the PIN there. You never see it. The present PIN works until then. The link sent earlier stops working.";
      await page.locator("input[value='c-1']").check();
      assert.equal(await sure.innerText(), `Ana Ruiz gets a link at a•••@gmail.com and (•••) •••-••42 ${ends}`);
      await page.locator("input[value='c-2']").check();
      assert.equal(await sure.innerText(), `Luis Ruiz gets a link at l•••@outlook.com ${ends}`);
      assert.equal(await page.getByRole("button", { name: "Send reset link" }).getAttribute("aria-describedby"), "sure");
      assert.equal(posts("/pin/link").length, 0);
    });
  });

  test("who gets no writing is not offered a link, and the reason is there", async () => {
    stub.facts.pin = { ...pin, state: "not_set" };
    stub.facts.contacts[1].channels = [{ channel: "voice", to: "(•••) •••-••77", changed_at: null, blocked: false }];
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await page.getByRole("button", { name: "Create PIN" }).click();
      await shown(page, "Nothing on file that a link can go to.");
      assert.ok(await page.locator("input[value='c-2']").isDisabled());
      assert.ok(await page.locator("input[value='c-1']").isChecked(), "the only one left");
    });
  });

  test("where a texted code confirms a link, who takes no texts is not offered one", async () => {
    stub.facts.pin = { ...pin, state: "not_set", confirm_by_code: true };
    stub.facts.contacts[1].channels = [
      { channel: "email", to: "l•••@ruiz.example", changed_at: null, blocked: false },
      { channel: "sms", to: "+•••••••77", changed_at: null, blocked: true, not_served: true },
    ];
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await page.getByRole("button", { name: "Create PIN" }).click();
      await shown(page, "Nothing on file that a link can go to.");
      assert.ok(await page.locator("input[value='c-2']").isDisabled());
    });
    await visit({}, async (page) => {
      await shown(page, "No texts or calls go there");
      assert.ok(await page.locator("input[value='c-2']").isEnabled(), "email goes to them");
    });
  });

  test("forgotten: a reset link, or the code, from the same window", async () => {
    stub.facts.pin = { ...pin };
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await page.locator("summary").click();
      await page.getByRole("button", { name: "Reset PIN" }).click();
      await shown(page, "Who should get the link?");
      await page.getByRole("button", { name: "Send reset link" }).waitFor();
      await page.getByRole("button", { name: "Back", exact: true }).click();
      await page.getByRole("button", { name: "Send 2-step code" }).click();
      await page.locator("input[value='c-1']").check();
      await page.getByRole("button", { name: "Send code", exact: true }).click();
      await shown(page, "Code sent to Ana Ruiz");
    });
  });

  test("a company that uses no PINs has no such button, and the tools open on the code", async () => {
    await visit({ url: stub.url({ tools: "pin" }) }, async (page) => {
      await shown(page, "Who are you speaking with?");
      assert.equal(await page.getByRole("button", { name: /PIN/ }).count(), 0);
    });
  });
});

describe("time", () => {
  test("the countdown follows the server's clock, whatever this machine's says, and survives a sleep", async () => {
    live();
    // The page's clock runs, and nobody knows how fast this machine is: half a minute is given.
    await visit({ clock: true }, async (page) => {
      await page.locator(".left").filter({ hasText: /10:00|9:[345]\d/ }).waitFor();
      stub.advance(5 * 60e3 + 10e3);
      await page.clock.fastForward(5 * 60e3 + 10e3);
      await page.locator(".left").filter({ hasText: /4:[2345]\d/ }).waitFor();
      await spoken(page, "say", "5 minutes left");
    });
  });

  test("the ear hears four moments and no second between them", async () => {
    live();
    await visit({ clock: true }, async (page) => {
      await page.locator(".left").filter({ hasText: "Code expires" }).waitFor();
      await page.evaluate(() => {
        // Hidden, it asks the service nothing; the ear must be told all the same.
        Object.defineProperty(document, "hidden", { value: true });
        window.told = [];
        for (const id of ["say", "alert"]) {
          const ear = document.querySelector("countersign-window").shadowRoot.getElementById(id);
          new MutationObserver(() => window.told.push(ear.textContent)).observe(ear, { childList: true });
        }
      });
      for (let second = 0; second < 605; second += 5) await pass(page, 5000);
      await shown(page, "That code has expired");
      assert.deepEqual((await page.evaluate(() => window.told)).map((text) => text.split(". ")[0].replace(/\.$/, "")),
        ["5 minutes left to enter the code", "2 minutes left to enter the code", "30 seconds left to enter the code", "That code has expired"]);
    });
  });

  test("an expired code offers a new one to the same contact, never under a key that was on its way", async () => {
    live({ expires_at: stub.at(3000), resend_at: stub.at(0) });
    await visit({ clock: true }, async (page) => {
      await page.locator(".left").filter({ hasText: "Code expires" }).waitFor();
      await pass(page, 5000);
      await shown(page, "That code has expired");
      assert.equal(await page.evaluate(() => active().tagName), "H2");
      assert.equal(await page.getByText(/newest|más reciente/).count(), 0, "there is no newer message yet");
      await page.getByRole("button", { name: "Send a new code" }).click();
      await shown(page, "Code sent to Ana Ruiz");
      assert.deepEqual(posts("/codes")[0].body.channels, ["email", "sms"]);
    });
  });

  test("whoever opens a code of which two tries are left is told, until the next one tells it", async () => {
    live({ tries_left: 3 });
    await visit({}, async (page) => {
      await settled(page);
      assert.equal(await page.getByText("Tries left").count(), 0);
    });
    for (const [lang, left, next] of [["en", "Tries left: 2.", "1 try left"], ["es", "Intentos que quedan: 2.", "Queda 1 intento"]]) {
      live({ tries_left: 2 });
      await visit({ lang }, async (page) => {
        await settled(page);
        await page.getByText(left).waitFor();
        assert.equal(await page.locator("#digits").getAttribute("aria-invalid"), null, "nothing is wrong yet");
        await enter(page, "111111");
        await page.getByText(next).first().waitFor();
        assert.equal(await page.getByText(left).count(), 0);
      });
    }
  });

  test("a new code waits like sending again: the button counts, and says why when it is pressed", async () => {
    live({ tries_left: 1 });
    await visit({ clock: true }, async (page) => {
      await settled(page);
      await enter(page, "111111");
      const fresh = page.getByRole("button", { name: /^Send a new code/ });
      await fresh.filter({ hasText: /in \d+ s/ }).waitFor();
      await fresh.click({ force: true });
      await spoken(page, "say", /You can send again in \d+ s/);
      assert.equal(posts("/codes").length, 0);
      await pass(page, 31_000);
      await page.getByRole("button", { name: "Send a new code", exact: true }).click();
      await shown(page, "Earlier codes no longer work. Ask for the newest message.");
    });
  });

  test("the wait is one contact's: another can be sent a code at once", async () => {
    live();
    await visit({}, async (page) => {
      await page.locator("summary").click();
      await page.getByRole("button", { name: "Cancel this code" }).click();
      await page.getByRole("button", { name: "Start over" }).click();
      await page.getByRole("button", { name: /Send code in \d+ s/ }).waitFor();
      await page.locator("input[value='c-2']").check();
      await page.getByRole("button", { name: "Send code", exact: true }).click();
      await shown(page, "Code sent to Luis Ruiz");
      assert.equal(await page.getByText("Ask for the newest").count(), 0, "Luis has no earlier message");
    });
  });

  test("verified ends on the minute, asked or not", async () => {
    stub.verified();
    await visit({ clock: true }, async (page) => {
      await shown(page, "Valid until 3:41");
      stub.fail["*"] = { status: 500, code: "internal" };
      await pass(page, 61 * 60e3);
      await shown(page, "Who are you speaking with?");
    });
  });

  test("a lock ends on the minute", async () => {
    stub.status("locked", { expires_at: stub.at(20 * 60e3) });
    await visit({ clock: true }, async (page) => {
      await shown(page, "Too many wrong codes");
      await pass(page, 21 * 60e3);
      await shown(page, "Who are you speaking with?");
    });
  });
});

describe("what others do meanwhile", () => {
  for (const [state, status, said] of [
    ["cancelled", "reported", "Do not send another code"],
    ["cancelled", "not_verified", "code was cancelled"],
    ["superseded", "not_verified", "newer code"],
    ["locked", "not_verified", "Too many wrong codes"],
  ]) {
    test(`${state}, status ${status}, is on screen within a look`, async () => {
      live();
      await visit({ clock: true }, async (page) => {
        await shown(page, "Code sent to");
        stub.end(state, status);
        await pass(page, 3000);
        await shown(page, said);
      });
    });
  }

  test("another agent's code is shown, and taking over needs a contact and a click", async () => {
    live({ agent: kevin });
    await visit({}, async (page) => {
      await shown(page, "Kevin Brown is verifying this client now.");
      assert.equal(await page.locator("#digits").count(), 0);
      await page.locator("input[value='c-2']").check();
      await page.locator(".primary").click();
      await shown(page, "Code sent to Luis Ruiz");
    });
  });

  test("an agent whose code another one replaced sends nothing by what they were typing", async () => {
    live();
    await visit({ clock: true }, async (page) => {
      await settled(page);
      await page.keyboard.type("48");
      stub.seenAgain = [{ ...stub.facts.challenge, state: "superseded" }];
      live({ agent: kevin });
      await pass(page, 3000);
      await shown(page, "Kevin Brown sent a new code. The one you asked for no longer works.");
      await page.keyboard.type("29");
      await page.keyboard.press("Enter");
      await page.evaluate(() => fetch("/window/acme"));
      assert.deepEqual(stub.requests.filter(({ method }) => method === "POST"), []);
    });
  });

  test("five wrong codes are no success while an earlier verification still holds", async () => {
    stub.verified();
    live({ tries_left: 1 });
    await visit({}, async (page) => {
      await settled(page);
      stub.check = (one) => { one.tries_left = 0; one.state = "locked"; stub.facts.challenge = null; return { result: "incorrect", tries_left: 0 }; };
      await enter(page, "111111");
      await shown(page, "Too many wrong codes");
      assert.equal(await page.getByText("is verified").count(), 0);
    });
  });

  test("while nothing is checked for the company the window says until when", async () => {
    live();
    stub.check = () => ({ result: "locked", locked_until: stub.at(20 * 60e3) });
    await visit({ clock: true }, async (page) => {
      await settled(page);
      await enter(page, "111111");
      await shown(page, "Too many wrong codes");
      await shown(page, "You can try again at 3:01");
      assert.equal(await page.locator("input[inputmode=numeric]").count(), 0);
    });
  });

  test("locking one contact leaves the others open", async () => {
    live({ tries_left: 1 });
    await visit({}, async (page) => {
      await settled(page);
      stub.facts.contacts[0] = { ...stub.facts.contacts[0], reachable: false, reason: "locked", until: stub.at(36e5) };
      await enter(page, "111111");
      await shown(page, "You can try again at 3:41");
      await page.getByRole("button", { name: "Choose another contact" }).click();
      await shown(page, "You can try again at 3:41");
      assert.ok(await page.locator("input[value='c-1']").isDisabled());
      assert.ok(await page.locator("input[value='c-2']").isEnabled());
    });
  });
});

describe("closing and troubles", () => {
  test("closing cancels nothing and opening again comes to the same step", async () => {
    live();
    await visit({}, async (page) => {
      await settled(page);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Open again" }).click();
      await page.waitForFunction(() => active().id === "digits");
      assert.equal(stub.requests.filter(({ method }) => method === "POST").length, 0);
    });
  });

  test("a code that wrong tries have spent is spent at the next opening too, and no second one was sent", async () => {
    live({ tries_left: 1, resend_at: stub.at(0) });
    await visit({}, async (page) => {
      await settled(page);
      await enter(page, "111111");
      await shown(page, "Too many wrong codes");
      await page.goto("about:blank");
      await page.goto(stub.url());
      await shown(page, "This code no longer works");
      await shown(page, "Ese código ya no sirve");
      await page.getByRole("button", { name: "Send a new code" }).click();
      await shown(page, "Code sent to Ana Ruiz");
      assert.deepEqual(posts("/codes").map(({ body }) => [body.contact, body.channels]), [["c-1", ["email", "sms"]]]);
    });
  });

  for (const [name, trouble] of [["offline", null], ["a failing service", { status: 500, code: "internal" }]]) {
    test(`${name} before any code was sent does not speak of a code`, async () => {
      await visit({}, async (page, context) => {
        await page.locator("input[value='c-1']").check();
        if (trouble) stub.fail["POST codes"] = trouble;
        else await context.setOffline(true);
        await page.locator(".primary").click();
        await page.locator("#banner").filter({ hasText: /Try again/ }).waitFor();
        assert.doesNotMatch(await page.locator("#banner").innerText(), /still valid/);
        await context.setOffline(false);
      });
    });
  }

  test("offline says so, keeps what was typed, and goes on by itself", async () => {
    live();
    await visit({ clock: true }, async (page, context) => {
      await shown(page, "Code sent to");
      await context.setOffline(true);
      await enter(page, CODE);
      await shown(page, "You are offline");
      assert.equal(await page.locator("#digits").inputValue(), CODE);
      await context.setOffline(false);
      await pass(page, 3000);
      await page.locator("#banner").waitFor({ state: "hidden" });
      await page.locator("#digits").press("Enter");
      await shown(page, "is verified");
    });
  });

  test("a service that fails is tried again", async () => {
    stub.fail["*"] = { status: 503, code: "unavailable" };
    await visit({}, async (page) => {
      const retry = page.getByRole("button", { name: "Try again" });
      await retry.waitFor();
      stub.fail = {};
      await retry.click();
      await shown(page, "Who are you speaking with?");
    });
  });

  test("an answer that is cut short is no answer", async () => {
    live();
    await visit({}, async (page) => {
      await settled(page);
      await page.route(/\/check$/, (route) => route.fulfill({ status: 200, body: '{"result":"veri' }));
      await enter(page, CODE);
      await shown(page, "Something went wrong on our side. The code is still valid.");
      assert.equal(await page.locator("#digits").inputValue(), CODE);
    });
  });

  test("a service that does not answer is not told as a fault of the agent's network", async () => {
    live();
    await visit({}, async (page) => {
      await settled(page);
      await page.route(/\/api\//, (route) => route.abort("connectionrefused"));
      await enter(page, CODE);
      await shown(page, "Something went wrong on our side. The code is still valid.");
      assert.equal(await page.getByText("You are offline").count(), 0);
    });
  });

  test("while hidden nothing is asked; shown again it asks at once", async () => {
    live();
    await visit({ clock: true }, async (page) => {
      await shown(page, "Code sent to");
      const hide = (hidden) => page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
      await hide(true);
      const asked = stub.requests.length;
      await pass(page, 20_000);
      assert.equal(stub.requests.length, asked);
      const looked = page.waitForResponse(/challenges/);
      await hide(false);
      await looked;
    });
  });
});

describe("what is loaded once the list is there", () => {
  const later = /\/embed\/v1\/window\/(case|more-en)\.js/;

  test("the list can be used before it, and what was pressed is done when it is there", async () => {
    let release;
    const held = new Promise((done) => { release = done; });
    await visit({ url: "about:blank" }, async (page) => {
      await page.route(later, async (route) => { await held; await route.continue(); });
      await page.goto(stub.url({ lang: "en" }));
      await page.locator("input[value='c-2']").check();
      await page.getByRole("button", { name: "Send code" }).click();
      await page.getByRole("button", { name: "Sending the code" }).waitFor();
      await page.keyboard.press("Enter");
      assert.equal(posts("/codes").length, 0);
      release();
      await shown(page, "Code sent to Luis Ruiz");
      assert.deepEqual(posts("/codes").map(({ body }) => body.contact), ["c-2"], "pressed twice, sent once");
    });
  });

  test("what it refuses leaves a button that can be pressed again", async () => {
    let release;
    const held = new Promise((done) => { release = done; });
    await visit({ url: "about:blank" }, async (page) => {
      await page.route(later, async (route) => { await held; await route.continue(); });
      await page.goto(stub.url({ lang: "en" }));
      await page.getByRole("button", { name: "Send code" }).click();
      await page.getByRole("button", { name: "Sending the code" }).waitFor();
      release();
      await shown(page, "Choose who you are speaking with.");
      await page.locator("input[value='c-1']").check();
      await page.getByRole("button", { name: "Send code" }).click();
      await shown(page, "Code sent to Ana Ruiz");
    });
  });

  test("when it comes, what is on screen stays: what was picked, opened and has the focus", async () => {
    let release;
    const held = new Promise((done) => { release = done; });
    await visit({ url: "about:blank", clock: true }, async (page) => {
      await page.route(later, async (route) => { await held; await route.continue(); });
      await page.goto(stub.url({ lang: "en" }));
      await page.locator("summary").click();
      const radio = page.locator("input[value='c-2']");
      await radio.check();
      const node = await radio.elementHandle();
      const asked = () => stub.requests.filter(({ path }) => path.includes("/window/acme/clients/")).length;
      release();
      const parts = ["case", "more-en"].map((part) => `${stub.origin}/embed/v1/window/${part}.js`);
      await page.evaluate((all) => Promise.all(all.map((one) => import(one))), parts);
      await pass(page, 3000);
      assert.equal(asked(), 1, "what was just read is not read again");
      const looked = page.waitForResponse(/\/window\/acme\/clients\//);
      await pass(page, 4000);
      await looked;
      assert.deepEqual(await page.evaluate((one) => [one.isConnected, one.checked, active() === one], node), [true, true, true]);
      assert.equal(await page.locator("details").evaluate(({ open }) => open), true);
    });
  });

  for (const part of ["case", "more-en"]) {
    test(`without it (${part}) a press says so and sends nothing, and the next press tries again`, async () => {
      stub.facts.pin = { enabled: true, digits: 6, state: "set", set_at: null, link: null };
      await visit({ url: "about:blank" }, async (page, context) => {
        const missing = new RegExp(`/window/${part}\\.js`);
        await page.route(missing, (route) => route.abort());
        await page.goto(stub.url({ lang: "en" }));
        await page.locator("input[value='c-1']").check();
        await page.getByRole("button", { name: "Use security PIN" }).click();
        await page.locator("#banner").getByText("Something went wrong on our side. Try again.").waitFor();
        await page.getByRole("button", { name: "Send code" }).click();
        await spoken(page, "alert", "Something went wrong on our side. Try again.");
        await context.setOffline(true);
        await page.getByRole("button", { name: "Send code" }).click();
        await page.locator("#banner").getByText("You are offline").waitFor();
        await context.setOffline(false);
        assert.deepEqual(await violations(page), []);
        assert.equal(posts("/codes").length, 0);
        await page.unroute(missing);
        await page.getByRole("button", { name: "Send code" }).click();
        await shown(page, "Code sent to Ana Ruiz");
        assert.equal(await page.locator("#banner").isVisible(), false);
      });
    });
  }

  test("what is said to a contact in another language is there before the step that says it", async () => {
    await visit({ url: "about:blank" }, async (page) => {
      await page.goto(stub.url({ lang: "en" }));
      const said = page.waitForResponse(/\/window\/say-es\.js/);
      await page.locator("input[value='c-1']").check();
      await (await said).finished();
      await page.route(/\/window\/say-es\.js/, (route) => route.abort());
      await page.getByRole("button", { name: "Send code" }).click();
      await shown(page, "Code sent to Ana Ruiz");
      const ask = page.locator("blockquote").first();
      assert.deepEqual([await ask.getAttribute("lang"), (await ask.innerText()).includes("léame")], ["es", true]);
    });
  });

  test("without it the list looks for it again by itself, and is then watched over", async () => {
    await visit({ url: "about:blank", clock: true }, async (page) => {
      const tried = page.waitForEvent("requestfailed", (request) => later.test(request.url()));
      await page.route(later, (route) => route.abort());
      await page.goto(stub.url({ lang: "en" }));
      await page.locator("input[value='c-1']").check();
      await tried;
      await page.unroute(later);
      const loaded = page.waitForResponse(/\/window\/case\.js/);
      await page.clock.runFor(5000);
      await loaded;
      live({ agent: kevin });
      await pass(page, 6000);
      await shown(page, "Kevin Brown is verifying this client now.");
    });
  });

  for (const lang of ["en", "es"]) {
    test(`a window that begins elsewhere says that it could not, and tries again when asked to (${lang})`, async () => {
      live();
      await visit({ url: "about:blank" }, async (page) => {
        await page.route(/\/window\/case\.js/, (route) => route.abort());
        await page.goto(stub.url({ lang }));
        await spoken(page, "alert", lang === "en" ? "Something went wrong on our side. Try again." : "Algo falló de nuestro lado. Intente otra vez.");
        const again = page.getByRole("button", { name: lang === "en" ? "Try again" : "Intentar otra vez" });
        assert.equal(await again.evaluate((node) => node.getRootNode().activeElement === node), true);
        assert.deepEqual(await violations(page), []);
        await picture(page, `stuck.${lang}`, { fullPage: true });
        await again.click();
        await again.waitFor();
        await page.unroute(/\/window\/case\.js/);
        await again.click();
        await shown(page, lang === "en" ? "Code sent to Ana Ruiz" : "Código enviado a Ana Ruiz");
      });
    });
  }

  test("closed before it, a window in a frame says that it is closed once it can", async () => {
    let release;
    const held = new Promise((done) => { release = done; });
    await visit({ url: "about:blank" }, async (page) => {
      await page.route(later, async (route) => { await held; await route.continue(); });
      await page.goto(stub.url({ lang: "en" }));
      await page.locator("input[value='c-2']").waitFor();
      await page.keyboard.press("Escape");
      release();
      await shown(page, "Nothing was cancelled");
    });
  });
});

describe("inside the CRM", () => {
  const frameOf = (page) => page.frameLocator("iframe");
  const heard = (page, type) => page.waitForFunction((wanted) => window.heard.find(({ data }) => data.type === wanted), type).then((found) => found.jsonValue());

  test("the host hears each step, from the window's origin", async () => {
    await visit({ url: `${stub.hostOrigin}/` }, async (page) => {
      await heard(page, "ready");
      await frameOf(page).locator("input[value='c-1']").check();
      await frameOf(page).locator(".primary").click();
      const sent = await heard(page, "sent");
      assert.equal(sent.origin, stub.origin);
      assert.deepEqual(sent.data, { source: "countersign", type: "sent", client: "10482", state: "code_sent", version: 2 });
      await frameOf(page).locator("#digits").fill("111111");
      await frameOf(page).locator("#digits").press("Enter");
      await heard(page, "failed");
      await frameOf(page).locator("#digits").fill(CODE);
      await frameOf(page).locator("#digits").press("Enter");
      assert.equal((await heard(page, "verified")).data.state, "verified");
      await frameOf(page).getByRole("button", { name: "Done" }).click();
      await heard(page, "closed");
    });
  });

  test("the host hears locked and reported", async () => {
    live({ tries_left: 1, resend_at: stub.at(0) });
    await visit({ url: `${stub.hostOrigin}/` }, async (page) => {
      await frameOf(page).locator("#digits").fill("111111");
      await frameOf(page).locator("#digits").press("Enter");
      await heard(page, "locked");
      stub.fail["POST codes"] = { status: 409, code: "reported" };
      await frameOf(page).getByRole("button", { name: "Send a new code" }).click();
      await heard(page, "reported");
    });
  });

  test("an ended session says so and goes on with the host's new token, what was typed kept", async () => {
    live();
    await visit({ url: `${stub.hostOrigin}/` }, async (page) => {
      const field = frameOf(page).locator("#digits");
      await field.waitFor();
      stub.token = "cst_new";
      await field.fill(CODE);
      await field.press("Enter");
      await frameOf(page).locator("#banner").getByText("Your CRM session has ended").waitFor();
      const ready = await page.evaluate(() => window.heard.filter(({ data }) => data.type === "ready").length);
      assert.equal(ready, 2, "the host is told that a token is wanted, once");
      await page.evaluate(() => frames[0].postMessage({ source: "countersign", type: "token", token: "cst_new" }, "*"));
      await frameOf(page).locator("#banner").waitFor({ state: "hidden" });
      assert.equal(await field.inputValue(), CODE);
      await field.press("Enter");
      await frameOf(page).getByText("is verified").first().waitFor();
    });
  });

  test("a token from anyone else is not taken", async () => {
    stub.token = "cst_new";
    await visit({ url: `${stub.hostOrigin}/` }, async (page) => {
      const frame = page.frames()[1] ?? await page.waitForEvent("frameattached");
      await frameOf(page).getByText("Your CRM session has ended").first().waitFor();
      const asked = stub.requests.length;
      // From the window's own origin, and from no parent at all.
      await frame.evaluate(() => window.postMessage({ source: "countersign", type: "token", token: "cst_new" }, "*"));
      await frame.evaluate(() => new Promise((done) => { addEventListener("message", () => setTimeout(done)); window.postMessage("after", "*"); }));
      assert.equal(stub.requests.length, asked);
    });
  });
});

describe("texts", () => {
  const folder = new URL("../../templates/asset/embed/v1/", import.meta.url);
  const files = ["window.js", ...readdirSync(new URL("window/", folder)).filter((name) => name.endsWith(".js")).map((name) => `window/${name}`)];

  test("every text that the modules name exists in both languages", async () => {
    const source = (await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")))).join("\n");
    const named = [
      ...[...source.matchAll(/(?:\bt|headed|spoken)\("([\w.]+)"/g)].map((found) => found[1]),
      ...[...source.matchAll(/"((?:e|d|say|a|r|help|reason)_\w+)"/g)].map((found) => found[1]),
      ...[...source.matchAll(/\bt: "(\w+)"/g)].map((found) => found[1]),
      ...["verified", "incorrect", "sent", "cancelled", "locked", "reported", "expired", "revoked"].map((action) => `r_${action}`),
    ];
    assert.ok(named.length > 60, `${named.length} texts found`);
    for (const key of new Set(named)) {
      for (const table of Object.values(tables)) assert.ok(table[key.includes(".") ? key : `window.${key}`], key);
    }
  });
});
