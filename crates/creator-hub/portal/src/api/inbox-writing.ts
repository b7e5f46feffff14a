import { useRef } from "react";
import { api } from "./client";

/** The client's chat shows it for some seconds; so often is it said again. */
const EVERY_MS = 4_000;

/** Lets the client see that somebody is writing to them. Call it with every change of the words. */
export function useWriting(id: string): () => void {
  const last = useRef(0);
  return () => {
    const now = Date.now();
    if (now - last.current < EVERY_MS) return;
    last.current = now;
    // Nothing hangs on it.
    api.POST("/api/v1/inbox/{id}/writing", { params: { path: { id } } }).catch(() => undefined);
  };
}
