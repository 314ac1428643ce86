// The pages behind a link to set a PIN, served by the service itself, on a screen of a telephone: with a script and without, in both
// languages, by day and by night.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";

import { launch } from "./browse.mjs";
import { judge as judged, pressed, telephone, visiting } from "./pages.mjs";
import { Serving, until } from "./serving.mjs";

const words = {
  en: {
    first: "Create your security PIN", next: "Create a new security PIN", go: "Continue", choose: "Choose a 6-digit PIN", again: "Type it again",
    show: "Show PIN", hide: "Hide PIN", save: "Save PIN", done: "Your PIN is ready", easy: "That PIN is easy to guess. Choose another one",
    match: "The two PINs are different. Type them again", empty: "Enter a 6-digit PIN", used: "This link was already used",
    voided: "This link no longer works", unknown: "This link is not valid", other: "Español", help: "Need help? Call 800-555-0199.",
  },
  es: {
    first: "Cree su PIN de seguridad", next: "Cree un nuevo PIN de seguridad", go: "Continuar", choose: "Elija un PIN de 6 dígitos", again: "Escríbalo otra vez",
    show: "Mostrar PIN", hide: "Ocultar PIN", save: "Guardar PIN", done: "Su PIN está listo", easy: "Ese PIN es fácil de adivinar. Elija otro",
    match: "Los dos PIN son distintos. Escríbalos otra vez", empty: "Ingrese un PIN de 6 dígitos", used: "Este enlace ya se usó",
    voided: "Este enlace ya no sirve", unknown: "Este enlace no es válido", other: "English", help: "¿Necesita ayuda? Llame al 800-555-0199.",
  },
};
const tenant = '[tenant.brand]\nshort_name = "Acme Relief"\nsupport_phone = "800-555-0199"\ncolor = "#8250df"\n[tenant.policy.pin]\nenabled = true';
const service = new Serving();
const api = (...call) => service.api(...call);
let browser, clients = 0;

before(async () => {
  await service.start(tenant);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await service.stop();
});

/** A new client whose owner reads this language. */
async function client(lang, at = service) {
  const id = `lead-${clients += 1}`;
  const contact = { id: "ana", name: "Ana Ruiz", role: "owner", email: `ana@${id}.example`, mobile: `+1305555${String(100 + clients).padStart(4, "0")}`, locale: lang };
  await at.api("PUT", `/clients/${id}`, { name: "Ruiz Landscaping LLC", contacts: [contact] });
  return { id, email: contact.email, mobile: contact.mobile };
}

/** The newest link that the client was sent by email, of which there are so many by then. */
async function link({ id, email }, count = 1, at = service) {
  await at.api("POST", `/clients/${id}/pin/link`, { contact: "ana" });
  return until(async () => {
    const links = (await at.sent()).filter(({ to }) => to === email).map(({ text }) => text.match(/https?:\S+\/p\/\S+/)?.[0]).filter(Boolean);
    return links.length >= count && links.at(-1);
  }, "the link");
}

const phone = ({ lang = "en", script = true, width = 390 }, work) => (
  visiting(browser, { ...telephone(width, 844), locale: lang, javaScriptEnabled: script }, work)
);

const type = async (page, pin, again = pin) => {
  await page.locator("#pin").fill(pin);
  if (again !== null) await page.locator("#again").fill(again);
};
const press = (page, name) => pressed(page.getByRole("button", { name, exact: true }), page);
const says = (page, text) => page.getByText(text, { exact: true }).first().waitFor();

const judge = (page, name) => judged(page, `pin-${name}`);

