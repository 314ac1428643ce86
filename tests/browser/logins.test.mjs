// The page of a user's sign-in, served by the service itself: an authenticator app set up and used, backup codes, and putting it
// off; in both languages, with a script and without, by day and by night.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { shows } from "./authenticator.mjs";
import { launch, shots } from "./browse.mjs";
import { backAtTheCrm, judge as judged, pressed, visiting } from "./pages.mjs";
import { Serving } from "./serving.mjs";

const words = {
  en: {
    print: "Print", copy: "Copy", copied: "Copied",
    protect: "Protect your account", app: "Use an authenticator app", later: "Remind me later", turnOn: "Turn on", type: "Type the 6 digits the app shows",
    wrong: "That code is not right. Check the time on your phone and use the newest code.", save: "Save your backup codes", saved: "I saved these codes in a safe place",
    tick: "Save the codes first, then tick here.", finish: "Finish", fresh: "Get new codes. The old ones will stop working.", enter: "Enter your sign-in code", code: "Code",
    signIn: "Sign in", useBackup: "Use a backup code", backup: "Backup code", used: "That backup code is not right or was already used.", gone: "This link is not valid",
    locked: /^Too many tries\. Try again at \d+:\d\d [AP]M\.$/,
  },
  es: {
    print: "Imprimir", copy: "Copiar", copied: "Copiado",
    protect: "Proteja su cuenta", app: "Usar una aplicación de autenticación", later: "Recordarme después", turnOn: "Activar", type: "Escriba los 6 dígitos que muestra la aplicación",
    wrong: "Ese código no es correcto. Revise la hora de su teléfono y use el código más reciente.", save: "Guarde sus códigos de respaldo", saved: "Guardé estos códigos en un lugar seguro",
    tick: "Primero guarde los códigos y luego marque aquí.", finish: "Terminar", fresh: "Obtener códigos nuevos. Los anteriores dejarán de servir.", enter: "Ingrese su código de acceso", code: "Código",
    signIn: "Entrar", useBackup: "Usar un código de respaldo", backup: "Código de respaldo", used: "Ese código de respaldo no es correcto o ya se usó.", gone: "Este enlace no es válido",
    locked: /^Demasiados intentos\. Intente otra vez a las? \d+:\d\d [ap]\.m\.$/,
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
    required_from = "2100-01-31"
    subject_tries = 5
  `);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await service.stop();
  host.close();
});

/** A user of the CRM, and how they sign in. */
async function user(lang, role = "payroll") {
  const id = `u-${users += 1}`;
  await api("PUT", `/users/${id}`, { name: "Maria Lopez", email: `${id}@crm.example`, role, locale: lang });
  return { id, begin: () => api("POST", `/users/${id}/logins`, { return_url: `${crm}/in` }) };
}

const desk = ({ lang, script = true, width = 1024 }, work) => (
  visiting(browser, { viewport: { width, height: 740 }, locale: lang, javaScriptEnabled: script, acceptDownloads: true }, work)
);

const press = (page, name) => pressed(page.getByRole("button", { name, exact: true }), page);
const says = (page, text) => page.getByText(text, typeof text === "string" ? { exact: true } : {}).first().waitFor();
const titled = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
async function type(page, label, code, go) {
  await page.getByLabel(label, { exact: true }).fill(code);
  await press(page, go);
}
const key = (page) => page.locator("code.key").innerText();
const codes = (page) => page.locator(".codes code").allInnerTexts();

/** On to the CRM: what its server is told for the proof. */
async function arrived(page, { login }) {
  await page.getByText("Back at the CRM").waitFor();
  return api("POST", `/logins/${login}/proof`, { proof: new URL(page.url()).searchParams.get("proof") });
}

/** Sets an app up. The code that it shows next can sign in at once. */
async function setUp(page, about, say) {
  const begun = await about.begin();
  await page.goto(begun.url);
  await press(page, say.app);
  const secret = await key(page);
  await type(page, say.type, shows(secret), say.turnOn);
  await titled(page, say.save);
  const saved = await codes(page);
  await page.getByLabel(say.saved).check();
  await press(page, say.finish);
  assert.equal((await arrived(page, begun)).method, "authenticator");
  return { secret, saved };
}

const judge = (page, name) => judged(page, `login-${name}`);

for (const lang of ["en", "es"]) {
  const say = words[lang];

  describe(`a user signs in (${lang})`, () => {
    for (const script of [true, false]) {
      test(`from setting up to a backup code (${script ? "with" : "without"} a script)`, async () => {
        const about = await user(lang);
        await desk({ lang, script }, async (page) => {
          const { secret, saved } = await setUp(page, about, say);
          assert.equal(new Set(saved).size, 10);
          const second = await about.begin();
          assert.equal(second.decision, "challenge");
          await page.goto(second.url);
          await titled(page, say.enter);
          await type(page, say.code, shows(secret, 1).replace(/(...)/, "$1 "), say.signIn);
          assert.equal((await arrived(page, second)).method, "authenticator");
          await page.goto(second.url);
          await says(page, say.gone);
          const third = await about.begin();
          await page.goto(third.url);
          await press(page, say.useBackup);
          await type(page, say.backup, saved[0].toLowerCase(), say.signIn);
          assert.equal((await arrived(page, third)).method, "backup_code");
          const fourth = await about.begin();
          await page.goto(fourth.url);
          await press(page, say.useBackup);
          await type(page, say.backup, saved[0], say.signIn);
          await says(page, say.used);
        });
      });
    }

    for (const width of [1024, 320]) {
      test(`every page can be read and used by all (${width} px)`, async () => {
        const name = (what) => `${what}.${width}.${lang}`;
        const about = await user(lang);
        const waits = await user(lang, "agent");
        await desk({ lang, width }, async (page) => {
          const later = await waits.begin();
          await page.goto(later.url);
          await judge(page, name("later"));
          await press(page, say.later);
          assert.equal((await arrived(page, later)).method, "later");
          const first = await about.begin();
          await page.goto(first.url);
          await titled(page, say.protect);
          assert.equal(await page.getByRole("button", { name: say.later }).count(), 0);
          await judge(page, name("start"));
          await press(page, say.app);
          await judge(page, name("app"));
          const secret = await key(page);
          await type(page, say.type, "000000", say.turnOn);
          await says(page, say.wrong);
          await judge(page, name("app-wrong"));
          await type(page, say.type, shows(secret), say.turnOn);
          await titled(page, say.save);
          await judge(page, name("codes"));
          const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a.second").click()]);
          assert.equal(download.suggestedFilename(), "backup-codes.txt");
          await press(page, say.finish);
          await page.locator("input[name=saved]:invalid:focus").waitFor();
          assert.equal((await codes(page)).length, 10, "nothing is lost for a tick that is missing");
          await page.goto(first.url);
          await judge(page, name("codes-later"));
          await page.locator("form").last().evaluate((form) => { form.noValidate = true; });
          await press(page, say.finish);
          await says(page, say.tick);
          await judge(page, name("codes-tick"));
          await press(page, say.fresh);
          assert.equal((await codes(page)).length, 10);
          const second = await about.begin();
          await page.goto(second.url);
          await judge(page, name("code"));
          await page.goto(`${second.url}?step=backup`);
          await judge(page, name("backup"));
          await type(page, say.backup, "0000-0000-0000", say.signIn);
          await says(page, say.used);
          await judge(page, name("backup-wrong"));
          for (let tries = 0; tries < 3; tries += 1) await type(page, say.backup, "0000-0000-0000", say.signIn);
          await says(page, say.locked);
          await judge(page, name("locked"));
        });
      });
    }

    test("what is to be kept can be copied and printed, where a script runs", async () => {
      const about = await user(lang);
      const begun = await about.begin();
      let secret;
      await desk({ lang, script: false }, async (page) => {
        await page.goto(begun.url);
        await press(page, say.app);
        secret = await key(page);
        assert.equal(await page.getByRole("button", { name: say.copy, exact: true }).count(), 0, "a button without a script does nothing");
      });
      await desk({ lang }, async (page) => {
        await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: service.base });
        const copied = async () => {
          await press(page, say.copy);
          await page.getByRole("status").getByText(say.copied, { exact: true }).waitFor();
          return page.evaluate(() => navigator.clipboard.readText());
        };
        await page.goto(begun.url);
        await press(page, say.app);
        assert.equal(await key(page), secret);
        assert.equal(await copied(), secret.replaceAll(" ", ""));
        await type(page, say.type, shows(secret), say.turnOn);
        await titled(page, say.save);
        const saved = await codes(page);
        assert.equal(await copied(), saved.join("\n"));
        await judge(page, `codes-copied.${lang}`);
        await page.evaluate(() => { globalThis.printed = 0; globalThis.print = () => { globalThis.printed += 1; }; });
        await press(page, say.print);
        assert.equal(await page.evaluate(() => globalThis.printed), 1);
        await page.emulateMedia({ media: "print" });
        assert.deepEqual(await codes(page), saved);
        for (const name of [say.save, "Acme Relief"]) assert.ok(await page.getByText(name, { exact: true }).first().isVisible(), name);
        assert.equal(await page.locator("button, a, input, form").filter({ visible: true }).count(), 0, "paper has no buttons");
        if (shots) await page.screenshot({ path: join(shots, `login-codes-printed.${lang}.png`), fullPage: true });
      });
    });
  });
}
