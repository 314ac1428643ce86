// The pages of a signer and of a participant, served by the service itself, on a screen of a telephone: with a script and without,
// in both languages, by day and by night, from the link to the host's page and the proof that it redeems.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launch } from "./browse.mjs";
import { backAtTheCrm, judge as judged, pressed, telephone, visiting } from "./pages.mjs";
import { Serving, until } from "./serving.mjs";

const words = {
  en: {
    sign: "Confirm it is you", before: "Before you open: Service agreement, from Acme Relief", text: "Text me", call: "Call me", have: "I have a code",
    enterSign: "Enter your signing code", open: "Open document", code: "6-digit code", anyCode: "Code", hint: "Use the code Acme Relief gave you.",
    texted: "We texted it to the phone ending in {last2}. It can take a minute.", calling: "We are calling the phone ending in {last2}. Answer and press 1.",
    emailed: "We emailed it to {to}. It can take a minute.", agent: "Our agent will give you the code.", ending: "phone ending in {last2}",
    again: "Send again", rates: "Message and data rates may apply.", keep: "Do not share this code with anyone.", missing: "Did not arrive?",
    empty: "Enter the 6-digit code", form: "The code must be 6 numbers", told: "That is not a code. Check what you were given, and try again",
    wrong: "That code is not right. Check the newest message and try again. {n} tries left",
    last: "That code is not right. Check the newest message and try again. 1 try left",
    lockedCode: "Too many wrong codes. Ask for a new one, or call 800-555-0199", locked: /^Too many wrong codes\. Try again at \d+:\d\d [AP]M, or call 800-555-0199$/,
    wait: /^You can ask for another code in (\d+) seconds$/, expired: "That code has expired. We can send a new one",
    expires: /^Expires at \d+:\d\d [AP]M$/, expiresOn: /^Expires on [A-Z][a-z]+ \d+ at \d+:\d\d [AP]M$/,
    session: "Your session with Acme Relief", withAgent: "With Maria Lopez", when: "Mar 3, 2:41 PM (EST)", textCode: "Text me a code", emailCode: "Email me a code",
    go: "Continue", enterSession: "Enter your session code", join: "Join",
    over: "This session has ended. Call 800-555-0199 to set a new one.", in: "You are in. Keep this page open.", newCode: "Get a new code",
    early: /^Your session opens at \d+:\d\d [AP]M\. You can keep this page open\.$/, earlyOn: "Your session opens on Mar 3 at 2:41 PM.",
    unknown: "This link is not valid", check: "Check that you copied all of it, or call us at a number you know.", other: "Español", help: "Need help? Call 800-555-0199.",
  },
  es: {
    sign: "Confirme que es usted", before: "Antes de abrir: Service agreement, de Acme Relief", text: "Recibir mensaje de texto", call: "Recibir llamada", have: "Ya tengo un código",
    enterSign: "Ingrese su código de firma", open: "Abrir documento", code: "Código de 6 dígitos", anyCode: "Código", hint: "Use el código que le dio Acme Relief.",
    texted: "Lo enviamos al teléfono que termina en {last2}. Puede tardar un minuto.", calling: "Estamos llamando al teléfono que termina en {last2}. Conteste y oprima 1.",
    emailed: "Lo enviamos a {to}. Puede tardar un minuto.", agent: "Nuestro agente le dará el código.", ending: "teléfono que termina en {last2}",
    again: "Enviar otra vez", rates: "Se pueden aplicar tarifas por mensajes y datos.", keep: "No comparta este código con nadie.", missing: "¿No llegó?",
    empty: "Ingrese el código de 6 dígitos", form: "El código debe tener 6 números", told: "Eso no es un código. Revise el que le dieron e intente otra vez",
    wrong: "Ese código no es correcto. Revise el mensaje más reciente e intente otra vez. Quedan {n} intentos",
    last: "Ese código no es correcto. Revise el mensaje más reciente e intente otra vez. Queda 1 intento",
    lockedCode: "Demasiados códigos incorrectos. Pida uno nuevo o llame al 800-555-0199", locked: /^Demasiados códigos incorrectos\. Intente a las? \d+:\d\d [ap]\.m\. o llame al 800-555-0199$/,
    wait: /^Puede pedir otro código en (\d+) segundos$/, expired: "Ese código venció. Podemos enviarle uno nuevo",
    expires: /^Vence a las? \d+:\d\d [ap]\.m\.$/, expiresOn: /^Vence el \d+ [a-z]+ a las? \d+:\d\d [ap]\.m\.$/,
    session: "Su sesión con Acme Relief", withAgent: "Con Maria Lopez", when: "3 mar, 2:41 p.m. (EST)", textCode: "Recibir el código por mensaje", emailCode: "Recibir el código por correo",
    go: "Continuar", enterSession: "Ingrese su código de sesión", join: "Entrar",
    over: "Esta sesión terminó. Llame al 800-555-0199 para programar otra.", in: "Ya está en la sesión. Deje esta página abierta.", newCode: "Pedir un código nuevo",
    early: /^Su sesión se abre a las? \d+:\d\d [ap]\.m\. Puede dejar esta página abierta\.$/, earlyOn: "Su sesión se abre el 3 mar a las 2:41 p.m.",
    unknown: "Este enlace no es válido", check: "Revise que lo copió completo o llámenos a un número que usted conozca.", other: "English", help: "¿Necesita ayuda? Llame al 800-555-0199.",
  },
};
const last2 = (text, number) => text.replace("{last2}", number.slice(-2));
/** The next third of March, when it is 2:41 PM in New York. */
const march = [0, 1].map((more) => `${new Date().getUTCFullYear() + more}-03-03T19:41:00Z`).find((at) => Date.parse(at) > Date.now());
const service = new Serving();
const api = (...call) => service.api(...call);
const [host, crm] = await backAtTheCrm();
let browser, numbers = 0;

