import type { InboxConversation } from "@/api/types";

/** Who writes the next answer, from the point of view of the member who looks. */
export type Who =
  | { is: "closed"; since: string }
  /** The engine, while the client waits for a person. */
  | { is: "waiting"; since: string }
  | { is: "engine" }
  | { is: "you" }
  | { is: "colleague"; name: string };

export function whoAnswers(
  { closed_at, handler, human_wanted_at, assigned_to }: InboxConversation,
  me: string,
): Who {
  if (closed_at) return { is: "closed", since: closed_at };
  if (handler === "human") {
    return assigned_to?.id === me
      ? { is: "you" }
      : { is: "colleague", name: assigned_to?.name ?? "A colleague" };
  }
  return human_wanted_at ? { is: "waiting", since: human_wanted_at } : { is: "engine" };
}

/** The first name is enough to talk about somebody one is looking at; "Client 9A32" and a number have none. */
export function shortName(name: string): string {
  const whole = name.trim();
  const [first = ""] = whole.split(/\s+/);
  const nameless = /\d|^Client [0-9A-F]{4}$/.test(whole) || !/\p{L}{2}/u.test(first);
  return nameless ? whole || name : first;
}
