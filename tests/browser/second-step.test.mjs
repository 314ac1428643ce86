// Texts as a second step, trusted devices, and the page where a user changes both, served by the service itself; in both
// languages, with a script and without, by day and by night.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { shows } from "./authenticator.mjs";
import { launch } from "./browse.mjs";
import { backAtTheCrm, judge as judged, pressed, visiting } from "./pages.mjs";
import { Serving, until } from "./serving.mjs";

const words = {
  en: {
    text: "Use text messages", app: "Use an authenticator app", numberTitle: "Set up text messages", number: "Mobile number", textMe: "Text me a code", bad: "That is not a mobile number. Type it with its area code.",
    sent: "Sent to the phone ending in {last2}. It can take a minute.", ask: "We text a code to the phone ending in {last2}.", code: "Code", turnOn: "Turn on", again: "Send again",
    wrong: "That code is not right. Check the newest text and try again.", wait: /^You can ask for another code in \d+ seconds$/, saved: "I saved these codes in a safe place", finish: "Finish", signIn: "Sign in",
    trust: "Trust this device for 30 days", useApp: "Use your authenticator app", useText: "Use a text message", useBackup: "Use a backup code", manage: "Your 2-step login", prove: "Prove first that it is you.",
    addApp: "Set up an app: Authenticator app", remove: /^Remove: Chrome/, removeText: "Remove: Text messages", none: "None. Each asks for a code.", done: "Done", type: "Type the 6 digits the app shows", backup: "Backup code", over: "That was three wrong codes. Wait until your app shows the next one.",
    renew: "Get new codes. The old ones will stop working.: Backup codes", go: "Continue", save: "Save your backup codes", enter: "Enter your sign-in code",
  },
  es: {
    text: "Usar mensajes de texto", app: "Usar una aplicación de autenticación", numberTitle: "Configure los mensajes de texto", number: "Número de celular", textMe: "Enviarme un código", bad: "Ese no es un número de celular. Escríbalo con su código de área.",
    sent: "Enviado al teléfono que termina en {last2}. Puede tardar un minuto.", ask: "Enviaremos un código al teléfono que termina en {last2}.", code: "Código", turnOn: "Activar", again: "Enviar otra vez",
    wrong: "Ese código no es correcto. Revise el mensaje más reciente e intente otra vez.", wait: /^Puede pedir otro código en \d+ segundos$/, saved: "Guardé estos códigos en un lugar seguro", finish: "Terminar", signIn: "Entrar",
    trust: "Confiar en este dispositivo por 30 días", useApp: "Usar su aplicación de autenticación", useText: "Usar un mensaje de texto", useBackup: "Usar un código de respaldo", manage: "Su verificación en 2 pasos", prove: "Primero demuestre que es usted.",
    addApp: "Configurar una aplicación: Aplicación de autenticación", remove: /^Quitar: Chrome/, removeText: "Quitar: Mensajes de texto", none: "Ninguno. Cada uno pide un código.", done: "Listo", type: "Escriba los 6 dígitos que muestra la aplicación", backup: "Código de respaldo", over: "Fueron tres códigos incorrectos. Espere a que su aplicación muestre el siguiente.",
    renew: "Obtener códigos nuevos. Los anteriores dejarán de servir.: Códigos de respaldo", go: "Continuar", save: "Guarde sus códigos de respaldo", enter: "Ingrese su código de acceso",
  },
};
const service = new Serving();
const api = (...call) => service.api(...call);
const [host, crm] = await backAtTheCrm();
let browser, users = 0;

before(async () => {
  await service.start(`
    allowed_origins = ["${crm}"]
    [tenant.brand]
    short_name = "Acme Relief"
    color = "#8250df"
    [tenant.policy.login]
    always_required_roles = ["payroll"]
    resend_after = "10s"
    subject_tries = 20
  `);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await service.stop();
  host.close();
});

/** A user with a number of their own, and how they sign in. */
async function user(lang, role = "payroll") {
  users += 1;
  const [id, mobile] = [`u-${users}`, `+13055552${100 + users}`];
  await api("PUT", `/users/${id}`, { name: "Maria Lopez", email: `${id}@crm.example`, role, locale: lang, mobile });
  return {
    id, mobile, last2: mobile.slice(-2),
    begin: () => api("POST", `/users/${id}/logins`, { return_url: `${crm}/in` }),
    manage: () => api("POST", `/users/${id}/manage`, { return_url: `${crm}/profile` }),
  };
}

/** The newest code for a number, of which there are so many by then; news of what changed goes there, too. */
async function texted(number, count) {
  const codes = async () => (await service.sent()).filter((one) => one.to === number && /^\d{6} /.test(one.text)).map(({ text }) => text.slice(0, 6));
  return until(async () => (await codes())[count - 1], `${count} texts to ${number}`);
}

const desk = ({ lang, script = true, width = 1024 }, work) => (
  visiting(browser, { viewport: { width, height: 740 }, locale: lang, javaScriptEnabled: script }, work)
);
const press = (page, name) => pressed(page.getByRole("button", { name, exact: true }), page);
const says = (page, text) => page.getByText(text, typeof text === "string" ? { exact: true } : {}).first().waitFor();
const titled = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const filled = (text, about) => text.replace("{last2}", about.last2);
async function type(page, label, code, go) {
  await page.getByLabel(label, { exact: true }).fill(code);
  await press(page, go);
}
const judge = (page, name) => judged(page, `second-step-${name}`);

