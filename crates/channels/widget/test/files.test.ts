import { beforeEach, expect, it, vi } from "vitest";
import { Api, ApiError } from "../src/panel/api";
import { Chat } from "../src/panel/chat";
import { Files, type FilesState, NO_FILES } from "../src/panel/files";
import { Host } from "../src/panel/host";
import { openKeep } from "../src/panel/keep";
import { accepted, kindOf, size } from "../src/panel/kinds";
import { carriesUnknown, upsert } from "../src/panel/messages";
import { openStore } from "../src/panel/storage";
import type { Message } from "../src/panel/types";

const file = (name: string, type: string, content = "content") => new File([content], name, { type });

type Upload = (id: string) => Promise<void>;

/** Files over a server that is only what `receive` does. */
function shelf(receive: Upload) {
  let state: FilesState = NO_FILES;
  const discarded: string[] = [];
  const files = new Files({
    api: {
      upload: async (id, blob, name) => {
        await receive(id);
        return { id, name, kind: "pdf", mime: "", bytes: blob.size };
      },
      discard: async (id) => {
        discarded.push(id);
      },
      attachment: async () => new Blob(["from the server"]),
    },
    keep: openKeep("test"),
    ensure: async () => undefined,
    changed: (changed) => {
      state = changed;
    },
  });
  return { files, discarded, tray: () => state.tray, state: () => state };
}

beforeEach(() => localStorage.clear());

it("knows files by their type or, where a device tells none, by their ending", () => {
  expect(kindOf({ type: "image/webp", name: "a" })).toBe("image");
  expect(kindOf({ type: "image/svg+xml", name: "a.svg" })).toBe("other");
  expect(kindOf({ type: "", name: "Notes.MD" })).toBe("text");
  expect(kindOf({ type: "audio/x-m4a", name: "memo.m4a" })).toBe("audio");
  expect(kindOf({ type: "application/zip", name: "a.zip" })).toBe("other");
  expect(accepted(["pdf"])).toBe("application/pdf,.pdf");
  expect(size(1_440_000, "en")).toBe("1.4 MB");
});

it("says why a file is refused, and takes the others", async () => {
  const { files, tray, state } = shelf(async () => undefined);
  files.attach([file("a.zip", "application/zip"), file("b.pdf", "application/pdf")], ["image", "pdf"]);
  expect(tray().map(({ name }) => name)).toEqual(["b.pdf"]);
  expect(state().refused).toEqual({ name: "a.zip", why: "kind" });
  files.attach([file("empty.pdf", "application/pdf", "")], ["pdf"]);
  expect(state().refused?.why).toBe("empty");
  const large = file("large.pdf", "application/pdf");
  Object.defineProperty(large, "size", { value: 10 * 1024 * 1024 + 1 });
  files.attach([large], ["pdf"]);
  expect(state().refused?.why).toBe("large");
  const more = ["c.pdf", "d.pdf", "e.pdf"].map((name) => file(name, "application/pdf"));
  files.attach(more, ["pdf"]);
  expect(tray()).toHaveLength(3);
  expect(state().refused).toEqual({ name: "e.pdf", why: "many" });
});

it("waits for the connection and goes on when it is back", async () => {
  let down = true;
  const { files, tray } = shelf(async () => {
    if (down) throw new ApiError(0, "unreachable", null);
  });
  files.attach([file("a.pdf", "application/pdf")], ["pdf"]);
  await vi.waitFor(() => expect(tray()[0]?.state).toBe("waiting"));
  down = false;
  files.retry();
  await vi.waitFor(() => expect(tray()[0]?.state).toBe("ready"));
});

it("takes a file back, on the server too", async () => {
  const { files, discarded, tray } = shelf(async () => undefined);
  files.attach([file("a.pdf", "application/pdf")], ["pdf"]);
  await vi.waitFor(() => expect(tray()[0]?.state).toBe("ready"));
  const id = tray()[0]?.id ?? "";
  files.detach(id);
  expect(tray()).toEqual([]);
  expect(discarded).toEqual([id]);
});