before(async () => {
  await service.start(`
    allowed_origins = ["${crm}"]
    [tenant.brand]
    short_name = "Acme Relief"
    support_phone = "800-555-0199"
    color = "#8250df"
    [tenant.policy.signer]
    access_code = true
    tries = 3
    resend_after = "10s"
    [tenant.policy.session]
    agent_sees_code = true
    subject_tries = 5
  `);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await service.stop();
  host.close();
});

/** A number that nobody else has. */
const number = () => `+1305555${String(1000 + (numbers += 1))}`;

/** A link for a signer who reads this language. */
async function signing(lang, details = { mobile: number() }) {
  const made = await api("POST", "/signings", {
    document: { id: "doc-7", name: "Service agreement" }, signer: { id: "s-1", name: "Ana Ruiz", locale: lang, ...details }, return_url: `${crm}/documents/7?from=link`,
  });
  return { ...made, ...details, at: `/signings/${made.id}` };
}

/** A session of one, and the link of the invitation. */
async function session(lang, invite_by, details = { email: `ana-${numbers += 1}@ruiz.example`, mobile: number() }, more = {}) {
  const id = `ses-${numbers += 1}`;
  const person = { id: "p-1", name: "Ana Ruiz", role: "primary", locale: lang, ...details };
  await api("POST", "/sessions", { id, invite_by, participants: [person], agent: { id: "u-77", name: "Maria Lopez" }, return_url: `${crm}/sessions/7`, ...more });
  const url = await invitation(invite_by === "email" ? details.email : details.mobile);
  return { ...details, id, url, at: `/sessions/${id}/participants/p-1` };
}

const sentTo = async (to) => (await service.sent()).filter((message) => message.to === to).map(({ text }) => text);
const invitation = (to) => until(async () => (await sentTo(to)).map((text) => text.match(/https?:\S+\/p\/[\w-]+/)?.[0]).find(Boolean), "the invitation");

/** The newest code for a number or an address, of which there are so many by then. */
const code = (to, count = 1) => until(async () => {
  const codes = (await sentTo(to)).map((text) => text.match(/(?<![-\d])\d{6}(?!\d)/)?.[0]).filter(Boolean);
  return codes.length >= count && codes.at(-1);
}, "the code");

/** Another code than this, and than the other wrong ones. */
const not = (right, by = 1) => String((Number(right) + by) % 1_000_000).padStart(6, "0");

const phone = ({ lang = "en", script = true, width = 375 }, work) => (
  visiting(browser, { ...telephone(width, 740), locale: lang, javaScriptEnabled: script }, work)
);

const button = (page, name) => page.getByRole("button", { name, exact: true });
const press = (page, name) => pressed(button(page, name), page);
const says = (page, text) => page.getByText(text, { exact: true }).first().waitFor();
const titled = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const alarm = (page, text) => page.getByRole("alert").filter({ hasText: text }).waitFor();
const type = async (page, what, go) => {
  await page.locator("#code").fill(what);
  await press(page, go);
};
/** The field for a code, once the cursor is in it. */
const field = (page) => page.locator("#code:focus").evaluate((one) => ({ fills: one.autocomplete, mode: one.inputMode, invalid: one.ariaInvalid, label: one.labels[0].textContent }));
const language = (page) => page.locator("html").getAttribute("lang");

