import type { ServerEvent } from "@/api/sse";
import type { Message } from "@/api/types";

/** A message of the log; one that has not reached the server yet carries what became of sending it. */
export type Turn = Omit<Message, "conversation_id" | "turn_id"> & {
  sending?: "going" | "failed";
  reason?: string;
};

/**
 * Applies an event of a conversation's stream. Events may come twice after a reconnection: a
 * message replaces the one with its id, a delta's id ends in the length of the text after it.
 */
export function apply(turns: readonly Turn[], event: ServerEvent): readonly Turn[] {
  if (event.event === "message") return place(turns, JSON.parse(event.data) as Message);
  if (event.event === "delta") {
    const { message_id, text } = JSON.parse(event.data) as { message_id: string; text: string };
    return turns.map((turn) =>
      turn.id === message_id ? { ...turn, text: extend(turn.text, text, event.id) } : turn,
    );
  }
  return turns;
}

/** Puts a message in its place by `seq`; turns still on their way stay last. */
export function place(turns: readonly Turn[], message: Message): readonly Turn[] {
  // The server's copy of what the reader typed takes the place of the one shown meanwhile.
  const mine = message.author === "client";
  let replaced = false;
  const others = turns.filter((turn) => {
    if (turn.id === message.id) return false;
    if (mine && !replaced && turn.sending === "going" && turn.text === message.text) {
      replaced = true;
      return false;
    }
    return true;
  });
  return [...others, message].sort((a, b) => order(a) - order(b));
}

const order = (turn: Turn) => (turn.sending ? Number.MAX_SAFE_INTEGER : turn.seq);

function extend(known: string, added: string, id: string): string {
  const end = Number(id.split(".")[1]);
  if (!Number.isInteger(end)) return known + added;
  const missing = end - known.length;
  return missing <= 0 ? known : known + added.slice(-missing);
}

/** A turn to show at once, before the server has it. */
export function pending(id: string, text: string): Turn {
  return {
    id,
    seq: 0,
    author: "client",
    text,
    status: "done",
    abstained: false,
    citations: [],
    problem: null,
    created_at: new Date().toISOString(),
    completed_at: null,
    sending: "going",
  };
}
