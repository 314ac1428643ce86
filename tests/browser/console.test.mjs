// The admin console, served by the service itself: signing in, finding and helping clients and users, the logs, and what each
// role is offered; in both languages, with a script and without, by day and by night, at a desk and on a telephone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { shows } from "./authenticator.mjs";
import { launch, picture, violations } from "./browse.mjs";
import { pressed, visiting } from "./pages.mjs";
import { listen, Serving, until } from "./serving.mjs";

const words = {
  en: {
    signIn: "Sign in", email: "Email", password: "Password", go: "Continue", out: "Sign out", wrong: "No account has this email and this password. Check both and try again.",
    many: /^Too many tries\. Try again in \d+ minutes\.$/, protect: "Protect your account", app: "Use an authenticator app", type: "Type the 6 digits the app shows", turnOn: "Turn on",
    saved: "I saved these codes in a safe place", finish: "Finish", code: "Code", enter: "Sign in", useBackup: "Use a backup code", backup: "Backup code",
    me: { owner: "Ada Park (owner)", admin: "Ada Park (admin)" }, sessions: "Where you are signed in", this: "This device", others: "Sign out everywhere else",
    skip: "Skip to the page", companies: "Companies", off: "Switched off", overview: "Overview", clients: "Clients", users: "Users and 2-step", audit: "Audit log", messages: "Delivery log", events: "Webhooks",
    attention: "Needs attention", calm: "Nothing needs you now.", open: "Open", reported: /Codes that clients did not ask for: \d/, failed: /Messages that did not arrive: \d/,
    zero: "Nothing is shown.", one: "1 is shown.", find: "Id begins with", search: "Search", noClients: "No client is known yet. They come with the first click in your CRM.", nobody: "No client's id begins like that.",
    templates: "Templates", wording: { text: "Text", publish: "Publish", done: /^Published\./, wrong: "Not published. Correct what is marked.", line: /^Line 2: acme\.com looks like an address/, back: "Use the built-in text", test: "Test send", taken: "Sent: the provider took it. Nothing was published.", cannot: "It cannot be published like this. Correct what is marked.", unsent: "Not sent. Correct what is marked.", noNumber: /^A test by phone needs/, play: "Listen here" },
    lift: "Lift the report", makeKey: "Make an API key", once: "Shown this once", settings: ["Eligibility", "Branding", "Methods and timing", "2-step policy", "Company"], saveIt: "Save", stored: /^Saved\. New codes/, notSaved: "Not saved. Correct what is marked.", bounds: /^25h is out of bounds/, valid: "A code is valid for", testTo: "Send a test to o•••@acme.example", unproven: /^To test it, set up/, works: "It works: the provider took it.", shortName: "Name in texts, 18 characters at most", colour: "Colour, such as #0550ae", showIt: "Show it", what: "What", notAgain: /^This form was sent before/, tooLong: "This is longer than what can be sent", choosePin: "Choose a 6-digit PIN", codeSent: "Code sent to Ana Ruiz", oneText: /^\d+ characters, 1 text$/, effect: /clients have 10 minutes/, add: "Add a company", unlock: "Unlock", end: "End the verification", locked: /^Locked/, verified: /^Verified/, not: "Not verified", asked: "Asked for a code", checked: "Checked a code", bad: "Wrong", unlocked: "Unlocked a client", ended: "Ended a verification",
    findUser: "Name, role or id", step: "Second step", set: "Set up", unset: "Not set up", show: "Show", sort: "Sort by", backwards: "Name, from the end", noUsers: /^Your CRM has sent no users yet/, noUser: "No user is found by that.",
    reset: "Reset 2-step", reason: "Reason", missing: "Write a reason of at most 200 characters. It is kept in the audit log.", resetDone: "Reset a second step",
    client: "Client", channel: "Channel", action: "What", details: "Details", noAudit: "Nothing is on the record for this filter.", status: "Status", didFail: "Failed", arrived: "Not delivered. The number may be wrong or cannot get texts", noMessages: "No message was sent for this filter.",
    again: "Send again", recover: "Send again what failed", since: "Since", noEvents: /^No events yet for this filter/, noUrl: /^No address is set/, stopped: "Stopped", delivered: "Delivered",
    role: "Your role does not allow this", kept: "Nothing was changed. Ask an admin of this company to do it.", nothing: "There is nothing here", foreign: "This form is out of date", other: "Español",
  },
  es: {
    signIn: "Iniciar sesión", email: "Correo", password: "Contraseña", go: "Continuar", out: "Cerrar sesión", wrong: "Ninguna cuenta tiene este correo y esta contraseña. Revise ambos e intente de nuevo.",
    many: /^Demasiados intentos\. Intente de nuevo en \d+ minutos\.$/, protect: "Proteja su cuenta", app: "Usar una aplicación de autenticación", type: "Escriba los 6 dígitos que muestra la aplicación", turnOn: "Activar",
    saved: "Guardé estos códigos en un lugar seguro", finish: "Terminar", code: "Código", enter: "Entrar", useBackup: "Usar un código de respaldo", backup: "Código de respaldo",
    me: { owner: "Ada Park (propietario)", admin: "Ada Park (administrador)" }, sessions: "Dónde tiene sesión abierta", this: "Este dispositivo", others: "Cerrar las demás sesiones",
    skip: "Ir al contenido", companies: "Empresas", off: "Desactivada", overview: "Resumen", clients: "Clientes", users: "Usuarios y 2 pasos", audit: "Registro de auditoría", messages: "Registro de envíos", events: "Webhooks",
    attention: "Requiere atención", calm: "Nada requiere su atención.", open: "Abrir", reported: /Códigos que los clientes no pidieron: \d/, failed: /Mensajes que no llegaron: \d/,
    zero: "No se muestra nada.", one: "Se muestra 1.", find: "El id empieza por", search: "Buscar", noClients: "Aún no hay clientes. Llegan con el primer clic en su CRM.", nobody: "Ningún id de cliente empieza así.",
    templates: "Plantillas", wording: { text: "Texto", publish: "Publicar", done: /^Publicado\./, wrong: "No se publicó. Corrija lo marcado.", line: /^Línea 2: acme\.com parece una dirección/, back: "Usar el texto incluido", test: "Enviar prueba", taken: "Enviado: el proveedor lo aceptó. No se publicó nada.", cannot: "Así no se puede publicar. Corrija lo marcado.", unsent: "No se envió. Corrija lo marcado.", noNumber: /^Una prueba por teléfono requiere/, play: "Escuchar aquí" },
    lift: "Quitar el reporte", makeKey: "Crear una clave de API", once: "Se muestra solo esta vez", settings: ["Elegibilidad", "Marca", "Métodos y tiempos", "Política de 2 pasos", "Empresa"], saveIt: "Guardar", stored: /^Guardado\. Los códigos/, notSaved: "No se guardó. Corrija lo marcado.", bounds: /^25h está fuera de los límites/, valid: "Un código vale por", shortName: "Nombre en mensajes, 18 caracteres como máximo", colour: "Color, como #0550ae", showIt: "Mostrar", what: "Qué", notAgain: /^Este formulario ya se envió/, tooLong: "Esto es más largo de lo que se puede enviar", choosePin: "Elija un PIN de 6 dígitos", codeSent: "Código enviado a Ana Ruiz", oneText: /^\d+ caracteres, 1 mensaje$/, testTo: "Enviar prueba a o•••@acme.example", unproven: /^Para probarlo, active/, works: "Funciona: el proveedor lo aceptó.", effect: /los clientes tienen 10 minutos/, add: "Agregar una empresa", unlock: "Desbloquear", end: "Terminar la verificación", locked: /^Bloqueado/, verified: /^Verificado/, not: "Sin verificar", asked: "Pidió un código", checked: "Comprobó un código", bad: "Incorrecto", unlocked: "Desbloqueó un cliente", ended: "Terminó una verificación",
    findUser: "Nombre, rol o id", step: "Segundo paso", set: "Configurado", unset: "Sin configurar", show: "Mostrar", sort: "Ordenar por", backwards: "Nombre, al revés", noUsers: /^Su CRM aún no envía usuarios/, noUser: "No se encontró ningún usuario.",
    reset: "Restablecer 2 pasos", reason: "Motivo", missing: "Escriba un motivo de 200 caracteres como máximo. Queda en el registro de auditoría.", resetDone: "Restableció un segundo paso",
    client: "Cliente", channel: "Canal", action: "Qué", details: "Detalles", noAudit: "No hay nada registrado con este filtro.", status: "Estado", didFail: "Fallido", arrived: "No entregado. El número puede estar mal o no recibe mensajes", noMessages: "No se envió ningún mensaje con este filtro.",
    again: "Enviar otra vez", recover: "Reenviar lo que falló", since: "Desde el", noEvents: /^Aún no hay eventos con este filtro/, noUrl: /^No hay dirección/, stopped: "Detenido", delivered: "Entregado",
    role: "Su rol no permite esto", kept: "No se cambió nada. Pida a un administrador de esta empresa que lo haga.", nothing: "Aquí no hay nada", foreign: "Este formulario ya no sirve", other: "English",
  },
};
const PASSWORD = "kettle moss lantern 7";
const service = new Serving();
const api = (...call) => service.api(...call);
/** The ids of what was posted to the CRM, the oldest first. */
const posted = [];
const [host, crm] = await listen((request, response) => {
  if (request.headers["webhook-id"]) posted.push(request.headers["webhook-id"]);
  request.resume();
  response.writeHead(200, { "content-type": "text/html" }).end('<!doctype html><html lang="en"><title>CRM</title><link rel="icon" href="data:,"><h1>Back at the CRM</h1></html>');
});
/** The sessions of those who are signed in, by role; the texts' way back; the clients and the users of the pages that are only looked at. */
const desks = {};
const lasting = {};
let browser, replies, number = 0;

