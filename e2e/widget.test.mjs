// The way of a client: a page on another origin carries the snippet; ask, read the cited answer, check its quote.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { assertAccessible, assertFits, launch, PASSWORD, url } from "./browser.mjs";

const QUESTION = "What should I do after missing two days?";
const OUTSIDE = "Which spark plugs fit a 1987 Volvo tractor?";
const HANDBOOK = `# Keeping a habit

## When you miss a day

Missing one day does no harm, because a habit is a direction and not a chain. After missing two days, do the smallest
version of the habit the same evening, even for one minute, and write down that you did it. Do not start over and do not
make up for what was missed: the count of good days goes on from where it was.

## How long it takes

A simple habit such as drinking a glass of water after breakfast settles within three to four weeks. A demanding one such
as running before work takes two to three months, and it settles faster when it always follows the same cue.

## Choosing the cue

Tie the new habit to something you already do every day at the same place: pouring coffee, locking the door, sitting down
at the desk. A cue that happens at a place works better than one that happens at a time.
`;
/** Set to a folder to keep the pictures. */
const SHOTS = process.env.COXSWAIN_SHOTS;

let chromium;
let hosts;
let token;
let widget;

/** A host page as strict as they come: nothing is allowed but what docs/widget.md asks for. */
async function servePage() {
  const server = createServer((request, response) => {
    const asked = new URL(request.url, "http://host");
    const lang = asked.searchParams.get("lang") ?? "en";
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.setHeader(
      "Content-Security-Policy",
      `default-src 'none'; script-src ${url}; connect-src ${url}; frame-src ${url}; require-trusted-types-for 'script'`,
    );
    response.end(`<!doctype html><html lang="${lang}"><head><title>Mira</title>
      <meta name="viewport" content="width=device-width,initial-scale=1"></head>
      <body><main><h1>Halloran Coaching</h1><p>Small steps, every day.</p></main>
      <script async src="${url}/w/loader.js" data-widget-key="${asked.searchParams.get("key") ?? widget.public_key}"></script>
      </body></html>`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

async function call(method, path, body) {
  const form = body instanceof FormData;
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body && !form ? { "Content-Type": "application/json" } : {}),
      ...(method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {}),
    },
    body: body && !form ? JSON.stringify(body) : body,
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** Uploads the handbook and waits until it can be searched. */
async function addHandbook() {
  const base = await call("POST", "/knowledge-bases", { name: "Handbook" });
  const form = new FormData();
  form.append("knowledge_base_id", base.id);
  form.append("file", new Blob([HANDBOOK], { type: "text/markdown" }), "keeping-a-habit.md");
  await call("POST", "/documents", form);

  for (let tries = 0; tries < 600; tries++) {
    const { items } = await call("GET", `/documents?knowledge_base_id=${base.id}`);
    const failed = items.find((one) => one.version.stage === "failed");
    assert.equal(failed, undefined, failed?.version.failure?.sentence);
    if (items.length > 0 && items.every((one) => one.version.stage === "ready")) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("the handbook did not become searchable");
}

before(async () => {
  chromium = await launch();
  const email = `widget.${process.pid}.${Date.now()}@example.org`;
  const names = { name: "Mira Halloran", creator_name: "Halloran Coaching" };
  token = (await call("POST", "/auth/register", { email, password: PASSWORD, ...names })).access_token;
  hosts = await Promise.all([servePage(), servePage()]);
  await addHandbook();
  widget = await call("POST", "/channel-accounts", {
    kind: "widget",
    name: "Site",
    settings: {
      allowed_origins: [hosts[0].origin],
      coach_name: "Mira Halloran",
      greeting: "Hello! Ask me anything about keeping a habit.",
      questions: [QUESTION, "How long does a habit take?"],
      accent: "#f2c14e",
    },
  });
});
after(async () => {
  await chromium?.close();
  for (const host of hosts ?? []) host.close();
});

/** A visitor on the host page, watched for what must not happen. */
async function visit({ query = "", host = hosts[0], ...options } = {}) {
  const context = await chromium.browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "America/Sao_Paulo",
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
  });
  await page.goto(`${host.origin}/${query}`);
  return {
    page,
    faults,
    launcher: page.locator("coxswain-widget button.launcher"),
    panel: page.frameLocator("coxswain-widget iframe"),
    close: () => context.close(),
  };
}

async function ask(panel, text) {
  await panel.getByLabel("Your message").fill(text);
  await panel.getByLabel("Your message").press("Enter");
}

async function picture(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/widget-${name}.png` });
}

test("a page that is not listed shows nothing", async () => {
  const { page, launcher, close } = await visit({ host: hosts[1] });
  const warned = page.waitForEvent("console", (message) => message.text().startsWith("coxswain:"));
  await page.reload();
  assert.match((await warned).text(), /127\.0\.0\.1:\d+ is not among the widget's allowed origins/);
  assert.equal(await launcher.count(), 0);
  // Nor can it frame the panel on its own account.
  const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
  await page.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    document.body.append(frame);
  }, `${url}/w/${widget.public_key}/panel`);
  await refused;
  await close();
});

test("a question is answered from the material, with its words in the source", async () => {
  const { page, faults, launcher, panel, close } = await visit();
  await launcher.click();
  await panel.getByRole("button", { name: QUESTION }).click();
  const chip = panel.getByRole("list", { name: "Sources" }).getByRole("button").first();
  await chip.waitFor({ timeout: 60_000 });
  await chip.click();
  const sheet = panel.getByRole("dialog");
  const quote = await sheet.locator("blockquote").textContent();
  assert.ok(quote.length > 20, `the quote is only "${quote}"`);

  const { items } = await call("GET", "/documents");
  const parts = await Promise.all(items.map(({ id }) => call("GET", `/documents/${id}/parts?limit=100`)));
  assert.ok(
    parts.flatMap((list) => list.items).some((part) => part.text.includes(quote)),
    `no document holds "${quote}"`,
  );
  const { items: talks } = await call("GET", "/conversations?kind=client");
  assert.ok(talks.some(({ title }) => title === QUESTION));
  assert.deepEqual(faults, []);
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await close();
});

test("the keyboard is enough", async () => {
  const { page, launcher, panel, close } = await visit();
  await launcher.waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await launcher.evaluate((node) => node.getRootNode().activeElement === node), true);
  assert.equal(await launcher.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  const field = panel.getByLabel("Your message");
  await field.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "COXSWAIN-WIDGET");
  await panel.locator("textarea:focus").waitFor();
  await page.keyboard.type(QUESTION);
  await page.keyboard.press("Enter");
  const chip = panel.getByRole("list", { name: "Sources" }).getByRole("button").first();
  await chip.waitFor({ timeout: 60_000 });
  for (let presses = 0; presses < 20; presses++) {
    if (await chip.evaluate((node) => node === document.activeElement)) break;
    await page.keyboard.press("Shift+Tab");
  }
  await page.keyboard.press("Enter");
  await panel.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await panel.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await chip.evaluate((node) => node === document.activeElement), true, "the focus came back to the chip");
  await page.keyboard.press("Escape");
  await page.locator("coxswain-widget button.launcher[aria-expanded=false]").waitFor();
  assert.equal(await launcher.evaluate((node) => node.getRootNode().activeElement === node), true);
  await close();
});

test("a message that could not be sent stays, and goes out once", async () => {
  const { page, panel, launcher, close } = await visit();
  await launcher.click();
  let broken = true;
  await page.route("**/w/messages", async (route) => {
    if (!broken) return route.continue();
    broken = false;
    // The server takes it in, but its answer gets lost on the way.
    await route.fetch();
    await route.abort();
  });
  await ask(panel, QUESTION);
  // Either the stream confirms it, or it shows as not sent and is sent again: never twice.
  const resend = panel.getByRole("button", { name: "Send again" });
  const answered = panel.getByRole("list", { name: "Sources" }).first();
  await answered.or(resend).first().waitFor({ timeout: 60_000 });
  if (await resend.count()) await resend.click();
  await answered.waitFor({ timeout: 60_000 });
  assert.equal(await panel.locator(".mine").count(), 1);

  await page.route("**/w/messages", (route) => route.abort());
  await ask(panel, "And then?");
  await panel.getByText("Not sent.").waitFor();
  await page.unrouteAll();
  await page.reload();
  await launcher.click();
  await panel.getByText("Not sent.").waitFor();
  await panel.getByRole("button", { name: "Send again" }).click();
  await panel.getByText("Not sent.").waitFor({ state: "detached" });
  assert.equal(await panel.getByText("And then?").count(), 1);
  await close();
});

test("the conversation is there on the next page, and what is new is counted", async () => {
  const { page, panel, launcher, close } = await visit();
  await launcher.click();
  await ask(panel, OUTSIDE);
  await panel.getByRole("region", { name: "Questions I can answer" }).waitFor({ timeout: 60_000 });
  // The question sets out once the panel is closed: an answer that came before would have been read.
  let setOut;
  const closed = new Promise((resolve) => { setOut = resolve; });
  await page.route("**/w/messages", (route) => closed.then(() => route.continue()));
  await ask(panel, QUESTION);
  await panel.getByRole("button", { name: "Close chat" }).click();
  setOut();
  await page.locator("coxswain-widget .badge:not([hidden])").waitFor({ timeout: 60_000 });
  assert.match(await launcher.getAttribute("aria-label"), /1 unread/);
  await page.reload();
  // Nobody opened the panel on this page, and still it knows.
  await page.locator("coxswain-widget .badge:not([hidden])").waitFor();
  await launcher.click();
  await panel.getByText(OUTSIDE).waitFor();
  await page.locator("coxswain-widget .badge[hidden]").waitFor({ state: "attached" });
  await close();
});

test("check-ins begin with a yes and end with a stop", async () => {
  const { panel, launcher, close } = await visit();
  await launcher.click();
  await panel.getByRole("button", { name: "Menu" }).click();
  await panel.getByRole("button", { name: "Check-ins off" }).click();
  const sheet = panel.getByRole("dialog", { name: "Let Mira Halloran check in with you?" });
  assert.match(await sheet.textContent(), /America\/Sao_Paulo/);
  await sheet.getByRole("button", { name: "Agree to check-ins" }).click();
  await sheet.waitFor({ state: "detached" });
  const consented = async () => (await call("GET", "/clients")).items.filter((one) => one.consented);
  assert.deepEqual((await consented()).map((one) => one.time_zone), ["America/Sao_Paulo"]);
  await panel.getByRole("button", { name: "Menu" }).click();
  await panel.getByRole("button", { name: "Check-ins on" }).click();
  await panel.getByRole("button", { name: "Stop check-ins" }).click();
  await panel.getByRole("dialog").waitFor({ state: "detached" });
  assert.deepEqual(await consented(), []);
  await close();
});

test("an answer is judged, with a reason", async () => {
  const { panel, launcher, faults, close } = await visit();
  await launcher.click();
  await ask(panel, QUESTION);
  await panel.getByRole("button", { name: "Not helpful" }).click();
  await panel.getByLabel("What was missing or wrong? (optional)").fill("I wanted an example.");
  await panel.locator("form.reason").getByRole("button", { name: "Send" }).click();
  await panel.getByText("Thank you.").waitFor();
  assert.equal(await panel.getByRole("button", { name: "Not helpful" }).getAttribute("aria-pressed"), "true");
  const { items } = await call("GET", "/feedback");
  assert.deepEqual(
    items.map(({ helpful, reason }) => [helpful, reason]),
    [[false, "I wanted an example."]],
  );
  assert.deepEqual(faults, []);
  await close();
});

test("a person is asked for, answers under their name, and hands back", async () => {
  const { page, panel, launcher, faults, close } = await visit();
  await launcher.click();
  await panel.getByText("Answers from Mira Halloran’s material").waitFor();
  await panel.getByRole("button", { name: "Menu" }).click();
  const stream = page.waitForResponse("**/w/events");
  await panel.getByRole("button", { name: "Talk to a person" }).click();
  await panel.getByText("Mira Halloran has been asked to come").waitFor();
  const { items } = await call("GET", "/inbox?state=waiting");
  assert.equal(items.length, 1, "they wait in the inbox");
  const [{ id }] = items;
  // That somebody writes is told to those who listen, and kept for nobody.
  await stream;
  await call("POST", `/inbox/${id}/writing`);
  await panel.getByText("Mira Halloran is writing…").waitFor();
  await call("POST", `/inbox/${id}/replies`, { text: "I am here. What is it about?" });
  await panel.getByText("Mira Halloran is here", { exact: true }).waitFor();
  await panel.getByText("Mira Halloran is writing…").waitFor({ state: "detached" });
  const said = panel.getByRole("article").filter({ hasText: "I am here. What is it about?" });
  await said.locator(".label").filter({ hasText: "Mira Halloran" }).waitFor();
  await ask(panel, QUESTION);
  // The server has it, and the engine has not been asked to say anything.
  await panel.locator(".mine .text:not(.unsent)").filter({ hasText: QUESTION }).waitFor();
  await picture(page, "1440-light-4-person");
  await assertAccessible(page, "a person answers");
  const { messages } = await call("GET", `/inbox/${id}`);
  assert.deepEqual(
    messages.map(({ author }) => author),
    ["client", "coach", "client"],
  );
  await call("POST", `/inbox/${id}/hand-back`);
  await panel.getByText("Answers from Mira Halloran’s material").waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test("the conversation can be taken along", async () => {
  const { page, panel, launcher, close } = await visit();
  await launcher.click();
  await ask(panel, QUESTION);
  await panel.getByRole("list", { name: "Sources" }).first().waitFor({ timeout: 60_000 });
  await panel.getByRole("button", { name: "Menu" }).click();
  const saved = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Save this conversation" }).click();
  const file = await saved;
  assert.match(file.suggestedFilename(), /^conversation-\d{4}-\d\d-\d\d\.txt$/);
  const text = readFileSync(await file.path(), "utf8");
  assert.match(text, /^Conversation with Mira Halloran\n/);
  assert.ok(text.includes(QUESTION) && /Sources:\n {2}\[1\] /.test(text), text);
  await close();
});

test("another tab goes on with the same conversation", async () => {
  const { page, panel, launcher, close } = await visit();
  await launcher.click();
  await ask(panel, QUESTION);
  await panel.getByRole("list", { name: "Sources" }).first().waitFor({ timeout: 60_000 });
  const second = await page.context().newPage();
  await second.goto(page.url());
  await second.locator("coxswain-widget button.launcher").click();
  const there = second.frameLocator("coxswain-widget iframe");
  await there.getByRole("article").filter({ hasText: QUESTION }).first().waitFor();
  await ask(there, OUTSIDE);
  // A tab in the background rests; it catches up when it is looked at again.
  await page.bringToFront();
  await panel.getByText(OUTSIDE).waitFor();
  await close();
});

test("whom the page has signed in has a conversation of their own", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signed = await call("POST", "/channel-accounts", {
    kind: "widget",
    name: "Members",
    settings: {
      allowed_origins: [hosts[0].origin],
      coach_name: "Mira Halloran",
      identity: "required",
      identity_public_key: publicKey.export({ type: "spki", format: "pem" }),
    },
  });
  const tokenOf = (sub, aud = signed.public_key) => {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const said = `${part({ alg: "EdDSA" })}.${part({ sub, aud, exp: Math.floor(Date.now() / 1000) + 600 })}`;
    return `${said}.${sign(null, Buffer.from(said), privateKey).toString("base64url")}`;
  };
  const { page, panel, launcher, faults, close } = await visit({ query: `?key=${signed.public_key}` });
  const tell = (...command) => page.evaluate((said) => window.coxswain(...said), command);
  const field = panel.getByLabel("Your message");
  const closed = panel.getByText("Sign in on this page to chat here.");
  await launcher.click();
  await closed.waitFor();
  assert.equal(await field.count(), 0);
  await assertAccessible(page, "signed out");

  await tell("identify", tokenOf("ada", "cxw_of_another_widget"));
  await panel.getByText("This page couldn’t confirm who you are.").waitFor();
  await tell("identify", tokenOf("ada"));
  await ask(panel, "Only for me");
  await panel.locator(".mine .text:not(.unsent)").filter({ hasText: "Only for me" }).waitFor();
  await tell("logout");
  await closed.waitFor();
  assert.equal(await panel.getByText("Only for me").count(), 0);

  await tell("identify", tokenOf("ben"));
  await field.waitFor();
  await ask(panel, "I am somebody else");
  await panel.locator(".mine .text:not(.unsent)").filter({ hasText: "I am somebody else" }).waitFor();
  assert.equal(await panel.getByText("Only for me").count(), 0);
  await tell("identify", tokenOf("ada"));
  await panel.getByText("Only for me").waitFor();
  assert.equal(await panel.getByText("I am somebody else").count(), 0);
  assert.deepEqual(faults, []);
  await close();
});

for (const [name, options] of [
  ["1440-light", { viewport: { width: 1440, height: 900 } }],
  ["1440-dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }],
  ["768-light", { viewport: { width: 768, height: 1024 } }],
  ["768-dark", { viewport: { width: 768, height: 1024 }, colorScheme: "dark" }],
  ["360-light", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  ["360-dark", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "dark" }],
  ["360-rtl", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, query: "?lang=ar" }],
  ["1440-rtl", { query: "?lang=he" }],
]) {
  test(`it looks and reads well: ${name}`, async () => {
    const { page, panel, faults, launcher, close } = await visit({ ...options, reducedMotion: "reduce" });
    await launcher.waitFor();
    await picture(page, `${name}-0-closed`);
    await launcher.click();
    await panel.locator("textarea").waitFor();
    await picture(page, `${name}-1-first`);
    assert.equal(await panel.locator("html").getAttribute("dir"), name.endsWith("rtl") ? "rtl" : "ltr");
    const frame = await page.locator("coxswain-widget iframe").boundingBox();
    const width = page.viewportSize().width;
    assert.equal(frame.width, width < 668 ? width : 400);
    await assertAccessible(page, `${name}, first open`);
    await panel.locator(".questions button").first().click();
    await panel.locator(".chip").first().waitFor({ timeout: 60_000 });
    await picture(page, `${name}-2-answer`);
    await assertAccessible(page, `${name}, with an answer`);
    await panel.locator(".chip").first().click();
    await panel.locator("dialog[open]").waitFor();
    await picture(page, `${name}-3-source`);
    await assertAccessible(page, `${name}, with a source`);
    await page.keyboard.press("Escape");
    await panel.locator("dialog[open]").waitFor({ state: "detached" });
    await panel.locator(".thumb").last().click();
    await panel.locator("form.reason").waitFor();
    await picture(page, `${name}-5-feedback`);
    await assertAccessible(page, `${name}, with a reason to give`);
    await panel.locator(".menu > button").click();
    await picture(page, `${name}-6-menu`);
    await assertAccessible(page, `${name}, with the menu`);
    await panel.locator(".menu-list button").nth(1).click();
    await panel.locator("dialog[open]").waitFor();
    await picture(page, `${name}-7-elsewhere`);
    await assertAccessible(page, `${name}, going elsewhere`);
    const over = await panel.locator("html").evaluate((root) => root.scrollWidth - root.clientWidth);
    assert.ok(over <= 0, `the panel is ${over} px wider than its frame`);
    await assertFits(page, name);
    assert.deepEqual(faults, []);
    await close();
  });
}
