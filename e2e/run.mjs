// Starts the server with a data folder of its own on a free port, and the messengers' doubles beside it, runs every
// browser test against them, and stops both. COXSWAIN_URL set: uses that server instead, and COXSWAIN_DOUBLES_URL if
// the doubles it talks to are there. Arguments: the test files to run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answers, freePort, start } from "./processes.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..");
const debug = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug");
/** What the doubles sign WhatsApp's webhooks with, and what the server checks them against. */
const APP_SECRET = "only-for-tests";

const wanted = process.argv.slice(2);
const tests = wanted.length ? wanted : readdirSync(here).filter((name) => /\.(test|spec)\.mjs$/.test(name)).map((name) => join(here, name));

/** Telegram and WhatsApp, and where a person is their client. */
async function startDoubles(data, callback) {
  const [page, telegram, whatsapp] = [await freePort(), await freePort(), await freePort()];
  const ports = ["--port", page, "--telegram-port", telegram, "--whatsapp-port", whatsapp].map(String);
  const binary = process.env.COXSWAIN_DOUBLES_BIN ?? join(debug, "doubles");
  const doubles = start(binary, [...ports, "--callback", callback, "--app-secret", APP_SECRET], {
    logFile: join(data, "doubles.log"),
  });
  const url = `http://127.0.0.1:${page}`;
  return { ...doubles, url, telegram: `http://127.0.0.1:${telegram}`, whatsapp: `http://127.0.0.1:${whatsapp}` };
}

function startServer(data, address, doubles) {
  return start(process.env.COXSWAIN_BIN ?? join(debug, "coxswain"), ["serve"], {
    cwd: root,
    logFile: join(data, "server.log"),
    env: {
      COXSWAIN__DATA_DIR: data,
      COXSWAIN__SERVER__LISTEN: address,
      // Nobody answers here, so answers are extractive and the same on every machine.
      COXSWAIN__OLLAMA__URL: "http://127.0.0.1:9",
      COXSWAIN__TELEGRAM__API_URL: doubles.telegram,
      COXSWAIN__WHATSAPP__GRAPH_URL: doubles.whatsapp,
      COXSWAIN__WHATSAPP__APP_SECRET: APP_SECRET,
      COXSWAIN__WHATSAPP__VERIFY_TOKEN: APP_SECRET,
      // The program that webhooks tell is the test itself.
      COXSWAIN__WEBHOOKS__ALLOW_PRIVATE: "true",
    },
  });
}

async function runTests(url, doublesUrl) {
  const runner = spawn(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...tests], {
    cwd: here,
    env: { ...process.env, COXSWAIN_URL: url, ...(doublesUrl ? { COXSWAIN_DOUBLES_URL: doublesUrl } : {}) },
    stdio: "inherit",
  });
  const [code] = await once(runner, "exit");
  return code ?? 1;
}

async function runWithOwn() {
  const data = mkdtempSync(join(tmpdir(), "coxswain-e2e-"));
  const address = `127.0.0.1:${await freePort()}`;
  const running = [];
  try {
    const doubles = await startDoubles(data, `http://${address}/hooks/whatsapp`);
    running.push(doubles);
    await answers(`${doubles.url}/control/state`, doubles);
    const server = startServer(data, address, doubles);
    running.push(server);
    await answers(`http://${address}/readyz`, server);
    const code = await runTests(`http://${address}`, doubles.url);
    if (code) console.error(`The end of the server's log:\n${server.tail()}`);
    return code;
  } finally {
    for (const program of running.reverse()) await program.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

try {
  const given = process.env.COXSWAIN_URL;
  process.exitCode = given ? await runTests(given, process.env.COXSWAIN_DOUBLES_URL) : await runWithOwn();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