before(async () => {
  await service.start(`
    callback_url = "${crm}/pushes"
    allowed_origins = ["${crm}"]
    [tenant.brand]
    short_name = "Acme Relief"
    [tenant.policy.login]
    always_required_roles = ["payroll"]

    [[tenant]]
    id = "borealis"
    name = "Borealis Staffing"
    eligible = false
  `, '[host]\nallow_private_callbacks = ["127.0.0.0/8"]\n');
  [replies] = service.run(["tenant", "list"]).match(/http\S+\/callbacks\/sms\/acme\/inbound\/[^?\s]+/);
  browser = await launch();
  for (const role of ["owner", "admin", "support", "auditor"]) {
    service.account(`${role}@acme.example`, role, PASSWORD);
    await visiting(browser, { locale: "en" }, async (page) => {
      await signsInFirst(page, words.en, `${role}@acme.example`);
      desks[role] = await page.context().storageState();
    });
  }
  lasting.fresh = await client("lead-0", "Sunrise Bakery");
  lasting.locked = await locked("lead-1");
  lasting.verified = await verified("lead-2");
  lasting.reported = await client("lead-3", "Vega & Sons Roofing");
  const { messages: [, text] } = await codeFor(lasting.reported);
  await fetch(`${replies}?from=${encodeURIComponent(lasting.reported.mobile)}&text=NO`);
  await until(async () => (await api("GET", "/clients/lead-3/status")).state === "reported", "the report");
  await undelivered(await client("lead-4", "Ruiz Landscaping LLC"));
  assert.ok(text.id);
  lasting.user = await enrolled("u-1", "Maria Lopez");
  for (const [id, name, role] of [["u-2", "Sue Park", "agent"], ["u-3", "Tom Vega", "agent"], ["u-4", "Ximena Alejandra Fernández de Córdoba", "payroll"]]) {
    await api("PUT", `/users/${id}`, { name, email: `${id}@crm.example`, role, locale: "en" });
  }
  await settled();
});

after(async () => {
  await browser?.close();
  await service.stop();
  host.close();
  host.closeAllConnections();
});

