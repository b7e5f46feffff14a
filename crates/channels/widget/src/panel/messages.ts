/** What events do to the list of messages: pure, so that every order of arrival can be tested. */
import type { Message, Pending } from "./types";

/** Adds or replaces one message, in order of `seq`. A stale copy never shortens a text that is growing. */
export function upsert(messages: readonly Message[], incoming: Message): Message[] {
  const known = messages.find((message) => message.id === incoming.id);
  if (known && incoming.status === "streaming") {
    if (known.status !== "streaming" || known.text.length > incoming.text.length) return [...messages];
  }
  const others = messages.filter((message) => message.id !== incoming.id);
  const after = others.findIndex((message) => message.seq > incoming.seq);
  // An event does not tell of files: what is known of them stays.
  const attachments = incoming.attachments ?? known?.attachments;
  const whole = attachments ? { ...incoming, attachments } : incoming;
  others.splice(after < 0 ? others.length : after, 0, whole);
  return others;
}

/**
 * Appends a delta that ends at `end` (UTF-16 units). A repeat changes nothing; a delta that overlaps adds only
 * its new part. Null: something between is missing, so the conversation has to be read again.
 */
export function append(
  messages: readonly Message[],
  id: string,
  text: string,
  end: number | null,
): Message[] | null {
  const known = messages.find((message) => message.id === id);
  if (!known) return null;
  if (known.status !== "streaming") return [...messages];
  const start = end === null ? known.text.length : end - text.length;
  if (start > known.text.length) return null;
  const added = text.slice(known.text.length - start);
  return messages.map((message) =>
    message === known ? { ...message, text: message.text + added } : message,
  );
}

/** The offset in a delta's event id, `seq.offset`. */
export function offsetOf(eventId: string | null): number | null {
  const match = /^\d+\.(\d+)$/.exec(eventId ?? "");
  return match ? Number(match[1]) : null;
}

/** Drops the pending message that `confirmed` is: the stream may bring it before the POST has answered. */
export function settle(pending: readonly Pending[], confirmed: Message): Pending[] {
  if (confirmed.author !== "client") return [...pending];
  const index = pending.findIndex((one) => one.text !== "" && one.text.trim() === confirmed.text.trim());
  return pending.filter((_, at) => at !== index);
}

/**
 * Whether a message carries files that we know nothing of: sent in another tab, its event tells of them only by the
 * sign that stands in the conversation for a file.
 */
export function carriesUnknown(message: Message): boolean {
  return message.author === "client" && !message.attachments && /^(?:🖼|🎵|🎬|📎) /u.test(message.text);
}

/** How many finished messages of the coach's side come after `seen`. */
export function unreadAfter(messages: readonly Message[], seen: number): number {
  return messages.filter(
    (message) => message.seq > seen && message.author !== "client" && message.status !== "streaming",
  ).length;
}

/** The `seq` up to which all but the newest `unread` messages of the coach's side were seen. */
export function seenBefore(messages: readonly Message[], unread: number): number {
  const theirs = messages.filter((message) => message.author !== "client" && message.status !== "streaming");
  const first = theirs.at(-unread) ?? theirs[0];
  return first ? first.seq - 1 : 0;
}

/** What the client thinks of messages, by their ids. */
export function judged(
  feedback: readonly { message_id: string; helpful: boolean }[],
): Record<string, boolean> {
  return Object.fromEntries(feedback.map(({ message_id, helpful }) => [message_id, helpful]));
}