it("shows what the server finds in a file", async () => {
  const { files, tray } = shelf(async () => {
    throw new ApiError(415, "wrong_kind", null);
  });
  files.attach([file("photo.png", "image/png")], ["image"]);
  await vi.waitFor(() => expect(tray()[0]?.refusal).toBe("kind"));
  expect(files.take(), "it goes with no message").toEqual([]);
});

const message = (part: Partial<Message>): Message => ({
  id: "m1",
  seq: 1,
  author: "client",
  text: "📎 a.pdf",
  status: "done",
  abstained: false,
  citations: [],
  problem: null,
  created_at: "2026-11-21T09:00:00Z",
  completed_at: null,
  ...part,
});
const ATTACHMENT = { id: "f", name: "a.pdf", kind: "pdf", mime: "application/pdf", bytes: 7 } as const;

it("keeps what is known of a message's files when an event tells nothing of them", () => {
  const known = upsert([], message({ attachments: [ATTACHMENT] }));
  expect(upsert(known, message({}))[0]?.attachments).toEqual([ATTACHMENT]);
  expect(carriesUnknown(message({}))).toBe(true);
  expect(carriesUnknown(message({ attachments: [] }))).toBe(false);
  expect(carriesUnknown(message({ text: "a.pdf" }))).toBe(false);
});

/** A server behind fetch and XMLHttpRequest that takes files once `up`. */
class Server {
  up = false;
  readonly files: string[] = [];
  readonly sent: { attachments?: string[] }[] = [];

  install(): void {
    const server = this;
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      if (path.startsWith("/w/events")) return new Promise<Response>(() => undefined);
      if (!server.up) throw new TypeError("offline");
      const json = (body: unknown) => new Response(JSON.stringify(body), { status: 201 });
      if (path.endsWith("/sessions")) return json({ token: "t", expires_at: "", subject: null });
      const body = JSON.parse(String(init.body)) as { attachments?: string[] };
      server.sent.push(body);
      const attachments = (body.attachments ?? []).map((id) => ({ ...ATTACHMENT, id }));
      return json({ message: message({ attachments }), files: null, reply_id: null });
    });
    class Request {
      readonly upload: { onprogress: unknown } = { onprogress: null };
      onload: (() => void) | null = null;
      onerror: (() => void) | null = null;
      status = 0;
      responseText = "";
      #path = "";
      open(_method: string, path: string): void {
        this.#path = path;
      }
      setRequestHeader(): void {}
      getResponseHeader(): null {
        return null;
      }
      abort(): void {}
      send(): void {
        if (!server.up) {
          queueMicrotask(() => this.onerror?.());
          return;
        }
        this.status = 201;
        const id = /attachments\/([^?]+)/.exec(this.#path)?.[1] ?? "";
        server.files.push(id);
        this.responseText = JSON.stringify({ ...ATTACHMENT, id });
        queueMicrotask(() => this.onload?.());
      }
    }
    vi.stubGlobal("XMLHttpRequest", Request);
  }
}

it("keeps a file that could not be sent over a reload, and sends it once", async () => {
  const server = new Server();
  server.install();
  const keep = openKeep("test");
  const open = () =>
    new Chat({
      api: new Api("cxw_1"),
      host: new Host(null),
      store: openStore(() => localStorage),
      storeKey: "k",
      keep,
      locale: () => "en",
    });
  const first = open();
  first.files.attach([file("a.pdf", "application/pdf")], ["pdf"]);
  await first.send("");
  expect(first.state.pending[0]).toMatchObject({ state: "failed", files: [{ name: "a.pdf" }] });

  server.up = true;
  const second = open();
  const [kept] = second.state.pending;
  await second.resend(kept?.client_message_id ?? "");
  expect(second.state.pending).toEqual([]);
  expect(server.sent[0]?.attachments).toEqual(kept?.files?.map(({ id }) => id));
  expect(server.files).toEqual(server.sent[0]?.attachments);
  expect(second.state.messages[0]?.attachments).toHaveLength(1);
});
