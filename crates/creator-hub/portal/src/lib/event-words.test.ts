import { expect, test } from "vitest";
import type { EventKind } from "@/api/types";
import { EVENT_GROUPS, EVENT_WORDS, eventsWords } from "./event-words";
import { detailWords } from "./plain-value";

test("every kind of event can be chosen once, except the test event", () => {
  const offered = EVENT_GROUPS.flatMap(([, kinds]) => kinds);
  const known = (Object.keys(EVENT_WORDS) as EventKind[]).filter((kind) => kind !== "webhook.test");
  expect([...offered].sort()).toEqual(known.sort());
});

test("no event chosen means all of them", () => {
  expect(eventsWords([])).toBe("All events");
  expect(eventsWords(["gap.recorded"])).toBe("Your material does not cover a question");
  expect(eventsWords(["gap.recorded", "feedback.given"])).toBe("2 kinds of events");
});

test("what came along is told in a line", () => {
  expect(detailWords({ km: 5, heart_rate: { most: 171 }, with: ["Ana", "Bo"] })).toBe(
    'km: 5 · heart rate: {"most":171} · with: Ana, Bo',
  );
  expect(detailWords({})).toBe("");
});
