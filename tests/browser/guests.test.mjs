// The agent's look at a session and at a signing: how far each person is, live, and what can be done for them.
// The stand-in service decides what is so; the pages of the people themselves are the service's own.

import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { launch, listen, picture, violations } from "./browse.mjs";
import { GOOD, Stub } from "./stub.mjs";

const stub = await new Stub().start();
const browser = await launch();
let session, signing, may, asked, refuse;

after(async () => {
  await browser.close();
  await stub.stop();
});

const message = (id, channel, state = "delivered") => ({ id, channel, to: channel === "email" ? "a•••@gmail.com" : "(•••) •••-••42", state });
const person = (id, name, state, more = {}) => ({ id, name, role: "cosigner", state, mobile: "(•••) •••-••42", email: "a•••@gmail.com", messages: [message(`i-${id}`, "sms")], ...more });

beforeEach(() => {
  stub.reset();
  asked = [];
  refuse = null;
  may = { reveal: true, access_code: true };
  session = {
    id: "S-1042", state: "running", invite_by: "sms", starts_at: stub.at(20 * 60e3),
    participants: [
      person("p-1", "Ana Ruiz", "invited", { role: "primary" }),
      person("p-2", "Luis Ruiz", "arrived", { arrived_at: stub.at(-60e3) }),
      person("p-3", "Rosa Peña", "code_sent", { arrived_at: stub.at(-60e3), messages: [message("i-3", "sms"), message("c-3", "email", "sent")] }),
      person("p-4", "Max Weber", "verified", { arrived_at: stub.at(-90e3), verified_at: stub.at(-30e3) }),
      person("p-5", "Eva Lang", "locked", { arrived_at: stub.at(-90e3), locked_until: stub.at(3600e3) }),
      person("p-6", "Tom Hill", "left", { left_at: stub.at(-5e3) }),
    ],
  };
  signing = {
    id: "sgn_1", state: "open", document: { id: "d-1", name: "Service agreement" },
    signer: { id: "s-1", name: "Ana Ruiz", mobile: "(•••) •••-••42" }, messages: [],
  };
  stub.more = (method, path, body) => {
    const { tenant, agent } = stub.facts;
    if (path === "/window/acme/sessions/S-1042") return [200, { tenant, agent, session, may }];
    if (path === "/window/acme/signings/sgn_1") return [200, { tenant, agent, signing, may }];
    const [, own] = path.match(/^\/api\/v1\/(?:sessions\/S-1042|signings\/sgn_1)(.*)$/) ?? [];
    if (own === undefined) return [404, { code: "not_found" }];
    asked.push([method, own, body]);
    if (refuse) return [refuse.status, { code: refuse.code }, refuse.headers];
    if (own.endsWith("/reveal")) return [200, { code: "482913", expires_at: stub.at(600e3) }];
    if (own.endsWith("/access-code")) return [201, { access_code: "KM4T-9WPX", expires_at: stub.at(24 * 3600e3) }];
    if (method === "DELETE" && own === "") session.state = "ended";
    if (method === "DELETE" && own) session.participants.find(({ id }) => own.endsWith(id)).state = "left";
    return method === "DELETE" ? [204] : [200, {}];
  };
});

async function visit({ about = "session=S-1042", lang = "en", width = 480, height = 900, token = GOOD } = {}, work) {
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const complaints = await listen(page);
  try {
    await page.goto(`${stub.origin}/window/acme#token=${token}&${about}&lang=${lang}`);
    await work(page);
    assert.deepEqual(await complaints(), []);
  } finally {
    await context.close();
  }
}

const of = (page, name) => page.getByRole("group", { name });
const press = (page, name, label) => of(page, name).getByRole("button", { name: label, exact: true }).click();
const focused = (page) => page.evaluate(() => window.active().textContent);

