// Every state of the agent's window: how to get there and what an agent must then be able to read.

import { kevin, luis, rosa } from "./stub.mjs";

const MINUTE = 60e3;
const wrong = async (page) => {
  await page.locator("#digits").fill("111111");
  const answered = page.waitForResponse(/\/check$/);
  await page.keyboard.press("Enter");
  await answered;
};
const live = (stub, change) => { stub.facts.challenge = stub.challenge(change); };
const press = (button) => async (page) => { await page.locator(button).click(); };
const failed = [
  { id: "msg_e", channel: "email", to: "a•••@gmail.com", state: "failed", detail: "no_such_address" },
  { id: "msg_s", channel: "sms", to: "(•••) •••-••42", state: "failed", detail: "busy" },
];
const voice = { channel: "voice", to: "(•••) •••-••42", changed_at: null, blocked: false };

const pin = { enabled: true, digits: 6, state: "not_set", set_at: null, link: null };
const usePin = (page) => page.getByRole("button", { name: /Use security PIN|Usar PIN de seguridad|Send PIN setup link|Enviar enlace para crear/ }).click();
const wrongPin = async (page) => {
  await page.locator("#digits").fill("111 222");
  const answered = page.waitForResponse(/\/pin\/check$/);
  await page.keyboard.press("Enter");
  await answered;
};

