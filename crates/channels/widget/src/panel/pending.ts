/** What the client wrote and the server does not have yet, kept over a reload. */
import type { Store } from "./storage";
import type { Pending } from "./types";

const key = (storeKey: string) => `${storeKey}:unsent`;

/** A pending message as it is kept. */
export function bare({ client_message_id, text, state }: Pending): Pending {
  return { client_message_id, text, state };
}

/** What was left unsent when the page was last open. */
export function keptPending(store: Store, storeKey: string): Pending[] {
  try {
    const kept = JSON.parse(store.get(key(storeKey)) ?? "[]") as Pending[];
    return kept.map((one) => ({ ...bare(one), state: "failed" }));
  } catch {
    return [];
  }
}

export function keepPending(store: Store, storeKey: string, pending: readonly Pending[]): void {
  store.set(key(storeKey), pending.length > 0 ? JSON.stringify(pending.map(bare)) : null);
}
