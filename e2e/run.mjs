// Starts the server with a data folder of its own on a free port, runs every browser test against
// it, and stops it. COXSWAIN_URL set: uses that server instead. Arguments: the test files to run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;
const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..");

const wanted = process.argv.slice(2);
const tests = wanted.length ? wanted : readdirSync(here).filter((name) => /\.(test|spec)\.mjs$/.test(name)).map((name) => join(here, name));

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

async function start() {
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const binary = process.env.COXSWAIN_BIN ?? join(target, "debug", "coxswain");
  if (!existsSync(binary)) throw new Error(`There is no ${binary}: run cargo build --bin coxswain first.`);
  const data = mkdtempSync(join(tmpdir(), "coxswain-e2e-"));
  const url = `http://127.0.0.1:${await freePort()}`;
  const logFile = join(data, "server.log");
  const log = createWriteStream(logFile);
  const server = spawn(binary, ["serve"], {
    cwd: root,
    env: {
      ...process.env,
      COXSWAIN__DATA_DIR: data,
      COXSWAIN__SERVER__LISTEN: url.slice("http://".length),
      // Nobody answers here, so answers are extractive and the same on every machine.
      COXSWAIN__OLLAMA__URL: "http://127.0.0.1:9",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  server.stdout.pipe(log);
  server.stderr.pipe(log);
  const tail = () => readFileSync(logFile, "utf8").split("\n").slice(-40).join("\n");
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      const timer = setTimeout(() => server.kill("SIGKILL"), STOP_WITHIN_MS);
      await gone;
      clearTimeout(timer);
    }
    rmSync(data, { recursive: true, force: true });
  };
  return { url, server, tail, stop };
}

async function ready({ url, server, tail }) {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`The server ended before it was ready:\n${tail()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`The server was not ready after ${READY_WITHIN_MS / 1000} s:\n${tail()}`);
}

async function runTests(url) {
  const runner = spawn(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...tests], {
    cwd: here,
    env: { ...process.env, COXSWAIN_URL: url },
    stdio: "inherit",
  });
  const [code] = await once(runner, "exit");
  return code ?? 1;
}

if (process.env.COXSWAIN_URL) {
  process.exitCode = await runTests(process.env.COXSWAIN_URL);
} else {
  const running = await start();
  try {
    await ready(running);
    process.exitCode = await runTests(running.url);
    if (process.exitCode) console.error(`The end of the server's log:\n${running.tail()}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await running.stop();
  }
}
