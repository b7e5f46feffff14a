import { describe, expect, it } from "vitest";
import type { Channel } from "@/api/types";
import { channelState, handleOf } from "./channel-state";
import { fitsCheckIns } from "./nudge-template";
import { pretty } from "./pretty";

type Connection = NonNullable<Channel["connection"]>;

const connection = (part: Partial<Connection>): Connection => ({
  handle: "mirabot",
  provider_id: "1",
  state: "connected",
  state_reason: null,
  checked_at: "2026-11-21T09:00:00Z",
  link: null,
  settings: { webhook: false, greeting: "", commands: [], nudge_template: null, portfolio: null },
  ...part,
});

describe("the state of a channel", () => {
  it.each([
    [true, "connected", "Works"],
    [true, "paused", "Paused"],
    [true, "revoked", "Needs a new token"],
    [false, "connected", "Off"],
    [false, "revoked", "Off"],
  ] as const)("enabled %s and %s: %s", (enabled, state, word) => {
    expect(channelState({ enabled, connection: connection({ state }) }).word).toBe(word);
  });

  it("goes by the bot's user name or the number", () => {
    expect(handleOf({ kind: "telegram", connection: connection({}) })).toBe("@mirabot");
    expect(handleOf({ kind: "telegram", connection: connection({ handle: "@mirabot" }) })).toBe("@mirabot");
    expect(handleOf({ kind: "whatsapp", connection: connection({ handle: "+49 30 1" }) })).toBe("+49 30 1");
    expect(handleOf({ kind: "widget", connection: null })).toBe("");
  });
});

describe("a template for check-ins", () => {
  it.each([
    ["APPROVED", 1, true],
    ["approved", 1, true],
    ["APPROVED", 0, false],
    ["APPROVED", 2, false],
    ["PAUSED", 1, false],
  ] as const)("%s with %s parameters: %s", (state, parameters, fits) => {
    expect(fitsCheckIns({ state, parameters })).toBe(fits);
  });
});

describe("bytes as they came", () => {
  it("are set out where they are JSON, and left alone where they are not", () => {
    expect(pretty('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(pretty('{"a":')).toBe('{"a":');
    expect(pretty("\uFFFD\u0000")).toBe("\uFFFD\u0000");
  });
});
