import { expect, it, vi } from "vitest";
import { followForm, isPreview, PreviewTalk } from "../src/panel/preview";
import { seal, type WidgetConfig } from "../src/shared/protocol";

const OURS = "https://coach.example.org";
const config: WidgetConfig = {
  name: "Mira",
  greeting: "Hello",
  questions: [],
  accent: "#123456",
  position: "right",
  theme: "light",
  locale: "auto",
  picture_url: null,
  check_ins_offered: true,
  attachments: [],
  available: true,
  identity: "off",
  elsewhere: [],
};

/** The panel's window inside another one's frame. */
function framed(search = "?preview=1") {
  const heard: ((event: Partial<MessageEvent>) => void)[] = [];
  const parent = { postMessage: vi.fn() };
  const window = {
    parent,
    location: { origin: OURS, search },
    addEventListener: (_: string, hear: (event: Partial<MessageEvent>) => void) => heard.push(hear),
  } as unknown as Window;
  const post = (event: Partial<MessageEvent>) => {
    for (const hear of heard) hear(event);
  };
  return { window, parent, post, source: parent as unknown as Window };
}

it("is a preview only when asked for, and only in a frame", () => {
  expect(isPreview(framed().window)).toBe(true);
  expect(isPreview(framed("?host=x").window)).toBe(false);
  const alone = { location: { search: "?preview=1" } } as Window & { parent: Window };
  alone.parent = alone;
  expect(isPreview(alone)).toBe(false);
});

it("says that it is ready to its own origin alone", () => {
  const { window, parent } = framed();
  followForm(window, () => undefined);
  expect(parent.postMessage.mock.calls).toEqual([[seal({ type: "ready" }), OURS]]);
});

it("hears the page around it on its own origin, and nobody else", () => {
  const { window, post, source } = framed();
  const apply = vi.fn();
  followForm(window, apply);
  const data = seal({ type: "settings", config });
  post({ origin: "https://elsewhere.example", source, data });
  post({ origin: OURS, source: {} as Window, data });
  post({ origin: OURS, source, data: seal({ type: "closed" }) });
  post({ origin: OURS, source, data: { type: "settings", config } });
  expect(apply).not.toHaveBeenCalled();
  post({ origin: OURS, source, data });
  expect(apply.mock.calls).toEqual([[config]]);
});

it("answers by itself, asks no server and keeps nothing", async () => {
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
  localStorage.clear();
  const talk = new PreviewTalk(() => "Only a preview.");
  const drawn = vi.fn();
  talk.subscribe(drawn);
  await talk.load();
  await talk.send("How do I begin?");
  await talk.consent(true);
  expect(talk.state.messages.map(({ author, text }) => [author, text])).toEqual([
    ["client", "How do I begin?"],
    ["engine", "Only a preview."],
  ]);
  expect(talk.state.checkIns).toBe(true);
  expect(drawn).toHaveBeenCalledTimes(2);
  talk.clear();
  expect(talk.state.messages).toEqual([]);
  expect(fetched).not.toHaveBeenCalled();
  expect(localStorage.length).toBe(0);
});
