import { describe, expect, it } from "vitest";
import type { DocumentVersion } from "@/api/types";
import { safeReturn } from "@/features/auth/safe-return";
import { bytes, count } from "./count";
import { stageOf } from "./stage";
import { clockIn, relative, timecode } from "./time";
import { inWeekOrder, scheduleWords } from "./weekdays";

const NOW = Date.parse("2026-11-21T12:00:00Z");

describe("relative", () => {
  it.each([
    ["2026-11-21T11:59:55Z", "just now"],
    ["2026-11-21T11:57:00Z", "3 minutes ago"],
    ["2026-11-21T14:10:00Z", "in 2 hours"],
    ["2026-11-18T12:00:00Z", "3 days ago"],
    ["2026-10-01T12:00:00Z", "1 Oct 2026"],
    ["not a time", "not a time"],
  ])("%s is %s", (at, words) => {
    expect(relative(at, NOW)).toBe(words);
  });
});

describe("time", () => {
  it("shows one moment by the clock of another zone, across summer time", () => {
    expect(clockIn("2026-10-24T07:00:00Z", "Europe/Berlin")).toBe("Sat 09:00");
    expect(clockIn("2026-10-25T08:00:00Z", "Europe/Berlin")).toBe("Sun 09:00");
  });

  it("counts a recording as players do", () => {
    expect(timecode(83_999)).toBe("1:23");
    expect(timecode(3_723_000)).toBe("1:02:03");
  });
});

describe("schedules", () => {
  it.each([
    [["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "Every day at 09:00"],
    [["fri", "mon", "tue", "thu", "wed"], "Mondays to Fridays at 09:00"],
    [["sun"], "Sundays at 09:00"],
    [["wed", "mon"], "Mon, Wed at 09:00"],
    [[], "On no day yet"],
  ] as const)("%j", (days, words) => {
    expect(scheduleWords(days, "09:00")).toBe(words);
  });

  it("keeps days in the order of the week, each once", () => {
    expect(inWeekOrder(["sun", "mon", "sun"])).toEqual(["mon", "sun"]);
  });
});

describe("counts", () => {
  it("says one and many", () => {
    expect([count(1, "page"), count(1_600, "page"), count(0, "reply", "replies")]).toEqual([
      "1 page",
      "1,600 pages",
      "0 replies",
    ]);
  });

  it("shows sizes as file managers do", () => {
    expect([bytes(1), bytes(999), bytes(1_482_000), bytes(25_000_000)]).toEqual([
      "1 byte",
      "999 bytes",
      "1.5 MB",
      "25 MB",
    ]);
  });
});

describe("stageOf", () => {
  const version: DocumentVersion = {
    id: "v",
    number: 1,
    file_name: "a.pdf",
    source_url: null,
    bytes: 1,
    stage: "parsing",
    pages_done: 14,
    pages_total: 212,
    chunks_done: 0,
    chunks_total: null,
    failure: null,
    warnings: [],
    active: false,
    created_at: "2026-11-21T09:00:00Z",
    activated_at: null,
  };

  it("counts pages while reading, and does not pretend to know the end", () => {
    expect(stageOf(version)).toMatchObject({ words: "Reading, 14 of 212 pages done", progress: 14 / 212 });
    expect(stageOf({ ...version, pages_total: null })).toMatchObject({
      words: "Reading, 14 pages done",
      progress: null,
    });
  });

  it("gives the reason of a failure, and no progress once settled", () => {
    const failed = stageOf({
      ...version,
      stage: "failed",
      failure: { code: "no_text", sentence: "It holds only images." },
    });
    expect(failed).toEqual({ tone: "bad", words: "It holds only images." });
  });

  it("says when not everything could be read", () => {
    const ready = stageOf({ ...version, stage: "ready", warnings: [{ page: 14, reason: "only an image" }] });
    expect(ready).toEqual({ tone: "amber", words: "Searchable, except 1 place we couldn't read" });
  });
});

describe("safeReturn", () => {
  it.each([
    ["/knowledge?stage=failed", "/knowledge?stage=failed"],
    ["//elsewhere.example", "/"],
    ["/\\elsewhere.example", "/"],
    ["https://elsewhere.example", "/"],
    ["/login?back=/x", "/"],
    [undefined, "/"],
  ])("%s leads to %s", (back, path) => {
    expect(safeReturn(back)).toBe(path);
  });
});
