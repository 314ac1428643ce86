// The whole thing as a newcomer meets it: the demo, started as the README says, used by an agent with a client on
// the phone, in both languages, until the button is green.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { shows } from "./authenticator.mjs";
import { launch, picture, violations } from "./browse.mjs";
import { binary, ended, until } from "./serving.mjs";

const crm = "http://127.0.0.1:9000";
const inbox = "http://127.0.0.1:9001";

let demo, dir, browser;

/** Starts the demo and waits for the addresses it prints. */
function start(folder) {
  const { COUNTERSIGN_BINARY: _, ...env } = process.env;
  const child = spawn(binary, ["demo", "--dir", folder], { env, stdio: ["ignore", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (text) => { said += text; if (said.includes("/leads?lang=es")) resolve(child); });
    child.stderr.on("data", (text) => { said += text; });
    child.on("exit", (status) => reject(new Error(`the demo ended (${status}): ${said}`)));
  });
}

before(async () => {
  dir = await mkdtemp(join(tmpdir(), "countersign-demo-"));
  demo = await start(dir);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await ended(demo);
  await rm(dir, { recursive: true, force: true });
});

async function page(lang, { width = 1366, height = 768 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: lang });
  const opened = await context.newPage();
  opened.setDefaultTimeout(20_000);
  opened.problems = [];
  opened.asked = new Set();
  opened.on("request", (request) => opened.asked.add(new URL(request.url()).origin));
  opened.on("pageerror", (error) => opened.problems.push(String(error)));
  opened.on("console", (line) => { if (line.type() === "error") opened.problems.push(line.text()); });
  return opened;
}

/** The code in the newest message that the inbox shows for this number or address. */
async function newestCode(to) {
  const messages = await (await fetch(`${inbox}/messages.json`)).json();
  const message = messages.find((one) => one.to === to);
  return message?.text.match(/\b(\d{3} \d{3})\b/)?.[1];
}

/** The link in the newest message that the inbox shows for this number. */
async function newestLink(to) {
  const messages = await (await fetch(`${inbox}/messages.json`)).json();
  return messages.find((one) => one.to === to && one.text.includes("/p/"))?.text.match(/http\S+\/p\/\S+/)[0];
}

async function verify({ lang, path, client, contact, to, words }) {
  const opened = await page(lang);
  await opened.goto(`${crm}${path}?lang=${lang}`);
  const button = opened.locator(`countersign-button[client="${client}"] button`);
  await picture(opened, `${lang}-1-before`);
  await button.click();
  const frame = opened.locator("countersign-window dialog");
  await frame.getByRole("radio", { name: contact }).check();
  await picture(opened, `${lang}-2-choose`);
  await frame.getByRole("button", { name: words.send, exact: true }).click();
  const field = frame.getByRole("textbox");
  await field.waitFor();
  await frame.getByText(words.sent).first().waitFor();
  // Sent is not there yet.
  const known = await codeOf(opened, to);
  assert.ok(known, "the inbox shows the code");
  await picture(opened, `${lang}-3-enter`);
  await field.fill("000 000" === known ? "000 001" : "000 000");
  await frame.getByRole("button", { name: words.verify, exact: true }).click();
  await frame.getByText(words.wrong).first().waitFor();
  await picture(opened, `${lang}-4-wrong`);
  await field.fill(known);
  await frame.getByRole("button", { name: words.verify, exact: true }).click();
  await frame.getByText(words.verified).first().waitFor();
  await picture(opened, `${lang}-5-verified`);
  await frame.getByRole("button", { name: words.done, exact: true }).click();
  await opened.locator(`countersign-button[client="${client}"] button[part~="verified"]`).waitFor();
  assert.match(await button.innerText(), words.green);
  await picture(opened, `${lang}-6-green`);
  assert.deepEqual(opened.problems, []);
  return opened;
}

const frameOf = (opened) => opened.locator("countersign-window dialog");
const buttonOf = (opened, client) => opened.locator(`countersign-button[client="${client}"] button`);
const focused = (opened) => opened.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.id);
const shut = (opened) => opened.waitForFunction(() => !document.querySelector("countersign-window, dialog[open]"));

async function go(opened, path, { lang = "en", more = "" } = {}) {
  await opened.goto(`${crm}${path}?lang=${lang}${more}`);
  await opened.waitForFunction(() => [...document.querySelectorAll("countersign-button")].every(({ shadowRoot }) => shadowRoot?.querySelector("button:not([hidden], .checking)")));
}

/** Opens the window on a client, chooses a contact and sends; gives the code that the contact then has. */
async function send(opened, client, contact, to) {
  await buttonOf(opened, client).click();
  await frameOf(opened).getByRole("radio", { name: contact }).check();
  await frameOf(opened).locator("button.primary").click();
  return codeOf(opened, to);
}

/** The window says that every message is on its way; then it is in the inbox. */
async function codeOf(opened, to) {
  await frameOf(opened).locator("#digits").waitFor();
  await frameOf(opened).locator(".delivery:not(:has(svg.i-wait))").waitFor();
  return newestCode(to);
}

