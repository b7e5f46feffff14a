import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Api, Events, install } from "../src/loader/api";
import { Widget } from "../src/loader/widget";
import { seal, type WidgetConfig } from "../src/shared/protocol";

const ORIGIN = "https://coach.example";
const CONFIG: WidgetConfig = {
  name: "Mira",
  greeting: "",
  questions: [],
  accent: "#1f5f8b",
  position: "right",
  theme: "auto",
  locale: "auto",
  picture_url: null,
  check_ins_offered: true,
  attachments: [],
  available: true,
  identity: "off",
  elsewhere: [],
};

let events: Events;
let widget: Widget;
const root = () => document.querySelector("coxswain-widget")?.shadowRoot as ShadowRoot;
const button = () => root().querySelector("button") as HTMLButtonElement;
const frame = () => root().querySelector("iframe");
// The frame's page is never loaded here, so its window is a stand-in that only listens.
const panel = { postMessage: vi.fn() };
function open(): void {
  widget.open();
  Object.defineProperty(frame() as HTMLIFrameElement, "contentWindow", { value: panel });
}
const say = (data: object, origin = ORIGIN, source: unknown = panel) =>
  window.dispatchEvent(Object.assign(new Event("message"), { data, origin, source }));

beforeEach(() => {
  localStorage.clear();
  panel.postMessage.mockClear();
  events = new Events();
  widget = new Widget(ORIGIN, "cxw_1", CONFIG, "en", events);
});
afterEach(() => {
  document.querySelector("coxswain-widget")?.remove();
  delete window.coxswain;
});

it("loads the panel when it is first opened, and says whether it is open", () => {
  expect([frame(), button().getAttribute("aria-expanded")]).toEqual([null, "false"]);
  button().click();
  expect(frame()?.src).toMatch(/^https:\/\/coach\.example\/w\/cxw_1\/panel\?host=.*&lang=en$/);
  expect([button().getAttribute("aria-expanded"), button().getAttribute("aria-label")]).toEqual([
    "true",
    "Close chat",
  ]);
  button().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, composed: true }));
  expect(button().getAttribute("aria-expanded")).toBe("false");
  expect(root().activeElement).toBe(button());
});

it("hears its own frame only", () => {
  open();
  say(seal({ type: "unread", count: 3 }), "https://evil.example");
  say(seal({ type: "unread", count: 3 }), ORIGIN, window);
  say(seal({ type: "unread", count: 3 }), ORIGIN, null);
  say({ type: "unread", count: 3 });
  widget.close();
  expect(button().getAttribute("aria-label")).toBe("Open chat");
  say(seal({ type: "unread", count: 3 }));
  expect(button().getAttribute("aria-label")).toBe("Open chat, 3 unread");
});

it("names our origin when it speaks, and keeps what it says until the panel listens", () => {
  open();
  expect(panel.postMessage).not.toHaveBeenCalled();
  say(seal({ type: "ready" }));
  expect(panel.postMessage).toHaveBeenCalledWith(seal({ type: "open", fullScreen: false }), ORIGIN);
  expect(panel.postMessage.mock.calls.every((call) => call[1] === ORIGIN)).toBe(true);
});

it("remembers on the host page only that a conversation exists", () => {
  open();
  say(seal({ type: "session", exists: true }));
  expect({ ...localStorage }).toEqual({ "coxswain:cxw_1": "1" });
  say(seal({ type: "session", exists: false }));
  expect(localStorage.length).toBe(0);
});

it("does what was queued before it came, in order, and survives a listener that throws", () => {
  const order: string[] = [];
  window.coxswain = {
    q: [["on", "open", () => order.push("open")], ["open"], ["fly"], ["constructor"]],
  } as unknown as Api;
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
  events.on("open", () => {
    throw new Error("a listener of the page");
  });
  install(widget, events);
  expect(order).toEqual(["open"]);
  expect([warn.mock.calls.length, error.mock.calls.length]).toEqual([2, 1]);
  window.coxswain.close();
  expect(button().getAttribute("aria-expanded")).toBe("false");
});

it("says who the client is once the panel listens, and the last word counts", () => {
  widget.identify("first");
  widget.logout();
  widget.identify("second");
  open();
  // The panel then waits for it before it shows anybody's conversation.
  expect(frame()?.src).toMatch(/&identify=1$/);
  say(seal({ type: "ready" }));
  const told = panel.postMessage.mock.calls.map(([sealed]) => (sealed as { message: object }).message);
  expect(told).toContainEqual({ type: "identify", token: "second" });
  expect(told).not.toContainEqual({ type: "logout" });
  widget.logout();
  expect(panel.postMessage).toHaveBeenLastCalledWith(seal({ type: "logout" }), ORIGIN);
  const heard: unknown[] = [];
  events.on("identity", (state) => heard.push(state));
  say(seal({ type: "identity", state: "refused" }));
  expect(heard).toEqual(["refused"]);
});

it("ends the session that an earlier page left, even when nobody opens the panel", () => {
  localStorage.setItem("coxswain:cxw_1", "1");
  widget.logout();
  expect(frame()?.src).toMatch(/&identify=1$/);
});
