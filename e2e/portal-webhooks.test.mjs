// Telling other programs what happens: a webhook is added, tried, replayed, paused and deleted; what such programs
// tell back stands with the client; and a member chooses what mail they get.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { api, assertAccessible, assertFits, launch, open, signUp, url } from "./browser.mjs";

const SIZES = [
  { name: "phone", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  { name: "desk", viewport: { width: 1440, height: 900 } },
];
/** A drawer that is still fading in has no contrast to be judged. */
const STILL = { reducedMotion: "reduce" };
const NAME = "Members' calendar";
/** Set to a folder to keep the pictures. */
const SHOTS = process.env.COXSWAIN_SHOTS;

let chromium;
let owner;
let program;
let secret;

/** The program that is told: remembers each request and answers with `says`. */
async function listen() {
  const requests = [];
  const said = { status: 200, text: "noted" };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    requests.push({ headers: request.headers, body });
    response.writeHead(said.status, { "Content-Type": "text/plain" }).end(said.text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/hooks`,
    requests,
    says: (status, text) => Object.assign(said, { status, text }),
    close: () => server.close(),
  };
}

/** The signature that the body must carry, as Standard Webhooks has it. */
function signature(key, { headers, body }) {
  const text = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", Buffer.from(key.replace("whsec_", ""), "base64")).update(text).digest("base64")}`;
}

/** Somebody who wrote in the widget with this key; their id. */
async function met(member, key) {
  return member.evaluate(async (widget) => {
    const post = async (path, token, data) => {
      const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
      return (await fetch(path, { method: "POST", headers, body: JSON.stringify(data) })).json();
    };
    const session = await post(`/w/${widget}/sessions`, null, { time_zone: "Europe/Lisbon", locale: "en" });
    await post("/w/messages", session.token, { text: "Hello", client_message_id: crypto.randomUUID() });
    return session.client_id;
  }, key);
}

const drawer = (page) => page.getByRole("dialog", { name: "Delivery" });
const badge = (page, word) => page.getByRole("heading", { level: 2 }).getByText(word, { exact: true });

before(async () => {
  program = await listen();
  chromium = await launch();
  owner = await open(chromium.browser, STILL);
  await signUp(owner.page);
});
after(async () => {
  await chromium?.close();
  program?.close();
});

test("a webhook is added, and its secret is shown once", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/webhooks`);
  await page.getByRole("heading", { name: "No webhook" }).waitFor();
  await assertAccessible(page, "no webhook");
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/empty.png` });
  await page.getByRole("button", { name: "New webhook" }).click();
  const dialog = page.getByRole("dialog", { name: "New webhook" });
  const add = dialog.getByRole("button", { name: "Add the webhook" });
  await dialog.getByLabel("Address").fill("my calendar");
  await add.click();
  await dialog.getByText("Use an address as in https://example.org/hooks.").waitFor();
  await dialog.getByLabel("Address").fill(program.url);
  await dialog.getByLabel("What it is for").fill(NAME);
  await dialog.getByLabel("Only what I choose").check();
  assert.ok(await add.isDisabled(), "nothing chosen would be all events");
  await dialog.getByLabel("A client writes").check();
  await dialog.getByLabel("A client asks for a person").check();
  await assertAccessible(page, "new webhook");
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/new.png` });
  await add.click();
  secret = await dialog.getByText(/^whsec_/).textContent();
  assert.match(secret, /^whsec_/);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("heading", { name: NAME }).waitFor();
  await page.getByText("A client asks for a person").waitFor();
  assert.ok(!(await page.content()).includes(secret));
  const { items } = await api(page, "GET", "/webhooks");
  assert.deepEqual(items[0].events, ["message.received", "conversation.human_wanted"]);
});

test("a test event arrives, signed, and shows what was answered", async () => {
  const { page } = owner;
  program.says(200, "thank you");
  await page.getByRole("button", { name: "Send a test event" }).click();
  await drawer(page).getByText("Delivered", { exact: true }).waitFor();
  await drawer(page).getByText("thank you", { exact: true }).waitFor();
  assert.equal(program.requests.length, 1);
  const [request] = program.requests;
  assert.equal(JSON.parse(request.body).type, "webhook.test");
  assert.equal(request.headers["webhook-signature"], signature(secret, request));
  await assertAccessible(page, "a delivery");
  await page.keyboard.press("Escape");
  await drawer(page).waitFor({ state: "detached" });
  assert.equal(new URL(page.url()).searchParams.get("delivery"), null);
});

test("a delivery that fails says why, and is posted again", async () => {
  const { page } = owner;
  program.says(500, "closed for repairs");
  await page.getByRole("button", { name: "Send a test event" }).click();
  await drawer(page).getByText("closed for repairs", { exact: true }).first().waitFor();
  await drawer(page).getByText("500", { exact: true }).first().waitFor();
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/failed.png` });
  program.says(200, "open again");
  await drawer(page).getByRole("button", { name: "Post it again" }).click();
  await drawer(page).getByText("Delivered", { exact: true }).waitFor();
  await drawer(page).getByText("open again", { exact: true }).waitFor();
  const [, first, again] = program.requests;
  assert.equal(again.headers["webhook-id"], first.headers["webhook-id"]);
  await drawer(page).getByRole("button", { name: "Close" }).click();
  await drawer(page).waitFor({ state: "detached" });
});