const reads = (opened, text) => frameOf(opened).locator("#view").getByText(text).first().waitFor();

async function enter(opened, code) {
  await frameOf(opened).locator("#digits").fill(code);
  const answered = opened.waitForResponse(/\/check$/);
  await frameOf(opened).locator("#digits").press("Enter");
  await answered;
}

/** Wrong codes that are surely not the right one. */
const wrong = (code) => Array.from({ length: 6 }, (_, n) => `00000${n}`).filter((one) => one !== code.replace(" ", ""));

async function sound(opened, name) {
  assert.deepEqual(await violations(opened), [], name);
  const wide = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name}: ${wide} px too wide`);
  const text = await opened.locator("body").innerText();
  assert.doesNotMatch(text, /\{\w+\}|undefined|NaN|\[object/, `${name}: a text is not filled in`);
  await picture(opened, name);
}

describe("the demo", { concurrency: false }, () => {
  test("an agent verifies a client in English, and every screen is green", async () => {
    const opened = await verify({
      lang: "en", path: "/leads", client: "lead-10482", contact: /Ana Ruiz/, to: "+13055550142",
      words: { send: "Send code", sent: /Code sent to Ana Ruiz/, verify: "Verify", wrong: /That code is not right/, verified: /Ana Ruiz is verified/, done: "Done", green: /Verified \d/ },
    });
    for (const path of ["/enrolling", "/payroll"]) {
      await opened.goto(`${crm}${path}?lang=en`);
      await opened.locator('countersign-button[client="lead-10482"] button[part~="verified"]').waitFor();
      await picture(opened, `en-7${path.replace("/", "-")}`);
    }
    await opened.goto(`${crm}/pushes?lang=en`);
    await opened.getByText("verification.verified").first().waitFor();
    await picture(opened, "en-8-pushes");
    await opened.goto(`${inbox}/?lang=en`);
    await picture(opened, "en-9-inbox");
    await opened.context().close();
  });

  test("a telephone alone is called: the code is heard in the inbox, and another client reports theirs", async () => {
    const opened = await page("en");
    const ask = async (client, contact) => {
      await opened.goto(`${crm}/leads?lang=en`);
      await opened.locator(`countersign-button[client="${client}"] button`).first().click();
      const frame = opened.locator("countersign-window dialog");
      await frame.getByRole("radio", { name: contact }).check();
      await frame.getByRole("button", { name: "Send code", exact: true }).click();
      return frame;
    };
    const telephone = await page("es");
    await telephone.goto(`${inbox}/?lang=es`);

    let frame = await ask("acct-2269", /Walter Finch/);
    await frame.getByText("Calling…").first().waitFor();
    await telephone.getByRole("button", { name: "Contestar" }).click();
    await frame.getByText("Answered").first().waitFor();
    await picture(telephone, "es-10-call");
    await telephone.keyboard.press("1");
    const said = await telephone.locator("#call-said").getByText(/(\d\s?){3}, (\d\s?){3}/).innerText();
    await picture(telephone, "es-11-code");
    await frame.getByText(/Code heard/).first().waitFor();
    await picture(opened, "en-10-heard");
    await frame.getByRole("textbox").fill(said.match(/(\d\s?){3}, (\d\s?){3}/)[0].replace(/\D/g, ""));
    await frame.getByRole("button", { name: "Verify", exact: true }).click();
    await frame.getByText(/Walter Finch is verified/).first().waitFor();
    await telephone.getByRole("button", { name: "Colgar" }).click();
    await telephone.getByRole("button", { name: "Cerrar" }).click();

    frame = await ask("pp-744", /Hugo Pérez/);
    await telephone.getByRole("button", { name: "Contestar" }).click();
    await telephone.getByRole("button", { name: "9", exact: true }).click();
    await telephone.getByRole("heading", { name: "La llamada terminó" }).waitFor();
    await frame.getByText("The client told us they did not ask for this code").first().waitFor();
    await picture(opened, "en-11-reported");
    assert.deepEqual([...telephone.problems, ...opened.problems], []);
    await telephone.context().close();
    await opened.context().close();
  });

  test("an agent verifies another client in Spanish", async () => {
    const opened = await verify({
      lang: "es", path: "/leads", client: "lead-10533", contact: /Rosa Meléndez/, to: "+13055550102",
      words: { send: "Enviar código", sent: /Código enviado a Rosa Meléndez/, verify: "Verificar", wrong: /Ese código no es correcto/, verified: /Rosa Meléndez: identidad verificada/, done: "Listo", green: /Verificado \d/ },
    });
    await opened.context().close();
  });
});

describe("an agent at work", { concurrency: false }, () => {
  for (const [lang, client, contact, to] of [
    ["en", "lead-10588", /Nathan Wolfe/, "+17865550104"], ["es", "lead-10561", /Grace Oyelaran/, "+13055550107"],
  ]) {
    test(`no screen is cut off, and nothing of a card moves when its client is verified (${lang})`, async () => {
      const opened = await page(lang, { width: 1280, height: 800 });
      await go(opened, "/leads", { lang });
      // Cards in a row are as high as the highest of them: what is below the button tells.
      const below = async () => (await opened.locator(`#card-${client} .people`).boundingBox()).y - (await opened.locator(`#card-${client}`).boundingBox()).y;
      const before = await below();
      const code = await send(opened, client, contact, to);
      await enter(opened, code);
      await frameOf(opened).getByRole("button", { name: /^(Done|Listo)$/ }).click();
      await opened.locator(`countersign-button[client="${client}"] button[part~="verified"]`).waitFor();
      assert.equal(await below(), before);
      await go(opened, "/enrolling", { lang });
      const cut = await opened.locator(".stacked").evaluate((node) => node.scrollWidth - node.clientWidth);
      assert.equal(cut, 0, "the menu of a client is in sight");
      const telephone = await page(lang, { width: 390, height: 844 });
      const text = (await (await fetch(`${inbox}/messages.json`)).json()).find((one) => one.to === to);
      await telephone.goto(`${inbox}/?lang=${lang}&id=${encodeURIComponent(text.id)}`);
      await telephone.locator("#reply").waitFor();
      const frame = await telephone.locator(".phone").boundingBox();
      for (const field of await telephone.locator("#reply button, #reply input").all()) {
        const { x, width } = await field.boundingBox();
        assert.ok(x + width < frame.x + frame.width - 10, "an answer is written within the telephone");
      }
      await Promise.all([opened.context().close(), telephone.context().close()]);
    });
  }

  test("five wrong codes: the CRM says locked, and the window says the same when it is opened again", async () => {
    const opened = await page("en");
    await go(opened, "/leads");
    const right = await send(opened, "lead-10574", /Ramón Flores/, "+17865550101");
    for (const code of wrong(right).slice(0, 5)) await enter(opened, code);
    await reads(opened, "This code no longer works");
    await reads(opened, "Ese código ya no sirve. Ahora le envío uno nuevo.");
    await opened.keyboard.press("Escape");
    await shut(opened);
    await opened.locator('countersign-button[client="lead-10574"] button[part~="locked"]').click();
    await reads(opened, "This code no longer works");
    await frameOf(opened).getByRole("button", { name: /^Send a new code in \d+ s$/ }).waitFor();
    await picture(opened, "en-locked-again");
    // The way on that needs no waiting: the other person on the account.
    await frameOf(opened).getByRole("button", { name: "Choose another contact" }).click();
    await frameOf(opened).getByRole("radio", { name: /Adriana Flores/ }).check();
    await frameOf(opened).getByRole("button", { name: "Send code", exact: true }).click();
    await reads(opened, "Code sent to Adriana Flores");
    await enter(opened, await codeOf(opened, "+17865550102"));
    await reads(opened, "Adriana Flores is verified");
    assert.equal(await frameOf(opened).getByText(/newest/).count(), 0, "Adriana has no earlier message");
    await opened.context().close();
  });

  test("a contact without email gets a text, one with a landline an email, and nobody else can be chosen", async () => {
    const opened = await page("es");
    await go(opened, "/leads", { lang: "es" });
    for (const [client, contact, shown] of [
      ["acct-2240", /Andre Coleman/, ["sms"]], ["acct-2231", /Marisol Soto/, ["email"]], ["pp-760", /Beatriz Lagos/, ["email"]],
    ]) {
      await buttonOf(opened, client).click();
      await frameOf(opened).getByRole("radio", { name: contact }).check();
      const offered = await frameOf(opened).locator("input[name=channel]").evaluateAll((all) => all.map(({ value }) => value));
      assert.deepEqual(offered.filter((one) => one !== "voice"), shown, client);
      assert.equal(await frameOf(opened).getByText(/Contabilidad|bookkeeper/).count(), 0);
      await opened.keyboard.press("Escape");
      await shut(opened);
    }
    await buttonOf(opened, "lead-10603").click();
    await reads(opened, "Agregue un contacto autorizado");
    await opened.context().close();
  });

  test("a client who answers NO turns every screen red, and no other code can be sent", async () => {
    const opened = await page("es");
    await go(opened, "/leads", { lang: "es" });
    await send(opened, "cg-5022", /Emily Frost/, "+13055550130");
    const texts = await (await fetch(`${inbox}/messages.json`)).json();
    const text = texts.find(({ to }) => to === "+13055550130");
    const told = await fetch(`${inbox}/messages/${text.id}/reply`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text: "NO" }),
    });
    assert.equal(told.status, 200);
    await reads(opened, "No envíe otro código");
    await opened.keyboard.press("Escape");
    await shut(opened);
    await opened.locator('countersign-button[client="cg-5022"] button[part~="reported"]').waitFor();
    await go(opened, "/enrolling", { lang: "es" });
    await buttonOf(opened, "cg-5022").click();
    await reads(opened, "No envíe otro código");
    assert.equal(await frameOf(opened).getByRole("button", { name: /Enviar/ }).count(), 0);
    await opened.context().close();
  });

  test("two agents at once: the second is told, the first is told when the second takes over", async () => {
    const [maria, daniel] = [await page("en"), await page("es")];
    await go(maria, "/leads");
    await send(maria, "acct-2207", /Laura Kim/, "+13055550108");
    await go(daniel, "/payroll", { lang: "es", more: "&agent=u-81" });
    await daniel.locator('countersign-button[client="acct-2207"] button[part~="in_use"]').click();
    await reads(daniel, "Maria Lopez está verificando a este cliente ahora.");
    await picture(daniel, "es-in-use");
    await frameOf(daniel).getByRole("radio", { name: /Peter Shaw/ }).check();
    await frameOf(daniel).getByRole("button", { name: "Enviar código", exact: true }).click();
    await reads(daniel, "Código enviado a Peter Shaw");
    await reads(maria, "Daniel Reyes sent a new code. The one you asked for no longer works.");
    await picture(maria, "en-taken-over");
    await Promise.all([maria.context().close(), daniel.context().close()]);
  });

  test("the menu by keyboard: arrows move, Escape and the window give the focus back to the menu's button", async () => {
    const opened = await page("en");
    await go(opened, "/enrolling");
    const button = opened.getByRole("button", { name: "More actions for Everglades Air Conditioning" });
    await button.focus();
    await opened.keyboard.press("Enter");
    const item = (name) => opened.waitForFunction((text) => document.activeElement.textContent.includes(text), name);
    await item("Send security code");
    await opened.keyboard.press("ArrowDown");
    await item("Send security PIN setup link");
    await opened.keyboard.press("ArrowDown");
    await item("Note a conversation");
    await opened.keyboard.press("End");
    await item("Open the payroll card");
    await opened.keyboard.press("ArrowDown");
    await item("Send security code");
    await opened.keyboard.press("Escape");
    assert.equal(await focused(opened), "More actions for Everglades Air Conditioning");
    // The browser tells of a closed popover a moment after it is gone.
    await opened.waitForFunction((it) => it.getAttribute("aria-expanded") === "false", await button.elementHandle());
    await opened.keyboard.press("ArrowDown");
    await item("Send security code");
    await opened.keyboard.press("Enter");
    // The focus is the window's: its first radio.
    await frameOf(opened).getByRole("radio", { name: /Frank DiNardo/ }).waitFor();
    await opened.waitForFunction(() => document.activeElement.matches("countersign-window"));
    await opened.keyboard.press("Escape");
    await shut(opened);
    assert.equal(await focused(opened), "More actions for Everglades Air Conditioning");
    await opened.context().close();
  });

  test("a company that may not verify: the button says so with the reason and opens nothing", async () => {
    const opened = await page("es");
    await go(opened, "/leads", { lang: "es", more: "&tenant=southeast" });
    const button = opened.locator('countersign-button[client="se-118"] button[part~="not_eligible"]');
    assert.match(await button.innerText(), /No aplica/);
    assert.equal(await button.getAttribute("aria-disabled"), "true");
    await button.click({ force: true });
    await opened.locator('countersign-button[client="se-118"] [role=tooltip]').filter({ hasText: "no usa la verificación" }).waitFor();
    assert.equal(await opened.locator("countersign-window, dialog[open]").count(), 0);
    await go(opened, "/enrolling", { lang: "es", more: "&tenant=southeast" });
    await opened.locator("[aria-haspopup=menu]").first().click();
    const item = opened.getByRole("menuitem", { name: /Enviar código de seguridad/ });
    await item.getByText("no usa la verificación").waitFor();
    await item.click({ force: true });
    assert.equal(await opened.locator("countersign-window, dialog[open]").count(), 0);
    await go(opened, "/payroll", { lang: "es", more: "&tenant=southeast" });
    await opened.getByText("un cambio necesita su formulario firmado").first().waitFor();
    await opened.context().close();
  });

  test("a screen that a company switched off has no button, but the way to one that has", async () => {
    const opened = await page("en");
    await go(opened, "/payroll", { more: "&tenant=peopaygo" });
    assert.equal(await opened.locator("countersign-button").filter({ visible: true }).count(), 0);
    await opened.getByRole("link", { name: "Verify on the lead card" }).first().click();
    await opened.waitForURL(/\/leads\?.*#card-pp-731$/);
    await buttonOf(opened, "pp-731").waitFor();
    await opened.context().close();
  });

  test("what the CRM is told shows beside the window as it comes, and on a screen of its own", async () => {
    const [opened, watching] = [await page("en"), await page("es")];
    await go(watching, "/pushes", { lang: "es" });
    await go(opened, "/leads");
    await send(opened, "acct-2281", /Maribel Quintana/, "+17865550110");
    const strip = opened.locator("#feed-list");
    await strip.getByText("verification.code_sent").first().waitFor();
    await strip.getByText(/Escuela Infantil Arcoíris · Code sent · v\d/).first().waitFor();
    await picture(opened, "en-strip");
    // What became of the text follows it, as news of its own.
    const row = watching.locator("#pushes tbody tr").filter({ hasText: "Escuela Infantil Arcoíris" }).filter({ hasText: "verification.code_sent" }).first();
    await row.getByText("Firma correcta").waitFor();
    await row.locator("summary").click();
    await row.locator("pre").filter({ hasText: '"state": "code_sent"' }).waitFor();
    await enter(opened, "000 000");
    await watching.getByText("verification.failed").first().waitFor();
    assert.ok(await watching.locator("details[open]").count(), "what was unfolded stays so when the next one comes");
    await Promise.all([opened.context().close(), watching.context().close()]);
  });

  test("a window that outlives its token goes on: the CRM gives it another", async () => {
    const opened = await page("en");
    await go(opened, "/leads");
    await opened.route(/8080\/window\/compeo\/clients\//, (route) => route.fulfill({ status: 401, json: { code: "unauthorized" } }), { times: 1 });
    const renewed = opened.waitForResponse(/9000\/token$/);
    await buttonOf(opened, "acct-2290").click();
    assert.equal((await renewed).status(), 200);
    await frameOf(opened).getByRole("radio", { name: /Claire Ostrow/ }).waitFor();
    await opened.context().close();
  });

  test("a payroll account changes for a verified client only, and the language is changed without losing one's place", async () => {
    const opened = await page("en");
    await go(opened, "/payroll", { more: "&agent=u-81&tenant=coguardhr" });
    await opened.getByRole("link", { name: "Español" }).click();
    await opened.waitForURL(/payroll\?lang=es&agent=u-81&tenant=coguardhr$/);
    const card = opened.locator("#card-cg-5063");
    assert.ok(await card.getByRole("button", { name: "Cambiar cuenta bancaria" }).isDisabled());
    const code = await send(opened, "cg-5063", /Gonzalo Prieto/, "+17865550124");
    await enter(opened, code);
    await frameOf(opened).getByRole("button", { name: "Listo" }).click();
    await shut(opened);
    await card.getByRole("button", { name: "Cambiar cuenta bancaria" }).click();
    await opened.getByLabel("Número de cuenta nuevo").fill("12");
    await opened.getByRole("button", { name: "Cambiar cuenta", exact: true }).click();
    await opened.getByText("Un número de cuenta tiene de 6 a 17 dígitos.").waitFor();
    await opened.getByLabel("Número de cuenta nuevo").fill("000123459876");
    await opened.getByRole("button", { name: "Cambiar cuenta", exact: true }).click();
    await card.getByText("9876").waitFor();
    await opened.context().close();
  });

  test("a client is found by a person's name without accents; the table sorts; a conversation that is noted is today's", async () => {
    const opened = await page("es");
    await go(opened, "/enrolling", { lang: "es" });
    await opened.getByLabel("Buscar un cliente").fill("quintana arcoiris");
    await opened.getByText("1 de 38").waitFor();
    assert.equal(await opened.locator("tbody tr:visible").count(), 1);
    await opened.getByLabel("Buscar un cliente").fill("");
    const days = () => opened.locator("tbody tr td.number").evaluateAll((all) => all.map((cell) => Number(cell.textContent)));
    await opened.getByRole("button", { name: "Días en inscripción" }).click();
    assert.deepEqual(await days(), (await days()).toSorted((one, other) => one - other));
    await opened.getByRole("button", { name: "Días en inscripción" }).click();
    assert.equal(await opened.locator("th[aria-sort=descending]").count(), 1);
    assert.equal((await days())[0], 81);
    await opened.getByRole("button", { name: /Más acciones para Harborview/ }).click();
    await opened.getByRole("menuitem", { name: "Anotar una conversación" }).click();
    await opened.locator('time[data-contacted="cg-5048"]').filter({ hasText: "hoy" }).waitFor();
    await opened.context().close();
  });

  test("nothing is asked of anybody but the CRM and the service", async () => {
    const opened = await page("en");
    for (const path of ["/leads", "/enrolling", "/payroll", "/documents", "/sessions", "/pushes"]) await go(opened, path);
    await go(opened, "/leads");
    await buttonOf(opened, "lead-10519").click();
    await frameOf(opened).getByRole("radio").first().waitFor();
    assert.deepEqual([...opened.asked].sort(), ["http://127.0.0.1:8080", crm]);
    assert.deepEqual(opened.problems, []);
    await opened.context().close();
  });
});

