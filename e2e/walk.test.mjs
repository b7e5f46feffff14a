// A day with clients, in a real browser: the portal connects a Telegram bot; a client writes to it in a second window and
// is answered there; another asks on the web page, wants a person, gets one from the inbox, and is handed back.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { api, assertAccessible, assertFits, launch, open, signUp, url } from "./browser.mjs";
import { serveSite } from "./site.mjs";

const DOUBLES = process.env.COXSWAIN_DOUBLES_URL;
const QUESTION = "What should I do on the day after a missed day?";
const SIZES = [
  { name: "360", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  { name: "1440", viewport: { width: 1440, height: 900 } },
];
/** Set to a folder to keep the pictures. */
const SHOTS = process.env.COXSWAIN_SHOTS;

let chromium;

before(async () => {
  chromium = await launch();
});
after(() => chromium?.close());

/** A bot that only this walk knows, and a person to write to it. */
async function newBot(name) {
  const post = async (path, body) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${DOUBLES}/control/telegram/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.text();
    assert.ok(answer.ok, said);
    return JSON.parse(said);
  };
  const username = `walk_${name}_bot`;
  const { token } = await post("bots", { name: "Halloran Coaching", username });
  const client = `Ana ${name}`;
  await post("people", { name: client, language: "en" });
  return { username, token, client };
}

/** Signs up and has the sample handbook read. */
async function prepare(page) {
  await signUp(page);
  const base = await api(page, "POST", "/knowledge-bases", { name: "Handbook" });
  await api(page, "POST", `/knowledge-bases/${base.id}/sample`);
  await page.goto(`${url}/knowledge`);
  const list = page.getByRole("list", { name: "Documents" });
  await list.getByText("Searchable", { exact: true }).first().waitFor({ timeout: 60_000 });
}

