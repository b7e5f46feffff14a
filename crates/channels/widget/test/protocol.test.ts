import { expect, it, vi } from "vitest";
import { Host } from "../src/panel/host";
import { seal, unseal } from "../src/shared/protocol";

it("knows its own messages from everyone else's", () => {
  expect(unseal(seal({ type: "close" }))).toEqual({ type: "close" });
  for (const foreign of [
    null,
    "close",
    3,
    { type: "close" },
    { coxswain: 1, message: "x" },
    { message: { type: "x" } },
  ]) {
    expect(unseal(foreign)).toBeNull();
  }
});

it("hears only its host's origin and window", () => {
  const heard = vi.fn();
  new Host("https://coach.example").listen(heard);
  const data = seal({ type: "closed" });
  const say = (origin: string, source: Window | null) =>
    window.dispatchEvent(new MessageEvent("message", { data, origin, source }));
  say("https://evil.example", window.parent);
  say("https://coach.example", null);
  expect(heard).not.toHaveBeenCalled();
  say("https://coach.example", window.parent);
  expect(heard).toHaveBeenCalledExactlyOnceWith({ type: "closed" });
});