test("deliveries are narrowed by how far they came, in the address too", async () => {
  const { page } = owner;
  await page.getByLabel("Show", { exact: true }).selectOption("failed");
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get("posted"), "failed");
  await page.reload();
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  await page.getByLabel("Show", { exact: true }).selectOption("delivered");
  await page.getByRole("link", { name: /Test event/ }).nth(1).waitFor();
  await page.getByRole("button", { name: "Post failed ones again" }).click();
  await page.getByRole("dialog").getByLabel("What failed and happened in").selectOption("1");
  await page.getByRole("button", { name: "Post them again" }).click();
  await page.getByText("Nothing failed in that time.").first().waitFor();
});

test("with a new secret the old one signs too", async () => {
  const { page } = owner;
  await page.getByRole("button", { name: `More for ${NAME}` }).click();
  await page.getByRole("menuitem", { name: "Give it a new secret" }).click();
  const dialog = page.getByRole("dialog", { name: "A new secret" });
  await dialog.getByText(/For 24 hours both sign/).waitFor();
  await dialog.getByRole("button", { name: "Make a new secret" }).click();
  const fresh = await dialog.getByText(/^whsec_/).textContent();
  assert.notEqual(fresh, secret);
  await dialog.getByText(/The old one signs too until/).waitFor();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await page.getByRole("button", { name: "Send a test event" }).click();
  await drawer(page).getByText("Delivered", { exact: true }).waitFor();
  const request = program.requests.at(-1);
  const signed = request.headers["webhook-signature"].split(" ");
  assert.deepEqual(signed.toSorted(), [signature(secret, request), signature(fresh, request)].toSorted());
  await page.keyboard.press("Escape");
  await drawer(page).waitFor({ state: "detached" });
});

test("a paused webhook says who paused it, and goes on where it stopped", async () => {
  const { page } = owner;
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await badge(page, "Paused").waitFor();
  await page.getByText(/^Mira Halloran paused it\./).waitFor();
  assert.ok(await page.getByRole("button", { name: "Send a test event" }).isDisabled());
  await page.getByRole("button", { name: "Resume" }).click();
  await badge(page, "On").waitFor();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await badge(page, "Paused").waitFor();
});

