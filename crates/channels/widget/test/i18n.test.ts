import { expect, it } from "vitest";
import { chooseLanguage, clockTime, fill } from "../src/panel/i18n";
import { ar } from "../src/panel/strings/ar";
import { de } from "../src/panel/strings/de";
import { en } from "../src/panel/strings/en";
import { es } from "../src/panel/strings/es";
import { fr } from "../src/panel/strings/fr";
import { he } from "../src/panel/strings/he";
import { pt } from "../src/panel/strings/pt";

it("takes the first language it speaks, with its direction", async () => {
  const chosen = await chooseLanguage([null, "auto", "ja-JP", "he-IL", "de"]);
  expect([chosen.tag, chosen.direction, chosen.strings.send]).toEqual(["he-IL", "rtl", he.send]);
  expect((await chooseLanguage(["tlh", "__proto__"])).strings).toBe(en);
  expect((await chooseLanguage(["en-GB", "de"])).tag).toBe("en-GB");
});

it("fills the same places in every language", () => {
  const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort().join();
  for (const strings of [ar, de, es, fr, he, pt]) {
    for (const [key, sentence] of Object.entries(en)) {
      const theirs = strings[key as keyof typeof en];
      expect(places(theirs), `${key}: ${theirs}`).toBe(places(sentence));
    }
  }
});

it("fills in values and leaves unknown places", () => {
  expect(fill("{n} of {toString} {m}", { n: 3 })).toBe("3 of {toString} {m}");
});

it("writes transcript times as people read them", () => {
  expect([0, 61_500, 3_725_000].map(clockTime)).toEqual(["0:00", "1:01", "1:02:05"]);
});
