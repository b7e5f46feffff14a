import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import type { Citation, DeliveryState, InboxMessage } from "@/api/types";
import { MessageEntry, NoteEntry } from "./entry";
import { HandlerLine } from "./handler-bar";

const SINCE = "2026-11-21T09:00:00Z";
const citation: Citation = {
  n: 1,
  title: "Habits",
  quote: "Rise early.",
  page: 14,
  heading: null,
  start_ms: null,
  document_id: "d",
  version_id: "v",
  version_number: 1,
  chunk_id: "k",
  score: 1,
  url: null,
};
const message: InboxMessage = {
  id: "m",
  conversation_id: "c",
  turn_id: "t",
  seq: 1,
  author: "engine",
  text: "Rise early. [1] <b>Not bold</b>",
  status: "done",
  abstained: false,
  citations: [citation],
  problem: null,
  created_at: SINCE,
  completed_at: SINCE,
  attachments: [],
  delivery: null,
};
const words = (html: string) =>
  html
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
const entry = (part: Partial<InboxMessage> = {}, named = true) =>
  renderToStaticMarkup(
    <MessageEntry message={{ ...message, ...part }} named={named} client="Ana" onSource={() => {}} />,
  );
const mark = (state: DeliveryState, detail: string | null = null, code: string | null = null) =>
  words(entry({ delivery: { state, detail, code, settled_at: null } }));

describe("the line that says who answers", () => {
  it.each([
    [{ is: "engine" }, "Coxswain answers"],
    [{ is: "waiting", since: SINCE }, "Ana waits for a person"],
    [{ is: "you" }, "You answer. Coxswain is silent until you hand back."],
    [{ is: "colleague", name: "Jonas Weil" }, "Jonas Weil answers. Coxswain is silent."],
    [{ is: "closed", since: SINCE }, "It opens again when Ana writes."],
  ] as const)("%o", (who, said) => {
    const html = renderToStaticMarkup(<HandlerLine who={who} client="Ana" />);
    expect(words(html)).toContain(said);
    expect(html).toContain('role="status"');
  });
});

describe("a message", () => {
  it("says who wrote it, unless the line above did", () => {
    expect(words(entry())).toMatch(/^Coxswain /);
    expect(words(entry({}, false))).not.toMatch(/^Coxswain /);
    expect(entry({}, false)).toContain('aria-label="Coxswain, ');
    expect(words(entry({ author: "coach", citations: [] }))).toMatch(/^Your team /);
  });

  it("names its sources and lets nothing act as markup", () => {
    const html = entry();
    expect(words(html)).toContain("1 Habits p. 14");
    expect(html).toContain("&lt;b&gt;Not bold&lt;/b&gt;");
  });

  it("says how far it has come, and why no further", () => {
    expect(mark("read")).toMatch(/Read$/);
    expect(mark("accepted")).toMatch(/Sent$/);
    expect(mark("failed", "They blocked the bot", "403")).toContain(
      "Not delivered They blocked the bot (code 403)",
    );
    expect(mark("withheld", "They said stop")).toContain("Held back They said stop");
    expect(mark("sent", "An earlier trouble", "130429")).not.toContain("trouble");
  });

  it("shows no mark where the client reads the conversation itself", () => {
    expect(words(entry())).not.toMatch(/Sent|Delivered|Read/);
  });
});

describe("a note", () => {
  it("says that no client sees it", () => {
    const html = renderToStaticMarkup(
      <NoteEntry note={{ id: "n", member_name: "Jonas", text: "Call her", created_at: SINCE }} />,
    );
    expect(words(html)).toContain("Note by Jonas");
    expect(words(html)).toContain("Only your team sees it.");
  });
});