/** On to the CRM: what its server is told for the proof. */
async function arrived(page, { login }) {
  await page.getByText("Back at the CRM").waitFor();
  return api("POST", `/logins/${login}/proof`, { proof: new URL(page.url()).searchParams.get("proof") });
}

/** Sets the number up that the host knows, and goes on to the CRM. */
async function setUp(page, about, say) {
  const begun = await about.begin();
  await page.goto(begun.url);
  await press(page, say.text);
  await press(page, say.textMe);
  await says(page, filled(say.sent, about));
  await type(page, say.code, await texted(about.mobile, 1), say.turnOn);
  const saved = await page.locator(".codes code").allInnerTexts();
  await page.getByLabel(say.saved).check();
  await press(page, say.finish);
  assert.equal((await arrived(page, begun)).method, "sms");
  return saved;
}

/** Presses until the page that follows says something. */
async function untilItSays(page, work, text) {
  await until(async () => {
    await Promise.all([page.waitForEvent("framenavigated"), work()]);
    await page.waitForLoadState();
    return page.getByText(text).first().isVisible();
  }, String(text));
}

for (const lang of ["en", "es"]) {
  const say = words[lang];

  describe(`a user signs in by text (${lang})`, () => {
    for (const script of [true, false]) {
      test(`is known again where the device is trusted, and asked elsewhere (${script ? "with" : "without"} a script)`, async () => {
        const about = await user(lang);
        await desk({ lang, script }, async (page) => {
          const saved = await setUp(page, about, say);
          const second = await about.begin();
          assert.equal(second.decision, "challenge");
          await page.goto(second.url);
          await says(page, filled(say.ask, about));
          await press(page, say.textMe);
          // The one that set the number up was sent a moment ago.
          await says(page, say.wait);
          await press(page, say.useBackup);
          await page.getByLabel(say.trust).check();
          await type(page, say.backup, saved[0], say.signIn);
          assert.equal((await arrived(page, second)).method, "backup_code");
          const third = await about.begin();
          await page.goto(third.url);
          assert.equal((await arrived(page, third)).method, "trusted_device");
          const [cookie] = await page.context().cookies(service.base);
          assert.ok(cookie.name.startsWith("__Host-") && cookie.httpOnly && cookie.secure && cookie.sameSite === "Lax", JSON.stringify(cookie));
        });
        await desk({ lang, script }, async (page) => {
          await page.goto((await about.begin()).url);
          await says(page, filled(say.ask, about));
        });
        const { items } = await api("GET", `/users/${about.id}/devices`);
        assert.equal(items.length, 1);
        assert.match(items[0].name, /^Chrome, /);
      });
    }

    for (const width of [1024, 320]) {
      test(`every page can be read and used by all (${width} px)`, async () => {
        const name = (what) => `${what}.${width}.${lang}`;
        const about = await user(lang, "agent");
        await desk({ lang, width }, async (page) => {
          await page.goto((await about.manage()).url);
          await judge(page, name("start"));
          await press(page, say.text);
          await titled(page, say.numberTitle);
          await type(page, say.number, "305-55", say.textMe);
          await says(page, say.bad);
          await judge(page, name("number"));
          await type(page, say.number, about.mobile, say.textMe);
          const code = await texted(about.mobile, 1);
          await type(page, say.code, code === "000000" ? "000001" : "000000", say.turnOn);
          await says(page, say.wrong);
          await judge(page, name("first-code"));
          await press(page, say.again);
          await says(page, say.wait);
          await type(page, say.code, code, say.turnOn);
          await page.getByLabel(say.saved).check();
          await press(page, say.finish);
          await titled(page, say.manage);
          await says(page, say.none);
          await judge(page, name("manage"));
          await press(page, say.addApp);
          const secret = await page.locator("code.key").innerText();
          await type(page, say.type, shows(secret), say.turnOn);
          await titled(page, say.manage);
          await press(page, say.renew);
          await titled(page, say.save);
          const saved = await page.locator(".codes code").allInnerTexts();
          await page.getByLabel(say.saved).check();
          await press(page, say.finish);
          await press(page, say.done);
          await page.getByText("Back at the CRM").waitFor();
          assert.equal(new URL(page.url()).searchParams.get("proof"), null);

          const begun = await about.begin();
          await page.goto(begun.url);
          await judge(page, name("app-or"));
          await press(page, say.useText);
          await judge(page, name("ask"));
          await press(page, say.useApp);
          await untilItSays(page, () => type(page, say.code, "000000", say.signIn), say.over);
          await judge(page, name("wait"));
          await press(page, say.useText);
          await untilItSays(page, () => press(page, say.textMe), filled(say.sent, about));
          await judge(page, name("texted"));
          await page.getByLabel(say.trust).check();
          await type(page, say.code, await texted(about.mobile, 2), say.signIn);
          assert.equal((await arrived(page, begun)).method, "sms");
          await page.goto((await about.manage()).url);
          await says(page, say.prove);
          await judge(page, name("prove"));
          await press(page, say.useBackup);
          await type(page, say.backup, saved[0], say.go);
          await titled(page, say.manage);
          await judge(page, name("manage-all"));
          await page.getByRole("button", { name: say.remove }).click();
          await says(page, say.none);
          await press(page, say.removeText);
          await titled(page, say.manage);
          assert.deepEqual((await api("GET", `/users/${about.id}`)).methods, ["authenticator"]);
          await page.goto((await about.begin()).url);
          await titled(page, say.enter);
        });
      });
    }
  });
}
