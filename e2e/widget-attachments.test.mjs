// A client's files: chosen, pasted, dropped, refused by their content, kept while offline, seen by the team, erased.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { deflateSync } from "node:zlib";
import { api, assertAccessible, assertFits, launch, open, signUp, url } from "./browser.mjs";
import { serveSite } from "./site.mjs";

/** Set to a folder to keep the pictures. */
const SHOTS = process.env.COXSWAIN_SHOTS;
const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n");

let chromium;
let site;
let portal;
let widget;

/** A PNG of stripes, large enough to look at. */
function picture(width, height, [red, green, blue]) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const shade = (x + y) % 64 < 32 ? 1 : 0.8;
      rows.set([red * shade, green * shade, blue * shade].map(Math.round), y * (width * 3 + 1) + 1 + x * 3);
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    let crc = ~0;
    for (const byte of body) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(~crc >>> 0, body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const mark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([mark, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
const KNEE = { name: "knee.png", mimeType: "image/png", buffer: picture(480, 360, [193, 122, 88]) };
const SHOE = { name: "my running shoe from the side.png", mimeType: "image/png", buffer: picture(360, 480, [84, 130, 160]) };
const PLAN = { name: "Training plan, weeks 1 to 12, final version for Anna.pdf", mimeType: "application/pdf", buffer: PDF };

before(async () => {
  chromium = await launch();
  portal = await open(chromium.browser);
  await signUp(portal.page);
  site = await serveSite();
  widget = await api(portal.page, "POST", "/channel-accounts", {
    kind: "widget",
    name: "Site",
    settings: { allowed_origins: [site.origin], coach_name: "Mira Halloran", greeting: "Hello! How is it going?" },
  });
  site.paste(snippet("en"));
});
after(async () => {
  await chromium?.close();
  site?.close();
});

const snippet = (locale) =>
  `<script async src="${url}/w/loader.js" data-locale="${locale}" data-widget-key="${widget.public_key}"></script>`;

async function visit(options = {}) {
  const context = await chromium.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`script error: ${error.message}`));
  await page.goto(site.origin);
  await page.locator("coxswain-widget button.launcher").click();
  const panel = page.frameLocator("coxswain-widget iframe");
  await panel.locator("#composer").waitFor();
  return { page, panel, faults, close: () => context.close() };
}

async function shoot(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

const tray = (panel) => panel.locator(".tray .file");
const ready = (panel) => panel.locator(".tray .file.ready");

/** Files as a hand on the page would bring them: by the clipboard, or dragged. */
function bring(panel, how, files) {
  return panel.locator("#composer").evaluate(
    (area, [kind, given]) => {
      const data = new DataTransfer();
      for (const { name, mimeType, bytes } of given) {
        data.items.add(new File([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))], name, { type: mimeType }));
      }
      const event =
        kind === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
      area.dispatchEvent(event);
    },
    [how, files.map(({ name, mimeType, buffer }) => ({ name, mimeType, bytes: buffer.toString("base64") }))],
  );
}

test("files are chosen, pasted, dropped, taken back, sent, and honestly answered", async () => {
  const { page, panel, faults, close } = await visit();
  await panel.locator("input[type=file]").setInputFiles([KNEE, PLAN]);
  await ready(panel).nth(1).waitFor();
  assert.equal(await panel.locator(":focus").getAttribute("id"), "composer", "one goes on writing");
  await bring(panel, "paste", [SHOE]);
  await ready(panel).nth(2).waitFor();
  await shoot(page, "attachments-tray-1440");
  await panel.getByRole("button", { name: `Take back ${SHOE.name}` }).click();
  assert.equal(await tray(panel).count(), 2);
  await bring(panel, "dragover", [SHOE]);
  await panel.getByText("Drop files here to send them").waitFor();
  await shoot(page, "attachments-drop-1440");
  await bring(panel, "drop", [SHOE]);
  await ready(panel).nth(2).waitFor();
  await bring(panel, "paste", [KNEE]);
  await panel.getByRole("alert").getByText("at most 3 files go with a message").waitFor();
  await panel.locator("#composer").fill("Is my knee bent too far?");
  await panel.getByRole("button", { name: "Send", exact: true }).click();
  await panel.getByText("I can't look at pictures or films yet; please tell me in words.").first().waitFor();
  await panel.getByText("I can't open files yet; please write to me what it is about.").first().waitFor();
  await panel.locator(".message .verbatim", { hasText: "Is my knee bent too far?" }).first().waitFor();
  assert.equal(await tray(panel).count(), 0);
  const shown = panel.getByRole("button", { name: `Open the picture ${KNEE.name}` });
  // Pictures are asked for once they come into view.
  await shown.scrollIntoViewIfNeeded();
  await shown.locator("img").waitFor();
  await shoot(page, "attachments-sent-1440");
  await shown.click();
  await panel.getByRole("dialog").getByRole("img", { name: KNEE.name }).waitFor();
  await shoot(page, "attachments-open-1440");
  await assertAccessible(page, "the panel with a picture open");
  await page.keyboard.press("Escape");

  // Read again from the server, as another visit would.
  await page.reload();
  await page.locator("coxswain-widget button.launcher").click();
  await shown.scrollIntoViewIfNeeded();
  await shown.locator("img").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    panel.getByRole("button", { name: `Save ${PLAN.name}` }).click(),
  ]);
  assert.equal(download.suggestedFilename(), PLAN.name);
  assert.deepEqual(faults, []);
  await close();
});