const kinds = [
  ["session", "session=S-1042", { en: ["Session S-1042", "On the code page", "Locked until 3:41 PM"], es: ["Sesión S-1042", "En la página del código", "Bloqueado hasta las 3:41"] }],
  ["signing", "signing=sgn_1", { en: ["Signing: Ana Ruiz", "Service agreement", "Generate an access code"], es: ["Firma: Ana Ruiz", "Service agreement", "Generar un código de acceso"] }],
];
for (const [name, about, texts] of kinds) {
  describe(`a ${name}`, () => {
    for (const lang of ["en", "es"]) {
      test(`can be read (${lang})`, async () => {
        await visit({ about, lang }, async (page) => {
          for (const text of texts[lang]) await page.getByText(text).first().waitFor();
          const text = await page.locator("countersign-window >> main").innerText();
          assert.doesNotMatch(text, /\{\w+\}|undefined|null|NaN|desk\.\w|window\.\w|\.\./, "a text is not filled in");
          assert.deepEqual(await violations(page), []);
          await picture(page, `${name}.${lang}`, { fullPage: true });
        });
      });

      test(`fits a narrow frame while details are corrected (${lang})`, async () => {
        await visit({ about, lang, width: 320 }, async (page) => {
          await of(page, "Ana Ruiz").getByRole("button", { name: /Correct|Corregir/ }).click();
          await of(page, "Ana Ruiz").getByRole("textbox").first().waitFor();
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scroll");
          assert.deepEqual(await violations(page), []);
          await picture(page, `${name}-correct.${lang}`, { fullPage: true });
        });
      });
    }
  });
}

describe("what is done for a participant", () => {
  test("a change is shown and told as it happens, and takes no focus", async () => {
    await visit({}, async (page) => {
      await of(page, "Ana Ruiz").getByRole("button", { name: "Invite again" }).focus();
      session.participants[0] = { ...session.participants[0], state: "code_sent", arrived_at: stub.at(0) };
      await of(page, "Ana Ruiz").getByText("Code sent").waitFor();
      assert.equal(await page.locator("countersign-window >> #say").innerText(), "Ana Ruiz: Code sent.");
      assert.equal(await focused(page), "Invite again");
      assert.match(await of(page, "Rosa Peña").innerText(), /Invitation: text message[^]*Code: email/i);
      session.participants.push(person("p-7", "Ida Moss", "invited"));
      await of(page, "Ida Moss").waitFor();
    });
  });

  test("the code is shown only to whoever asks for it, where the tenant allows, once the person is there", async () => {
    await visit({}, async (page) => {
      await of(page, "Ana Ruiz").waitFor();
      const offers = await page.getByRole("group").filter({ has: page.getByRole("button", { name: "Show the code" }) }).locator("h2").allInnerTexts();
      assert.deepEqual(offers, ["Luis Ruiz", "Rosa Peña"]);
      assert.doesNotMatch(await page.locator("countersign-window >> main").innerText(), /482/);
      await press(page, "Rosa Peña", "Show the code");
      await of(page, "Rosa Peña").getByText("482 913").waitFor();
      assert.deepEqual(asked, [["POST", "/participants/p-3/reveal", {}]]);
      await picture(page, "session-reveal", { fullPage: true });
      assert.deepEqual(await violations(page), []);
      await press(page, "Rosa Peña", "Hide");
      assert.doesNotMatch(await page.locator("countersign-window >> main").innerText(), /482/);
      await press(page, "Rosa Peña", "Show the code");
      await of(page, "Rosa Peña").getByText("482 913").waitFor();
      session.participants[2] = { ...session.participants[2], state: "verified", verified_at: stub.at(0) };
      await of(page, "Rosa Peña").getByText("482 913").waitFor({ state: "detached" });
    });
    may.reveal = false;
    await visit({}, async (page) => {
      await of(page, "Luis Ruiz").waitFor();
      assert.equal(await page.getByRole("button", { name: "Show the code" }).count(), 0);
    });
  });

  test("a code that was shown is gone when its time is over", async () => {
    await visit({}, async (page) => {
      await press(page, "Rosa Peña", "Show the code");
      await of(page, "Rosa Peña").getByText("482 913").waitFor();
      stub.advance(601e3);
      await of(page, "Rosa Peña").getByText("482 913").waitFor({ state: "detached" });
    });
  });

  test("only what was typed is sent, and a refusal keeps it", async () => {
    await visit({}, async (page) => {
      await press(page, "Ana Ruiz", "Correct details");
      await press(page, "Ana Ruiz", "Save and invite again");
      await of(page, "Ana Ruiz").getByText("Enter a new number or address.").waitFor();
      await of(page, "Ana Ruiz").getByLabel("Email").fill("new@x.test");
      refuse = { status: 422, code: "contact_invalid" };
      await press(page, "Ana Ruiz", "Save and invite again");
      await of(page, "Ana Ruiz").getByText("cannot be right").waitFor();
      assert.equal(await of(page, "Ana Ruiz").getByLabel("Email").inputValue(), "new@x.test");
      refuse = null;
      await press(page, "Ana Ruiz", "Save and invite again");
      await of(page, "Ana Ruiz").getByLabel("Email").waitFor({ state: "hidden" });
      assert.deepEqual(asked.at(-1), ["PATCH", "/participants/p-1", { email: "new@x.test" }]);
      assert.equal(await focused(page), "Correct details");
    });
  });

  test("an invitation goes again, and a limit says when it may", async () => {
    await visit({}, async (page) => {
      await press(page, "Ana Ruiz", "Invite again");
      await page.getByText("Invitation sent again to Ana Ruiz.").waitFor({ state: "attached" });
      refuse = { status: 429, code: "too_soon", headers: { "retry-after": "21" } };
      await press(page, "Ana Ruiz", "Invite again");
      await of(page, "Ana Ruiz").getByText("You can send again in 21 s.").waitFor();
    });
  });

  test("nobody is removed, and no session ended, by one click", async () => {
    await visit({}, async (page) => {
      await press(page, "Luis Ruiz", "Remove");
      assert.equal(await focused(page), "Back");
      assert.deepEqual(asked, []);
      await press(page, "Luis Ruiz", "Remove");
      await of(page, "Luis Ruiz").getByText("Left").waitFor();
      await page.getByRole("button", { name: "End session" }).click();
      await page.getByText("End this session for everybody?").first().waitFor();
      assert.deepEqual(asked, [["DELETE", "/participants/p-2", {}]].map(([method, path]) => [method, path, {}]));
      await page.getByRole("button", { name: "End session" }).click();
      await page.getByText("This session has ended.").first().waitFor();
      assert.deepEqual(await of(page, "Ana Ruiz").getByRole("button").filter({ visible: true }).count(), 0);
      await picture(page, "session-over", { fullPage: true });
    });
  });
});

