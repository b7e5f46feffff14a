import { describe, expect, it, vi } from "vitest";
import { backoff, EventParser, EventStream, type Health, type ServerEvent } from "../src/panel/sse";

const STREAM =
  'retry: 5\n: hello\n\nid: 1\nevent: message\ndata: {"a":\ndata: 1}\n\nid: 1.4\r\nevent: delta\r\ndata: x\r\n\r\n';

describe("EventParser", () => {
  it("reads the same events however the network cuts the text", () => {
    const whole = new EventParser().push(STREAM);
    expect(whole).toEqual([
      { id: "1", event: "message", data: '{"a":\n1}' },
      { id: "1.4", event: "delta", data: "x" },
    ]);
    for (let size = 1; size < 9; size++) {
      const parser = new EventParser();
      const events: ServerEvent[] = [];
      for (let at = 0; at < STREAM.length; at += size)
        events.push(...parser.push(STREAM.slice(at, at + size)));
      expect(events).toEqual(whole);
      expect(parser.retry).toBe(5);
    }
  });

  it("drops an event that was cut off by the end of the stream", () => {
    expect(new EventParser().push("id: 7\ndata: half")).toEqual([]);
  });
});

it("waits longer after each failure, never longer than the cap, never in step", () => {
  const waits = [0, 1, 2, 3, 10].map((n) => backoff(n, 1000, () => 1));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 30000]);
  expect(backoff(1, 1000, () => 0)).toBe(1000);
});

function answer(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "text/event-stream" } });
}

describe("EventStream", () => {
  it("comes back from the last event it saw", async () => {
    const asked: (string | null)[] = [];
    const health: Health[] = [];
    const texts = ["retry: 1\nid: 3\ndata: a\n\n", "id: 4.2\ndata: b\n\nid: 5\ndata: cut"];
    const stream = await new Promise<EventStream>((done) => {
      const made: EventStream = new EventStream(
        {
          open: (last) => {
            asked.push(last);
            const text = texts.shift();
            if (text === undefined) {
              done(made);
              return new Promise<Response>(() => undefined);
            }
            return Promise.resolve(answer(text));
          },
          onEvent: () => undefined,
          onHealth: (one) => health.push(one),
          onRefused: () => undefined,
          random: () => 0,
        },
        null,
      );
      made.start();
    });
    stream.stop();
    expect(asked).toEqual([null, "3", "4.2"]);
    expect(health).toContain("shaky");
    expect(health).not.toContain("down");
  });

  it("stops asking once its session is refused", async () => {
    const open = vi.fn(() => Promise.resolve(new Response(null, { status: 401 })));
    await new Promise<void>((refused) => {
      const options = { open, onEvent: () => undefined, onHealth: () => undefined, onRefused: refused };
      new EventStream(options, null).start();
    });
    expect(open).toHaveBeenCalledTimes(1);
  });
});
