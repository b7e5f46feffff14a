import { describe, expect, it } from "vitest";
import type { Identity } from "@/api/types";
import { identityState } from "./identity-state";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const identity = (part: Partial<Identity>): Identity => ({
  id: "i",
  channel: { id: "a", kind: "whatsapp", name: "Number" },
  provider_user_id: "u",
  aliases: [],
  verified: false,
  opted_out_at: null,
  unreachable_reason: null,
  last_inbound_at: null,
  window_closes_at: null,
  ...part,
});
const words = (part: Partial<Identity>) => identityState(identity(part), NOW).words;

describe("what may be sent to somebody", () => {
  const open = { window_closes_at: "2026-11-21T17:00:00Z" };
  const shut = { window_closes_at: "2026-11-21T11:00:00Z" };
  const stopped = { opted_out_at: "2026-11-20T12:00:00Z" };

  it("says whether the window is open", () => {
    expect(words(open)).toBe("Window open, closes in 5 hours");
    expect(words(shut)).toMatch(/^Window closed/);
  });

  it("says the most limiting thing", () => {
    expect(words({ ...open, ...stopped })).toBe("Wants nothing unprompted since yesterday");
    expect(words({ ...open, ...stopped, unreachable_reason: "They blocked the bot" })).toBe(
      "They blocked the bot",
    );
  });

  it("says when they last wrote, where nothing limits", () => {
    expect(words({ last_inbound_at: "2026-11-21T11:57:00Z" })).toBe("Last wrote 3 minutes ago");
    expect(words({})).toBe("Has not written here yet");
    expect(words({ channel: { id: "w", kind: "widget", name: "Site" } })).toBe(
      "On your site, whenever they look",
    );
  });
});