test("what a file is decides, not what it is called; the phone says so where it fits", async () => {
  const { page, panel, faults, close } = await visit({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  await panel
    .locator("input[type=file]")
    .setInputFiles([{ name: "photo.png", mimeType: "image/png", buffer: Buffer.from("MZ, a program") }, SHOE, PLAN]);
  await panel.locator(".tray .file.refused").waitFor();
  await ready(panel).nth(1).waitFor();
  await shoot(page, "attachments-refused-360");
  await assertFits(page, "the panel with a refused file");
  await assertAccessible(page, "the panel with a refused file");
  await panel.getByRole("button", { name: "Take back photo.png" }).click();
  await panel.getByRole("button", { name: "Send", exact: true }).click();
  await panel.getByRole("button", { name: `Open the picture ${SHOE.name}` }).locator("img").waitFor();
  await shoot(page, "attachments-sent-360");
  assert.deepEqual(faults, []);
  await close();
});

test("offline, a file is kept over a reload and sent again by hand", async () => {
  site.paste(snippet("ar"));
  const { page, panel, close } = await visit();
  await panel.locator("#composer").fill("مرحبا");
  await panel.locator(".send").click();
  await panel.locator(".message.mine:not(:has(.unsent))", { hasText: "مرحبا" }).waitFor();
  await page.context().route("**/w/attachments/**", (route) => route.abort());
  await panel.locator("input[type=file]").setInputFiles([KNEE, PLAN]);
  await panel.locator(".tray .file.waiting").nth(1).waitFor();
  await shoot(page, "attachments-waiting-rtl-1440");
  await panel.locator("#composer").press("Enter");
  await panel.getByRole("button", { name: "أرسل مجددًا" }).waitFor();
  await shoot(page, "attachments-unsent-rtl-1440");
  await page.reload();
  await page.locator("coxswain-widget button.launcher").click();
  await panel.getByRole("button", { name: "أرسل مجددًا" }).waitFor();
  await page.context().unroute("**/w/attachments/**");
  await panel.getByRole("button", { name: "أرسل مجددًا" }).click();
  await panel.getByRole("button", { name: `افتح الصورة ${KNEE.name}` }).locator("img").waitFor();
  await shoot(page, "attachments-sent-rtl-1440");
  await close();
});

test("the team sees the files, and erases the client with them", async () => {
  const { page, faults } = portal;
  const { items } = await api(page, "GET", "/inbox?q=running");
  const [conversation] = items;
  await page.goto(`${url}/inbox?conversation=${conversation.id}`);
  const thread = page.getByRole("log");
  await thread.getByRole("button", { name: `Open the picture ${SHOE.name}` }).locator("img").waitFor();
  const natural = await thread.locator("img").first().evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.ok(natural > 0, "the picture is drawn");
  await shoot(page, "attachments-inbox-1440");
  await assertAccessible(page, "a conversation with files");
  await thread.getByRole("button", { name: `Open the picture ${SHOE.name}` }).click();
  await page.getByRole("dialog").getByRole("img", { name: SHOE.name }).waitFor();
  await shoot(page, "attachments-inbox-open-1440");
  await page.keyboard.press("Escape");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    thread.getByRole("link", { name: `Save ${PLAN.name}` }).click(),
  ]);
  assert.equal(download.suggestedFilename(), PLAN.name);
  await page.setViewportSize({ width: 360, height: 740 });
  await thread.waitFor();
  await shoot(page, "attachments-inbox-360");
  await assertFits(page, "a conversation with files on a phone");
  await page.setViewportSize({ width: 1440, height: 900 });

  const { client } = await api(page, "GET", `/inbox/${conversation.id}`);
  await page.goto(`${url}/clients/${client.id}`);
  await page.getByRole("button", { name: "Erase this client" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Erase for good" });
  assert.ok(await confirm.isDisabled(), "the name has to be typed");
  await dialog.getByRole("textbox").fill(client.display_name);
  await shoot(page, "attachments-erase-1440");
  await confirm.click();
  await page.getByText(`${client.display_name} is erased.`, { exact: true }).waitFor();
  await assert.rejects(api(page, "GET", `/clients/${client.id}`), /404/);
  await assert.rejects(api(page, "GET", `/inbox/${conversation.id}`), /404/);
  assert.deepEqual(faults.filter((fault) => !fault.includes("404")), []);
});
