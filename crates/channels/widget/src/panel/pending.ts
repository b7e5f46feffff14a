/** What the client wrote and the server does not have yet, kept over a reload. */
import { ApiError } from "./api";
import { FileRefused } from "./files";
import type { Store } from "./storage";
import type { ChosenFile, Pending } from "./types";

const key = (storeKey: string) => `${storeKey}:unsent`;

/** A pending message as it is kept. */
export function bare({ client_message_id, text, files, state }: Pending): Pending {
  return { client_message_id, text, ...(files?.length ? { files } : {}), state };
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

/** A message after a try that failed: without the file that the server will never take, which is told apart. */
export function afterFailure(one: Pending, error: unknown): { failed: Pending; refused: ChosenFile[] } {
  const failed: Pending = { ...one, state: "failed" };
  if (error instanceof ApiError && error.retryAfter !== null) failed.wait = error.retryAfter;
  if (!(error instanceof FileRefused)) return { failed, refused: [] };
  const refused = one.files?.filter(({ name }) => name === error.file) ?? [];
  failed.files = one.files?.filter((file) => !refused.includes(file)) ?? [];
  failed.refused = { name: error.file, why: error.why };
  return { failed, refused };
}
