// What a team does: settings, check-ins, API keys, roles, two people at one form.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, launch, logIn, open, PASSWORD, signUp, url } from "./browser.mjs";

let chromium;
let owner;
let email;

before(async () => {
  chromium = await launch();
  owner = await open(chromium.browser);
  email = await signUp(owner.page);
});
after(() => chromium?.close());

test("settings are kept, and the server's message stands at its field", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings`);
  const message = page.getByLabel("No-answer message");
  await message.fill(" ");
  await page.getByRole("button", { name: "Save the settings" }).click();
  await page.locator("textarea[aria-invalid=true]").waitFor();
  const said = await message.evaluate((field) =>
    field.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id)?.textContent).join(" "),
  );
  assert.match(said, /cannot be empty/);
  await message.fill("I haven't written about that yet.");
  await page.getByLabel("Daily cap").fill("3");
  await page.getByRole("button", { name: "Save the settings" }).click();
  await page.getByText(/^Saved\. It holds from the next answer/).first().waitFor();
  await page.reload();
  assert.equal(await page.getByLabel("No-answer message").inputValue(), "I haven't written about that yet.");
  assert.equal(await page.getByLabel("Daily cap").inputValue(), "3");
});

test("of two people at one form the second is told, and keeps what they typed", async () => {
  const { page } = owner;
  const other = await open(chromium.browser);
  await other.page.goto(`${url}/login`);
  await logIn(other.page, email);
  await other.page.getByRole("heading", { name: "Set up" }).waitFor();
  await other.page.goto(`${url}/settings`);
  await page.goto(`${url}/settings`);
  await other.page.getByLabel("Your voice").fill("Theirs");
  await page.getByLabel("Your voice").fill("Mine");
  await other.page.getByRole("button", { name: "Save the settings" }).click();
  await other.page.getByText(/^Saved\./).first().waitFor();
  await page.getByRole("button", { name: "Save the settings" }).click();
  await page.getByRole("alert").filter({ hasText: "Your text is still here" }).waitFor();
  assert.equal(await page.getByLabel("Your voice").inputValue(), "Mine");
  await page.reload();
  assert.equal(await page.getByLabel("Your voice").inputValue(), "Theirs");
  await other.context.close();
});

test("a check-in is written, shown with its days, and changed", async () => {
  const { page } = owner;
  await page.goto(`${url}/check-ins`);
  await page.getByRole("link", { name: "Write a check-in" }).click();
  const text = "How did the first hour of your day go?";
  await page.getByLabel("What you say").fill(text);
  await page.getByText("Wed", { exact: true }).click();
  await page.getByLabel("At", { exact: true }).fill("22:30");
  await page.getByText(/lies in your quiet hours/).waitFor();
  await page.getByLabel("At", { exact: true }).fill("09:30");
  await page.getByRole("button", { name: "Start this check-in" }).click();
  await page.getByText("Mon, Wed at 09:30, the client's time").waitFor();
  await page.getByRole("link", { name: text }).click();
  await page.getByText("Mon", { exact: true }).click();
  await page.getByRole("button", { name: "Save the check-in" }).click();
  await page.getByText("Wednesdays at 09:30, the client's time").waitFor();
  const { items } = await api(page, "GET", "/check-ins");
  assert.deepEqual(items.map(({ text: kept, weekdays, local_time }) => ({ kept, weekdays, local_time })), [
    { kept: text, weekdays: ["wed"], local_time: "09:30" },
  ]);
  await page.getByRole("link", { name: "Sent and held back" }).first().click();
  await page.getByRole("heading", { name: "Nothing has come due yet" }).waitFor();
});

test("an API key works, and its secret is shown once", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/keys`);
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await dialog.getByLabel("Name").fill("Website sync");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const secret = await dialog.locator("code").textContent();
  assert.match(secret, /^cxk_/);
  const answer = await fetch(`${url}/api/v1/documents`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal(answer.status, 200);
  await dialog.getByRole("button", { name: "I have copied it" }).click();
  await page.getByText("Website sync").first().waitFor();
  assert.ok(!(await page.content()).includes(secret));
  await page.getByRole("button", { name: "New API key" }).click();
  assert.ok(!(await page.content()).includes(secret), "the secret comes back with the dialog");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Website sync");
  await page.getByRole("button", { name: "Revoke the key" }).click();
  await page.getByRole("heading", { name: "No API key" }).waitFor();
  const after = await fetch(`${url}/api/v1/documents`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal(after.status, 401);
});

test("a viewer reads, but is offered nothing they may not do", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/team`);
  await page.getByRole("button", { name: "Add a member" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a member" });
  const reader = `ana.${Date.now()}@example.org`;
  await dialog.getByLabel("Name").fill("Ana Lima");
  await dialog.getByLabel("Email").fill(reader);
  await dialog.getByLabel("First password").fill(PASSWORD);
  await dialog.getByLabel("Role").selectOption("viewer");
  await dialog.getByRole("button", { name: "Add the member" }).click();
  await page.getByText(reader).waitFor();

  const viewer = await open(chromium.browser);
  await viewer.page.goto(`${url}/login`);
  await logIn(viewer.page, reader);
  await viewer.page.getByRole("heading", { name: "Set up" }).waitFor();
  await viewer.page.goto(`${url}/knowledge`);
  await viewer.page.getByText("Editors of your team can add documents.").waitFor();
  await viewer.page.goto(`${url}/check-ins`);
  await viewer.page.getByText("How did the first hour of your day go?").waitFor();
  assert.equal(await viewer.page.getByRole("link", { name: "Write a check-in" }).count(), 0);
  assert.ok(await viewer.page.getByRole("switch").first().isDisabled());
  await viewer.page.goto(`${url}/settings/keys`);
  await viewer.page.getByRole("heading", { name: "This page isn't open to your role" }).waitFor();
  await viewer.page.goto(`${url}/settings`);
  assert.ok(await viewer.page.getByLabel("Your voice").isDisabled());
  assert.deepEqual(viewer.faults, []);
  await viewer.context.close();
});

test("the audit log tells who did it, and can be narrowed", async () => {
  const { page } = owner;
  await page.goto(`${url}/settings/audit`);
  await page.getByText(/Settings changed/).first().waitFor();
  await page.getByLabel("What").fill("member.");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByText(/^Member created/).first().waitFor();
  assert.equal(await page.getByText(/^Settings changed/).count(), 0);
  assert.equal(new URL(page.url()).searchParams.get("action"), "member.");
});

test("nothing went wrong behind the pages", () => {
  assert.deepEqual(owner.faults, []);
});
