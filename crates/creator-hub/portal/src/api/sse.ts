/** One event of a `text/event-stream`. */
export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

/**
 * Splits a stream of text into events by the rules of the HTML standard: CR, LF and CRLF end a
 * line (also when CRLF is cut between two packets), `data` lines join with LF, comments and
 * unknown fields are skipped, an event without data is dropped, and `id` stays until it changes.
 */
export class EventParser {
  private rest = "";
  private data: string[] = [];
  private event = "";
  private lastId = "";
  /** Milliseconds the server asked to wait before connecting again. */
  retry: number | null = null;

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.rest += text;
    for (;;) {
      const end = this.rest.search(/[\r\n]/);
      if (end < 0) break;
      // A CR at the very end may be half of a CRLF: wait for the next packet.
      if (this.rest[end] === "\r" && end === this.rest.length - 1) break;
      const line = this.rest.slice(0, end);
      const width = this.rest[end] === "\r" && this.rest[end + 1] === "\n" ? 2 : 1;
      this.rest = this.rest.slice(end + width);
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  private line(line: string): ServerEvent | null {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id" && !value.includes("\0")) this.lastId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  private dispatch(): ServerEvent | null {
    const event = this.event || "message";
    const data = this.data;
    this.event = "";
    this.data = [];
    return data.length ? { id: this.lastId, event, data: data.join("\n") } : null;
  }
}

/** The events of a response body, as they arrive. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const parser = new EventParser();
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
