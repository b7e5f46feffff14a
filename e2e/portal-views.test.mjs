// Every page, light and dark, on a phone and on a desk: no serious finding of axe, nothing too wide.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, assertAccessible, assertFits, launch, open, signUp, url } from "./browser.mjs";

const SIZES = [
  { name: "phone", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  { name: "tablet", viewport: { width: 768, height: 1024 } },
  { name: "desk", viewport: { width: 1440, height: 900 } },
];
const LONG =
  "A very long title that somebody gave to a document by exporting it with its whole first paragraph, including_an_unbreakable_part_of_the_name_v12_final";

let chromium;
let state;
let pages;

before(async () => {
  chromium = await launch();
  const { context, page } = await open(chromium.browser);
  await signUp(page, { practice: LONG.slice(0, 90) });
  const base = await api(page, "POST", "/knowledge-bases", { name: LONG.slice(0, 90) });
  const { items } = await api(page, "POST", `/knowledge-bases/${base.id}/sample`);
  const widget = await api(page, "POST", "/channel-accounts", { kind: "widget", name: LONG.slice(0, 90) });
  const checkIn = await api(page, "POST", "/check-ins", { text: LONG, weekdays: ["mon", "sun"], local_time: "09:00" });
  await page.goto(`${url}/knowledge`);
  const list = page.getByRole("list", { name: "Documents" });
  await list.getByText("Searchable", { exact: true }).first().waitFor({ timeout: 60_000 });
  await api(page, "PATCH", `/documents/${items[0].id}`, { title: LONG });
  await page.goto(`${url}/chat`);
  for (const question of ["What should I do on the day after a missed day?", "Which spark plugs fit a 1987 Volvo tractor?"]) {
    await page.getByLabel("Your question").fill(question);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Ask", exact: true }).waitFor({ timeout: 60_000 });
  }
  const chat = new URL(page.url());
  state = await context.storageState();
  pages = [
    ["/", "Set up"],
    ["/knowledge", "Searchable"],
    ["/knowledge?q=nothing-is-called-that", "No document matches"],
    [`/knowledge/documents/${items[0].id}`, "Text as the engine sees it"],
    ["/gaps", "spark plugs"],
    ["/chat", "Ask as a client would"],
    [`/chat${chat.search}`, "Your no-answer message"],
    ["/channels", LONG.slice(0, 20)],
    [`/channels/${widget.id}`, "The line to copy"],
    ["/check-ins", LONG.slice(0, 20)],
    ["/check-ins/new", "What you say"],
    [`/check-ins/${checkIn.id}`, "Who agreed"],
    ["/check-ins/decisions", "Nothing has come due yet"],
    ["/settings", "Your voice"],
    ["/settings/team", "Mira Halloran"],
    ["/settings/keys", "No API key"],
    ["/settings/audit", "Who did what"],
    ["/settings/models", "Let a local model write the answers"],
    ["/knowledge/documents/00000000-0000-7000-8000-000000000000", "We couldn't find this document"],
    ["/no-such-page", "There is no such page"],
  ];
  await context.close();
});
after(() => chromium?.close());

for (const { name, ...size } of SIZES) {
  for (const colorScheme of ["light", "dark"]) {
    test(`every page on a ${name}, ${colorScheme}`, async (t) => {
      const { context, page, faults } = await open(chromium.browser, { ...size, colorScheme, storageState: state });
      for (const [path, sign] of pages) {
        await t.test(path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "…"), async () => {
          await page.goto(url + path);
          await page.getByText(sign).filter({ visible: true }).first().waitFor();
          const where = `${path} (${name}, ${colorScheme})`;
          await assertFits(page, where);
          await assertAccessible(page, where);
        });
      }
      assert.deepEqual(faults, []);
      // The session's refresh token is spent once; the next context needs the one that replaced it.
      state = await context.storageState();
      await context.close();
    });
  }
}

test("the pages before the session", async (t) => {
  for (const { name, ...size } of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      const { context, page } = await open(chromium.browser, { ...size, colorScheme });
      for (const path of ["/login", "/sign-up"]) {
        await t.test(`${path} (${name}, ${colorScheme})`, async () => {
          await page.goto(url + path);
          await page.getByRole("heading", { level: 1 }).waitFor();
          await assertFits(page, path);
          await assertAccessible(page, path);
        });
      }
      await context.close();
    }
  }
});

test("the portal is walked by keyboard alone", async () => {
  const { context, page } = await open(chromium.browser, { storageState: state });
  await page.goto(`${url}/`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the page");
  await page.keyboard.press("g");
  await page.keyboard.press("k");
  await page.getByRole("searchbox").waitFor();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "search");
  await page.keyboard.press("Escape");
  await page.locator("main").focus();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await keys.waitFor();
  await assertAccessible(page, "Keys");
  await keys.getByRole("switch").click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  assert.equal(await keys.count(), 0, "letters act although they were switched off");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Find a page, a document or an action").waitFor();
  await assertAccessible(page, "Find anything");
  state = await context.storageState();
  await context.close();
});

test("what was typed survives a server that cannot be reached", async () => {
  const { context, page } = await open(chromium.browser, { storageState: state });
  await page.goto(`${url}/chat`);
  await page.getByLabel("Your question").waitFor();
  await context.setOffline(true);
  await page.getByText("You are offline.").waitFor();
  await page.getByLabel("Your question").fill("Are you there?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const again = page.getByRole("button", { name: "Send again" });
  await again.waitFor();
  await context.setOffline(false);
  await again.click();
  await again.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Why this answer" }).waitFor({ timeout: 60_000 });
  assert.equal(await page.getByRole("log").getByText("Are you there?").count(), 1);
  await context.close();
});
