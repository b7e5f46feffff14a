import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, apiFetch, body } from "@/api/client";
import { asFailure, failureOf, type RequestFailed } from "@/api/problem";
import { readEvents } from "@/api/sse";
import { subscribe } from "@/api/subscribe";
import { uuid } from "@/lib/uuid";
import { apply, pending, type Turn } from "./turns";

interface Log {
  turns: readonly Turn[];
  state: "reading" | "ready" | "failed";
  error: RequestFailed | null;
}

/**
 * One test conversation: its log, sending, cancelling, and following an answer that is still
 * being written when the page is opened or after the stream broke.
 */
export function useConversation(id: string, exists: boolean) {
  const client = useQueryClient();
  const [log, setLog] = useState<Log>({ turns: [], state: exists ? "reading" : "ready", error: null });
  const setTurns = useCallback(
    (change: (turns: readonly Turn[]) => readonly Turn[]) =>
      setLog((before) => ({ ...before, turns: change(before.turns) })),
    [],
  );
  const alive = useRef(new AbortController());
  const began = useRef(!exists);

  const follow = useCallback(() => {
    const stop = new AbortController();
    alive.current.signal.addEventListener("abort", () => stop.abort(), { once: true });
    void subscribe(`/api/v1/conversations/${id}/events`, stop.signal, (event) => {
      setTurns((turns) => {
        const next = apply(turns, event);
        if (!next.some((turn) => turn.status === "streaming")) stop.abort();
        return next;
      });
    });
  }, [id, setTurns]);

  const read = useCallback(async () => {
    setLog((before) => ({ ...before, state: before.turns.length ? before.state : "reading", error: null }));
    try {
      const page = await body(
        api.GET("/api/v1/conversations/{id}/messages", { params: { path: { id }, query: { limit: 100 } } }),
      );
      const asked = page.items.findLast((message) => message.author === "client")?.text;
      setLog((before) => ({
        // What was thought lost may have arrived: it is then the last thing the server was asked.
        turns: [...page.items, ...before.turns.filter((turn) => turn.sending && turn.text !== asked)],
        state: "ready",
        error: null,
      }));
      if (page.items.some((message) => message.status === "streaming")) follow();
    } catch (error) {
      setLog((before) => ({ ...before, state: "failed", error: asFailure(error) }));
    }
  }, [id, follow]);

  useEffect(() => {
    alive.current = new AbortController();
    if (!began.current) void read();
    return () => alive.current.abort();
  }, [read]);

  const send = useCallback(
    async (text: string, again?: Turn) => {
      began.current = true;
      const mine = pending(again?.id ?? uuid(), text);
      setTurns((turns) => [...turns.filter((turn) => turn.id !== mine.id), mine]);
      try {
        await stream(id, text, mine.id, alive.current.signal, (event) =>
          setTurns((turns) => apply(turns, event)),
        );
        void client.invalidateQueries({ queryKey: ["conversations"] });
        void client.invalidateQueries({ queryKey: ["home"] });
      } catch (error) {
        if (alive.current.signal.aborted) return;
        const failure = asFailure(error);
        setTurns((turns) =>
          turns.map((turn) =>
            turn.id === mine.id ? { ...turn, sending: "failed", reason: failure.message } : turn,
          ),
        );
        // The message may have arrived all the same; the server's log says what is true.
        if (failure.code === "interrupted") void read();
      }
    },
    [id, client, read, setTurns],
  );

  const cancel = useCallback(
    () => body(api.POST("/api/v1/conversations/{id}/cancel", { params: { path: { id } } })),
    [id],
  );

  const answering = log.turns.some((turn) => turn.status === "streaming" || turn.sending === "going");
  return { ...log, answering, send, cancel, read };
}

/** Posts a question and hands on the events of its answer; ends with the answer. */
async function stream(
  conversation: string,
  text: string,
  key: string,
  signal: AbortSignal,
  onEvent: (event: { id: string; event: string; data: string }) => void,
): Promise<void> {
  const response = await apiFetch(new URL("/api/v1/messages", location.origin).href, {
    method: "POST",
    headers: { Accept: "text/event-stream", "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify({ text, conversation_id: conversation }),
    signal,
  });
  if (!response.ok || !response.body) throw failureOf(response, await response.json().catch(() => null));
  let ended = false;
  try {
    for await (const event of readEvents(response.body)) {
      if (event.event === "end") ended = true;
      else onEvent(event);
    }
  } catch {
    ended = false;
  }
  if (!ended && !signal.aborted) throw interrupted();
}

function interrupted() {
  return failureOf(new Response(null, { status: 502 }), {
    code: "interrupted",
    detail: "The connection broke while the answer was coming.",
  });
}