describe("a client sets a PIN on a telephone", { concurrency: false }, () => {
  for (const lang of ["en", "es"]) {
    const say = words[lang];
    for (const script of [true, false]) {
      test(`from the message to the end (${lang}, ${script ? "with" : "without"} a script)`, async () => {
        const about = await client(lang);
        const address = await link(about);
        await phone({ script }, async (page) => {
          await page.goto(address);
          await page.getByRole("heading", { level: 1, name: say.first }).waitFor();
          await says(page, say.help);
          await press(page, say.go);
          await says(page, say.choose);
          const show = page.getByRole("button", { name: say.show });
          if (script) await show.waitFor();
          else assert.equal(await show.count(), 0, "a button that needs a script");
          await press(page, say.save);
          await says(page, say.empty);
          await type(page, "123456");
          await press(page, say.save);
          await says(page, say.easy);
          await type(page, "482057", "482058");
          await press(page, say.save);
          await says(page, say.match);
          // As it is pasted from a note.
          await type(page, " 482-057", "482 057");
          await press(page, say.save);
          await says(page, say.done);
          await page.reload();
          await says(page, say.done);
          await page.goto(address);
          await says(page, say.used);
        });
        assert.equal((await api("POST", `/clients/${about.id}/pin/check`, { pin: "482057" })).result, "verified");
      });
    }

    test(`every page can be read and used by all (${lang})`, async () => {
      const about = await client(lang);
      const address = await link(about);
      const name = (what) => `${what}.${lang}`;
      await phone({ lang }, async (page) => {
        await page.goto(address);
        await judge(page, name("start"));
        await press(page, say.go);
        await judge(page, name("choose"));
        await type(page, "123456");
        await press(page, say.save);
        await says(page, say.easy);
        // The cursor is where the error is.
        await page.waitForFunction(() => document.activeElement.id === "pin");
        await judge(page, name("error"));
        await press(page, say.show);
        await judge(page, name("shown"));
        await press(page, say.hide);
        await type(page, "482057", "482058");
        await press(page, say.save);
        await says(page, say.match);
        await judge(page, name("match"));
        await type(page, "482057");
        await press(page, say.save);
        await says(page, say.done);
        await judge(page, name("done"));
        await page.goto(address);
        await says(page, say.used);
        await judge(page, name("used"));
        await page.goto(`${address}x`);
        await says(page, say.unknown);
        await judge(page, name("unknown"));
      });
    });

    test(`a narrow telephone shows all of it (${lang})`, async () => {
      const address = await link(await client(lang));
      await phone({ width: 320 }, async (page) => {
        await page.goto(address);
        await judge(page, `narrow-start.${lang}`);
        await press(page, say.go);
        await judge(page, `narrow-choose.${lang}`);
      });
    });
  }

  test("a PIN that is shown is typed once", async () => {
    const about = await client("en");
    const address = await link(about);
    await phone({}, async (page) => {
      await page.goto(`${address}?step=pin`);
      await press(page, words.en.show);
      assert.equal(await page.locator("#again").isVisible(), false);
      await page.waitForFunction(() => document.activeElement.id === "pin");
      await press(page, words.en.hide);
      assert.equal(await page.locator("#again").isVisible(), true);
      await press(page, words.en.show);
      await type(page, "482057", null);
      await press(page, words.en.save);
      await says(page, words.en.done);
    });
    assert.equal((await api("POST", `/clients/${about.id}/pin/check`, { pin: "482057" })).result, "verified");
  });

  test("pressed twice, it is sent once", async () => {
    const address = await link(await client("en"));
    await phone({}, async (page) => {
      const posts = [];
      page.on("request", (request) => { if (request.method() === "POST") posts.push(request.url()); });
      await page.goto(`${address}?step=pin`);
      await type(page, "482057");
      await page.getByRole("button", { name: words.en.save }).dblclick();
      await says(page, words.en.done);
      assert.equal(posts.length, 1);
    });
  });

  test("the other language is one touch away, on the same page", async () => {
    const address = await link(await client("en"));
    await phone({}, async (page) => {
      await page.goto(address);
      await page.getByRole("link", { name: words.en.other }).click();
      await says(page, words.es.first);
      await press(page, words.es.go);
      await says(page, words.es.choose);
      await page.getByRole("link", { name: words.es.other }).click();
      await says(page, words.en.choose);
      await page.getByRole("link", { name: words.en.other }).click();
      await type(page, "482057");
      await press(page, words.es.save);
      await says(page, words.es.done);
      await page.getByRole("link", { name: words.es.other }).click();
      await says(page, words.en.done);
    });
  });

  test("what a page is made of is small", async () => {
    const address = await link(await client("en"));
    await phone({}, async (page) => {
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(`${address}?step=pin`);
      await page.getByRole("button", { name: words.en.show }).waitFor();
      assert.equal(asked.filter((url) => !url.startsWith("data:")).length, 3, asked.join(" "));
      const size = async (url) => gzipSync(await (await fetch(url)).text(), { level: 9 }).length;
      const [html, css, js] = await Promise.all([size(`${address}?step=pin`), size(`${service.base}/assets/public.css`), size(`${service.base}/assets/public.js`)]);
      console.log(`page ${html} bytes, style ${css}, script ${js}`);
      assert.ok(js <= 6 * 1024 && css <= 8 * 1024 && html + css + js <= 50 * 1024, `${html} ${css} ${js}`);
    });
  });
});

