import { expect, it } from "vitest";
import { adjusted, contrast, parseHex, type Rgb, readableOn, toHex } from "../src/shared/color";

const steps = [0, 51, 102, 153, 204, 255];
const accents = steps.flatMap((r) => steps.flatMap((g) => steps.map((b): Rgb => [r, g, b])));

it("keeps text on any accent readable", () => {
  for (const accent of accents) expect(contrast(accent, readableOn(accent))).toBeGreaterThanOrEqual(4.5);
});

it("makes any accent readable as text on light and on dark paper", () => {
  for (const paper of [parseHex("#fcfaf7"), parseHex("#1a1d23")]) {
    for (const accent of accents) {
      // What reaches the page is the rounded colour, so that is what must be readable.
      const drawn = parseHex(toHex(adjusted(accent, paper, 4.5)));
      expect(contrast(drawn, paper)).toBeGreaterThanOrEqual(4.45);
    }
  }
});

it("leaves an accent alone that is readable already", () => {
  expect(toHex(adjusted(parseHex("#1f5f8b"), parseHex("#ffffff"), 4.5))).toBe("#1f5f8b");
});

it("falls back to the default for what is no colour", () => {
  expect(toHex(parseHex("red; background: url(x)"))).toBe("#1f5f8b");
});