async function connectTelegram(page, bot) {
  await page.goto(`${url}/channels`);
  await page.getByRole("button", { name: "Connect Telegram" }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Telegram" });
  await dialog.getByLabel("Token").fill(bot.token);
  await dialog.getByRole("button", { name: "Connect this bot" }).click();
  await page.getByRole("heading", { level: 1 }).filter({ hasNotText: "Channels" }).waitFor();
  await page.getByText(`@${bot.username}`).filter({ visible: true }).first().waitFor();
}

/** The messenger's own window, where a person is the client. */
async function openMessenger(options, bot) {
  const context = await chromium.browser.newContext({ ...options, locale: "en-GB" });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  await page.goto(DOUBLES);
  const pane = page.getByRole("region", { name: "Telegram" });
  await pane.getByLabel("Client").selectOption({ label: bot.client });
  await pane.getByLabel("writes to").selectOption({ label: `@${bot.username}` });
  return {
    page,
    log: pane.getByRole("log"),
    write: async (text) => {
      await pane.getByLabel("Message on Telegram").fill(text);
      await pane.getByRole("button", { name: "Send", exact: true }).click();
    },
    close: () => context.close(),
  };
}

/** A visitor's window on the creator's page, with the widget open. */
async function openWidget(options, page) {
  const site = await serveSite();
  const widget = await api(page, "POST", "/channel-accounts", {
    kind: "widget",
    name: "Site",
    settings: { allowed_origins: [site.origin], coach_name: "Mira Halloran", questions: [QUESTION] },
  });
  site.paste(`<script async src="${url}/w/loader.js" data-widget-key="${widget.public_key}"></script>`);
  const context = await chromium.browser.newContext({ ...options, locale: "en-GB" });
  context.setDefaultTimeout(20_000);
  const visitor = await context.newPage();
  await visitor.goto(site.origin);
  await visitor.locator("coxswain-widget button.launcher").click();
  const panel = visitor.frameLocator("coxswain-widget iframe");
  return {
    page: visitor,
    panel,
    write: async (text) => {
      await panel.getByLabel("Your message").fill(text);
      await panel.getByRole("button", { name: "Send", exact: true }).click();
    },
    close: async () => {
      await context.close();
      site.close();
    },
  };
}

for (const { name, ...options } of SIZES) {
  test(`a client on Telegram and one on the web page, at ${name} px`, { skip: !DOUBLES && "COXSWAIN_DOUBLES_URL is not set" }, async (t) => {
    const { page, faults } = await open(chromium.browser, { ...options, reducedMotion: "reduce" });
    const bot = await newBot(name);
    let step = 0;
    const picture = async (whose, what) => {
      step += 1;
      if (!SHOTS) return;
      mkdirSync(SHOTS, { recursive: true });
      await whose.screenshot({ path: `${SHOTS}/walk-${name}-${String(step).padStart(2, "0")}-${what}.png` });
    };
    await prepare(page);

    await t.test("the bot is connected by its token", async () => {
      await connectTelegram(page, bot);
      await page.getByText("Works", { exact: true }).filter({ visible: true }).first().waitFor();
      await assertFits(page, "a connected bot");
      for (const colorScheme of ["dark", "light"]) {
        await page.emulateMedia({ colorScheme });
        await assertAccessible(page, `a connected bot, ${colorScheme}`);
      }
      await picture(page, "connected");
    });

    const ana = await openMessenger(options, bot);
    await t.test("who asks on Telegram is answered there", async () => {
      await ana.write("/start");
      await ana.log.getByRole("article").nth(1).waitFor();
      await ana.write(QUESTION);
      await ana.log.getByText("Here is what the material says").last().waitFor({ timeout: 60_000 });
      await assertFits(ana.page, "the messenger's window");
      await assertAccessible(ana.page, "the messenger's window");
      await picture(ana.page, "telegram-answered");
    });

    await t.test("the test message arrives where the last client wrote", async () => {
      await page.getByRole("button", { name: "Send a test message" }).click();
      await page.getByText("Telegram took it.").waitFor();
      await picture(page, "test-message");
    });

    const visitor = await openWidget(options, page);
    await t.test("who asks on the web page is answered there, and can ask for a person", async () => {
      await visitor.panel.getByRole("button", { name: QUESTION }).click();
      await visitor.panel.getByRole("list", { name: "Sources" }).first().waitFor({ timeout: 60_000 });
      await picture(visitor.page, "widget-answered");
      await visitor.panel.getByRole("button", { name: "Menu" }).click();
      await visitor.panel.getByRole("button", { name: "Talk to a person" }).click();
      await visitor.panel.getByText("Mira Halloran has been asked to come").waitFor();
      await picture(visitor.page, "widget-waits");
    });

    const inbox = page.getByRole("region", { name: "Conversation", exact: true });
    await t.test("the inbox has both, and whoever waits on top", async () => {
      await page.goto(`${url}/inbox`);
      await page.getByRole("list", { name: "1 client waits for a person" }).getByRole("link").waitFor();
      await page.getByText(bot.client).first().waitFor();
      await picture(page, "inbox");
      await page.getByRole("list", { name: "1 client waits for a person" }).getByRole("link").click();
      await inbox.getByText("waits for a person").waitFor();
      await picture(page, "inbox-waits");
    });

    await t.test("a member takes over, replies, and hands back", async () => {
      await inbox.getByRole("button", { name: "Take over", exact: true }).click();
      await inbox.getByText("You answer.").waitFor();
      await visitor.panel.getByText("Mira Halloran is here", { exact: true }).waitFor();
      await page.locator("textarea[data-reply]").fill("It is me. What got in the way yesterday?");
      await page.locator("textarea[data-reply]").press("Control+Enter");
      await visitor.panel.getByRole("article").filter({ hasText: "What got in the way yesterday?" }).waitFor();
      await visitor.write("A late meeting.");
      await inbox.getByRole("log").getByText("A late meeting.", { exact: true }).waitFor();
      await picture(page, "inbox-mine");
      await picture(visitor.page, "widget-person");
      await inbox.getByRole("button", { name: "Hand back" }).click();
      await inbox.getByText("Coxswain answers").waitFor();
      await visitor.panel.getByText("Answers from Mira Halloran’s material").waitFor();
      await visitor.write(QUESTION);
      await visitor.panel.getByRole("list", { name: "Sources" }).nth(1).waitFor({ timeout: 60_000 });
      await picture(visitor.page, "widget-handed-back");
      await picture(page, "inbox-handed-back");
    });

    await t.test("a member's words reach the client on Telegram too", async () => {
      await page.goto(`${url}/inbox`);
      await page.getByRole("list", { name: "Conversations" }).getByRole("link", { name: new RegExp(bot.client) }).click();
      await inbox.getByRole("button", { name: "Take over", exact: true }).click();
      await inbox.getByText("You answer.").waitFor();
      await page.locator("textarea[data-reply]").fill("Well asked, Ana. Shall we talk on Monday?");
      await page.locator("textarea[data-reply]").press("Control+Enter");
      await ana.log.getByText("Shall we talk on Monday?").waitFor();
      await picture(page, "inbox-telegram");
      await picture(ana.page, "telegram-person");
    });

    assert.deepEqual(faults, []);
    await ana.close();
    await visitor.close();
    await page.context().close();
  });
}
