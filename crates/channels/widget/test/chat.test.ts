import { beforeEach, expect, it, vi } from "vitest";
import { Api } from "../src/panel/api";
import { Chat } from "../src/panel/chat";
import { Host } from "../src/panel/host";
import { openKeep } from "../src/panel/keep";
import { openStore, type Store } from "../src/panel/storage";

type Handler = (request: {
  path: string;
  method: string;
  body: Record<string, unknown>;
  token: string | null;
}) => Response;

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const client = (text: string) => ({
  id: "m1",
  seq: 1,
  author: "client",
  text,
  status: "done",
  abstained: false,
  citations: [],
  problem: null,
  created_at: "2026-11-21T09:00:00Z",
  completed_at: null,
});

/** A server that is only what `handle` says; the event stream stays open and silent. */
function serve(handle: Handler) {
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (path.startsWith("/w/events")) return new Promise<Response>(() => undefined);
    const headers = new Headers(init.headers);
    const body = init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {};
    return handle({ path, method: init.method ?? "GET", body, token: headers.get("Authorization") });
  });
}

let store: Store;
const chat = () =>
  new Chat({
    api: new Api("cxw_1"),
    host: new Host(null),
    store,
    storeKey: "coxswain:cxw_1",
    keep: openKeep("test"),
    locale: () => "en",
  });

beforeEach(() => {
  localStorage.clear();
  store = openStore(() => localStorage);
});

it("asks the server for nothing until the client does something", async () => {
  const asked = vi.fn(() => json(500, {}));
  serve(asked);
  const one = chat();
  await one.load();
  expect(one.state.phase).toBe("ready");
  expect(asked).not.toHaveBeenCalled();
});

it("makes one session for two messages written at once", async () => {
  const sessions = vi.fn();
  serve(({ path, body }) => {
    if (path.endsWith("/sessions")) {
      sessions();
      return json(201, { token: "t", expires_at: "" });
    }
    return json(202, {
      message: { ...client(String(body.text)), id: String(body.client_message_id) },
      reply_id: "r",
    });
  });
  const one = chat();
  await Promise.all([one.send("a"), one.send("b")]);
  expect(sessions).toHaveBeenCalledTimes(1);
  expect(one.state.pending).toEqual([]);
  expect(one.state.messages).toHaveLength(2);
});

it("keeps a message that failed, over a reload too, and sends it again under its own id", async () => {
  const ids: unknown[] = [];
  let up = false;
  serve(({ path, body }) => {
    if (path.endsWith("/sessions")) return json(201, { token: "t", expires_at: "" });
    if (path.startsWith("/w/conversation")) return json(500, {});
    ids.push(body.client_message_id);
    return up
      ? json(202, { message: client(String(body.text)), reply_id: "r" })
      : json(503, { code: "unavailable" });
  });
  await chat().send("Hello");
  const later = chat();
  expect(later.state.pending.map((one) => [one.text, one.state])).toEqual([["Hello", "failed"]]);
  up = true;
  await later.resend(later.state.pending[0]?.client_message_id ?? "");
  expect(later.state.pending).toEqual([]);
  expect(new Set(ids).size).toBe(1);
  expect(ids).toHaveLength(2);
});

it("says how long to wait when the server asks for patience", async () => {
  serve(({ path }) =>
    path.endsWith("/sessions")
      ? json(201, { token: "t", expires_at: "" })
      : json(429, {}, { "Retry-After": "7" }),
  );
  const one = chat();
  await one.send("Hello");
  expect(one.state.pending[0]).toMatchObject({ state: "failed", wait: 7 });
});

it("begins a new session when the old one is refused, and still delivers", async () => {
  store.set("coxswain:cxw_1", "old");
  serve(({ path, token, body }) => {
    if (path.endsWith("/sessions")) return json(201, { token: "new", expires_at: "" });
    if (token !== "Bearer new") return json(401, { code: "unauthenticated" });
    return json(202, { message: client(String(body.text)), reply_id: "r" });
  });
  const one = chat();
  await one.send("Hello");
  expect(one.state.messages.map((message) => message.text)).toEqual(["Hello"]);
  expect(store.get("coxswain:cxw_1")).toBe("new");
});

it("does not claim a consent that the server did not record", async () => {
  serve(({ path }) =>
    path.endsWith("/sessions") ? json(201, { token: "t", expires_at: "" }) : json(500, {}),
  );
  const one = chat();
  await expect(one.consent(true, "May I?")).rejects.toThrow();
  expect(one.state.checkIns).toBe(false);
});

it("shows who answers as the stream tells it, and forgets a hand that has stopped writing", async () => {
  vi.useFakeTimers();
  let tell: (text: string) => void = () => undefined;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      tell = (text) => controller.enqueue(new TextEncoder().encode(text));
    },
  });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (path.startsWith("/w/events")) return new Response(stream);
    if (path.endsWith("/sessions")) return json(201, { token: "t", expires_at: "", subject: null });
    const { text } = JSON.parse(String(init.body)) as { text: string };
    return json(202, { message: client(text), reply_id: null });
  });
  const one = chat();
  await one.send("Hello");
  const presence = async (human: boolean, writing: boolean) => {
    const said = { human, human_wanted: false, writing };
    tell(`event: presence\ndata: ${JSON.stringify(said)}\n\n`);
    await vi.waitFor(() => expect(one.state.presence).toEqual(said));
  };
  await presence(true, false);
  await presence(true, true);
  vi.advanceTimersByTime(10_000);
  expect(one.state.presence).toEqual({ human: true, human_wanted: false, writing: false });
  await presence(false, false);
  vi.useRealTimers();
});

it("shows a thumb only when the server has it", async () => {
  let status = 503;
  serve(({ path }) => (path.includes("/feedback") ? new Response(null, { status }) : json(500, {})));
  const one = chat();
  await expect(one.rate("m1", true)).rejects.toThrow();
  expect(one.state.feedback).toEqual({});
  status = 204;
  await one.rate("m1", false, "Too long");
  expect(one.state.feedback).toEqual({ m1: false });
});