/** The proof that the host's page was opened with. */
async function landed(page, path) {
  await titled(page, "Back at the CRM");
  const url = new URL(page.url());
  assert.equal(`${url.origin}${url.pathname}`, `${crm}${path}`);
  return url.searchParams.get("proof");
}

/** The host redeems a proof, and cannot a second time. */
async function redeems({ at }, proof, method) {
  const answer = await api("POST", `${at}/proof`, { proof });
  assert.equal(answer.method, method);
  assert.ok(Date.parse(answer.verified_at));
  await assert.rejects(api("POST", `${at}/proof`, { proof }), /404.*not_found/);
}

/** Nothing can be typed, and nothing is said to be on its way. */
async function fieldless(page, { missing }) {
  assert.equal(await page.locator("#code").count(), 0, "a locked page has no field");
  assert.equal(await page.getByText(missing).count(), 0);
}

const buttons = (page) => page.getByRole("button").allInnerTexts();

const judge = (page, name) => judged(page, `guest-${name}`);

for (const lang of ["en", "es"]) {
  const say = words[lang];

  describe(`a signer (${lang})`, () => {
    for (const script of [true, false]) {
      const how = script ? "with a script" : "without a script";

      test(`from the link to the document, ${how}`, async () => {
        const one = await signing(lang);
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await titled(page, say.sign);
          assert.equal(await language(page), lang);
          for (const text of [say.before, last2(say.ending, one.mobile), say.rates, say.help]) await says(page, text);
          await press(page, say.text);
          await titled(page, say.enterSign);
          await says(page, last2(say.texted, one.mobile));
          await says(page, say.expiresOn);
          await says(page, say.keep);
          assert.deepEqual(await field(page), { fills: "one-time-code", mode: "numeric", invalid: null, label: say.code });
          const right = await code(one.mobile);
          await press(page, say.open);
          await says(page, say.empty);
          await type(page, "12345", say.open);
          await says(page, say.form);
          await type(page, not(right), say.open);
          await says(page, say.wrong.replace("{n}", "2"));
          assert.deepEqual(await field(page), { fills: "one-time-code", mode: "numeric", invalid: "true", label: say.code });
          // As it is copied from the message.
          await type(page, ` ${right.slice(0, 3)} ${right.slice(3)}`, say.open);
          const proof = await landed(page, "/documents/7");
          assert.equal(new URL(page.url()).searchParams.get("from"), "link", "what the host's address said besides");
          await redeems(one, proof, "sms");
        });
        assert.equal((await api("GET", one.at)).state, "verified");
      });

      test(`a code that was told opens it, in any case and without its hyphen, ${how}`, async () => {
        for (const typed of [(told) => told, (told) => told.toLowerCase().replace("-", "")]) {
          const one = await signing(lang);
          const { access_code: told } = await api("POST", `${one.at}/access-code`, { agent: { id: "u-77", name: "Maria Lopez" } });
          await phone({ script }, async (page) => {
            await page.goto(one.url);
            await press(page, say.have);
            await titled(page, say.enterSign);
            await says(page, say.hint);
            assert.equal(await page.getByText(say.missing).count(), 0, "nothing was sent");
            assert.deepEqual(await field(page), { fills: "one-time-code", mode: "text", invalid: null, label: say.anyCode });
            await type(page, "K7M4", say.open);
            await says(page, say.told);
            await type(page, typed(told), say.open);
            await redeems(one, await landed(page, "/documents/7"), "told");
          });
          assert.deepEqual(await sentTo(one.mobile), [], "nothing is sent to whoever has a code");
        }
      });

      test(`a landline is called and not texted, ${how}`, async () => {
        const one = await signing(lang, { phone: number() });
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await says(page, last2(say.ending, one.phone));
          assert.equal(await button(page, say.text).count(), 0);
          assert.equal(await page.getByText(say.rates).count(), 0, "a call costs the reader nothing to tell of");
          await press(page, say.call);
          await titled(page, say.enterSign);
          await says(page, last2(say.calling, one.phone));
          assert.equal(await button(page, say.again).count(), 0);
          assert.equal(await button(page, say.call).count(), 1);
        });
        const [call] = await until(async () => (await sentTo(one.phone)).length && sentTo(one.phone), "the call");
        assert.doesNotMatch(call, /\d{6}/, "nothing secret before a key is pressed");
      });

      test(`a corrected number is used by the same link, and voids the code before it, ${how}`, async () => {
        const one = await signing(lang);
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await press(page, say.text);
          await says(page, last2(say.texted, one.mobile));
          const early = await code(one.mobile);
          const mobile = number();
          await api("PATCH", one.at, { mobile });
          await type(page, early, say.open);
          await alarm(page, say.expired);
          await page.goto(one.url);
          await says(page, last2(say.ending, mobile));
        });
        const other = await signing(lang);
        await phone({ script }, async (page) => {
          await page.goto(other.url);
          const mobile = number();
          await api("PATCH", other.at, { mobile });
          await press(page, say.text);
          await says(page, last2(say.texted, mobile));
          await type(page, await code(mobile), say.open);
          await redeems(other, await landed(page, "/documents/7"), "sms");
        });
        assert.deepEqual(await sentTo(other.mobile), []);
      });

      test(`a code that is locked leaves no field, but the ways to another one, ${how}`, async () => {
        const one = await signing(lang);
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await press(page, say.text);
          const early = await code(one.mobile);
          for (const by of [1, 2, 3]) await type(page, not(early, by), say.open);
          await alarm(page, say.lockedCode);
          await fieldless(page, say);
          assert.deepEqual(await buttons(page), [say.text, say.call, say.have]);
          await page.goto(`${one.url}?step=code`);
          await alarm(page, say.lockedCode);
          await fieldless(page, say);
          const told = await api("POST", `${one.at}/access-code`, { agent: { id: "u-77", name: "Maria Lopez" } });
          await press(page, say.have);
          for (const wrong of ["AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC"]) await type(page, wrong, say.open);
          await alarm(page, say.lockedCode);
          await fieldless(page, say);
          assert.deepEqual(await buttons(page), [say.text, say.call], "what was told is locked, too");
          assert.notEqual(told.access_code, "AAAA-AAAA");
          await page.goto(`${one.url}?step=have`);
          await alarm(page, say.lockedCode);
          await fieldless(page, say);
        });
      });
    }

    test("every page can be read and used by all", async () => {
      const one = await signing(lang);
      const name = (what) => `sign-${what}.${lang}`;
      await phone({ lang }, async (page) => {
        await page.goto(one.url);
        await judge(page, name("ways"));
        await press(page, say.have);
        await says(page, say.hint);
        await judge(page, name("have"));
        await type(page, "K7M4", say.open);
        await says(page, say.told);
        await judge(page, name("have-error"));
        await type(page, "482913", say.open);
        await alarm(page, say.expired);
        await judge(page, name("have-none"));
        await page.goto(one.url);
        await press(page, say.text);
        await says(page, last2(say.texted, one.mobile));
        await press(page, say.again);
        await alarm(page, say.wait);
        await judge(page, name("wait"));
        await page.goto(`${one.url}?step=code`);
        await says(page, last2(say.texted, one.mobile));
        await judge(page, name("code"));
        const right = await code(one.mobile);
        await press(page, say.open);
        await says(page, say.empty);
        await judge(page, name("empty"));
        await type(page, "12345", say.open);
        await says(page, say.form);
        await judge(page, name("form"));
        await type(page, not(right), say.open);
        await says(page, say.wrong.replace("{n}", "2"));
        await judge(page, name("wrong"));
        await type(page, not(right, 2), say.open);
        await says(page, say.last);
        await judge(page, name("wrong-last"));
        await type(page, not(right, 3), say.open);
        await alarm(page, say.lockedCode);
        await fieldless(page, say);
        await judge(page, name("locked-code"));
      });
      const called = await signing(lang, { phone: number() });
      await phone({ lang }, async (page) => {
        await page.goto(called.url);
        await judge(page, name("landline"));
        await press(page, say.call);
        await says(page, last2(say.calling, called.phone));
        await judge(page, name("calling"));
        await api("PATCH", called.at, { phone: number() });
        await page.reload();
        await alarm(page, say.expired);
        await judge(page, name("expired"));
      });
    });

    test("a link that does not open says what to do, whatever became of it", async () => {
      const gone = await signing(lang);
      await fetch(`${service.base}/api/v1${gone.at}`, { method: "DELETE", headers: { authorization: `Bearer ${service.apiKey}` } });
      const mistyped = (await signing(lang)).url.slice(0, -1);
      await phone({ lang }, async (page) => {
        for (const url of [gone.url, mistyped, `${mistyped}xx`, `${service.base}/p/`, `${service.base}/p/%00`]) {
          assert.equal((await page.goto(url)).status(), 404);
          await titled(page, say.unknown);
          await says(page, say.check);
          assert.equal(await language(page), lang);
        }
        await judge(page, `unknown.${lang}`);
      });
    });

    test("a narrow telephone shows all of it", async () => {
      const one = await signing(lang);
      await phone({ width: 320 }, async (page) => {
        await page.goto(one.url);
        await judge(page, `narrow-ways.${lang}`);
        await press(page, say.text);
        await says(page, last2(say.texted, one.mobile));
        await judge(page, `narrow-code.${lang}`);
        await type(page, not(await code(one.mobile)), say.open);
        await says(page, say.wrong.replace("{n}", "2"));
        await judge(page, `narrow-wrong.${lang}`);
      });
    });
  });

  describe(`a participant (${lang})`, () => {
    for (const script of [true, false]) {
      const how = script ? "with a script" : "without a script";

      test(`invited by email, joins by a text, ${how}`, async () => {
        const one = await session(lang, "email", undefined, { starts_at: march });
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await titled(page, say.session);
          assert.equal(await language(page), lang);
          for (const text of [say.when, say.withAgent, say.earlyOn, last2(say.ending, one.mobile), say.rates, say.help]) await says(page, text);
          assert.deepEqual(await buttons(page), [say.textCode]);
          await press(page, say.textCode);
          await titled(page, say.enterSession);
          await says(page, last2(say.texted, one.mobile));
          await says(page, say.expires);
          assert.deepEqual(await field(page), { fills: "one-time-code", mode: "numeric", invalid: null, label: say.code });
          await says(page, say.missing);
          assert.deepEqual(await buttons(page), [say.join, say.again, say.call]);
          const right = await code(one.mobile);
          await type(page, not(right), say.join);
          await says(page, say.wrong.replace("{n}", "4"));
          await type(page, right, say.join);
          await redeems(one, await landed(page, "/sessions/7"), "sms");
          for (const step of ["", "?step=code"]) {
            await page.goto(one.url + step);
            await says(page, say.in);
            assert.equal(await page.getByText(say.earlyOn).count(), 0);
            assert.deepEqual(await buttons(page), [say.textCode], "who comes back needs another code");
          }
        });
        assert.equal((await sentTo(one.email)).length, 1, "the code goes the other way");
      });

      test(`invited by a text, joins by email, ${how}`, async () => {
        const one = await session(lang, "sms");
        const masked = "a•••@ruiz.example";
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await titled(page, say.session);
          await says(page, masked);
          assert.equal(await page.getByText(say.rates).count(), 0);
          await press(page, say.emailCode);
          await says(page, say.emailed.replace("{to}", masked));
          assert.deepEqual(await buttons(page), [say.join, say.again], "a call would ring the telephone that was invited");
          await type(page, await code(one.email), say.join);
          await redeems(one, await landed(page, "/sessions/7"), "email");
        });
        assert.equal((await sentTo(one.mobile)).length, 1, "the code goes the other way");
      });

      test(`without another way the agent tells the code, ${how}`, async () => {
        const one = await session(lang, "email", { email: `solo-${numbers += 1}@ruiz.example` });
        const reveal = () => api("POST", `${one.at}/reveal`, { agent: { id: "u-77", name: "Maria Lopez" } });
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await assert.rejects(reveal(), /409/, "before the page was reached");
          await press(page, say.go);
          await titled(page, say.enterSession);
          await says(page, say.agent);
          assert.equal(await page.getByText(say.missing).count(), 0, "nothing was sent");
          await type(page, (await reveal()).code, say.join);
          await redeems(one, await landed(page, "/sessions/7"), "agent");
        });
        assert.equal((await sentTo(one.email)).length, 1, "the code is not sent");
      });

      test(`a locked participant has no field, ${how}`, async () => {
        const one = await session(lang, "email");
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await press(page, say.textCode);
          const right = await code(one.mobile);
          for (const by of [1, 2, 3, 4, 5]) await type(page, not(right, by), say.join);
          for (const step of [null, "", "?step=code"]) {
            if (step !== null) await page.goto(one.url + step);
            await alarm(page, say.locked);
            await fieldless(page, say);
            assert.deepEqual(await buttons(page), [], "nothing can be asked for");
            assert.equal(await page.getByText(say.rates).count(), 0);
          }
        });
      });

      test(`a session that ended says so, ${how}`, async () => {
        const one = await session(lang, "email");
        const ended = async (page) => {
          await titled(page, say.session);
          await says(page, "800-555-0199");
          assert.match((await page.locator("main p").innerText()).replace(/\s+/g, " "), new RegExp(`^${say.over.replaceAll(".", "\\.")}$`));
          assert.equal(await language(page), lang);
          await fieldless(page, say);
          assert.deepEqual(await buttons(page), []);
        };
        await phone({ script }, async (page) => {
          await page.goto(one.url);
          await press(page, say.textCode);
          const right = await code(one.mobile);
          await fetch(`${service.base}/api/v1/sessions/${one.id}`, { method: "DELETE", headers: { authorization: `Bearer ${service.apiKey}` } });
          await type(page, right, say.join);
          await ended(page);
          assert.equal((await page.goto(one.url)).status(), 404);
          await ended(page);
          if (script) await judge(page, `ended.${lang}`);
        });
      });
    }

    test("every page can be read and used by all", async () => {
      const name = (what) => `join-${what}.${lang}`;
      const one = await session(lang, "email", undefined, { starts_at: new Date(Date.now() + 3600e3).toISOString() });
      await phone({ lang }, async (page) => {
        await page.goto(one.url);
        await says(page, say.early);
        await judge(page, name("start"));
        await press(page, say.textCode);
        await says(page, last2(say.texted, one.mobile));
        await judge(page, name("code"));
        const right = await code(one.mobile);
        await press(page, say.again);
        await alarm(page, say.wait);
        await judge(page, name("wait"));
        for (const by of [1, 2, 3, 4]) await type(page, not(right, by), say.join);
        await says(page, say.last);
        await judge(page, name("wrong-last"));
        await type(page, not(right, 5), say.join);
        await alarm(page, say.locked);
        await judge(page, name("locked"));
        await page.goto(one.url);
        await alarm(page, say.locked);
        assert.equal(await page.getByRole("button").count(), 0);
        await judge(page, name("locked-start"));
      });
      const other = await session(lang, "sms");
      await phone({ lang }, async (page) => {
        await page.goto(other.url);
        await judge(page, name("start-email"));
        await press(page, say.emailCode);
        await titled(page, say.enterSession);
        await judge(page, name("emailed"));
      });
      const solo = await session(lang, "email", { email: `solo-${numbers += 1}@ruiz.example` });
      await phone({ lang }, async (page) => {
        await page.goto(solo.url);
        await judge(page, name("start-agent"));
        await press(page, say.go);
        await says(page, say.agent);
        await judge(page, name("agent"));
        const { code: told } = await api("POST", `${solo.at}/reveal`, { agent: { id: "u-77", name: "Maria Lopez" } });
        await type(page, told, say.join);
        await landed(page, "/sessions/7");
        await page.goto(solo.url);
        await says(page, say.in);
        assert.deepEqual(await buttons(page), [say.newCode]);
        await judge(page, name("in"));
      });
    });

    test("who is named in their place gets a link of their own; the one before is dead", async () => {
      const one = await session(lang, "email");
      await phone({ lang }, async (page) => {
        await page.goto(one.url);
        const next = { name: "Luis Ruiz", email: `luis-${numbers += 1}@ruiz.example`, mobile: number() };
        await api("PATCH", one.at, next);
        await press(page, say.textCode);
        await titled(page, say.unknown);
        await page.goto(one.url);
        await titled(page, say.unknown);
        await page.goto(await invitation(next.email));
        await press(page, say.textCode);
        await says(page, last2(say.texted, next.mobile));
        await type(page, await code(next.mobile), say.join);
        await redeems(one, await landed(page, "/sessions/7"), "sms");
      });
      assert.deepEqual(await sentTo(one.mobile), []);
    });

    test("a narrow telephone shows all of it", async () => {
      const one = await session(lang, "sms");
      await phone({ width: 320 }, async (page) => {
        await page.goto(one.url);
        await judge(page, `narrow-join.${lang}`);
        await press(page, say.emailCode);
        await titled(page, say.enterSession);
        await judge(page, `narrow-join-code.${lang}`);
      });
    });
  });
}

