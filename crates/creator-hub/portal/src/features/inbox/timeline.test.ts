import { describe, expect, it } from "vitest";
import type { InboxMessage, Note } from "@/api/types";
import { type Entry, timeline } from "./timeline";

const message = (seq: number, created_at: string, part: Partial<InboxMessage> = {}): InboxMessage => ({
  id: `m${seq}`,
  conversation_id: "c",
  turn_id: "t",
  seq,
  author: "client",
  text: "",
  status: "done",
  abstained: false,
  citations: [],
  problem: null,
  created_at,
  completed_at: created_at,
  attachments: [],
  delivery: null,
  ...part,
});
const note = (id: string, created_at: string): Note => ({ id, member_name: "Jonas", text: "", created_at });

const order = (entries: readonly Entry[]) =>
  entries.map((entry) =>
    entry.kind === "message" ? entry.message.id : entry.kind === "note" ? entry.note.id : entry.kind,
  );

describe("timeline", () => {
  it("puts notes among messages by their time", () => {
    const entries = timeline(
      [message(1, "2026-11-21T09:00:00Z"), message(2, "2026-11-21T09:10:00Z")],
      [note("n", "2026-11-21T09:05:00Z")],
    );
    expect(order(entries)).toEqual(["day", "m1", "n", "m2"]);
  });

  it("keeps messages of one moment in their place", () => {
    const at = "2026-11-21T09:00:00Z";
    expect(order(timeline([message(2, at), message(1, at)], [note("n", at)]))).toEqual([
      "day",
      "m1",
      "m2",
      "n",
    ]);
  });

  it("begins every day with a line, once", () => {
    const entries = timeline(
      [
        message(1, "2026-11-19T12:00:00Z"),
        message(2, "2026-11-21T12:00:00Z"),
        message(3, "2026-11-21T12:01:00Z"),
      ],
      [],
    );
    expect(order(entries)).toEqual(["day", "m1", "day", "m2", "m3"]);
  });

  it("names a writer again only after somebody else, a note or a new day", () => {
    const entries = timeline(
      [
        message(1, "2026-11-21T12:00:00Z", { author: "coach" }),
        message(2, "2026-11-21T12:01:00Z", { author: "coach" }),
        message(3, "2026-11-21T12:03:00Z", { author: "coach" }),
        message(4, "2026-11-21T12:04:00Z", { author: "engine" }),
        message(5, "2026-11-23T12:04:00Z", { author: "engine" }),
      ],
      [note("n", "2026-11-21T12:02:00Z")],
    );
    const goesOn = entries.flatMap((entry) => (entry.kind === "message" ? [entry.goesOn] : []));
    expect(goesOn).toEqual([false, true, false, false, false]);
  });
});
