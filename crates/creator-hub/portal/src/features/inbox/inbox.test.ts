import { describe, expect, it } from "vitest";
import { together } from "@/api/inbox";
import { subjectOf } from "@/api/inbox-events";
import type { InboxConversation, InboxDetail } from "@/api/types";
import { inbox } from "@/app/search";
import { draftOf, insertAt, keepDraft, withoutMarks } from "./drafts";
import { neighbour } from "./use-inbox-keys";
import { without } from "./use-inbox-rows";
import { shortName, whoAnswers } from "./who";
import { windowShut } from "./window-shut";

const conversation = (part: Partial<InboxConversation> = {}): InboxConversation => ({
  id: "c1",
  client: { id: "p1", display_name: "Ana Ferreira" },
  channel: null,
  handler: "engine",
  assigned_to: null,
  human_wanted_at: null,
  closed_at: null,
  last_message: null,
  created_at: "2026-11-21T09:00:00Z",
  updated_at: "2026-11-21T09:00:00Z",
  ...part,
});
const mira = { id: "m1", name: "Mira Halloran" };
const SINCE = "2026-11-21T09:00:00Z";

describe("who answers", () => {
  it.each([
    ["the engine", {}, { is: "engine" }],
    ["the engine, though somebody is assigned", { assigned_to: mira }, { is: "engine" }],
    ["the engine, while a person is wanted", { human_wanted_at: SINCE }, { is: "waiting", since: SINCE }],
    ["you", { handler: "human", assigned_to: mira }, { is: "you" }],
    [
      "you, though a person was wanted",
      { handler: "human", assigned_to: mira, human_wanted_at: SINCE },
      { is: "you" },
    ],
    [
      "a colleague",
      { handler: "human", assigned_to: { id: "m2", name: "Jonas Weil" } },
      { is: "colleague", name: "Jonas Weil" },
    ],
    ["somebody who is not named", { handler: "human" }, { is: "colleague", name: "A colleague" }],
    ["nobody", { closed_at: SINCE, handler: "human", assigned_to: mira }, { is: "closed", since: SINCE }],
  ] as const)("%s", (_, part, who) => {
    expect(whoAnswers(conversation(part), mira.id)).toEqual(who);
  });

  it("goes by the first name", () => {
    expect(shortName("  Ana Ferreira")).toBe("Ana");
    expect(shortName("+49 151 2345678")).toBe("+49 151 2345678");
    expect(shortName("Client 9A32")).toBe("Client 9A32");
    expect(shortName("Client DBDC")).toBe("Client DBDC");
    expect(shortName(" ")).toBe(" ");
  });
});

describe("the list", () => {
  const rows = [{ id: "a" }, { id: "b" }, { id: "c" }];

  it("shows nobody twice", () => {
    const [a, b] = [conversation({ id: "a" }), conversation({ id: "b" })];
    expect(without([a, b], [a])).toEqual([b]);
  });

  it.each([
    [undefined, 1, "a"],
    ["a", 1, "b"],
    ["c", 1, undefined],
    ["b", -1, "a"],
    ["a", -1, undefined],
    ["not in the list", 1, "a"],
  ] as const)("from %s by %s comes %s", (open, step, next) => {
    expect(neighbour(rows, open, step)).toBe(next);
  });

  it("takes from its address only what it knows", () => {
    expect(inbox({ state: "waiting", q: "Ana", conversation: "c1", channel: "" })).toEqual({
      state: "waiting",
      q: "Ana",
      conversation: "c1",
      channel: undefined,
      assigned_to: undefined,
    });
    expect(inbox({ state: "everything" }).state).toBeUndefined();
  });
});

describe("a conversation read in pages", () => {
  const page = (ids: readonly string[], next_cursor: string | null): InboxDetail =>
    ({
      messages: ids.map((id) => ({ id })),
      notes: [{ id: next_cursor }],
      next_cursor,
    }) as unknown as InboxDetail;

  it("stands with the oldest first, each once, and the latest page's notes", () => {
    const whole = together([page(["m3", "m4"], "3"), page(["m1", "m2", "m3"], null)]);
    expect(whole?.messages.map(({ id }) => id)).toEqual(["m1", "m2", "m3", "m4"]);
    expect(whole?.notes).toEqual([{ id: "3" }]);
  });
});

describe("what is typed", () => {
  it("is kept by conversation until it is sent", () => {
    keepDraft("c1", "Half a sen");
    keepDraft("c2", "Other");
    expect([draftOf("c1"), draftOf("c2"), draftOf("c3")]).toEqual(["Half a sen", "Other", ""]);
    keepDraft("c1", "");
    expect([draftOf("c1"), draftOf("c2")]).toEqual(["", "Other"]);
  });

  it("carries no marks of sources when it was suggested", () => {
    expect(withoutMarks("Rise early. [1] Then rest [12].\n[2] Begin")).toBe("Rise early. Then rest.\n Begin");
    expect(withoutMarks("Read [this] and a[0x]")).toBe("Read [this] and a[0x]");
  });
});

describe("canned words", () => {
  it.each([
    ["", null, "Hello."],
    ["Dear Ana,", null, "Dear Ana, Hello."],
    ["Dear Ana,\n", null, "Dear Ana,\nHello."],
    ["Dear  Ana", { selectionStart: 5, selectionEnd: 6 }, "Dear Hello.Ana"],
    ["Old words", { selectionStart: 0, selectionEnd: 9 }, "Hello."],
  ] as const)("in %j go where the caret is", (text, box, result) => {
    expect(insertAt(text, "Hello.", box)).toBe(result);
  });
});

describe("the window of a channel", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  it.each([
    [null, false],
    ["2026-11-21T12:00:01Z", false],
    ["2026-11-21T12:00:00Z", true],
    ["2026-11-20T12:00:00Z", true],
  ] as const)("that closes at %s is shut: %s", (at, shut) => {
    expect(windowShut(at, now)).toBe(shut);
  });
});

describe("the subject of an event", () => {
  it.each([
    ['{"id":"c1","handler":"human"}', "c1"],
    ['{"conversation_id":"c2","id":"m9"}', "c2"],
    ['{"id":7}', undefined],
    ["null", undefined],
    ["not json", undefined],
  ])("%s is %s", (data, subject) => {
    expect(subjectOf(data)).toBe(subject);
  });
});
