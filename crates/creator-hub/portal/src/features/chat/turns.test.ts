import { describe, expect, it } from "vitest";
import type { Message } from "@/api/types";
import { apply, pending, place, type Turn } from "./turns";

const message = (seq: number, part: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  conversation_id: "c",
  turn_id: "t",
  seq,
  author: "engine",
  text: "",
  status: "streaming",
  abstained: false,
  citations: [],
  problem: null,
  created_at: "2026-11-21T09:00:00Z",
  completed_at: null,
  ...part,
});

const event = (name: string, data: unknown, id = "") => ({ id, event: name, data: JSON.stringify(data) });
const delta = (text: string, end?: number) =>
  event("delta", { message_id: "m2", text }, end === undefined ? "2" : `2.${end}`);
const textOf = (turns: readonly Turn[]) => turns.find((turn) => turn.id === "m2")?.text;

describe("apply", () => {
  it("grows the answer by its deltas", () => {
    const turns = [delta("Rise ", 5), delta("early", 10)].reduce<readonly Turn[]>(apply, [message(2)]);
    expect(textOf(turns)).toBe("Rise early");
  });

  it("takes a delta that comes again after a reconnection once", () => {
    const turns = [delta("Rise ", 5), delta("Rise ", 5), delta("early", 10)].reduce<readonly Turn[]>(apply, [
      message(2),
    ]);
    expect(textOf(turns)).toBe("Rise early");
  });

  it("takes only the new end of a delta that overlaps what is known", () => {
    expect(textOf(apply([message(2, { text: "Rise " })], delta("se early", 10)))).toBe("Rise early");
  });

  it("ends with the final message, whatever the deltas said", () => {
    const done = message(2, { text: "Rise early.", status: "done" });
    const turns = [delta("Rize", 4), event("message", done, "2")].reduce<readonly Turn[]>(apply, [
      message(2),
    ]);
    expect(turns).toEqual([done]);
  });

  it("ignores events it does not know", () => {
    const turns = [message(2)];
    expect(apply(turns, event("later_invention", {}))).toBe(turns);
  });
});

describe("place", () => {
  it("keeps the order of the conversation, whatever comes first", () => {
    const turns = place(place([], message(3)), message(1, { author: "client", text: "Hello" }));
    expect(turns.map(({ seq }) => seq)).toEqual([1, 3]);
  });

  it("puts the server's copy in the place of what was shown meanwhile", () => {
    const turns = place(
      [pending("local", "Hello")],
      message(1, { author: "client", text: "Hello", status: "done" }),
    );
    expect(turns.map(({ id }) => id)).toEqual(["m1"]);
  });

  it("replaces only one of two equal questions, and keeps one that failed", () => {
    const failed: Turn = { ...pending("failed", "Hello"), sending: "failed" };
    const turns = place(
      [failed, pending("a", "Hello"), pending("b", "Hello")],
      message(1, { author: "client", text: "Hello" }),
    );
    expect(turns.map(({ id }) => id)).toEqual(["m1", "failed", "b"]);
  });
});
