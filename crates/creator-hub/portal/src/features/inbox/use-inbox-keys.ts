import type { InboxConversation } from "@/api/types";
import { useHotkeys } from "@/lib/hotkeys";

interface InboxKeys {
  rows: readonly InboxConversation[];
  open: string | undefined;
  onOpen: (id: string) => void;
}

/** The row after (or before) the open one; the first when none of them is open. */
export function neighbour(
  rows: readonly { id: string }[],
  open: string | undefined,
  step: 1 | -1,
): string | undefined {
  const at = rows.findIndex(({ id }) => id === open);
  if (at < 0) return rows[0]?.id;
  return rows[at + step]?.id;
}

/** Next, previous, write; taking over is the thread's own key. */
export function useInboxKeys({ rows, open, onOpen }: InboxKeys): void {
  const go = (step: 1 | -1) => {
    const next = neighbour(rows, open, step);
    if (next) onOpen(next);
  };
  useHotkeys({
    j: () => go(1),
    k: () => go(-1),
    r: () => document.querySelector<HTMLElement>("[data-reply]")?.focus(),
  });
}