export const states = [
  { name: "loading", set: (stub) => { stub.hold = new Promise(() => {}); }, en: "Checking this client", es: "Consultando a este cliente" },
  { name: "choose", set() {}, en: "Who are you speaking with?", es: "¿Con quién habla?", focus: "input[value='c-1']" },
  {
    name: "choose-picked", set() {}, act: (page) => page.locator("input[value='c-1']").check(),
    en: "Message language", es: "Idioma del mensaje",
  },
  {
    name: "choose-one", set: (stub) => { stub.facts.contacts = [stub.facts.contacts[0], rosa]; },
    en: "No email or phone on file", es: "No hay correo ni teléfono", focus: ".primary",
  },
  {
    name: "choose-changed",
    set: (stub) => {
      const [ana] = stub.facts.contacts;
      ana.channels[1].changed_at = stub.at(-120 * MINUTE);
      stub.facts.contacts.push({
        ...structuredClone(luis), id: "c-4", name: "Iván Soto", reachable: false, reason: "changed", until: stub.at(20 * 60 * MINUTE),
        channels: [{ ...luis.channels[0], changed_at: stub.at(-4 * 60 * MINUTE), blocked: true }],
      });
    },
    en: "Changed Feb 27, 12:41 PM", es: "Se cambió el 27 feb, 12:41",
  },
  {
    name: "choose-none-reachable", set: (stub) => { stub.facts.contacts = [rosa]; },
    en: "None of these contacts can be sent a code now", es: "no se puede enviar un código", focus: "h2",
  },
  { name: "choose-nobody-picked", set() {}, act: press(".primary"), en: "Choose who you are speaking with.", es: "Elija con quién habla." },
  { name: "no-contacts", set: (stub) => { stub.facts.contacts = []; }, en: "Add an authorized contact", es: "Agregue un contacto autorizado", focus: "h2" },
  { name: "in-use", set: (stub) => live(stub, { agent: kevin }), en: "Kevin Brown is verifying this client now.", es: "Kevin Brown está verificando" },
  { name: "code", set: (stub) => live(stub), en: "Code sent to Ana Ruiz", es: "Código enviado a Ana Ruiz", focus: "#digits" },
  {
    name: "code-help", set: (stub) => { stub.facts.contacts[0].channels.push(voice); live(stub); }, act: press("summary"),
    en: "Call with the code", es: "Llamar con el código",
  },
  { name: "incorrect", set: (stub) => live(stub), act: (page) => wrong(page), en: "4 tries left", es: "Quedan 4 intentos", focus: "#digits" },
  { name: "incorrect-last", set: (stub) => live(stub, { tries_left: 2 }), act: (page) => wrong(page), en: "1 try left", es: "Queda 1 intento", focus: "#digits" },
  { name: "too-short", set: (stub) => live(stub), act: async (page) => { await page.locator("#digits").fill("482"); await page.keyboard.press("Enter"); },
    en: "You entered 3", es: "Ingresó 3", focus: "#digits" },
  { name: "undelivered", set: (stub) => live(stub, { messages: failed }), en: "We could not deliver the code", es: "No pudimos entregar el código" },
  {
    name: "undelivered-voice", set: (stub) => { stub.facts.contacts[0].channels.push(voice); live(stub, { messages: failed }); },
    en: "Call with the code or choose", es: "Llame con el código o elija",
  },
  {
    name: "last-minutes", set: (stub) => live(stub, { expires_at: stub.at(90e3) }), en: /Code expires in 1:\d\d/, es: /El código vence en 1:\d\d/,
  },
  {
    name: "too-many-resends", set: (stub) => live(stub, { resend_at: stub.at(-1000) }),
    act: async (page, stub) => {
      stub.fail["POST resend"] = { status: 429, code: "too_many_sends", headers: { "retry-after": "540" } };
      await page.getByRole("button", { name: /^(Send again|Enviar otra vez)$/ }).click();
    },
    en: "Too many codes sent to this client", es: "Se enviaron demasiados códigos",
  },
  { name: "expired", set: (stub) => live(stub, { expires_at: stub.at(-1000) }), en: "That code has expired", es: "Ese código venció", focus: "h2" },
  {
    name: "locked", set: (stub) => { stub.status("locked", { expires_at: stub.at(24 * MINUTE) }); stub.facts.contacts.pop(); },
    en: "You can try again at 3:05", es: "Puede intentar otra vez a las 3:05", focus: "h2",
  },
  { name: "locked-code", set: (stub) => live(stub, { tries_left: 1 }), act: (page) => wrong(page), en: "This code no longer works", es: "Este código ya no sirve", focus: "h2" },
  {
    name: "locked-code-later", set: (stub) => { live(stub, { resend_at: stub.at(-1000) }); stub.end("locked", "locked"); },
    en: "This code no longer works", es: "Este código ya no sirve", focus: "h2",
  },
  {
    name: "newest", set: (stub) => { live(stub, { tries_left: 1, resend_at: stub.at(-1000) }); },
    act: async (page) => { await wrong(page); await page.getByRole("button", { name: /Send a new code|Enviar un código nuevo/ }).click(); },
    en: "Ask for the newest message", es: "Pida el mensaje más reciente", focus: "#digits",
  },
  {
    name: "wait", set: (stub) => { live(stub, { state: "active" }); },
    act: async (page) => { await press("summary")(page); await page.getByRole("button", { name: /Cancel this|Cancelar este/ }).click(); await press(".primary")(page); },
    en: /Send code in \d+ s/, es: /Enviar código en \d+ s/,
  },
  {
    name: "reported",
    set: (stub) => {
      stub.status("reported");
      stub.facts.reported_until = stub.at(23.5 * 60 * MINUTE);
      stub.facts.recent = [{ at: stub.at(-30 * MINUTE), action: "reported", contact_name: "Ana Ruiz", agent_name: null }];
    },
    en: "Do not send another code", es: "No envíe otro código", focus: "h2",
  },
  {
    name: "verified", set: (stub) => live(stub), act: async (page) => { await page.locator("#digits").fill("482913"); await page.keyboard.press("Enter"); },
    en: "Ana Ruiz is verified", es: "Ana Ruiz: identidad verificada", focus: ".primary",
  },
  {
    name: "already",
    set: (stub) => {
      stub.verified({ channels: ["email", "sms"] });
      stub.facts.recent = [
        { at: stub.at(0), action: "verified", contact_name: "Ana Ruiz", agent_name: "Maria Lopez" },
        { at: stub.at(-2 * MINUTE), action: "incorrect", contact_name: "Ana Ruiz", agent_name: "Maria Lopez" },
        { at: stub.at(-4 * MINUTE), action: "sent", contact_name: "Ana Ruiz", agent_name: "Maria Lopez" },
        { at: stub.at(-3000 * MINUTE), action: "expired", contact_name: null, agent_name: null },
      ];
    },
    en: "Valid until 3:41", es: "Válido hasta las 3:41",
  },
  {
    name: "superseded", set: (stub) => live(stub),
    act: async (page, stub) => { stub.check = () => { stub.end("superseded"); return { result: "superseded" }; }; await wrong(page); },
    en: "A newer code was sent", es: "Se envió un código más nuevo", focus: "h2",
  },
  {
    name: "taken-over", set: (stub) => live(stub),
    act: async (page, stub) => { stub.check = () => { live(stub, { agent: kevin }); return { result: "superseded" }; }; await wrong(page); },
    en: "Kevin Brown sent a new code", es: "Kevin Brown envió un código nuevo",
  },
  {
    name: "cancelled", set: (stub) => live(stub), act: async (page) => { await press("summary")(page); await page.getByRole("button", { name: /Cancel this|Cancelar este/ }).click(); },
    en: "code was cancelled", es: "código se canceló", focus: "h2",
  },
  {
    name: "used", set: (stub) => live(stub),
    act: async (page, stub) => { stub.check = () => { stub.end("verified"); return { result: "already_used" }; }; await wrong(page); },
    en: "That code was already used", es: "Ese código ya se usó", focus: "h2",
  },
  { name: "signed-out", set: (stub) => { stub.token = "cst_other"; }, en: "Sign in again and reopen this window", es: "Entre otra vez y vuelva a abrir esta ventana", focus: "h2" },
  {
    name: "signed-out-code", set: (stub) => live(stub), act: async (page, stub) => { stub.token = "cst_other"; await wrong(page); },
    en: "Your CRM session has ended", es: "Su sesión del CRM terminó",
  },
  { name: "server-error", set: (stub) => { stub.fail["*"] = { status: 500, code: "internal" }; }, en: "Something went wrong on our side", es: "Algo falló de nuestro lado", focus: "h2" },
  {
    name: "server-error-code", set: (stub) => live(stub), act: async (page, stub) => { stub.fail["POST check"] = { status: 500, code: "internal" }; await wrong(page); },
    en: "The code is still valid", es: "El código sigue válido",
  },
  {
    name: "offline-code", set: (stub) => live(stub),
    act: async (page) => { await page.context().setOffline(true); await page.locator("#digits").fill("482913"); await page.keyboard.press("Enter"); },
    en: "You are offline", es: "No tiene conexión",
  },
  {
    name: "too-many-sends", set: (stub) => { stub.fail["POST codes"] = { status: 429, code: "too_many_sends", headers: { "retry-after": "540" } }; },
    act: async (page) => { await page.locator("input[value='c-1']").check(); await press(".primary")(page); },
    en: "You can send again at 2:50", es: "Puede enviar otro a las 2:50",
  },
  { name: "not-eligible", set: (stub) => { stub.fail["*"] = { status: 403, code: "tenant_not_eligible" }; }, en: "your company does not use verification", es: "su empresa no usa la verificación", focus: "h2" },
  { name: "no-permission", set: (stub) => { stub.fail["*"] = { status: 403, code: "client_not_in_token" }; }, en: "You do not have permission", es: "No tiene permiso", focus: "h2" },
  { name: "choose-pin", set: (stub) => { stub.facts.pin = { ...pin, state: "set" }; }, en: "Use security PIN", es: "Usar PIN de seguridad" },
  { name: "choose-pin-none", set: (stub) => { stub.facts.pin = { ...pin }; }, en: "Send PIN setup link", es: "Enviar enlace para crear el PIN" },
  {
    name: "pin", set: (stub) => { stub.facts.pin = { ...pin, state: "set" }; }, act: usePin,
    en: "Please tell me your 6-digit security PIN", es: "dígame su PIN de seguridad", focus: "#digits",
  },
  {
    name: "pin-wrong", set: (stub) => { stub.facts.pin = { ...pin, state: "set" }; }, act: async (page) => { await usePin(page); await wrongPin(page); },
    en: "4 tries left", es: "Quedan 4 intentos", focus: "#digits",
  },
  {
    name: "pin-locked", set: (stub) => { stub.facts.pin = { ...pin, state: "set", tries_left: 1 }; }, act: async (page) => { await usePin(page); await wrongPin(page); },
    en: "PIN locked. Send a code instead.", es: "PIN bloqueado. Envíe un código.",
  },
  { name: "pin-link", set: (stub) => { stub.facts.pin = { ...pin }; }, act: usePin, en: "Who should get the link?", es: "¿A quién enviamos el enlace?" },
  {
    name: "pin-link-picked", set: (stub) => { stub.facts.pin = { ...pin }; },
    act: async (page) => { await usePin(page); await page.locator("input[value='c-1']").check(); },
    en: "Ana Ruiz gets a link at a•••@gmail.com and (•••) •••-••42", es: "Ana Ruiz recibirá un enlace en a•••@gmail.com y (•••) •••-••42",
  },
  {
    name: "pin-link-reset",
    set: (stub) => {
      stub.facts.contacts.splice(1, 1, rosa);
      stub.facts.pin = { ...pin, state: "set", link: { contact: { id: "c-1", name: "Ana Ruiz" }, expires_at: stub.at(60 * MINUTE) } };
    },
    act: async (page) => { await usePin(page); await press("summary")(page); await page.getByRole("button", { name: /Reset PIN|Cambiar PIN|Restablecer/ }).click(); },
    en: "The present PIN works until then. The link sent earlier stops working.", es: "El PIN actual sirve hasta entonces. El enlace enviado antes deja de servir.",
  },
  {
    name: "pin-link-sent", set: (stub) => { stub.facts.pin = { ...pin }; },
    act: async (page) => { await usePin(page); await page.locator("input[value='c-1']").check(); await press(".primary")(page); },
    en: "It expires in 24 hours", es: "Vence en 24 horas",
  },
  {
    name: "pin-verified", set: (stub) => { stub.facts.pin = { ...pin, state: "set" }; },
    act: async (page) => { await usePin(page); await page.locator("#digits").fill("482 057"); await page.keyboard.press("Enter"); },
    en: "Security PIN · 2:41", es: "PIN de seguridad · 2:41", focus: ".primary",
  },
  { name: "closed", set: (stub) => live(stub), act: (page) => page.keyboard.press("Escape"), en: "Nothing was cancelled", es: "No se canceló nada", focus: ".primary" },
];
