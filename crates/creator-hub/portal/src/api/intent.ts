import { useRef } from "react";
import { uuid } from "@/lib/uuid";

/**
 * Idempotency keys by intent: the same body sent again (after a time-out, say) keeps its key, so
 * the server does the thing once; a changed body is a new intent.
 */
export function useIntent(): (body: unknown) => { "Idempotency-Key": string } {
  const last = useRef({ body: "", key: "" });
  return (body) => {
    const text = JSON.stringify(body);
    if (last.current.body !== text) last.current = { body: text, key: uuid() };
    return { "Idempotency-Key": last.current.key };
  };
}
