import { useInbox } from "@/api/inbox";
import type { InboxConversation } from "@/api/types";
import type { InboxSearch } from "@/app/search";

/** Takes out of `others` what already stands in `waiting`. */
export function without(
  others: readonly InboxConversation[],
  waiting: readonly InboxConversation[],
): InboxConversation[] {
  const shown = new Set(waiting.map(({ id }) => id));
  return others.filter(({ id }) => !shown.has(id));
}

/**
 * What the list shows: who waits for a person, the longest first, and below them everybody else.
 * A chosen state is one group of its own.
 */
export function useInboxRows({ state, channel, assigned_to, q }: InboxSearch) {
  const filter = { channel, assigned_to, q };
  const first = useInbox({ ...filter, state: state ?? "waiting" });
  const rest = useInbox({ ...filter, state: "open" }, { enabled: state === undefined });
  const waiting = state ? [] : [...first.items].sort(byWaiting);
  const others = state ? first.items : without(rest.items, waiting);
  const main = state ? first : rest;
  return {
    waiting,
    others,
    all: [...waiting, ...others],
    /** The group that goes on below, page by page. */
    main,
    first,
    isPending: first.isPending || (state === undefined && rest.isPending),
    error: first.error ?? main.error,
    refetch: () => Promise.all([first.refetch(), main.refetch()]),
  };
}

export type InboxRows = ReturnType<typeof useInboxRows>;

const byWaiting = (a: InboxConversation, b: InboxConversation) =>
  Date.parse(a.human_wanted_at ?? a.updated_at) - Date.parse(b.human_wanted_at ?? b.updated_at);