describe("a signer", () => {
  const about = "signing=sgn_1";

  test("gets an access code that is shown this once", async () => {
    await visit({ about }, async (page) => {
      await press(page, "Ana Ruiz", "Generate an access code");
      await of(page, "Ana Ruiz").getByText("KM4T-9WPX").waitFor();
      assert.equal(await focused(page), "Hide");
      await picture(page, "signing-access", { fullPage: true });
      assert.deepEqual(await violations(page), []);
      await press(page, "Ana Ruiz", "Hide");
      assert.equal(await page.getByText("KM4T-9WPX").count(), 0);
    });
    may.access_code = false;
    await visit({ about }, async (page) => {
      await of(page, "Ana Ruiz").waitFor();
      assert.equal(await page.getByRole("button", { name: "Generate" }).count(), 0);
    });
  });

  test("has another number from now on", async () => {
    await visit({ about }, async (page) => {
      await press(page, "Ana Ruiz", "Correct the number");
      await of(page, "Ana Ruiz").getByLabel("Mobile").fill("(415) 555-2671");
      await page.keyboard.press("Enter");
      await of(page, "Ana Ruiz").getByLabel("Mobile").waitFor({ state: "hidden" });
      assert.deepEqual(asked, [["PATCH", "", { mobile: "(415) 555-2671" }]]);
    });
  });
});

describe("trouble", () => {
  test("what the token does not name is told apart from what is down", async () => {
    stub.more = () => [403, { code: "client_not_in_token" }];
    await visit({}, async (page) => { await page.getByText("You cannot see this").first().waitFor(); });
    stub.more = () => [500, { code: "internal" }];
    await visit({}, async (page) => { await page.getByText("Something went wrong on our side").first().waitFor(); });
  });

  test("a token that ends is said, and what was typed stays", async () => {
    await visit({}, async (page) => {
      await press(page, "Ana Ruiz", "Correct details");
      await of(page, "Ana Ruiz").getByLabel("Mobile").fill("+1 415");
      stub.token = `${GOOD}2`;
      await page.getByText("Your CRM session has ended").first().waitFor();
      assert.equal(await of(page, "Ana Ruiz").getByLabel("Mobile").inputValue(), "+1 415");
    });
  });
});