describe("what is so in any language", () => {
  const say = words.en;

  test("opening a link changes nothing, however it is opened and how often", async () => {
    for (const one of [await signing("en"), await session("en", "email")]) {
      const seen = async () => {
        const messages = await service.sent();
        const state = one.at.startsWith("/signings") ? await api("GET", one.at) : await api("GET", `/sessions/${one.id}`);
        return { state, count: messages.filter(({ to }) => to === one.mobile).length };
      };
      await until(async () => !JSON.stringify(await seen()).includes('"queued"'), "the end of the invitation's way");
      const before = await seen();
      for (const method of ["GET", "HEAD", "GET", "HEAD"]) {
        for (const step of ["", "?step=code", "?step=have", "?step=code&do=text&code=123456"]) {
          assert.equal((await fetch(one.url + step, { method })).status, 200, `${method} ${step}`);
        }
      }
      assert.deepEqual(await seen(), before);
    }
  });

  test("asking again on a page that was opened again voids the code before it", async () => {
    const one = await signing("en");
    await phone({}, async (page) => {
      await page.goto(one.url);
      await press(page, say.text);
      await says(page, last2(say.texted, one.mobile));
      const early = await code(one.mobile);
      await page.goto(one.url);
      await press(page, say.text);
      const told = await page.getByText(say.wait).innerText();
      // The page says how long; what it says is so.
      const asked = Date.now();
      await until(() => Date.now() - asked > (Number(told.match(say.wait)[1]) + 1) * 1000, "the time that the page tells");
      await page.goto(one.url);
      await press(page, say.text);
      await says(page, last2(say.texted, one.mobile));
      const right = await code(one.mobile, 2);
      assert.notEqual(right, early);
      await type(page, early, say.open);
      await says(page, say.wrong.replace("{n}", "2"));
      await type(page, right, say.open);
      await redeems(one, await landed(page, "/documents/7"), "sms");
    });
  });

  test("pressed again while it is on its way, it is sent once", async () => {
    const one = await signing("en");
    await phone({}, async (page) => {
      const posts = [];
      page.on("request", (request) => { if (request.method() === "POST") posts.push(request.url()); });
      const twice = async (name) => {
        let open;
        const gate = new Promise((done) => { open = done; });
        await page.route(/\/p\//, async (route) => {
          await gate;
          await route.continue().catch(() => {});
        });
        const asked = page.waitForRequest((request) => request.method() === "POST");
        const { x, y } = await button(page, name).boundingBox();
        // The click of a button would wait for the page that it leads to.
        const touch = () => page.touchscreen.tap(x + 9, y + 9);
        await touch();
        await asked;
        await touch();
        open();
      };
      await page.goto(one.url);
      await twice(say.text);
      await says(page, last2(say.texted, one.mobile));
      assert.equal(posts.length, 1);
      await page.unrouteAll();
      await page.locator("#code").fill(await code(one.mobile));
      await twice(say.open);
      await redeems(one, await landed(page, "/documents/7"), "sms");
      assert.equal(posts.length, 2);
    });
  });

  test("the other language is one touch away, on the same page", async () => {
    const one = await signing("en");
    const { en, es } = words;
    await phone({}, async (page) => {
      const turn = async (from, to, text) => {
        await page.getByRole("link", { name: from.other }).click();
        await says(page, text);
        assert.equal(await language(page), to);
      };
      await page.goto(one.url);
      await turn(en, "es", es.before);
      await press(page, es.have);
      await says(page, es.hint);
      await turn(es, "en", en.hint);
      await turn(en, "es", es.hint);
      await press(page, es.text);
      await says(page, last2(es.texted, one.mobile));
      const right = await code(one.mobile);
      await type(page, not(right), es.open);
      await says(page, es.wrong.replace("{n}", "2"));
      await turn(es, "en", last2(en.texted, one.mobile));
      await type(page, right, en.open);
      await redeems(one, await landed(page, "/documents/7"), "sms");
    });
    const other = await session("es", "sms");
    await phone({}, async (page) => {
      await page.goto(other.url);
      await says(page, es.session);
      await page.getByRole("link", { name: es.other }).click();
      await press(page, en.emailCode);
      await titled(page, en.enterSession);
      await page.getByRole("link", { name: en.other }).click();
      await titled(page, es.enterSession);
      assert.equal(await language(page), "es");
    });
  });
});
