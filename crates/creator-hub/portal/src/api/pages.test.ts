import type { InfiniteData } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { dropItem, flatten, type Page, replaceItem } from "./pages";

interface Row {
  id: string;
  text: string;
}

const row = (id: string, text = id): Row => ({ id, text });
const page = (items: Row[], next_cursor: string | null = null): Page<Row> => ({ items, next_cursor });
const data = (...pages: Page<Row>[]): InfiniteData<Page<Row>> => ({
  pages,
  pageParams: pages.map(() => undefined),
});

describe("flatten", () => {
  it("keeps the order of the pages", () => {
    expect(flatten([page([row("a"), row("b")], "2"), page([row("c")])]).map(({ id }) => id)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("shows a row that was read twice once, as it was read last", () => {
    const rows = flatten([page([row("a", "old"), row("b")], "2"), page([row("a", "new"), row("c")])]);
    expect(rows).toEqual([row("a", "new"), row("b"), row("c")]);
  });
});

describe("replaceItem", () => {
  it("changes the row wherever it is, and nothing else", () => {
    const before = data(page([row("a"), row("b")], "2"), page([row("c")]));
    const after = replaceItem(before, row("c", "changed"));
    expect(after?.pages.flatMap(({ items }) => items.map(({ text }) => text))).toEqual(["a", "b", "changed"]);
    expect(after?.pages[0]?.next_cursor).toBe("2");
  });

  it("returns the very same data when the row was never read", () => {
    const before = data(page([row("a")]));
    expect(replaceItem(before, row("x"))).toBe(before);
    expect(replaceItem<Row>(undefined, row("x"))).toBeUndefined();
  });
});

describe("dropItem", () => {
  it("takes the row out and keeps the cursors", () => {
    const after = dropItem(data(page([row("a"), row("b")], "2"), page([row("c")])), "b");
    expect(after?.pages.map(({ items, next_cursor }) => [items.length, next_cursor])).toEqual([
      [1, "2"],
      [1, null],
    ]);
  });
});
