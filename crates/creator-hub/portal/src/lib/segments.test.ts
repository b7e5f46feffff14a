import { describe, expect, it } from "vitest";
import { segments } from "./segments";

describe("segments", () => {
  it("cuts where chunks begin and end, and names the overlap", () => {
    expect(
      segments("abcdefgh", [
        { start: 0, end: 5 },
        { start: 3, end: 7 },
      ]),
    ).toEqual([
      { text: "abc", at: 0, within: [0] },
      { text: "de", at: 3, within: [0, 1] },
      { text: "fg", at: 5, within: [1] },
      { text: "h", at: 7, within: [] },
    ]);
  });

  it("always gives back the whole text", () => {
    const text = "The first hour 😀 of the day";
    for (const chunks of [[], [{ start: 4, end: 400 }], [{ start: -3, end: 2 }], [{ start: 9, end: 9 }]]) {
      expect(
        segments(text, chunks)
          .map((segment) => segment.text)
          .join(""),
      ).toBe(text);
    }
  });

  it("counts in UTF-16 units, as the server does", () => {
    const text = "😀b";
    expect(segments(text, [{ start: 2, end: 3 }]).map((segment) => segment.text)).toEqual(["😀", "b"]);
  });

  it("has nothing to show for an empty text", () => {
    expect(segments("", [{ start: 0, end: 3 }])).toEqual([]);
  });
});
