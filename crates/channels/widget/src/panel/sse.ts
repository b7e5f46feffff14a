/** Server-sent events over `fetch`, because `EventSource` cannot carry a bearer token. */

export interface ServerEvent {
  id: string | null;
  event: string;
  data: string;
}

/** Splits a stream of text into events, whatever way the network cut it (WHATWG HTML §9.2.6). */
export class EventParser {
  #rest = "";
  #data: string[] = [];
  #event = "";
  #id: string | null = null;
  /** The server's wish for the reconnection delay, in milliseconds. */
  retry: number | null = null;

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.#rest += text;
    // A lone CR at the end may be half of a CRLF: leave it for the next piece.
    const held = this.#rest.endsWith("\r") ? 1 : 0;
    const lines = this.#rest.slice(0, this.#rest.length - held).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + (held ? "\r" : "");
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else if (this.#data.length > 0) {
        events.push({ id: this.#id, event: this.#event || "message", data: this.#data.join("\n") });
        this.#data = [];
        this.#event = "";
      } else this.#event = "";
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }
}

/** How the connection is doing: the first failure is not worth a word, the second is. */
export type Health = "up" | "shaky" | "down";

export interface StreamOptions {
  open(lastEventId: string | null, signal: AbortSignal): Promise<Response>;
  onEvent(event: ServerEvent): void;
  onHealth(health: Health): void;
  /** The server no longer knows the session. */
  onRefused(): void;
  random?: () => number;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** The server sends a comment every 15 s; three missed mean a dead connection nobody told us of. */
const SILENCE_MS = 45_000;

/** Delay before attempt `n` (from 0): doubling, capped, spread over its upper half. */
export function backoff(n: number, base: number, random: () => number): number {
  return Math.min(LONGEST_DELAY_MS, base * 2 ** n) * (0.5 + random() / 2);
}

/** One event stream that comes back after every break, from the last event it saw. */
export class EventStream {
  #lastId: string | null;
  #abort: AbortController | null = null;
  #failures = 0;

  constructor(
    private readonly options: StreamOptions,
    lastEventId: string | null,
  ) {
    this.#lastId = lastEventId;
  }

  /** Runs until `stop`; starting twice is harmless. */
  start(): void {
    if (this.#abort) return;
    this.#abort = new AbortController();
    this.#failures = 0;
    void this.#run(this.#abort.signal);
  }

  stop(): void {
    this.#abort?.abort();
    this.#abort = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const random = this.options.random ?? Math.random;
    let base = FIRST_DELAY_MS;
    while (!signal.aborted) {
      try {
        const response = await this.options.open(this.#lastId, signal);
        if (response.status === 401 || response.status === 404) return this.options.onRefused();
        if (!response.ok || !response.body) throw new Error(`the stream answered ${response.status}`);
        this.options.onHealth("up");
        base = (await this.#read(response.body, signal)) ?? base;
      } catch {
        // Told by the health below; the loop tries again.
      }
      if (signal.aborted) return;
      this.options.onHealth(this.#failures > 0 ? "down" : "shaky");
      await sleep(backoff(this.#failures++, base, random), signal);
    }
  }

  async #read(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<number | null> {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    const cancel = () => void reader.cancel().catch(() => undefined);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        const watchdog = setTimeout(cancel, SILENCE_MS);
        const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
        if (done || signal.aborted) return parser.retry;
        this.#failures = 0;
        for (const event of parser.push(decoder.decode(value, { stream: true }))) {
          this.options.onEvent(event);
          if (event.id !== null) this.#lastId = event.id;
        }
      }
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
