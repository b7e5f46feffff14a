// Programs under test: started with a log, waited for, asked to stop, and stopped.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts `binary`; what it prints goes to `logFile`, of which `tail` gives the end. */
export function start(binary, args, { env, cwd, logFile }) {
  if (!existsSync(binary)) throw new Error(`There is no ${binary}: run scripts/e2e.sh, which builds it.`);
  const program = spawn(binary, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(logFile);
  program.stdout.pipe(log);
  program.stderr.pipe(log);
  const gone = () => program.exitCode !== null || program.signalCode !== null;
  return {
    gone,
    tail: () => readFileSync(logFile, "utf8").split("\n").slice(-40).join("\n"),
    stop: async () => {
      if (gone()) return;
      const ended = once(program, "exit");
      program.kill("SIGTERM");
      const timer = setTimeout(() => program.kill("SIGKILL"), STOP_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Waits until `address` answers well. */
export async function answers(address, { gone, tail }) {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (gone()) throw new Error(`It ended before ${address} answered:\n${tail()}`);
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`${address} did not answer within ${READY_WITHIN_MS / 1000} s:\n${tail()}`);
}