test("of two changes to a webhook the second is told, and holds once made anew", async () => {
  const { page } = owner;
  await page.getByRole("button", { name: `More for ${NAME}` }).click();
  await page.getByRole("menuitem", { name: "Change it" }).click();
  const dialog = page.getByRole("dialog", { name: "Change the webhook" });
  assert.ok(await dialog.getByLabel("A client writes").isChecked());
  await dialog.getByLabel("All events, new kinds included").check();
  const { items: before } = await api(page, "GET", "/webhooks");
  await api(page, "PATCH", `/webhooks/${before[0].id}`, { description: NAME });
  await dialog.getByRole("button", { name: "Save the webhook" }).click();
  await dialog.getByRole("alert").filter({ hasText: "Your text is still here" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: `More for ${NAME}` }).click();
  await page.getByRole("menuitem", { name: "Change it" }).click();
  await dialog.getByLabel("All events, new kinds included").check();
  await dialog.getByRole("button", { name: "Save the webhook" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("All events, new kinds included").waitFor();
  const { items } = await api(page, "GET", "/webhooks");
  assert.deepEqual([items[0].events, items[0].state], [[], "paused"]);
});

test("a member chooses their mail, and is told that the server sends none", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/notices`);
  await page.getByText(/This server cannot send mail yet/).waitFor();
  const wanted = page.getByRole("switch", { name: "Email me when a client wants a person" });
  assert.ok(await wanted.isChecked(), "owners are told unless they say otherwise");
  await wanted.click();
  await page.getByText("You are no longer emailed when a client wants a person.").first().waitFor();
  await page.reload();
  await wanted.waitFor();
  assert.ok(!(await wanted.isChecked()));
});

test("what a program told of a client stands on their page", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/keys`);
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await dialog.getByLabel("Name").fill("Workouts");
  await dialog.getByLabel(/^Tell what happened to a client/).check();
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const key = await dialog.locator("code").textContent();
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  const { public_key: widget } = await api(page, "POST", "/channel-accounts", { kind: "widget", name: "Site" });
  const id = await met(page, widget);
  const told = await fetch(`${url}/api/v1/events`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "application/json",
      "Idempotency-Key": "workout-1",
    },
    body: JSON.stringify({ client: { id }, name: "workout.finished", data: { km: 5, with: ["Ana", "Bo"] } }),
  });
  assert.equal(told.status, 201);
  await page.goto(`${url}/clients/${id}`);
  await page.getByText("workout.finished").waitFor();
  await page.getByText("km: 5 · with: Ana, Bo").waitFor();
  await assertAccessible(page, "a client with events");
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/client.png`, fullPage: true });
});

test("webhooks and notices on a phone and a desk, light and dark", async (t) => {
  let state = await owner.context.storageState();
  const { items } = await api(owner.page, "GET", "/webhooks");
  const { items: deliveries } = await api(owner.page, "GET", `/webhooks/${items[0].id}/deliveries`);
  for (const { name, ...size } of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      const look = { ...size, ...STILL, colorScheme, storageState: state };
      const { context, page, faults } = await open(chromium.browser, look);
      for (const [number, [path, sign]] of [
        ["/settings/webhooks", NAME],
        [`/settings/webhooks/${items[0].id}`, "Deliveries"],
        [`/settings/webhooks/${items[0].id}?delivery=${deliveries[0].id}`, "Not tried yet: the webhook is paused."],
        ["/settings/webhooks/00000000-0000-7000-8000-000000000000", "We couldn't find this webhook"],
        ["/settings/notices", "Email me when a client wants a person"],
      ].entries()) {
        const where = `${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")} (${name}, ${colorScheme})`;
        await t.test(where, async () => {
          await page.goto(url + path);
          await page.getByText(sign).filter({ visible: true }).first().waitFor();
          await assertFits(page, where);
          await assertAccessible(page, where);
          if (SHOTS) await page.screenshot({ path: `${SHOTS}/${number}-${name}-${colorScheme}.png`, fullPage: true });
        });
      }
      assert.deepEqual(faults, []);
      // The session's refresh token is spent once; the next context needs the one that replaced it.
      state = await context.storageState();
      await context.close();
    }
  }
  await owner.context.clearCookies();
  await owner.context.addCookies(state.cookies);
});

test("a webhook is deleted once its name is typed", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/webhooks`);
  await page.getByRole("link", { name: NAME }).click();
  await page.getByRole("button", { name: `More for ${NAME}` }).click();
  await page.getByRole("menuitem", { name: "Delete it" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill(NAME);
  await page.getByRole("button", { name: "Delete the webhook" }).click();
  await page.getByRole("heading", { name: "No webhook" }).waitFor();
  assert.deepEqual((await api(page, "GET", "/webhooks")).items, []);
});

test("nothing went wrong behind the pages", () => {
  assert.deepEqual(owner.faults, []);
});
