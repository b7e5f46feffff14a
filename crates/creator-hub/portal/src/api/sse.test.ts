import { describe, expect, it } from "vitest";
import { EventParser, readEvents, type ServerEvent } from "./sse";

const parse = (...packets: string[]) => {
  const parser = new EventParser();
  return packets.flatMap((packet) => parser.push(packet));
};

describe("EventParser", () => {
  it("reads event, id and data", () => {
    expect(parse('id: 4.12\nevent: delta\ndata: {"text":"a"}\n\n')).toEqual([
      { id: "4.12", event: "delta", data: '{"text":"a"}' },
    ]);
  });

  it("gives the same events wherever the packets are cut", () => {
    const stream =
      ': hello\r\nid: 1\r\nevent: message\r\ndata: {"a":1}\r\n\r\ndata: x\ndata: y\n\ndata: z\r\r';
    const whole = parse(stream);
    expect(whole.map(({ data }) => data)).toEqual(['{"a":1}', "x\ny"]);
    for (let at = 1; at < stream.length; at += 1) {
      expect(parse(stream.slice(0, at), stream.slice(at))).toEqual(whole);
    }
    expect(parse(...stream)).toEqual(whole);
  });

  it("waits for the second half of a CRLF before ending an event", () => {
    expect(parse("data: z\r", "\r", "data: w\r\n\r\n")).toEqual([
      { id: "", event: "message", data: "z" },
      { id: "", event: "message", data: "w" },
    ]);
  });

  it("keeps the last id for events without one, and drops events without data", () => {
    expect(parse("id: 7\ndata: a\n\nevent: ping\n\ndata: b\n\n").map(({ id, data }) => [id, data])).toEqual([
      ["7", "a"],
      ["7", "b"],
    ]);
  });

  it("keeps colons and leading blanks of the value, but for one", () => {
    expect(parse("data:  a: b\n\n")[0]?.data).toBe(" a: b");
    expect(parse("data\n\n")[0]?.data).toBe("");
  });

  it("takes the pause the server asks for", () => {
    const parser = new EventParser();
    parser.push("retry: 2500\nretry: soon\n\n");
    expect(parser.retry).toBe(2_500);
  });
});

describe("readEvents", () => {
  it("decodes characters that are cut between two packets", async () => {
    const bytes = new TextEncoder().encode("data: é€😀\n\n");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const events: ServerEvent[] = [];
    for await (const event of readEvents(body)) events.push(event);
    expect(events.map(({ data }) => data)).toEqual(["é€😀"]);
  });
});
