import { describe, expect, it } from "vitest";
import { besideFiles } from "./files";

const files = (...names: string[]) => names.map((name) => ({ name }));

describe("what was written beside files", () => {
  it.each([
    ["🖼 knee.jpg\n📎 plan.pdf", files("knee.jpg", "plan.pdf"), ""],
    ["📎 plan.pdf Does this fit?", files("plan.pdf"), "Does this fit?"],
    ["🖼 Look at\nmy knee", files("photo.jpg"), "Look at\nmy knee"],
    ["🎤", files("voice message.ogg"), ""],
    ["🖼 I love pictures", [], "🖼 I love pictures"],
  ])("%j", (text, attachments, words) => {
    expect(besideFiles(text, attachments)).toBe(words);
  });
});
