import { apiFetch } from "./client";
import { readEvents, type ServerEvent } from "./sse";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Keeps a GET event stream open until `signal` aborts: reconnects with growing pauses and resumes
 * with `Last-Event-ID`. `EventSource` is not used because it can neither renew the session on 401
 * nor tell why it failed.
 */
export async function subscribe(
  path: string,
  signal: AbortSignal,
  onEvent: (event: ServerEvent) => void,
  onOpen: () => void = () => {},
): Promise<void> {
  let lastId = "";
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId) headers["Last-Event-ID"] = lastId;
      const response = await apiFetch(new URL(path, location.origin).href, { headers, signal });
      if (response.status === 401 || response.status === 403 || response.status === 404) return;
      if (response.ok && response.body) {
        wait = FIRST_WAIT_MS;
        onOpen();
        for await (const event of readEvents(response.body)) {
          lastId = event.id || lastId;
          onEvent(event);
        }
      }
    } catch {
      // Network trouble: the loop below waits and connects again.
    }
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
