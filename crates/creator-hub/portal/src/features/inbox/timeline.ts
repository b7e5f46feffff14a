import type { InboxMessage, Note } from "@/api/types";

/** One line of a conversation as the team sees it. */
export type Entry =
  | { kind: "message"; message: InboxMessage; goesOn: boolean }
  | { kind: "note"; note: Note }
  | { kind: "day"; day: string; at: string };

const DAY = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });

/**
 * Messages and notes in the order they were written, with a line where a day begins. Messages of one
 * moment keep their place in the conversation.
 */
export function timeline(messages: readonly InboxMessage[], notes: readonly Note[]): Entry[] {
  const all: Extract<Entry, { kind: "message" | "note" }>[] = [
    ...messages.map((message) => ({ kind: "message" as const, message, goesOn: false })),
    ...notes.map((note) => ({ kind: "note" as const, note })),
  ];
  all.sort((a, b) => momentOf(a) - momentOf(b) || placeOf(a) - placeOf(b));
  const lines: Entry[] = [];
  let day = "";
  for (const entry of all) {
    const at = entry.kind === "message" ? entry.message.created_at : entry.note.created_at;
    const today = DAY.format(Date.parse(at));
    if (today !== day) lines.push({ kind: "day", day: today, at });
    day = today;
    lines.push(entry.kind === "message" ? { ...entry, goesOn: goesOn(lines.at(-1), entry.message) } : entry);
  }
  return lines;
}

const momentOf = (entry: Extract<Entry, { kind: "message" | "note" }>) =>
  Date.parse(entry.kind === "message" ? entry.message.created_at : entry.note.created_at);

const placeOf = (entry: Entry) => (entry.kind === "message" ? entry.message.seq : Number.MAX_SAFE_INTEGER);

/** Whether the same hand wrote the line right above, so that it need not be named again. */
const goesOn = (above: Entry | undefined, { author }: InboxMessage) =>
  above?.kind === "message" && above.message.author === author;
