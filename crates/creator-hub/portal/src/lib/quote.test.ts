import { describe, expect, it } from "vitest";
import { locate, pieces } from "./quote";

describe("locate", () => {
  it("finds a quote as it stands", () => {
    expect(locate("One. Two. Three.", "Two.")).toEqual({ start: 5, end: 9 });
  });

  it("finds a quote whose lines break elsewhere, and marks the page's own text", () => {
    const text = "You have to live\non this  twenty-four\nhours.";
    const range = locate(text, "live on this twenty-four hours.");
    expect(range && text.slice(range.start, range.end)).toBe("live\non this  twenty-four\nhours.");
  });

  it("takes signs literally and forgives no other difference", () => {
    expect(locate("Is it (a.b)?", "(a.b)?")).toEqual({ start: 6, end: 12 });
    expect(locate("Is it (axb)?", "it  (a.b)?")).toBeNull();
    expect(locate("hours of daily time", "Hours of daily time")).toBeNull();
  });

  it("finds nothing for an empty quote", () => {
    expect(locate("abc", "")).toBeNull();
    expect(locate("abc", "  \n")).toBeNull();
  });
});

describe("pieces", () => {
  it("cuts an answer at the marks of its citations", () => {
    expect(pieces("Rise early [1]. Then [2]", [1, 2])).toEqual([
      { at: 0, text: "Rise early " },
      { at: 11, cite: 1 },
      { at: 14, text: ". Then " },
      { at: 21, cite: 2 },
    ]);
  });

  it("leaves a mark without a citation in the text", () => {
    expect(pieces("See [3] and [1]", [1])).toEqual([
      { at: 0, text: "See [3] and " },
      { at: 12, cite: 1 },
    ]);
  });

  it("loses no character", () => {
    const answer = "[1][2] a [9] b [1]";
    const joined = pieces(answer, [1, 2]).map((piece) => ("text" in piece ? piece.text : `[${piece.cite}]`));
    expect(joined.join("")).toBe(answer);
  });
});