describe("the security PIN", { concurrency: false }, () => {
  for (const [lang, client, contact, to, words] of [
    ["en", "acct-2258", /Renee Dubois/, "+13055550114", {
      more: "More actions for", item: "Send security PIN setup link", go: "Continue", send: "Send PIN setup link", sent: /It expires in 24 hours/, start: "Continue", choose: "Choose a 6-digit PIN",
      save: "Save PIN", ready: "Your PIN is ready", set: "The client has set the PIN.", ask: "Please tell me your 6-digit security PIN", verify: "Verify PIN", wrong: "4 tries left", verified: "is verified", done: "Done",
    }],
    ["es", "acct-2231", /Javier Soto/, "+13055550110", {
      more: "Más acciones para", item: "Enviar enlace para crear el PIN de seguridad", go: "Continuar", send: "Enviar enlace para crear el PIN", sent: /Vence en 24 horas/, start: "Continuar", choose: "Elija un PIN de 6 dígitos",
      save: "Guardar PIN", ready: "Su PIN está listo", set: "El cliente ya creó el PIN.", ask: "dígame su PIN de seguridad", verify: "Verificar PIN", wrong: "Quedan 4 intentos", verified: "identidad verificada", done: "Listo",
    }],
  ]) {
    test(`is created on the client's phone, and makes the client verified when it is said (${lang})`, async () => {
      const opened = await page(lang);
      await go(opened, "/enrolling", { lang });
      await opened.locator(`[popovertarget="menu-${client}"]`).click();
      await opened.getByRole("menuitem", { name: words.item }).click();
      await picture(opened, `${lang}-pin-1-confirm`);
      await opened.locator("#pin").getByRole("button", { name: words.go }).click();
      await frameOf(opened).getByRole("button", { name: lang === "es" ? "Crear PIN" : "Create PIN" }).click();
      await frameOf(opened).getByRole("radio", { name: contact }).check();
      await frameOf(opened).getByRole("button", { name: words.send, exact: true }).click();
      await reads(opened, words.sent);
      await picture(opened, `${lang}-pin-2-sent`);
      const link = await newestLink(to);
      const telephone = await page(lang, { width: 390, height: 844 });
      await telephone.goto(link);
      await picture(telephone, `${lang}-pin-3-start`);
      await telephone.getByRole("button", { name: words.start }).or(telephone.getByRole("link", { name: words.start })).click();
      await telephone.getByText(words.choose).first().waitFor();
      const fields = telephone.locator("input[autocomplete=new-password]");
      for (let n = 0; n < 2; n += 1) await fields.nth(n).fill("482057");
      await picture(telephone, `${lang}-pin-4-choose`);
      await telephone.getByRole("button", { name: words.save }).click();
      await telephone.getByText(words.ready).first().waitFor();
      await picture(telephone, `${lang}-pin-5-ready`);
      await reads(opened, words.set);
      await picture(opened, `${lang}-pin-6-ask`);
      await frameOf(opened).locator("#digits").fill("482 058");
      await frameOf(opened).getByRole("button", { name: words.verify }).click();
      await reads(opened, words.wrong);
      await frameOf(opened).locator("#digits").fill("482 057");
      await frameOf(opened).getByRole("button", { name: words.verify }).click();
      await reads(opened, words.verified);
      await picture(opened, `${lang}-pin-7-verified`);
      await frameOf(opened).getByRole("button", { name: words.done }).click();
      await opened.locator(`countersign-button[client="${client}"] button[part~="verified"]`).waitFor();
      assert.deepEqual([...opened.problems, ...telephone.problems], []);
      await Promise.all([opened.context().close(), telephone.context().close()]);
    });
  }
});

