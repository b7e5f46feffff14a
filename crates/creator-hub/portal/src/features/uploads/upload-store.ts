import { useSyncExternalStore } from "react";
import { asFailure } from "@/api/problem";
import type { Document } from "@/api/types";
import { upload } from "@/api/upload";

/** A file on its way to the server; it leaves the list when the server has it. */
export interface Sending {
  id: number;
  name: string;
  size: number;
  sent: number;
  state: "waiting" | "sending" | "failed";
  reason: string | null;
}

interface Order {
  path: string;
  file: File;
  fields: Record<string, string>;
  onDone: (document: Document) => void;
}

const AT_ONCE = 2;

let list: readonly Sending[] = [];
let nextId = 1;
const orders = new Map<number, Order & { stop: AbortController }>();
const listeners = new Set<() => void>();

function change(next: readonly Sending[]) {
  list = next;
  for (const listener of listeners) listener();
}

function patch(id: number, with_: Partial<Sending>) {
  change(list.map((item) => (item.id === id ? { ...item, ...with_ } : item)));
}

/** Puts files in the line. They go on while the reader visits other pages. */
export function enqueue(added: readonly Order[]): void {
  const items = added.map((order) => {
    const id = nextId++;
    orders.set(id, { ...order, stop: new AbortController() });
    return {
      id,
      name: order.file.name,
      size: order.file.size,
      sent: 0,
      state: "waiting",
      reason: null,
    } as const;
  });
  change([...list, ...items]);
  pump();
}

export function tryAgain(id: number): void {
  const order = orders.get(id);
  if (order) order.stop = new AbortController();
  patch(id, { state: "waiting", reason: null, sent: 0 });
  pump();
}

/** Stops the file if it is on its way, and takes it out of the list. */
export function remove(id: number): void {
  orders.get(id)?.stop.abort();
  orders.delete(id);
  change(list.filter((item) => item.id !== id));
}

function pump(): void {
  const room = AT_ONCE - list.filter((item) => item.state === "sending").length;
  for (const item of list.filter((waiting) => waiting.state === "waiting").slice(0, Math.max(0, room))) {
    patch(item.id, { state: "sending" });
    void run(item.id);
  }
}

async function run(id: number): Promise<void> {
  const order = orders.get(id);
  if (!order) return;
  try {
    const document = await upload({
      path: order.path,
      file: order.file,
      fields: order.fields,
      signal: order.stop.signal,
      onProgress: (sent) => patch(id, { sent }),
    });
    orders.delete(id);
    change(list.filter((item) => item.id !== id));
    order.onDone(document);
  } catch (error) {
    if (orders.has(id)) patch(id, { state: "failed", reason: asFailure(error).message });
  }
  pump();
}

export function useSending(): readonly Sending[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => list,
  );
}