const codes = {
  en: { ask: "Check it is you", why: "To be sure that it is you, we text a code to", get: "Text me a code", enter: "Enter the code we texted you", empty: "Enter the 6-digit code",
    wrong: "That code is not right. Check the newest message and try again. 4 tries left", locked: "Too many wrong codes. Ask for a new one" },
  es: { ask: "Confirme que es usted", why: "Para confirmar que es usted, enviamos un código por mensaje al", get: "Recibir el código por mensaje", enter: "Ingrese el código que le enviamos", empty: "Ingrese el código de 6 dígitos",
    wrong: "Ese código no es correcto. Revise el mensaje más reciente e intente otra vez. Quedan 4 intentos", locked: "Demasiados códigos incorrectos. Pida uno nuevo" },
};

describe("where a link from an email asks for a code by text", { concurrency: false }, () => {
  const service = new Serving();
  const api = (...call) => service.api(...call);

  before(() => service.start(`${tenant}\nconfirm_by_code = true`));
  after(() => service.stop());

  /** The newest code that was texted to a client. */
  const texted = ({ mobile }, but) => until(async () => {
    const texts = (await service.sent()).filter(({ to }) => to === mobile).map(({ text }) => text.match(/^(\d{6}) /)?.[1]).filter(Boolean);
    return texts.at(-1) !== but && texts.at(-1);
  }, "the code");
  const missed = (code) => `${code.slice(0, 5)}${(Number(code[5]) + 1) % 10}`;

  for (const lang of ["en", "es"]) {
    const [say, ask] = [words[lang], codes[lang]];
    for (const script of [true, false]) {
      test(`from the message to the end (${lang}, ${script ? "with" : "without"} a script)`, async () => {
        const about = await client(lang, service);
        const address = await link(about, 1, service);
        const shown = async (page, name) => { if (script) await judge(page, `confirm-${name}.${lang}`); };
        await phone({ script }, async (page) => {
          await page.goto(address);
          await press(page, say.go);
          await page.getByRole("heading", { level: 1, name: ask.ask }).waitFor();
          await page.getByText(ask.why).waitFor();
          assert.equal(await page.locator("#pin").count(), 0);
          await shown(page, "ask");
          await press(page, ask.get);
          await page.getByRole("heading", { level: 1, name: ask.enter }).waitFor();
          await shown(page, "code");
          const code = await texted(about);
          await press(page, say.go);
          await says(page, ask.empty);
          await page.locator("#code").fill(missed(code));
          await press(page, say.go);
          await says(page, ask.wrong);
          await shown(page, "wrong");
          await page.locator("#code").fill(code);
          await press(page, say.go);
          await says(page, say.choose);
          await page.reload();
          await says(page, say.choose);
          // The same link elsewhere.
          await phone({ script }, async (other) => {
            await other.goto(`${address}?step=pin`);
            await other.getByRole("heading", { level: 1, name: ask.ask }).waitFor();
          });
          await type(page, "482057");
          await press(page, say.save);
          await says(page, say.done);
        });
        assert.equal((await api("POST", `/clients/${about.id}/pin/check`, { pin: "482057" })).result, "verified");
      });
    }

    test(`five wrong codes end it, on a narrow telephone (${lang})`, async () => {
      const about = await client(lang, service);
      const address = await link(about, 1, service);
      await phone({ width: 320 }, async (page) => {
        await page.goto(`${address}?step=pin`);
        await judge(page, `confirm-narrow-ask.${lang}`);
        await press(page, ask.get);
        const code = await texted(about);
        for (let tries = 0; tries < 5; tries += 1) {
          await page.locator("#code").fill(missed(code));
          await press(page, say.go);
        }
        await page.getByText(ask.locked).waitFor();
        await judge(page, `confirm-narrow-locked.${lang}`);
      });
    });
  }
});