const press = (page, name) => pressed(page.getByRole("button", { name, exact: true }), page);
const follow = (page, name) => pressed(page.getByRole("link", { name, exact: true }), page);
const says = (page, text) => page.getByText(text, typeof text === "string" ? { exact: true } : {}).first().waitFor();
const titled = (page, name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
const row = (page, text) => page.getByRole("row").filter({ hasText: text });
const offered = (page, name) => page.getByRole("button", { name, exact: true }).count();
const fill = (page, label, text) => page.locator("main").getByLabel(label, { exact: true }).fill(text);
const at = (path = "", tenant = "acme") => `${service.base}/admin/t/${tenant}${path}`;

/** A visit of somebody who is signed in. */
const desk = ({ lang = "en", role = "owner", width = 1280, script = true }, work) => visiting(browser, {
  viewport: { width, height: 800 }, locale: lang, javaScriptEnabled: script, storageState: desks[role],
}, work);

async function types(page, say, email, password = PASSWORD) {
  await page.goto(`${service.base}/admin`);
  await titled(page, say.signIn);
  await fill(page, say.email, email);
  await fill(page, say.password, password);
  await press(page, say.go);
}

/** Sets an app up on the page of the second step; gives its key and the backup codes. */
async function setsUp(page, say) {
  await press(page, say.app);
  const key = await page.locator("code.key").innerText();
  await page.getByLabel(say.type, { exact: true }).fill(shows(key));
  await press(page, say.turnOn);
  await page.getByLabel(say.saved).check();
  const saved = await page.locator(".codes code").allInnerTexts();
  await press(page, say.finish);
  return { key, saved };
}

async function signsInFirst(page, say, email) {
  await types(page, say, email);
  await titled(page, say.protect);
  const kept = await setsUp(page, say);
  await page.waitForURL(/\/admin(\/t\/\w+)?$/);
  return kept;
}

/** A client whose only contact has a number of their own. */
async function client(id, name = "Ruiz Landscaping LLC") {
  number += 1;
  const mobile = `+1305555${2100 + number}`;
  await api("PUT", `/clients/${id}`, { name, contacts: [{ id: "ana", name: "Ana Ruiz", role: "owner", email: `ana@${id}.example`, mobile, locale: "en" }] });
  return { id, name, mobile };
}

const codeFor = ({ id }) => api("POST", `/clients/${id}/codes`, { contact: "ana", surface: "lead_card", agent: { id: "sam", name: "Sam Lee" } });

async function newest(challenge) {
  const ids = challenge.messages.map((message) => message.id);
  const sent = await until(async () => (await service.sent()).find((one) => ids.includes(one.id) && one.channel === "sms"), "the code");
  return { code: sent.text.match(/\d{3} \d{3}/)[0].replace(" ", ""), report: sent.report_url };
}

async function verified(id) {
  const [about, challenge] = [await client(id), await codeFor({ id })];
  await api("POST", `/challenges/${challenge.id}/check`, { code: (await newest(challenge)).code });
  return about;
}

async function locked(id) {
  const [about, challenge] = [await client(id), await codeFor({ id })];
  const { code } = await newest(challenge);
  const wrong = code === "000000" ? "000001" : "000000";
  for (let tries = 0; tries < 5; tries += 1) await api("POST", `/challenges/${challenge.id}/check`, { code: wrong });
  return about;
}

/** A code whose text did not arrive, as its carrier tells. */
async function undelivered(about) {
  const { report } = await newest(await codeFor(about));
  const answer = await fetch(report.replace("%d", "2"));
  assert.ok(answer.ok, String(answer.status));
}

/** A user of the CRM who has a second step. */
async function enrolled(id, name) {
  await api("PUT", `/users/${id}`, { name, email: `${id}@crm.example`, role: "payroll", locale: "en" });
  const begun = await api("POST", `/users/${id}/logins`, { return_url: `${crm}/in` });
  await visiting(browser, { locale: "en" }, async (page) => {
    await page.goto(begun.url);
    await setsUp(page, words.en);
    await page.getByText("Back at the CRM").waitFor();
    await api("POST", `/logins/${begun.login}/proof`, { proof: new URL(page.url()).searchParams.get("proof") });
  });
  return { id, name };
}

/** Waits until all was sent and posted. */
const settled = () => until(async () => (
  (await api("GET", "/events?state=pending")).items.length === 0 && (await api("GET", "/messages?state=queued")).items.length === 0
), "an empty queue");

const state = async ({ id }) => (await api("GET", `/clients/${id}/status`)).state;

/** Every page can be read by all, scrolls sideways only where a table does, and has texts that are filled in. */
async function judge(page, name) {
  // Its style, too.
  await page.waitForLoadState();
  assert.deepEqual(await violations(page), [], name);
  const wide = await page.evaluate(() => [
    ...[document.documentElement].filter((one) => one.scrollWidth > innerWidth).map(() => "the page"),
    ...[...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.closest(".wide, .skip") && one.getBoundingClientRect().right > innerWidth + 0.5).map((one) => one.outerHTML.slice(0, 120)),
  ]);
  assert.deepEqual(wide, [], `${name} is too wide`);
  // A route of the API has a placeholder of its own, and so has a wording.
  assert.doesNotMatch((await page.locator("body").innerText()).replace("/users/{user}", "").replace(/\{\{.*?\}\}/g, ""), /\{\w+\}|undefined|\bnull\b|NaN|(admin|page|window|channel)\.[a-z]/, `${name} has a text that is not filled in`);
  // No script is needed; where one is, it is ours.
  const scripts = await page.locator("script").evaluateAll((all) => all.map((one) => [one.getAttribute("src"), one.textContent]));
  for (const [source, inside] of scripts) assert.ok(/^\/assets\/(htmx-[\d.]+|admin)\.js$/.test(source) && inside === "", `${name}: ${source} ${inside}`);
  await picture(page, `console-${name}`, { fullPage: true });
}

for (const lang of ["en", "es"]) {
  const say = words[lang];

  describe(`the door of the console (${lang})`, () => {
    for (const script of [true, false]) {
      test(`a password and a second step let in, and the way out is out (${script ? "with" : "without"} a script)`, async () => {
        const email = `${lang}-${script}@acme.example`;
        service.account(email, "admin", PASSWORD, ["acme"]);
        const visit = (work) => visiting(browser, { viewport: { width: 1280, height: 800 }, locale: lang, javaScriptEnabled: script }, work);
        await visit(async (page) => {
          await types(page, say, email, "kettle moss lantern 8");
          await page.getByRole("alert").getByText(say.wrong, { exact: true }).waitFor();
          assert.equal(await page.getByLabel(say.email, { exact: true }).inputValue(), email);
          assert.equal(await page.getByLabel(say.password, { exact: true }).inputValue(), "");
          const { key, saved } = await signsInFirst(page, say, email);
          await titled(page, "Acme Relief LLC");
          await page.getByRole("link", { name: say.me.admin, exact: true }).waitFor();
          await press(page, say.out);
          await titled(page, say.signIn);
          await page.goto(at("/clients"));
          await titled(page, say.signIn);
          await types(page, say, email);
          await page.getByLabel(say.code, { exact: true }).fill(shows(key, 1));
          await press(page, say.enter);
          await titled(page, "Acme Relief LLC");
          if (!script) return;

          const signsInHere = async (other, code) => {
            await types(other, say, email);
            await press(other, say.useBackup);
            await other.getByLabel(say.backup, { exact: true }).fill(code);
            await press(other, say.enter);
            await titled(other, "Acme Relief LLC");
          };
          await visit(async (other) => {
            await signsInHere(other, saved[0]);
            await follow(page, say.me.admin);
            await titled(page, say.sessions);
            assert.equal(await row(page, "Chrome").count(), 2);
            assert.equal(await row(page, say.this).count(), 1);
            await pressed(row(page, "Chrome").getByRole("button", { name: say.out, exact: true }), page);
            assert.equal(await offered(page, say.others), 0);
            assert.equal(await row(page, "Chrome").count(), 1);
            await other.reload();
            await titled(other, say.signIn);
            await signsInHere(other, saved[1]);
            await page.reload();
            await press(page, say.others);
            assert.equal(await offered(page, say.others), 0);
            await other.goto(at());
            await titled(other, say.signIn);
            // The sixth time from here.
            await types(other, say, email);
            await other.getByRole("alert").getByText(say.many).waitFor();
            await judge(other, `sign-in-many.${lang}`);
          });
          await page.goto(at());
          await titled(page, "Acme Relief LLC");
        });
      });
    }

    test("another language is a link away on every page, and stays", async () => {
      const other = words[lang === "en" ? "es" : "en"];
      await desk({ lang }, async (page) => {
        await page.goto(at("/audit?action=code.check"));
        await follow(page, say.other);
        await titled(page, other.audit);
        assert.equal(await page.getByLabel(other.action, { exact: true }).inputValue(), "code.check", "the filter stays");
        await follow(page, other.users);
        await titled(page, other.users);
      });
    });
  });

  describe(`the lists of the console (${lang})`, () => {
    /** Marks the page, so that a page that is loaded anew is told from one whose list was replaced. */
    const mark = (page) => page.evaluate(() => { window.mark = true; });
    const marked = (page) => page.evaluate(() => window.mark === true);

    test("a filter replaces the list in place, with its address, its count told, and the way back", async () => {
      await desk({ lang }, async (page) => {
        await page.goto(at("/clients"));
        await mark(page);
        const [find, told] = [page.getByLabel(say.find, { exact: true }), page.locator("#told")];
        await find.fill("lead-2");
        await find.press("Enter");
        await told.getByText(say.one, { exact: true }).waitFor();
        assert.equal(await row(page, "lead-1").count(), 0);
        assert.equal(new URL(page.url()).search, "?q=lead-2");
        assert.ok(await marked(page), "the page was not loaded");
        assert.equal(await find.evaluate((one) => one === document.activeElement), true, "nobody's place is lost");
        assert.deepEqual(await page.evaluate(() => [localStorage, sessionStorage].flatMap((kept) => Object.keys(kept)).filter((key) => key !== "htmx-current-path-for-history")), [], "no page is kept in the browser");
        await find.fill("zzz");
        await find.press("Enter");
        await says(page, say.nobody);
        await told.getByText(say.zero, { exact: true }).waitFor();
        await judge(page, `clients-in-place.${lang}`);
        await page.goBack();
        await row(page, "lead-2").waitFor();
        assert.equal(new URL(page.url()).search, "?q=lead-2");
        assert.equal(await find.inputValue(), "lead-2");

        await page.goto(at("/messages"));
        await mark(page);
        await page.getByLabel(say.status, { exact: true }).selectOption({ label: say.didFail });
        await press(page, say.show);
        await told.getByText(say.one, { exact: true }).waitFor();
        assert.match(page.url(), /state=failed/);
        assert.ok(await marked(page));

        await page.goto(at("/users"));
        await mark(page);
        const tab = page.locator("#view-not_enrolled");
        await tab.click();
        await page.locator("#view-not_enrolled[aria-current=page]").waitFor();
        assert.match(page.url(), /view=not_enrolled/);
        assert.equal(await tab.evaluate((one) => one === document.activeElement), true);
        assert.equal(await row(page, "Maria Lopez").count(), 0);
        await page.getByLabel(say.findUser, { exact: true }).fill("sue");
        await press(page, say.show);
        await told.getByText(say.one, { exact: true }).waitFor();
        assert.match(page.url(), /view=not_enrolled.*q=sue|q=sue.*view=not_enrolled/, "the tab and the words hold together");
        assert.ok(await marked(page));
      });
    });

    test("a list leads to the page to sign in on where the session is over", async () => {
      await desk({ lang, role: "support" }, async (page) => {
        await page.goto(at("/clients"));
        await page.context().clearCookies();
        await page.getByLabel(say.find, { exact: true }).fill("lead");
        await press(page, say.search);
        await titled(page, say.signIn);
      });
    });

    test("a list is filtered without a script", async () => {
      await desk({ lang, script: false }, async (page) => {
        await page.goto(at("/clients"));
        await page.getByLabel(say.find, { exact: true }).fill("lead-2");
        await press(page, say.search);
        await page.locator("#told").getByText(say.one, { exact: true }).waitFor();
        assert.equal(new URL(page.url()).search, "?q=lead-2");
      });
    });
  });

  describe(`a wording before it is published (${lang})`, () => {
    const wrong = "{{code}} for {{brand}}\nacme.com";
    const right = "{{code}} is for our agent at {{brand}}.{{#if phone}} Call {{phone}}{{/if}}";

    test("what is typed is shown in place, with its faults, and nobody's place is lost", async () => {
      await desk({ lang }, async (page) => {
        await page.goto(at("/templates?of=client_code/sms/en"));
        await page.evaluate(() => { window.mark = true; });
        const wording = page.getByLabel(say.wording.text, { exact: true });
        const show = page.getByRole("button", { name: say.showIt, exact: true });
        await wording.fill(wrong);
        await show.focus();
        const scrolled = await page.evaluate(() => { scrollTo(0, 150); return scrollY; });
        await page.keyboard.press("Enter");
        await page.locator("#told").getByText(say.wording.cannot, { exact: true }).waitFor();
        await says(page, say.wording.line);
        await page.locator("#shown").getByText("123 456 for Acme Relief Center").waitFor();
        await page.locator("#body[aria-invalid=true]").waitFor();
        assert.ok(await show.evaluate((one) => one === document.activeElement), "the place is kept");
        assert.equal(await page.evaluate(() => scrollY), scrolled);
        await judge(page, `template-in-place-wrong.${lang}`);
        await wording.fill(right);
        await show.press("Enter");
        await page.locator("#shown").getByText("123 456 is for our agent at Acme Relief Center.").waitFor();
        await page.locator("#body:not([aria-invalid])").waitFor();
        assert.equal(await page.locator("#told").innerText(), "");
        assert.equal(await wording.inputValue(), right);
        assert.ok(await page.evaluate(() => window.mark), "the page was not loaded");
      });
    });

    for (const script of [true, false]) {
      test(`a draft is sent to whoever wrote it, and stays (${script ? "with" : "without"} a script)`, async () => {
        await desk({ lang, role: "admin", width: script ? 1280 : 390, script }, async (page) => {
          await page.goto(at("/templates?of=client_code/email/en"));
          const wording = page.getByLabel(say.wording.text, { exact: true });
          const subject = page.locator("#subject");
          await subject.fill(`Draft ${lang} ${script}`);
          await wording.fill("{{code}}\nacme.com");
          await press(page, say.wording.test);
          await page.locator("#told").getByText(say.wording.unsent, { exact: true }).waitFor();
          await says(page, say.wording.line);
          assert.equal(await wording.inputValue(), "{{code}}\nacme.com", "nothing typed is lost");
          // What judges a page is a script itself.
          const looks = script ? judge : (one, name) => picture(one, `console-${name}`, { fullPage: true });
          await looks(page, `template-unsent.${script}.${lang}`);
          await wording.fill(right);
          await press(page, say.wording.test);
          await page.locator("#told").getByText(say.wording.taken, { exact: true }).waitFor();
          assert.ok(await page.locator("#told").evaluate((one) => one.getBoundingClientRect().top < innerHeight), "it is seen");
          await looks(page, `template-sent.${script}.${lang}`);
          assert.deepEqual([await subject.inputValue(), await wording.inputValue()], [`Draft ${lang} ${script}`, right]);
          const sent = (await service.sent()).filter((one) => one.subject === `TEST: Draft ${lang} ${script}`);
          assert.equal(sent.length, 1);
          assert.ok(sent[0].to.includes("admin@acme.example") && sent[0].text.includes("000 000 is for our agent at Acme Relief."), JSON.stringify(sent));
          await page.goto(at("/templates?of=client_code/voice/en"));
          await says(page, say.wording.noNumber);
          assert.equal(await page.getByRole("button", { name: say.wording.play, exact: true }).isVisible(), script);
        });
      });
    }

    test("where the session is over the form leads to the page to sign in on", async () => {
      await desk({ lang, role: "admin" }, async (page) => {
        await page.goto(at("/templates?of=client_code/sms/en"));
        await page.getByLabel(say.wording.text, { exact: true }).fill(right);
        await page.context().clearCookies();
        await press(page, say.showIt);
        await titled(page, say.signIn);
      });
    });

    test("a call is read aloud in its own language", async () => {
      await desk({ lang }, async (page) => {
        await page.addInitScript(() => {
          window.heard = [];
          const voice = { speaking: false, speak: ({ text, lang }) => { window.heard.push([lang, text]); voice.speaking = true; }, cancel: () => { voice.speaking = false; } };
          Object.defineProperty(window, "speechSynthesis", { value: voice });
        });
        await page.goto(at("/templates?of=client_code/voice/es"));
        await page.getByLabel(say.wording.text, { exact: true }).evaluate((one) => { one.value = one.value.replace("gate: ", "gate: Muy buenas. "); });
        await page.getByRole("button", { name: say.showIt, exact: true }).click();
        await page.locator("#shown").getByText("gate: Muy buenas.").waitFor();
        const play = page.getByRole("button", { name: say.wording.play, exact: true });
        await play.click();
        const [[spoken, words]] = await page.evaluate(() => window.heard);
        assert.ok(spoken === "es" && words.startsWith("Muy buenas. ") && words.includes(" 1 2 3 4 5 6 ") && !words.includes("gate:"), words);
        assert.ok(await page.evaluate(() => speechSynthesis.speaking));
        await play.click();
        assert.ok(!await page.evaluate(() => speechSynthesis.speaking), "once more, and it is silent");
        await judge(page, `template-call-heard.${lang}`);
      });
    });
  });

  describe(`the pages of the console (${lang})`, () => {
    for (const width of [1280, 375]) {
      test(`every page can be read by all (${width} px)`, async () => {
        const name = (what) => `${what}.${width}.${lang}`;
        const { reported, locked: shut, verified: green, fresh } = lasting;
        await visiting(browser, { viewport: { width, height: 800 }, locale: lang }, async (page) => {
          await page.goto(`${service.base}/admin`);
          await judge(page, name("sign-in"));
          await types(page, say, "nobody@acme.example");
          await says(page, say.wrong);
          await judge(page, name("sign-in-wrong"));
        });
        await desk({ lang, width }, async (page) => {
          const looks = async (what, url, ...texts) => {
            await page.goto(url);
            for (const text of texts) await says(page, text);
            await judge(page, name(what));
          };
          await looks("companies", `${service.base}/admin`, say.companies, say.off, "Acme Relief LLC", "Borealis Staffing");
          await looks("sessions", `${service.base}/admin/sessions`, say.sessions, say.this);
          await looks("overview", at(), say.attention, say.reported, say.failed);
          await looks("overview-empty", at("", "borealis"), say.calm);
          await looks("clients", at("/clients"), say.clients, fresh.id, green.id);
          await looks("clients-nobody", at("/clients?q=zzz"), say.nobody);
          await looks("clients-empty", at("/clients", "borealis"), say.noClients);
          await looks("client", at(`/client?id=${fresh.id}`), fresh.name, "Ana Ruiz");
          await looks("client-locked", at(`/client?id=${shut.id}`), say.locked, say.unlock, say.bad);
          await looks("client-verified", at(`/client?id=${green.id}`), say.verified, say.end);
          await looks("client-reported", at(`/client?id=${reported.id}`), reported.name, say.lift);
          await looks("users", at("/users"), /^Maria Lopez/, new RegExp(`^${say.set} ·`), new RegExp(`^${say.unset} ·`));
          await page.getByText(say.reset, { exact: true }).first().click();
          await page.getByLabel(say.reason, { exact: true }).waitFor();
          await judge(page, name("users-reset"));
          await pressed(page.locator("main").getByRole("button", { name: say.reset, exact: true }), page);
          await says(page, say.missing);
          await judge(page, name("users-reset-reason"));
          await looks("users-nobody", at("/users?q=zzz"), say.noUser);
          await looks("users-empty", at("/users", "borealis"), say.noUsers);
          await looks("audit", at("/audit?action=code.check"), say.audit, say.checked, "lead-2");
          await page.getByText(say.details, { exact: true }).first().click();
          await judge(page, name("audit-open"));
          await looks("audit-none", at("/audit?client=zzz"), say.noAudit);
          await looks("messages", at("/messages"), say.messages, say.arrived);
          await looks("messages-empty", at("/messages", "borealis"), say.noMessages);
          await looks("events", at("/events"), say.again, say.recover, `${crm}/pushes`);
          await looks("events-empty", at("/events", "borealis"), say.noEvents, say.noUrl);
          await looks("delivery", at("/delivery"), say.testTo, say.unproven);
          await press(page, say.testTo);
          await says(page, say.works);
          await judge(page, name("delivery-taken"));
          await looks("keys", at("/keys"), say.makeKey);
          await press(page, say.makeKey);
          await says(page, say.once);
          await judge(page, name("keys-made"));
          const keys = await page.locator("table").first().locator("tbody tr").count();
          await page.reload();
          await says(page, say.notAgain);
          assert.equal(await page.getByText(say.once, { exact: true }).count(), 0);
          assert.equal(await page.locator("table").first().locator("tbody tr").count(), keys, "the same form makes one key");
          await judge(page, name("keys-again"));
          await looks("templates", at("/templates"), say.templates);
          await looks("template-email", at("/templates?of=client_code/email/en"), say.wording.publish);
          await looks("template-call", at("/templates?of=client_code/voice/es"), say.wording.publish);
          await looks("template", at("/templates?of=client_code/sms/en"), say.oneText);
          const wording = page.getByLabel(say.wording.text, { exact: true });
          await wording.fill("{{code}} for {{brand}}\nacme.com");
          await press(page, say.wording.publish);
          await says(page, say.wording.wrong);
          await says(page, say.wording.line);
          assert.equal(await wording.inputValue(), "{{code}} for {{brand}}\nacme.com", "nothing typed is lost");
          await judge(page, name("template-wrong"));
          await wording.fill("{{code}} is for our agent at {{brand}}.{{#if phone}} Call {{phone}}{{/if}}");
          await press(page, say.wording.publish);
          await says(page, say.wording.done);
          await judge(page, name("template-published"));
          await press(page, say.wording.back);
          await says(page, say.wording.done);
          await judge(page, name("template-back"));
          for (const [n, section] of ["eligibility", "brand", "timing", "two_step", "company"].entries()) {
            await looks(`settings-${section}`, at(`/settings/${section}`), say.settings[n], say.saveIt);
          }
          await page.goto(at("/settings/brand"));
          const preview = page.frameLocator("iframe[name=preview]");
          await preview.getByText("482 913").last().waitFor();
          await fill(page, say.shortName, "Acme & Co");
          await press(page, say.showIt);
          await preview.getByText("Acme & Co").first().waitFor();
          await judge(page, name("brand-email"));
          await page.getByLabel(say.what, { exact: true }).selectOption("sms");
          await press(page, say.showIt);
          await preview.getByText(say.oneText).waitFor();
          await judge(page, name("brand-text"));
          await page.locator("#in").selectOption(lang);
          await page.getByLabel(say.what, { exact: true }).selectOption("page");
          await press(page, say.showIt);
          await preview.getByRole("heading", { name: say.choosePin }).waitFor();
          assert.equal(await preview.locator(".brand").innerText(), "Acme & Co");
          await fill(page, say.colour, "#7a1f4b");
          await press(page, say.showIt);
          await preview.locator("style").waitFor({ state: "attached" });
          assert.equal(await preview.locator("button.primary").evaluate((one) => getComputedStyle(one).backgroundColor), "rgb(122, 31, 75)");
          await judge(page, name("brand-page"));
          await page.getByLabel(say.what, { exact: true }).selectOption("window");
          await press(page, say.showIt);
          await preview.getByText(say.codeSent, { exact: true }).waitFor();
          assert.equal(await preview.locator(".actions button.primary").first().evaluate((one) => getComputedStyle(one).backgroundColor), "rgb(122, 31, 75)");
          await preview.getByText("Acme & Co", { exact: true }).waitFor();
          await judge(page, name("brand-window"));
          await fill(page, say.colour, "#eeeeee");
          await press(page, say.showIt);
          await preview.getByText(/1\.16:1/).waitFor();
          await page.goto(at("/settings/timing"));
          await says(page, say.effect);
          await page.getByLabel(say.valid, { exact: true }).fill("25h");
          await press(page, say.saveIt);
          await says(page, say.notSaved);
          await says(page, say.bounds);
          assert.equal(await page.getByLabel(say.valid, { exact: true }).inputValue(), "25h", "nothing typed is lost");
          await judge(page, name("settings-wrong"));
          await page.getByLabel(say.valid, { exact: true }).fill("10m");
          await press(page, say.saveIt);
          await says(page, say.stored);
          await page.goto(at("/settings/company"));
          const origins = page.locator("[name=allowed_origins]");
          const long = `https://${"x".repeat(300_000)}.example`;
          await origins.fill(long);
          await press(page, say.saveIt);
          await titled(page, say.tooLong);
          await judge(page, name("too-long"));
          await page.goBack();
          assert.equal((await origins.inputValue()).length, long.length, "the browser has what was typed");
          await looks("new", `${service.base}/admin/new`, say.add);
          await looks("nothing", at("/clients", "nobody"), say.nothing);
        });
      });
    }
  });

  describe(`what the pages of the console say (${lang})`, () => {
    test("every link leads somewhere", async () => {
      await desk({ lang }, async (page) => {
        const [seen, open] = [new Set(), [`${service.base}/admin`]];
        while (open.length > 0) {
          const url = open.shift();
          if (seen.has(url)) continue;
          seen.add(url);
          const answer = await page.goto(url);
          assert.equal(answer.status(), 200, url);
          const hrefs = await page.evaluate(() => [...document.querySelectorAll("a[href]")].map(({ href }) => href.split("#")[0]));
          open.push(...hrefs.filter((href) => !/[?&]lang=/.test(href)));
        }
        assert.ok(seen.size > 15, [...seen].join(" "));
      });
    });

    for (const [path, column] of [["/audit", 4], ["/messages", 5]]) {
      test(`what came of it is told in words (${path})`, async () => {
        await desk({ lang }, async (page) => {
          await page.goto(at(path));
          const told = await page.locator(`tbody td:nth-child(${column})`).allInnerTexts();
          assert.deepEqual([...new Set(told)].filter((text) => !/^\p{Lu}/u.test(text)), []);
        });
      });
    }

    test("what can be chosen is told in words", async () => {
      await desk({ lang }, async (page) => {
        for (const [path, labels] of [["/users", [say.sort]], ["/messages", [say.channel, say.status]], ["/events", [say.status]]]) {
          await page.goto(at(path));
          for (const label of labels) {
            const choices = await page.getByLabel(label, { exact: true }).locator("option").allInnerTexts();
            assert.deepEqual(choices.filter((text) => !/^\p{Lu}/u.test(text)), [], `${path} ${label}`);
          }
        }
      });
    });
  });

  describe(`the work of an admin (${lang})`, () => {
    test("a client is found by the begin of their id, and unlocked", async () => {
      const about = await locked(`shut-${lang}`);
      await desk({ lang, role: "support", script: false }, async (page) => {
        await page.goto(at());
        await follow(page, say.clients);
        await fill(page, say.find, "shut-");
        await press(page, say.search);
        await row(page, about.id).getByText(say.locked).waitFor();
        assert.equal(new URL(page.url()).searchParams.get("q"), "shut-", "what was searched can be shared");
        await follow(page, about.id);
        await titled(page, about.name);
        const text = await page.locator("main").innerText();
        assert.ok(!text.includes(about.mobile) && !text.includes(`ana@${about.id}.example`) && text.includes(`••-••${about.mobile.slice(-2)}`), "no address is whole");
        assert.equal(await row(page, say.checked).filter({ hasText: say.bad }).count(), 5);
        await row(page, say.asked).locator(".who").getByText("sam", { exact: true }).waitFor();
        assert.equal(await offered(page, say.end), 0);
        await press(page, say.unlock);
        await says(page, say.not);
        assert.equal(await offered(page, say.unlock), 0);
        assert.equal(await row(page, say.unlocked).count(), 1, "it is on the record");
      });
      assert.equal(await state(about), "not_verified");
    });

    test("a verification is ended", async () => {
      const about = await verified(`green-${lang}`);
      await desk({ lang }, async (page) => {
        await page.goto(at(`/client?id=${about.id}`));
        await says(page, say.verified);
        await press(page, say.end);
        await says(page, say.not);
        assert.equal(await offered(page, say.end), 0);
        assert.equal(await row(page, say.ended).count(), 1);
      });
      assert.equal(await state(about), "not_verified");
    });

    test("a user is found by their second step, and it is reset for a reason", async () => {
      const about = await enrolled(`lost-${lang}`, `Nora Diaz ${lang}`);
      await desk({ lang, role: "admin", script: false }, async (page) => {
        await page.goto(at("/users"));
        await page.getByLabel(say.sort, { exact: true }).selectOption(say.backwards);
        await press(page, say.show);
        assert.match(await page.getByRole("rowheader").first().innerText(), /^Ximena/);
        await pressed(page.getByRole("link", { name: new RegExp(`^${say.set} \\d+$`) }), page);
        await row(page, about.name).waitFor();
        assert.equal(await row(page, "Sue Park").count(), 0);
        await row(page, about.name).getByText(say.reset, { exact: true }).first().click();
        await pressed(row(page, about.name).getByRole("button", { name: say.reset, exact: true }), page);
        await row(page, about.name).getByText(say.missing, { exact: true }).waitFor();
        await page.locator("input[aria-invalid=true]:focus").waitFor();
        assert.equal((await api("GET", `/users/${about.id}`)).state, "enrolled");
        await row(page, about.name).getByLabel(say.reason, { exact: true }).fill("New phone, known by voice");
        await pressed(row(page, about.name).getByRole("button", { name: say.reset, exact: true }), page);
        await row(page, about.name).getByText(new RegExp(`^${say.unset}`)).waitFor();
        assert.equal((await api("GET", `/users/${about.id}`)).state, "none");
        await page.goto(at("/audit?action=user.reset"));
        const entry = row(page, say.resetDone).first();
        await entry.getByText(say.details, { exact: true }).first().click();
        await entry.getByText(/New phone, known by voice/).waitFor();
        await entry.getByText("127.0.0.1", { exact: true }).waitFor();
      });
    });

    test("a filter of the audit log stands in the address", async () => {
      await desk({ lang, role: "auditor" }, async (page) => {
        await page.goto(at());
        await follow(page, say.audit);
        await fill(page, say.client, lasting.locked.id);
        await fill(page, say.action, "code.check");
        await press(page, say.show);
        await page.waitForURL(/client=lead-1&/);
        const rows = page.locator("tbody tr");
        assert.equal(await rows.count(), 6);
        assert.equal(await rows.filter({ hasText: say.bad }).count(), 5);
        const shared = page.url();
        await page.goto(at("/audit"));
        await page.goto(shared);
        assert.equal(await rows.count(), 6);
        assert.equal(await page.locator("main").getByLabel(say.client, { exact: true }).inputValue(), lasting.locked.id);
        await pressed(rows.first().getByRole("link", { name: lasting.locked.id, exact: true }), page);
        await titled(page, lasting.locked.name);
      });
    });

    test("what needs somebody is a link away from the overview", async () => {
      await desk({ lang }, async (page) => {
        await page.goto(at());
        await page.getByRole("listitem").filter({ hasText: say.failed }).getByRole("link", { name: say.open, exact: true }).click();
        await titled(page, say.messages);
        assert.equal(await page.locator("tbody tr").count(), await page.locator("tbody tr").filter({ hasText: say.didFail }).count());
        await row(page, "lead-4").getByText(say.arrived, { exact: true }).waitFor();
        await page.goto(at());
        await page.getByRole("listitem").filter({ hasText: say.reported }).getByRole("link", { name: say.open, exact: true }).click();
        await titled(page, say.audit);
        await row(page, "lead-3").waitFor();
      });
    });

    test("a push is sent again under the same id", async () => {
      await settled();
      const [event] = (await api("GET", "/events?client=lead-1")).items;
      const before = posted.filter((id) => id === event.id).length;
      await desk({ lang, role: "admin", script: false }, async (page) => {
        await page.goto(at("/events?client=lead-1"));
        await pressed(row(page, event.id).getByRole("button", { name: say.again, exact: true }), page);
        await titled(page, say.events);
        await until(() => posted.filter((id) => id === event.id).length === before + 1, "the push");
        await fill(page, say.client, "lead-1");
        await pressed(page.locator("main").getByRole("search").getByRole("button", { name: say.show, exact: true }), page);
        await row(page, event.id).waitFor();
      });
    });
  });

  describe(`what a role may not do (${lang})`, () => {
    for (const [role, may] of [["owner", { help: true, change: true }], ["admin", { help: true, change: true }], ["support", { help: true, change: false }], ["auditor", { help: false, change: false }]]) {
      test(`is not offered to the ${role}, and refused in words`, async () => {
        const [event] = (await api("GET", "/events?client=lead-1")).items;
        await desk({ lang, role }, async (page) => {
          for (const [path, name, allowed] of [
            [`/client?id=${lasting.locked.id}`, say.unlock, may.help], [`/client?id=${lasting.verified.id}`, say.end, may.help],
            ["/events", say.recover, may.change], ["/events?client=lead-1", say.again, may.change],
          ]) {
            await page.goto(at(path));
            assert.equal(await offered(page, name) > 0, allowed, name);
          }
          await page.goto(at("/users?q=u-1"));
          assert.equal(await row(page, "Maria Lopez").getByText(say.reset, { exact: true }).count() > 0, may.change, say.reset);

          const forced = async (path, fields) => {
            await page.goto(at(path));
            await page.evaluate((fields) => {
              const form = document.querySelector("header form");
              form.action = location.href;
              for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
              form.requestSubmit();
            }, fields);
            await titled(page, say.role);
            await says(page, say.kept);
          };
          if (!may.help) {
            await forced(`/client?id=${lasting.locked.id}`, [["do", "unlock"]]);
            await judge(page, `role.${lang}`);
            await forced(`/client?id=${lasting.verified.id}`, [["do", "revoke"]]);
          }
          if (!may.change) {
            await forced("/users", [["user", "u-1"], ["reason", "I may not"]]);
            await forced("/events", [["event", event.id]]);
            await forced("/events", [["since", "2026-01-01"]]);
          }
        });
        assert.deepEqual([await state(lasting.locked), await state(lasting.verified), (await api("GET", "/users/u-1")).state], ["locked", "verified", "enrolled"]);
      });
    }

    test("a form of a page that is out of date changes nothing", async () => {
      await desk({ lang }, async (page) => {
        await page.goto(at(`/client?id=${lasting.locked.id}`));
        await page.locator("main form input[name=key]").first().evaluate((key) => { key.value = "0".repeat(32); });
        await press(page, say.unlock);
        await titled(page, say.foreign);
        await judge(page, `foreign.${lang}`);
      });
      assert.equal(await state(lasting.locked), "locked");
    });
  });

  describe(`a keyboard alone (${lang})`, () => {
    test("signs in, skips to the page, opens a client, and reads the whole time", async () => {
      const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());
      await visiting(browser, { viewport: { width: 1280, height: 800 }, locale: lang }, async (page) => {
        const email = `keys-${lang}@acme.example`;
        service.account(email, "support", PASSWORD, ["acme"]);
        await page.goto(`${service.base}/admin`);
        await page.locator("#email:focus").waitFor();
        await page.keyboard.type(email);
        await page.keyboard.press("Tab");
        await page.keyboard.type(PASSWORD);
        await page.keyboard.press("Enter");
        await titled(page, say.protect);
      });
      await desk({ lang }, async (page) => {
        const tabTo = async (wanted) => {
          for (let steps = 0; steps < 40; steps += 1) {
            await page.keyboard.press("Tab");
            if (await focused(page) === wanted) return;
          }
          assert.fail(`no key leads to ${wanted}`);
        };
        await page.goto(at("/clients"));
        await page.keyboard.press("Tab");
        assert.equal(await focused(page), say.skip);
        assert.ok(await page.getByRole("link", { name: say.skip }).evaluate((one) => one.getBoundingClientRect().left >= 0), "it is seen");
        await picture(page, `console-skip.${lang}`);
        await page.keyboard.press("Enter");
        await page.locator("#main:focus").waitFor();
        await page.keyboard.press("Tab");
        await page.locator("#q:focus").waitFor();
        await page.keyboard.type("lead-2");
        await page.keyboard.press("Enter");
        await page.waitForURL(/q=lead-2/);
        await tabTo("lead-2");
        await page.keyboard.press("Enter");
        await titled(page, lasting.verified.name);
        await page.waitForLoadState();
        const whole = page.getByRole("tooltip").first();
        assert.ok(!await whole.isVisible());
        await page.keyboard.press("Tab");
        for (let steps = 0; steps < 40 && !await whole.isVisible(); steps += 1) await page.keyboard.press("Tab");
        assert.match(await whole.innerText(), /20\d\d.*\d+:\d\d.*\([A-Z]+\)/);
        await picture(page, `console-time.${lang}`);
      });
    });
  });
}

// The last: who is made here is on every later page of users.
test("the next page of a list of users keeps its filter", async () => {
  await Promise.all(Array.from({ length: 101 }, (_, n) => api("PUT", `/users/many-${n}`, { name: `Zed & Sons ${n}`, email: `many-${n}@crm.example`, role: "agent", locale: "en" })));
  await desk({}, async (page) => {
    await page.goto(at("/users"));
    await fill(page, "Name, role or id", "Zed & Sons");
    await press(page, "Show");
    await says(page, "101 users");
    await follow(page, "Next page");
    await says(page, "101 users");
    assert.equal(await page.getByLabel("Name, role or id", { exact: true }).inputValue(), "Zed & Sons");
  });
});
