import { expect, it } from "vitest";
import { openStore } from "../src/panel/storage";

it("keeps values in memory where the browser forbids storage", () => {
  const store = openStore(() => {
    throw new DOMException("denied", "SecurityError");
  });
  store.set("a", "1");
  expect(store.get("a")).toBe("1");
  store.set("a", null);
  expect(store.get("a")).toBeNull();
});

it("outlives the page where it may", () => {
  localStorage.clear();
  openStore(() => localStorage).set("a", "1");
  expect(openStore(() => localStorage).get("a")).toBe("1");
});
