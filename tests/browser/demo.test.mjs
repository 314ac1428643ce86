// The whole thing as a newcomer meets it: the demo, started as the README says, used by an agent with a client on
// the phone, in both languages, until the button is green.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const crm = "http://127.0.0.1:9000";
const inbox = "http://127.0.0.1:9001";
const binary = process.env.COUNTERSIGN_BINARY ?? fileURLToPath(new URL("../../target/debug/countersign", import.meta.url));
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const shots = process.env.SHOTS;

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
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  if (shots) await mkdir(shots, { recursive: true });
});

after(async () => {
  await browser?.close();
  if (demo) {
    const ended = new Promise((resolve) => demo.once("exit", resolve));
    demo.kill("SIGTERM");
    await ended;
  }
  await rm(dir, { recursive: true, force: true });
});

async function page(lang) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: lang });
  const opened = await context.newPage();
  opened.problems = [];
  opened.on("pageerror", (error) => opened.problems.push(String(error)));
  opened.on("console", (line) => { if (line.type() === "error") opened.problems.push(line.text()); });
  return opened;
}

async function picture(opened, name) {
  if (shots) await opened.screenshot({ path: join(shots, `${name}.png`) });
}

/** The code in the newest message that the inbox shows for this number or address. */
async function newestCode(to) {
  const messages = await (await fetch(`${inbox}/messages.json`)).json();
  const message = messages.find((one) => one.to === to);
  return message?.text.match(/\b(\d{3} \d{3})\b/)?.[1];
}

async function verify({ lang, path, client, contact, to, words }) {
  const opened = await page(lang);
  await opened.goto(`${crm}${path}?lang=${lang}`);
  const button = opened.locator(`button.verify[data-client="${client}"]`);
  await picture(opened, `${lang}-1-before`);
  await button.click();
  const frame = opened.frameLocator("#frame iframe");
  await frame.getByRole("radio", { name: contact }).check();
  await picture(opened, `${lang}-2-choose`);
  await frame.getByRole("button", { name: words.send, exact: true }).click();
  const field = frame.getByRole("textbox");
  await field.waitFor();
  const known = await frame.getByText(words.sent).first().waitFor().then(() => newestCode(to));
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
  await opened.locator(`button.verify[data-client="${client}"][data-state="verified"]`).waitFor();
  assert.match(await button.innerText(), words.green);
  await picture(opened, `${lang}-6-green`);
  assert.deepEqual(opened.problems, []);
  return opened;
}

describe("the demo", { concurrency: false }, () => {
  test("an agent verifies a client in English, and every screen is green", async () => {
    const opened = await verify({
      lang: "en", path: "/leads", client: "lead-10482", contact: /Ana Ruiz/, to: "+13055550142",
      words: { send: "Send code", sent: /Code sent to Ana Ruiz/, verify: "Verify", wrong: /That code is not right/, verified: /Ana Ruiz is verified/, done: "Done", green: /Verified \d/ },
    });
    for (const path of ["/enrolling", "/payroll"]) {
      await opened.goto(`${crm}${path}?lang=en`);
      await opened.locator('button.verify[data-client="lead-10482"][data-state="verified"]').waitFor();
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
      await opened.locator(`button.verify[data-client="${client}"]`).first().click();
      const frame = opened.frameLocator("#frame iframe");
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
