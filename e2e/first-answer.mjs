// The first use, whole: sign up, drop in a document, copy the widget's line into a page of another origin, ask there,
// and check that the quoted words stand on the page they name. Prints how long each part took.
//
//   COXSWAIN_URL=http://127.0.0.1:8080 node first-answer.mjs --document BOOK.pdf --question "…" [--shots DIR]
//
// The page is read by pdftotext (Debian: poppler-utils), which shares nothing with the reader under test.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { launch, open, signUp, url } from "./browser.mjs";
import { serveSite } from "./site.mjs";

const READ_WITHIN_MS = 600_000;
const { values: given } = parseArgs({
  options: { document: { type: "string" }, question: { type: "string" }, shots: { type: "string" } },
});
if (!given.document || !given.question) throw new Error("--document and --question are needed.");

const report = { document: basename(given.document), question: given.question };
const begun = performance.now();
const seconds = (since) => Number(((performance.now() - since) / 1000).toFixed(2));

async function picture(page, name) {
  if (!given.shots) return;
  mkdirSync(given.shots, { recursive: true });
  await page.screenshot({ path: `${given.shots}/${name}.png` });
}

/** Uploads the document and watches its row until it is searchable; returns what the row said on the way. */
async function upload(page) {
  const started = performance.now();
  await page.getByRole("link", { name: "Add documents" }).click();
  await page.getByRole("heading", { level: 1, name: "Knowledge" }).waitFor();
  await page.locator("input[type=file]").first().setInputFiles(given.document);
  const list = page.getByRole("list", { name: "Documents" });
  const row = list.getByRole("listitem").first();
  await row.waitFor();
  const said = [];
  while (seconds(started) * 1000 < READ_WITHIN_MS) {
    const words = (await row.innerText()).split("\n").find((part) => /^(Waiting|Reading|Indexing|Searchable)/i.test(part));
    if (words && said.at(-1) !== words) {
      said.push(words);
      if (said.length === 2) await picture(page, "2-reading");
    }
    if (words?.startsWith("Searchable")) break;
    assert.equal(await row.getByRole("button", { name: "Try again" }).count(), 0, await row.innerText());
    await page.waitForTimeout(50);
  }
  report.upload_to_searchable_s = seconds(started);
  report.progress = said;
  await picture(page, "3-searchable");
}

/** Makes a widget that `origin` may show; returns the line the portal offers to copy. */
async function makeWidget(page, origin) {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Channels" }).click();
  await page.getByRole("button", { name: "New widget" }).click();
  await page.getByRole("button", { name: "Make the widget" }).click();
  await page.getByRole("button", { name: "Add a site" }).click();
  await page.getByLabel("Sites that may show it, 1").fill(origin);
  await page.getByRole("button", { name: "Save the widget" }).click();
  await page.getByText("Saved. Visitors see it when they next open the widget.").first().waitFor();
  await picture(page, "4-widget");
  return (await page.locator("code").filter({ hasText: "<script" }).textContent()).trim();
}

/** Asks in the widget; returns the quote, the page it names and what the answer said. */
async function ask(browser, origin) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(origin);
  await page.locator("coxswain-widget button.launcher").click();
  const panel = page.frameLocator("coxswain-widget iframe");
  const box = panel.getByLabel("Your message");
  await box.fill(given.question);
  await box.press("Enter");
  const asked = performance.now();
  const answer = panel.locator("article:not(.mine) .text").last();
  await answer.filter({ hasText: /\w/ }).waitFor({ timeout: 60_000 });
  report.question_to_first_words_s = seconds(asked);
  const chip = panel.getByRole("list", { name: "Sources" }).getByRole("button").first();
  await chip.waitFor({ timeout: 60_000 });
  report.question_to_source_s = seconds(asked);
  report.answer = (await answer.innerText()).trim();
  await picture(page, "5-answer");
  await chip.click();
  const sheet = panel.getByRole("dialog");
  await sheet.locator("blockquote").waitFor();
  await picture(page, "6-source");
  const quote = await sheet.locator("blockquote").textContent();
  const named = /\bpage\s+(\d+)/i.exec(await sheet.innerText());
  assert.ok(named, `the source names no page: ${await sheet.innerText()}`);
  await context.close();
  return { quote, page: Number(named[1]) };
}

/** The letters and digits alone: line ends, hyphens at them and typographic marks differ between readers of a PDF. */
const letters = (text) => text.normalize("NFKD").replaceAll(/[^\p{L}\p{N}]/gu, "").toLowerCase();

function pageText(number) {
  return execFileSync("pdftotext", ["-f", `${number}`, "-l", `${number}`, given.document, "-"], { encoding: "utf8" });
}

const chromium = await launch();
const host = await serveSite();
try {
  const { page, faults } = await open(chromium.browser);
  await signUp(page);
  report.signed_up_s = seconds(begun);
  await picture(page, "1-home");
  await upload(page);
  host.paste(await makeWidget(page, host.origin));
  const { quote, page: number } = await ask(chromium.browser, host.origin);
  Object.assign(report, { quote, page: number, all_s: seconds(begun) });
  assert.ok(letters(quote).length > 20, `the quote is only "${quote}"`);
  assert.ok(letters(pageText(number)).includes(letters(quote)), `page ${number} does not hold "${quote}"`);
  report.quote_is_on_its_page = true;
  assert.deepEqual(faults, []);
} finally {
  console.log(JSON.stringify(report, null, 2));
  host.close();
  await chromium.close();
}
