import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { refreshInbox } from "./inbox";
import { subscribe } from "./subscribe";

/** Events come in bursts (a message, its delivery, its settling); one reading serves them all. */
const GATHER_MS = 250;

/** The conversation an event is about, if it says so. */
export function subjectOf(data: string): string | undefined {
  try {
    const said: unknown = JSON.parse(data);
    if (typeof said !== "object" || said === null) return undefined;
    const { conversation_id, id } = said as Record<string, unknown>;
    const subject = conversation_id ?? id;
    return typeof subject === "string" ? subject : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the inbox live for as long as the shell is shown. */
export function useInboxEvents(): void {
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    const changed = new Set<string | undefined>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (id: string | undefined) => {
      changed.add(id);
      timer ??= setTimeout(() => {
        timer = undefined;
        const subjects = changed.has(undefined) ? [undefined] : [...changed];
        changed.clear();
        for (const subject of subjects) void refreshInbox(client, subject);
      }, GATHER_MS);
    };
    let opened = false;
    void subscribe(
      "/api/v1/inbox/events",
      stop.signal,
      ({ data }) => soon(subjectOf(data)),
      () => {
        // What happened while the stream was down was not heard.
        if (opened) soon(undefined);
        opened = true;
      },
    );
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client]);
}
