// Cuts Twilio's API document to what we ask for: texts and calls, with the schemas they reach.
// Called with the whole document and where to write the cut one.
import { readFileSync, writeFileSync } from "node:fs";

const [whole, cut] = process.argv.slice(2);
const document = JSON.parse(readFileSync(whole, "utf8"));
const wanted = /^\/2010-04-01\/Accounts\/\{AccountSid\}\/(Messages|Calls)(\/\{Sid\})?\.json$/;
document.paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => wanted.test(path)));

const reached = new Set();
function reach(value) {
  if (Array.isArray(value)) return value.forEach(reach);
  if (value === null || typeof value !== "object") return;
  const name = typeof value.$ref === "string" && value.$ref.replace("#/components/schemas/", "");
  if (name && !reached.has(name)) {
    reached.add(name);
    reach(document.components.schemas[name]);
  }
  Object.values(value).forEach(reach);
}
reach(document.paths);
const { schemas } = document.components;
document.components.schemas = Object.fromEntries(Object.entries(schemas).filter(([name]) => reached.has(name)));
writeFileSync(cut, JSON.stringify(document));
