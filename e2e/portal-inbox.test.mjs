// The way of a member with people: a client writes in the widget and asks for a person; a member takes over, replies,
// hands back, and sees who the client is.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { api, assertAccessible, assertFits, launch, open, signUp, url } from "./browser.mjs";

const QUESTION = "What should I do on the day after a missed day?";
const SIZES = [
  { name: "phone", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  { name: "tablet", viewport: { width: 768, height: 1024 } },
  { name: "desk", viewport: { width: 1440, height: 900 } },
];
/** Set to a folder to keep the pictures. */
const SHOTS = process.env.COXSWAIN_SHOTS;

let chromium;
let page;
let faults;
let client;
let channel;

/** A client in the widget, without its panel: the same requests, from the panel's own origin. */
async function visit(member, key) {
  const call = (method, path, token, body) =>
    member.evaluate(
      async ([verb, address, bearer, data]) => {
        const response = await fetch(address, {
          method: verb,
          headers: {
            ...(verb === "POST" ? { "Content-Type": "application/json" } : {}),
            ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
          },
          body: data ? JSON.stringify(data) : undefined,
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${verb} ${address}: ${response.status} ${text}`);
        return text ? JSON.parse(text) : null;
      },
      [method, path, token, body],
    );
  const session = await call("POST", `/w/${key}/sessions`, null, { time_zone: "America/Sao_Paulo", locale: "en" });
  return {
    conversation: session.conversation_id,
    id: session.client_id,
    write: (text) => call("POST", "/w/messages", session.token, { text, client_message_id: crypto.randomUUID() }),
    wantHuman: () => call("POST", "/w/human", session.token, { text: "I would like to talk to a person." }),
    read: () => call("GET", "/w/conversation", session.token),
  };
}

const log = () => page.getByRole("log", { name: "Conversation" });
const status = () => page.locator("p[role=status]").first();

async function shoot(name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

before(async () => {
  chromium = await launch();
  ({ page, faults } = await open(chromium.browser));
  await signUp(page);
  const base = await api(page, "POST", "/knowledge-bases", { name: "Handbook" });
  await api(page, "POST", `/knowledge-bases/${base.id}/sample`);
  await page.goto(`${url}/knowledge`);
  const list = page.getByRole("list", { name: "Documents" });
  await list.getByText("Searchable", { exact: true }).first().waitFor({ timeout: 60_000 });
  channel = await api(page, "POST", "/channel-accounts", { kind: "widget", name: "Site" });
});
after(() => chromium?.close());

test("an empty inbox says what it is for", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Inbox" }).click();
  await page.getByRole("heading", { name: "Nobody has written yet" }).waitFor();
  await assertAccessible(page, "empty inbox");
});

test("a conversation appears while one looks on, and who wants a person stands on top", async () => {
  let loads = 0;
  page.on("load", () => {
    loads += 1;
  });
  client = await visit(page, channel.public_key);
  await client.write(QUESTION);
  const row = page.getByRole("list", { name: "Conversations" }).getByRole("link");
  await row.waitFor();
  await client.wantHuman();
  await page.getByRole("list", { name: "1 client waits for a person" }).getByRole("link").waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /Inbox\s*1 waiting/ }).waitFor();
  assert.equal(loads, 0, "the page was loaded again");
  await shoot("inbox-waiting");
});

test("the conversation shows what was asked, the answer and its sources", async () => {
  await page.keyboard.press("j");
  await log().getByText(QUESTION, { exact: true }).waitFor();
  await log().getByRole("list", { name: "Sources" }).first().waitFor({ timeout: 60_000 });
  await page.getByText("waits for a person", { exact: false }).last().waitFor();
  assert.equal(new URL(page.url()).searchParams.get("conversation"), client.conversation);
  await assertAccessible(page, "a conversation that waits");
  await log().getByRole("list", { name: "Sources" }).first().getByRole("button").first().click();
  await page.getByRole("dialog", { name: "Source" }).locator("mark").first().waitFor();
  await page.keyboard.press("Escape");
});

test("one key takes over, and the engine is silent", async () => {
  await page.locator("main").focus();
  await page.keyboard.press("t");
  await page.getByText("You answer.").waitFor();
  const { reply_id } = await client.write("Are you a person?");
  assert.equal(reply_id, null, "the engine began an answer although a member has taken over");
  await log().getByText("Are you a person?", { exact: true }).waitFor();
  const { items } = await api(page, "GET", `/inbox?state=human`);
  assert.equal(items[0].id, client.conversation);
  assert.equal(items[0].human_wanted_at, null);
});

test("a reply is written with canned words and reaches the client", async () => {
  await page.getByRole("button", { name: "Canned replies" }).click();
  await page.getByRole("menuitem", { name: "Write the first one" }).click();
  const dialog = page.getByRole("dialog", { name: "Canned reply" });
  await dialog.getByLabel("Title").fill("It is me");
  await dialog.getByLabel("Words").fill("Yes, it is Mira.");
  await dialog.getByRole("button", { name: "Keep this reply" }).click();
  await dialog.waitFor({ state: "detached" }).catch(() => page.keyboard.press("Escape"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Canned replies" }).click();
  await page.getByRole("menuitem", { name: /It is me/ }).click();
  const box = page.locator("textarea[data-reply]");
  await page.waitForFunction(() => document.querySelector("[data-reply]").value === "Yes, it is Mira.");
  await box.focus();
  await box.press("End");
  await box.pressSequentially(" How can I help?");
  await box.press("Control+Enter");
  await log().getByText("Yes, it is Mira. How can I help?").waitFor();
  await page.waitForFunction(() => document.querySelector("[data-reply]").value === "");
  const read = JSON.stringify(await client.read());
  assert.ok(read.includes("Yes, it is Mira. How can I help?"), "the client cannot read the reply");
});

test("a note stays with the team", async () => {
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await page.getByLabel("Note for your team").fill("Wants a call on Monday.");
  await page.keyboard.press("Control+Enter");
  await log().getByText("Only your team sees it.").waitFor();
  const read = JSON.stringify(await client.read());
  assert.ok(!read.includes("Wants a call"), "the client can read a note");
  await shoot("inbox-mine");
});

test("handing back lets the engine answer again", async () => {
  await page.getByRole("button", { name: "Hand back" }).click();
  await page.getByText("Coxswain answers", { exact: false }).last().waitFor();
  const { reply_id } = await client.write(QUESTION);
  assert.ok(reply_id, "the engine does not answer although it was handed back");
});

test("a closed conversation leaves the list, can be found, and opens when the client writes", async () => {
  await page.getByRole("button", { name: "More for this conversation" }).click();
  await page.getByRole("menuitem", { name: "Close this conversation" }).click();
  await status().filter({ hasText: "Closed" }).waitFor();
  await page.getByLabel("State").selectOption("closed");
  await page.getByRole("list", { name: "Conversations" }).getByRole("link").waitFor();
  await page.getByRole("searchbox", { name: "Search conversations" }).fill("nobody is called that");
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  await page.getByRole("button", { name: "Show every open conversation" }).click();
  await client.write("One more thing.");
  await page.getByRole("list", { name: "Conversations" }).getByRole("link").waitFor();
});

test("the client's page shows where they are known and makes a code for another channel", async () => {
  await page.goto(`${url}/clients/${client.id}`);
  await page.getByRole("heading", { name: "Link another channel" }).waitFor();
  await page.getByText(/in Sao Paulo/).waitFor();
  await page.getByRole("button", { name: "Make a link code" }).click();
  const line = page.locator("code").filter({ hasText: "LINK " });
  await line.waitFor();
  assert.match(await line.textContent(), /^LINK \S{6,}$/);
  assert.equal(await page.getByRole("button", { name: "Unlink Widget" }).count(), 0, "the only channel can be unlinked");
  await assertAccessible(page, "a client");
});

test("every kind of channel is offered, and a token is checked before it is kept", async () => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Channels" }).click();
  for (const kind of ["Widget", "Telegram", "WhatsApp"]) await page.getByRole("region", { name: kind }).waitFor();
  await page.getByRole("button", { name: "Connect Telegram" }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Telegram" });
  await dialog.getByLabel("Token").fill(" ");
  await dialog.getByRole("button", { name: "Connect this bot" }).click();
  await dialog.locator("[aria-invalid=true]").waitFor();
  await assertAccessible(page, "connecting Telegram");
  const { items } = await api(page, "GET", "/channels");
  assert.deepEqual(items.map(({ kind }) => kind), ["widget"]);
});

for (const { name, ...size } of SIZES) {
  for (const colorScheme of ["light", "dark"]) {
    test(`inbox, clients and channels on a ${name}, ${colorScheme}`, async (t) => {
      const storageState = await page.context().storageState();
      const seen = await open(chromium.browser, { ...size, colorScheme, storageState });
      for (const [path, sign] of [
        ["/inbox", "Coxswain: "],
        [`/inbox?conversation=${client.conversation}`, "Yes, it is Mira. How can I help?"],
        ["/inbox?q=nobody-is-called-that", "Nothing matches"],
        ["/inbox?conversation=00000000-0000-7000-8000-000000000000", "We couldn't find this conversation"],
        ["/clients", "Everybody who has written to you"],
        [`/clients/${client.id}`, "Link another channel"],
        ["/channels", "Connect WhatsApp"],
      ]) {
        await t.test(path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…"), async () => {
          await seen.page.goto(url + path);
          await seen.page.getByText(sign).filter({ visible: true }).first().waitFor();
          await assertFits(seen.page, path);
          await assertAccessible(seen.page, `${path} (${name}, ${colorScheme})`);
        });
      }
      assert.deepEqual(seen.faults, []);
      // The session's refresh token is spent once; the next context needs the one that replaced it.
      await page.context().addCookies(await seen.context.cookies());
      await seen.context.close();
    });
  }
}

test("nothing forbidden happened on the way", () => {
  assert.deepEqual(faults, []);
});
