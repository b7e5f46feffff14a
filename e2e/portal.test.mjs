// The way of a new creator: sign up, sample handbook, a question with its quote, the widget's line.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, assertAccessible, launch, logIn, open, signUp, url } from "./browser.mjs";

let chromium;
let page;
let faults;
let email;

before(async () => {
  chromium = await launch();
  ({ page, faults } = await open(chromium.browser));
});
after(() => chromium?.close());

test("signing up leads to Home with the steps that are left", async () => {
  email = await signUp(page);
  await page.getByText("Add a document", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "Is everything running" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Ask a question" }).count(), 1);
});

test("the sample handbook becomes searchable while one looks on", async () => {
  await page.getByRole("link", { name: "Add documents" }).click();
  await page.getByRole("heading", { name: "Nothing to answer from yet" }).waitFor();
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  await page.getByRole("button", { name: "Try the sample handbook" }).click();
  const row = page.getByRole("listitem").filter({ hasText: "andbook" }).first();
  await row.getByText("Searchable", { exact: true }).waitFor({ timeout: 60_000 });
  assert.equal(loads, 0, "the page was loaded again");
});

test("a test question is answered with a quote that stands on its page", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Test chat" }).click();
  await page.getByLabel("Your question").fill("What should I do on the day after a missed day?");
  await page.keyboard.press("Enter");
  const sources = page.getByRole("list", { name: "Sources of this answer" }).first();
  await sources.waitFor({ timeout: 60_000 });
  const mark = page.locator("mark[data-quote]");
  await mark.waitFor();
  const shown = (await mark.textContent()).replaceAll(/\s+/g, " ").trim();
  assert.ok(shown.length > 20, `the quote is only "${shown}"`);

  // What is highlighted is what the API says was quoted, and stands in that very part of the document.
  const conversation = new URL(page.url()).searchParams.get("conversation");
  const { items } = await api(page, "GET", `/conversations/${conversation}/messages`);
  const answer = items.find((message) => message.author === "engine");
  assert.equal(answer.status, "done");
  const [citation] = answer.citations;
  assert.equal(citation.quote.replaceAll(/\s+/g, " ").trim(), shown);
  const parts = await api(page, "GET", `/documents/${citation.document_id}/parts?limit=100`);
  const page_ = parts.items.filter((part) => !citation.page || part.page === citation.page);
  assert.ok(page_.some((part) => part.text.includes(citation.quote)), "the quote is not in the part it names");
  await assertAccessible(page, "Test chat with an answer");
});

test("why this answer tells what was found and used", async () => {
  await page.getByRole("button", { name: "Why this answer" }).first().click();
  const drawer = page.getByRole("dialog", { name: "Why this answer" });
  await drawer.getByText("What was searched for").waitFor();
  await drawer.getByText(/What was found: [1-9]\d* passages?/).waitFor();
  assert.ok((await drawer.getByText("Used", { exact: true }).count()) > 0);
  await assertAccessible(page, "Why this answer");
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
});

test("a question outside the material gets the no-answer message and becomes a gap", async () => {
  const question = "Which spark plugs fit a 1987 Volvo tractor?";
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await page.getByText("Your no-answer message").waitFor({ timeout: 60_000 });
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Gaps" }).click();
  await page.getByText(question).waitFor();
});

test("a conversation is there again under its address and in the list of earlier ones", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Test chat" }).click();
  await page.getByRole("button", { name: "Earlier" }).click();
  await page.getByRole("menuitem").first().click();
  await page.getByText("What should I do on the day after a missed day?").first().waitFor();
  await page.reload();
  await page.getByRole("list", { name: "Sources of this answer" }).first().waitFor();
});

test("the document shows its text with chunks, can be switched off and on again, and found by key", async () => {
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Find a page, a document or an action").fill("andbook");
  await page.getByRole("option", { name: /andbook/ }).first().click();
  await page.getByText("Text as the engine sees it").waitFor();
  await page.getByText("Chunk").first().waitFor({ state: "attached" });
  const used = page.getByRole("switch").first();
  await used.click();
  await page.getByText(/is off: answers no longer use it/).first().waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Answers use it", { exact: true }).waitFor();
  await assertAccessible(page, "Document");
});

test("the widget is made, allowed on a site, and its line carries its key", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Channels" }).click();
  await page.getByRole("button", { name: "New widget" }).click();
  await page.getByRole("button", { name: "Make the widget" }).click();
  await page.getByRole("heading", { name: "The line to copy" }).waitFor();
  await page.getByRole("button", { name: "Add a site" }).click();
  const site = page.getByLabel("Sites that may show it, 1");
  await site.fill("ftp://www.halloran.example");
  await page.getByRole("button", { name: "Save the widget" }).click();
  const group = page.getByRole("group", { name: "Sites that may show it" });
  const refused = group.locator("p.text-bad");
  await refused.waitFor();
  assert.ok((await refused.textContent()).trim().length > 0, "the server's message is at its field");
  await site.fill("https://www.halloran.example");
  await page.getByRole("button", { name: "Save the widget" }).click();
  await page.getByText("Saved. Visitors see it when they next open the widget.").first().waitFor();
  const { items } = await api(page, "GET", "/channel-accounts");
  assert.deepEqual(items[0].settings.allowed_origins, ["https://www.halloran.example"]);
  const line = await page.locator("code").filter({ hasText: "<script" }).textContent();
  assert.ok(line.includes(`${url}/w/loader.js`) && line.includes(items[0].public_key), line);
  await page.getByTitle("Preview of the widget").waitFor();
});

test("logging out closes every page, and logging in leads back to the one that was asked for", async () => {
  await page.getByRole("button", { name: /^Your account/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.goto(`${url}/knowledge?stage=ready`);
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await logIn(page, email, "not the password at all");
  await page.getByText("That email and password don't belong together.").waitFor();
  await logIn(page, email);
  await page.getByRole("heading", { level: 1, name: "Knowledge" }).waitFor();
  assert.equal(new URL(page.url()).search, "?stage=ready");
});

test("an access cookie that ran out is renewed without a word", async () => {
  const context = page.context();
  const kept = (await context.cookies(`${url}/api/v1/auth/refresh`)).filter(({ name }) => name !== "cx_access");
  await context.clearCookies();
  await context.addCookies(kept);
  await page.goto(`${url}/gaps`);
  await page.getByRole("heading", { level: 1, name: "Gaps" }).waitFor();
  assert.ok((await context.cookies(url)).some(({ name }) => name === "cx_access"));
});

test("a file is uploaded, failed or read, and deleted only by its name", async () => {
  await page.goto(`${url}/knowledge`);
  await page.locator("input[type=file]").first().setInputFiles({
    name: "evening-walk.md",
    mimeType: "text/markdown",
    buffer: Buffer.from("# Evening walk\n\nWalk for ten minutes after supper, without a telephone.\n"),
  });
  const row = page.getByRole("listitem").filter({ hasText: /evening.walk/i });
  await row.getByText("Searchable", { exact: true }).waitFor({ timeout: 60_000 });
  const title = (await row.getByRole("link").first().textContent()).trim();
  await row.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete this document" });
  const confirm = dialog.getByRole("button", { name: "Delete the document" });
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole("textbox").fill(title.slice(0, -1));
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole("textbox").fill(title);
  await confirm.click();
  await row.waitFor({ state: "detached" });
});

test("nothing went wrong behind the pages", () => {
  assert.deepEqual(faults, []);
});
