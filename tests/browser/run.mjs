// Runs the browser tests: finds a Chromium, checks that the two test libraries are there, hands over to node's test runner.
// CHROMIUM=/path/to/chromium names another browser; SHOTS=/some/dir keeps a picture of every state.

import { spawn } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = new URL("./", import.meta.url);
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

function need(path, otherwise) {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    console.error(otherwise);
    process.exit(2);
  }
}

need(chromium, `No browser at ${chromium}: set CHROMIUM to one.`);
need(new URL("node_modules/playwright-core/package.json", here), "The test libraries are missing: run `npm ci` in tests/browser first.");

// One file at a time: each has a browser and often a service of its own, and a page that waits for the machine is no fault of it.
const tests = readdirSync(here).filter((name) => name.endsWith(".test.mjs")).map((name) => fileURLToPath(new URL(name, here)));
spawn(process.execPath, ["--test", "--test-concurrency=1", ...process.argv.slice(2), ...tests], { stdio: "inherit", env: { ...process.env, CHROMIUM: chromium } })
  .on("exit", (status) => { process.exitCode = status ?? 1; });
