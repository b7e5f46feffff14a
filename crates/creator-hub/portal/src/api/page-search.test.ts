import { describe, expect, it } from "vitest";
import { findPage, WINDOW } from "./page-search";

interface Row {
  number: number;
  page: number | null;
}

/** A version whose pages have these many parts, in order, and a reader that counts its reads. */
function version(partsOfPage: readonly number[]) {
  const rows: Row[] = [];
  partsOfPage.forEach((parts, index) => {
    for (let part = 0; part < parts; part += 1) rows.push({ number: rows.length + 1, page: index + 1 });
  });
  let reads = 0;
  const read = async (cursor: number | undefined) => {
    reads += 1;
    if (reads > 100) throw new Error("it turns in circles");
    const after = rows.filter((row) => row.number > (cursor ?? 0));
    const items = after.slice(0, WINDOW);
    return { items, next_cursor: after.length > WINDOW ? String(items.at(-1)?.number) : null };
  };
  const expected = (page: number) => rows.filter((row) => row.page === page);
  return { read, expected, reads: () => reads };
}

const pages = (count: number, parts: (page: number) => number) =>
  Array.from({ length: count }, (_, i) => parts(i + 1));

describe("findPage", () => {
  it.each([
    ["one part a page", pages(350, () => 1)],
    ["every third page without text", pages(900, (page) => (page % 3 ? 1 : 0))],
    ["two hundred empty pages in front", pages(500, (page) => (page > 200 ? 1 : 0))],
    ["several parts a page", pages(120, (page) => (page % 4) + 1)],
    ["a page longer than a stretch", pages(5, (page) => (page === 3 ? 250 : 2))],
    ["no text at all", pages(300, () => 0)],
  ])("finds every page of a version with %s", async (_, parts) => {
    for (let page = 1; page <= parts.length; page += 7) {
      const { read, expected } = version(parts);
      expect(await findPage(page, read)).toEqual(expected(page));
    }
  });

  it("does not read what comes before", async () => {
    const long = version(pages(1_600, () => 1));
    expect(await findPage(1_550, long.read)).toHaveLength(1);
    expect(long.reads()).toBe(1);
  });
});