describe("documents and sessions", { concurrency: false }, () => {
  const words = {
    en: { follow: /Follow/, waiting: "Waiting for the signer", verified: "Verified", opened: "Opened", joined: "Joined", invited: "Invited", end: "End session", over: "This session has ended", later: "in two hours", opens: /^Your session opens/ },
    es: { follow: /Seguir/, waiting: "A la espera del firmante", verified: "Verificado", opened: "Abierto", joined: "Entró", invited: "Invitación enviada", end: "Terminar la sesión", over: "Esta sesión terminó", later: "en dos horas", opens: /^Su sesión se abre/ },
  };
  /** The texts with a code to type, newest first: it stands in the line by which a telephone fills it in. */
  const codes = async (to) => {
    const messages = await (await fetch(`${inbox}/messages.json`)).json();
    return messages.filter((one) => one.to === to).map(({ text }) => text.match(/@\S+ #(\d+)/)?.[1]).filter(Boolean);
  };
  const invitation = async (to) => {
    const messages = await (await fetch(`${inbox}/messages.json`)).json();
    return messages.find((one) => one.to === to && one.text.includes("/p/"))?.text.match(/http\S+\/p\/[\w-]+/)[0];
  };
  const phone = async (lang, url) => {
    const telephone = await page(lang, { width: 375, height: 740 });
    await telephone.goto(url);
    return telephone;
  };
  /** Asks for a code by that button and types the one that comes, not one that came before. */
  const enter = async (telephone, button, to, name) => {
    const before = (await codes(to)).length;
    await telephone.locator(button).first().click();
    await telephone.locator("#code").waitFor();
    await picture(telephone, `${name}-code`);
    const code = await until(async () => { const all = await codes(to); return all.length > before && all[0]; }, "the code");
    await telephone.locator("#code").fill(code);
    await telephone.locator("form:has(#code) button.primary").click();
    await telephone.waitForURL(/\/back\//);
    await picture(telephone, `${name}-back`);
    assert.deepEqual(telephone.problems, []);
    await telephone.context().close();
  };

  for (const [lang, card, name, to] of [["en", "lead-10519", "Helen Brandt", "+13055550100"], ["es", "lead-10482", "Ana Ruiz", "+13055550142"]]) {
    test(`a document opens for whoever has the signer's phone (${lang})`, async () => {
      const opened = await page(lang);
      await go(opened, "/documents", { lang });
      const own = opened.locator(`#card-${card} li`).filter({ hasText: name });
      await own.locator("form button").click();
      const url = await own.locator("a").getAttribute("href");
      await own.getByRole("button", { name: words[lang].follow }).click();
      await reads(opened, words[lang].waiting);
      const telephone = await phone(lang, url);
      await picture(telephone, `${lang}-sign-ways`);
      await enter(telephone, "button[value=text]", to, `${lang}-sign`);
      await reads(opened, words[lang].verified);
      await picture(opened, `${lang}-sign-followed`);
      await opened.keyboard.press("Escape");
      await own.getByText(words[lang].opened).waitFor();
      assert.deepEqual(opened.problems, []);
      await opened.context().close();
    });

    test(`a session is joined by a code that came another way (${lang})`, async () => {
      const opened = await page(lang);
      await go(opened, "/sessions", { lang });
      const own = opened.locator(`#card-${card}`);
      await own.locator("button[value=email]").click();
      await own.getByRole("button", { name: words[lang].follow }).click();
      await reads(opened, words[lang].invited);
      const email = card === "lead-10519" ? "helen@biscayne-marine-supply.example" : "ana@ruiz-landscaping.example";
      await frameOf(opened).getByRole("group", { name }).locator(".delivery strong").filter({ hasText: lang === "es" ? /Env|Entreg/ : /Sent|Deliv/ }).first().waitFor();
      const telephone = await phone(lang, await invitation(email));
      await picture(telephone, `${lang}-join-ways`);
      await enter(telephone, "button[name=do]", to, `${lang}-join`);
      await frameOf(opened).getByRole("group", { name }).getByText(words[lang].verified).waitFor();
      await picture(opened, `${lang}-join-followed`);
      await frameOf(opened).getByRole("button", { name: words[lang].end }).click();
      await frameOf(opened).getByRole("button", { name: words[lang].end }).click();
      await reads(opened, words[lang].over);
      await opened.keyboard.press("Escape");
      await own.getByText(words[lang].joined).waitFor();
      assert.deepEqual(opened.problems, []);
      await opened.context().close();
    });

    test(`a session of later says when it opens (${lang})`, async () => {
      const opened = await page(lang);
      await go(opened, "/sessions", { lang, more: "&tenant=compeo" });
      const own = opened.locator("#card-acct-2207");
      await own.locator("select[name=starts]").selectOption({ label: words[lang].later });
      await own.locator("button[value=email]").click();
      await picture(opened, `${lang}-join-later`);
      await own.getByRole("button", { name: words[lang].follow }).click();
      await frameOf(opened).getByRole("group", { name: "Laura Kim" }).locator(".delivery strong").filter({ hasText: lang === "es" ? /Env|Entreg/ : /Sent|Deliv/ }).first().waitFor();
      const telephone = await phone(lang, `${await invitation("laura@magnolia-dental-group.example")}?lang=${lang}`);
      await telephone.getByText(words[lang].opens).waitFor();
      await picture(telephone, `${lang}-join-early`);
      assert.deepEqual([...opened.problems, ...telephone.problems], []);
      await Promise.all([opened.context().close(), telephone.context().close()]);
    });
  }
});

describe("the CRM's own users", { concurrency: false }, () => {
  const words = {
    en: {
      link: "Sign in with a second step", any: "This demo takes any password", go: "Sign in", app: "Use an authenticator app", type: "Type the 6 digits the app shows", on: "Turn on",
      saved: "I saved these codes in a safe place", finish: "Finish", step: "Second step: authenticator app", out: "Sign out", backup: "Use a backup code", code: "Backup code", enter: "Sign in",
      byBackup: "Second step: backup code", later: "Remind me later", put: "Second step: put off", setUp: "Set up 2-step login", back: "Back", used: "You are not signed in.",
    },
    es: {
      link: "Iniciar sesión con un segundo paso", any: "Esta demostración acepta cualquier contraseña", go: "Iniciar sesión", app: "Usar una aplicación de autenticación", type: "Escriba los 6 dígitos que muestra la aplicación", on: "Activar",
      saved: "Guardé estos códigos en un lugar seguro", finish: "Terminar", step: "Segundo paso: aplicación de autenticación", out: "Cerrar sesión", backup: "Usar un código de respaldo", code: "Código de respaldo", enter: "Entrar",
      byBackup: "Segundo paso: código de respaldo", later: "Recordarme después", put: "Segundo paso: aplazado", setUp: "Configurar la verificación en 2 pasos", back: "Volver", used: "Su sesión no se inició.",
    },
  };
  /** Daniel's backup codes, once he has some. */
  let saved;

  const press = (opened, name) => opened.getByRole("button", { name, exact: true }).click();
  async function signIn(opened, name, say) {
    await opened.getByRole("radio", { name }).check();
    await press(opened, say.go);
  }

  for (const lang of ["en", "es"]) {
    const say = words[lang];

    test(`set a second step up, sign out, and sign in by it (${lang})`, async () => {
      const opened = await page(lang);
      await opened.goto(`${crm}/leads?lang=${lang}`);
      await opened.getByRole("link", { name: say.link }).click();
      await opened.getByText(say.any).waitFor();
      await sound(opened, `sign-in-${lang}`);
      await signIn(opened, /Daniel Reyes/, say);
      if (!saved) {
        await press(opened, say.app);
        const secret = await opened.locator("code.key").innerText();
        await opened.getByLabel(say.type).fill(shows(secret));
        await press(opened, say.on);
        saved = await opened.locator(".codes code").allInnerTexts();
        await opened.getByLabel(say.saved).check();
        await press(opened, say.finish);
        await opened.locator(".who").getByText(say.step).waitFor();
        assert.equal(new URL(opened.url()).search, `?lang=${lang}&agent=u-81`, "the proof is not left in the address");
        await sound(opened, `signed-in-${lang}`);
        await press(opened, say.out);
        await signIn(opened, /Daniel Reyes/, say);
      }
      await press(opened, say.backup);
      await opened.getByLabel(say.code).fill(saved.pop());
      const back = opened.waitForRequest(/\/signed-in\//);
      await press(opened, say.enter);
      await opened.locator(".who").getByText(say.byBackup).waitFor();
      // No other page forgets it.
      await opened.goto(`${crm}/payroll?lang=${lang}`);
      await opened.locator(".who").getByText(say.byBackup).waitFor();
      await opened.locator(".who strong").filter({ hasText: "Daniel Reyes" }).waitFor();
      assert.deepEqual(opened.problems, []);
      // The way back is of no use a second time.
      await press(opened, say.out);
      await opened.goto((await back).url());
      await opened.getByText(say.used).waitFor();
      await sound(opened, `sign-in-used-${lang}`);
      await opened.context().close();
    });

    test(`put it off for now (${lang})`, async () => {
      const opened = await page(lang, { width: 320, height: 780 });
      await opened.goto(`${crm}/sign-in?lang=${lang}`);
      await sound(opened, `phone-sign-in-${lang}`);
      await signIn(opened, /Maria Lopez/, say);
      await press(opened, say.later);
      await opened.locator(".who").getByText(say.put).waitFor();
      await sound(opened, `phone-signed-in-${lang}`);
      await press(opened, say.setUp);
      await opened.getByRole("button", { name: say.app }).waitFor();
      await press(opened, say.back);
      await opened.locator(".who").getByText(say.put).waitFor();
      assert.deepEqual(opened.problems, []);
      await opened.context().close();
    });
  }
});

/** Forty cards of one kind tell no more than eight. */
const few = (path) => (["/documents", "/sessions"].includes(path) ? "&tenant=cornerstone" : "");

describe("every screen of the CRM", { concurrency: false }, () => {
  for (const lang of ["en", "es"]) {
    test(`can be read by everybody (${lang})`, async () => {
      const opened = await page(lang);
      for (const path of ["/leads", "/enrolling", "/payroll", "/documents", "/sessions", "/pushes"]) {
        await go(opened, path, { lang, more: few(path) });
        await opened.locator("#feed-newest, #figures").first().waitFor();
        await sound(opened, `${path.slice(1)}-${lang}`);
      }
      await go(opened, "/enrolling", { lang });
      await opened.locator("[aria-haspopup=menu]").first().click();
      await sound(opened, `menu-${lang}`);
      await opened.keyboard.press("Escape");
      await buttonOf(opened, "lead-10547").click();
      await frameOf(opened).getByRole("radio").first().waitFor();
      await sound(opened, `window-${lang}`);
      await opened.keyboard.press("Escape");
      await shut(opened);
      await opened.route(/\/token$/, (route) => route.fulfill({ json: { code: "unreachable", status: 502, title: "…" } }));
      await buttonOf(opened, "lead-10574").click();
      await opened.locator('countersign-button[client="lead-10574"] [role=tooltip]').filter({ hasText: lang === "es" ? "La ventana no se abrió" : "The window did not open" }).waitFor();
      await sound(opened, `refusal-${lang}`);
      await opened.context().close();
    });
  }

  for (const width of [390, 320]) {
    test(`fits a phone of ${width} px, the window too`, async () => {
      const opened = await page("es", { width, height: 780 });
      for (const path of ["/leads", "/enrolling", "/payroll", "/documents", "/sessions", "/pushes"]) {
        await go(opened, path, { lang: "es", more: few(path) });
        await sound(opened, `phone-${width}-${path.slice(1)}`);
      }
      await go(opened, "/enrolling", { lang: "es" });
      const more = opened.locator("[aria-haspopup=menu]").first();
      await more.scrollIntoViewIfNeeded();
      const at = await more.boundingBox();
      assert.ok(at.x + at.width <= width, "the menu's button is on the screen");
      await buttonOf(opened, "lead-10547").click();
      await frameOf(opened).getByRole("radio").first().waitFor();
      const frame = await frameOf(opened).boundingBox();
      assert.ok(frame.x >= 0 && frame.width <= width && frame.height > 600, JSON.stringify(frame));
      await picture(opened, `phone-${width}-window`);
      await opened.context().close();
    });
  }
});
