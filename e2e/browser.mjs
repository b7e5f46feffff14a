// What every browser test needs: Chromium, pages that are watched, accounts, axe.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const url = process.env.COXSWAIN_URL;
if (!url) throw new Error("COXSWAIN_URL is not set: run node run.mjs, which starts a server.");

export const PASSWORD = "a few words to remember";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chromium with a profile of its own; `close` removes it. Contexts inside it share nothing. */
export async function launch() {
  const executablePath = process.env.CHROMIUM ?? CHROMIUM.find(existsSync);
  if (!executablePath) throw new Error("Chromium is missing (Debian: apt-get install chromium).");
  const profile = mkdtempSync(join(tmpdir(), "coxswain-chromium-"));
  const browser = await chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, HOME: profile } });
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/**
 * A page that remembers what must not happen: script errors, refusals of the content security
 * policy, requests to any other origin.
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    // A refused request is logged by the browser too; the tests of refusals cause those on purpose.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const target = request.url();
    if (/^https?:/.test(target) && !target.startsWith(url)) faults.push(`request to ${target}`);
  });
  return { context, page, faults };
}

let accounts = 0;

/** Signs up a new creator through the page; returns its email. */
export async function signUp(page, { practice = "Halloran Coaching" } = {}) {
  const email = `mira.${process.pid}.${Date.now()}.${accounts++}@example.org`;
  await page.goto(`${url}/sign-up`);
  await page.getByLabel("Your name").fill("Mira Halloran");
  await page.getByLabel("Name of your practice").fill(practice);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make my account" }).click();
  await page.getByRole("heading", { level: 1, name: practice }).waitFor();
  return email;
}

export async function logIn(page, email, password = PASSWORD) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Calls the API as the page's member. */
export async function api(page, method, path, body) {
  return page.evaluate(
    async ([verb, address, data]) => {
      const response = await fetch(`/api/v1${address}`, {
        method: verb,
        headers: {
          "X-Requested-With": "coxswain",
          ...(data ? { "Content-Type": "application/json" } : {}),
          ...(verb === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {}),
        },
        body: data ? JSON.stringify(data) : undefined,
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${verb} ${address}: ${response.status} ${text}`);
      return text ? JSON.parse(text) : null;
    },
    [method, path, body],
  );
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Fails on any finding of axe that is serious or critical, naming the elements. */
export async function assertAccessible(page, where) {
  const { violations, passes } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  assert.ok(passes.length > 5, `${where}: axe looked at nothing`);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const said = serious.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary})`).join("; ")}`,
  );
  assert.deepEqual(said, [], where);
}

/** Nothing may be wider than the window. */
export async function assertFits(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px wider than the window`);
}
