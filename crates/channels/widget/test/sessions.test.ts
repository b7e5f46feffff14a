import { beforeEach, expect, it, vi } from "vitest";
import { Api } from "../src/panel/api";
import { Chat } from "../src/panel/chat";
import { Host } from "../src/panel/host";
import { openKeep } from "../src/panel/keep";
import { subjectOf } from "../src/panel/sessions";
import { openStore, type Store } from "../src/panel/storage";

const KEY = "coxswain:cxw_1";

/** A token as a page's server would sign it; the signature is the server's business. */
const token = (sub: string) => `e30.${btoa(JSON.stringify({ sub })).replace(/=/g, "")}.sig`;

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

const message = (id: string, text: string) => ({
  id,
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

/** A server with one conversation for each subject, and what it was asked. */
class Server {
  asked: { path: string; method: string; body: Record<string, unknown>; bearer: string | null }[] = [];
  refuse: string | null = null;
  #sessions = 0;
  #subjects = new Map<string, string>();

  constructor() {
    vi.stubGlobal("fetch", (path: string, init: RequestInit = {}) => this.#answer(path, init));
  }

  begun() {
    return this.asked.filter(({ path }) => path.endsWith("/sessions"));
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    if (path.startsWith("/w/events")) return new Promise<Response>(() => undefined);
    const bearer = new Headers(init.headers).get("Authorization");
    const body = init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {};
    this.asked.push({ path, method: init.method ?? "GET", body, bearer });
    if (path.endsWith("/sessions")) {
      if (this.refuse) return json(403, { code: this.refuse });
      const identity = body.identity_token as string | undefined;
      const subject = identity === undefined ? null : subjectOf(identity);
      const made = `t${++this.#sessions}`;
      this.#subjects.set(`Bearer ${made}`, subject ?? "nobody");
      return json(201, { token: made, expires_at: "", subject });
    }
    if (path.startsWith("/w/conversation")) {
      const whose = this.#subjects.get(bearer ?? "") ?? "a kept session";
      return json(200, {
        conversation_id: "c",
        messages: [message("m1", `of ${whose}`)],
        before_cursor: null,
        consent: { check_ins: false },
        unread: 0,
        last_event_id: null,
        presence: { human: false, human_wanted: false, writing: false },
        feedback: [],
      });
    }
    if (path === "/w/messages") {
      return json(202, {
        message: message(String(body.client_message_id), String(body.text)),
        reply_id: "r",
      });
    }
    return new Response(null, { status: 204 });
  }
}

let store: Store;
let server: Server;
const chat = () =>
  new Chat({
    api: new Api("cxw_1"),
    host: new Host(null),
    store,
    storeKey: KEY,
    keep: openKeep("test"),
    locale: () => "en",
  });
const texts = (one: Chat) => one.state.messages.map(({ text }) => text);

beforeEach(() => {
  localStorage.clear();
  store = openStore(() => localStorage);
  server = new Server();
});

it("reads whom a token is about, and nothing into what is none", () => {
  expect(subjectOf(token("ada"))).toBe("ada");
  expect(subjectOf(token("zo\u00eb".normalize("NFD").replace(/[^a-z]/g, "")))).toBe("zoe");
  for (const none of ["", "a.b", "e30.e30.sig", "...", "e30.bnVsbA.sig"]) expect(subjectOf(none)).toBeNull();
});

it("waits for something to do before it begins a session for whom the page has named", async () => {
  const one = chat();
  await one.load();
  await one.identify(token("ada"));
  expect(server.asked).toEqual([]);
  await one.send("Hello");
  expect(server.begun().map(({ body }) => body.identity_token)).toEqual([token("ada")]);
});

it("shows whom the page has named their conversation when they open the panel", async () => {
  const one = chat();
  await one.load();
  await one.identify(token("ada"));
  one.setOpen(true);
  await vi.waitFor(() => expect(texts(one)).toEqual(["of ada"]));
});

it("keeps the session of the same client, and gives another client another one", async () => {
  const one = chat();
  one.setOpen(true);
  await one.identify(token("ada"));
  await one.identify(token("ada"));
  expect(server.begun()).toHaveLength(1);
  await one.identify(token("ben"));
  expect(server.begun().map(({ bearer }) => bearer)).toEqual([null, "Bearer t1"]);
  expect(texts(one)).toEqual(["of ben"]);
  // On the next page the kept session is known to be theirs.
  const next = chat();
  await next.identify(token("ben"));
  expect(server.begun()).toHaveLength(2);
  expect(texts(next)).toEqual(["of ben"]);
});

it("keeps nobody else's session when the page's word is not believed, but an anonymous one", async () => {
  const one = chat();
  await one.send("Hello");
  server.refuse = "identity_refused";
  await one.identify(token("ada"));
  expect([one.state.barred, store.get(KEY)]).toEqual(["refused", "t1"]);
  server.refuse = null;
  await one.identify(token("ada"));
  expect([one.state.barred, store.get(KEY)]).toEqual([null, "t2"]);
  server.refuse = "identity_refused";
  await one.identify(token("ben"));
  expect([one.state.barred, store.get(KEY), texts(one)]).toEqual(["refused", null, []]);
});

it("says that one has to sign in, and keeps what was written", async () => {
  server.refuse = "identity_required";
  const one = chat();
  await one.send("Hello");
  expect(one.state.barred).toBe("required");
  expect(one.state.pending.map(({ text, state }) => [text, state])).toEqual([["Hello", "failed"]]);
});

it("leaves nothing behind when the client signs out", async () => {
  const one = chat();
  one.setOpen(true);
  await one.identify(token("ada"));
  server.refuse = "unavailable";
  await one.logout();
  expect(server.asked.at(-1)).toMatchObject({ path: "/w/session", method: "DELETE", bearer: "Bearer t1" });
  expect([texts(one), one.state.pending, { ...localStorage }]).toEqual([[], [], {}]);
});

it("goes on in another tab with the session of the first, whichever begins it", async () => {
  const [first, second] = [chat(), chat()];
  await Promise.all([first.load(), second.load()]);
  await first.send("Hello");
  // The second tab has not heard of it yet, and begins no session of its own.
  await second.send("Me too");
  expect(server.begun()).toHaveLength(1);
  expect(server.asked.filter(({ path }) => path === "/w/messages").map(({ bearer }) => bearer)).toEqual([
    "Bearer t1",
    "Bearer t1",
  ]);

  const third = chat();
  store.set(KEY, "t9");
  window.dispatchEvent(new StorageEvent("storage", { key: KEY }));
  await vi.waitFor(() => expect(texts(third)).toEqual(["of a kept session"]));
  store.set(KEY, null);
  window.dispatchEvent(new StorageEvent("storage", { key: KEY }));
  expect(texts(third)).toEqual([]);
});
