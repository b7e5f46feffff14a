import { describe, expect, it } from "vitest";
import { append, offsetOf, settle, unreadAfter, upsert } from "../src/panel/messages";
import type { Message } from "../src/panel/types";

const message = (id: string, seq: number, more: Partial<Message> = {}): Message => ({
  id,
  seq,
  author: "engine",
  text: "",
  status: "streaming",
  abstained: false,
  citations: [],
  problem: null,
  created_at: "2026-11-21T09:00:00Z",
  completed_at: null,
  ...more,
});

describe("upsert", () => {
  it("keeps messages in the order of seq, whatever order they arrive in", () => {
    const list = [3, 1, 2].reduce<Message[]>((all, seq) => upsert(all, message(`m${seq}`, seq)), []);
    expect(list.map((one) => one.seq)).toEqual([1, 2, 3]);
  });

  it("never shortens a growing text nor reopens a finished one", () => {
    const grown = [message("a", 1, { text: "Hello there" })];
    expect(upsert(grown, message("a", 1, { text: "Hello" }))[0]?.text).toBe("Hello there");
    const done = [message("a", 1, { text: "Done.", status: "done" })];
    expect(upsert(done, message("a", 1, { text: "Done. And more" }))[0]?.status).toBe("done");
  });

  it("takes the final text even when it is shorter than what was streamed", () => {
    const grown = [message("a", 1, { text: "One. An unsupported claim." })];
    expect(upsert(grown, message("a", 1, { text: "One.", status: "done" }))[0]?.text).toBe("One.");
  });
});

describe("append", () => {
  it("puts deltas together by their end, once each", () => {
    let list = [message("a", 1)];
    for (const [text, end] of [
      ["Hé", 2],
      ["Hé", 2],
      ["llo 🚣", 8],
      ["lo 🚣!", 9],
    ] as const) {
      list = append(list, "a", text, end) as Message[];
    }
    expect(list[0]?.text).toBe("Héllo 🚣!");
  });

  it("notices a gap and an unknown message", () => {
    expect(append([message("a", 1, { text: "He" })], "a", "o", 5)).toBeNull();
    expect(append([], "a", "o", 1)).toBeNull();
  });

  it("leaves a finished message alone", () => {
    expect(append([message("a", 1, { text: "Done.", status: "done" })], "a", "x", 6)?.[0]?.text).toBe(
      "Done.",
    );
  });
});

it("reads the offset of a delta's id and of nothing else", () => {
  expect([offsetOf("12.345"), offsetOf("12"), offsetOf(null), offsetOf("a.b")]).toEqual([
    345,
    null,
    null,
    null,
  ]);
});

it("drops one pending message when the stream confirms it before the POST does", () => {
  const pending = ["a", "b"].map((id) => ({
    client_message_id: id,
    text: "Same words",
    state: "sending" as const,
  }));
  const confirmed = message("m", 1, { author: "client", text: "Same words", status: "done" });
  expect(settle(pending, confirmed).map((one) => one.client_message_id)).toEqual(["b"]);
  expect(settle(pending, { ...confirmed, author: "engine" })).toHaveLength(2);
});

it("counts only finished messages of the coach's side as unread", () => {
  const list = [
    message("a", 1, { status: "done" }),
    message("b", 2, { author: "client", status: "done" }),
    message("c", 3, { author: "check_in", status: "done" }),
    message("d", 4),
  ];
  expect(unreadAfter(list, 1)).toBe(1);
});
