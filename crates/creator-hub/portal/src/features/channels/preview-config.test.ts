import { describe, expect, it } from "vitest";
import type { WidgetSettings } from "@/api/types";
import { previewConfig, saysReady } from "./preview-config";

const form: WidgetSettings = {
  allowed_origins: ["https://www.example.org"],
  greeting: "Hello",
  questions: ["How do I begin?", "  ", " And then? "],
  accent: "#1f5f8b",
  position: "right",
  theme: "auto",
  locale: "auto",
  coach_name: "Mira",
  picture_url: "https://www.example.org/mira.jpg",
  knowledge_base_ids: [],
  check_ins_offered: true,
  attachments_offered: true,
  attachment_kinds: ["image", "pdf"],
  identity: "off",
  identity_public_key: null,
};

describe("the preview", () => {
  it("shows the form as it would be saved", () => {
    const shown = previewConfig(form, { enabled: true }, "Halloran Coaching");
    expect(shown.name).toBe("Mira");
    expect(shown.questions).toEqual(["How do I begin?", "And then?"]);
    expect(shown).not.toHaveProperty("allowed_origins");
  });

  it("falls back to the practice's name", () => {
    expect(previewConfig({ ...form, coach_name: " " }, { enabled: true }, "Halloran Coaching").name).toBe(
      "Halloran Coaching",
    );
  });

  it("asks for no picture until its address is whole and secure", () => {
    const picture = (picture_url: string | null) =>
      previewConfig({ ...form, picture_url }, { enabled: true }, "").picture_url;
    expect(picture("https://www.example.org/mira.jpg")).toBe("https://www.example.org/mira.jpg");
    for (const unfit of ["http://www.example.org/mira.jpg", "https://", "mira.jpg", null]) {
      expect(picture(unfit)).toBeNull();
    }
  });

  it("takes only the panel's own word for being ready", () => {
    expect(saysReady({ coxswain: 1, message: { type: "ready" } })).toBe(true);
    for (const other of [null, "ready", { type: "ready" }, { coxswain: 1, message: { type: "close" } }]) {
      expect(saysReady(other)).toBe(false);
    }
  });
});
