import { type InfiniteData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";

/** A list answer: `next_cursor` is null on the last page. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/**
 * The items of all pages read so far, each id once: a row that moved between two reads (the list
 * is stable under inserts, not under edits) keeps its first place and its newest content.
 */
export function flatten<T extends { id: string }>(pages: readonly Page<T>[]): T[] {
  const byId = new Map<string, T>();
  for (const page of pages) for (const item of page.items) byId.set(item.id, item);
  return [...byId.values()];
}

/** Replaces the item with the same id wherever it was read; the same object when none was. */
export function replaceItem<T extends { id: string }>(
  data: InfiniteData<Page<T>> | undefined,
  item: T,
): InfiniteData<Page<T>> | undefined {
  if (!data?.pages.some((page) => page.items.some((known) => known.id === item.id))) return data;
  const pages = data.pages.map((page) => ({
    ...page,
    items: page.items.map((known) => (known.id === item.id ? item : known)),
  }));
  return { ...data, pages };
}

/** Drops the item with this id wherever it was read. */
export function dropItem<T extends { id: string }>(
  data: InfiniteData<Page<T>> | undefined,
  id: string,
): InfiniteData<Page<T>> | undefined {
  if (!data) return data;
  const pages = data.pages.map((page) => ({ ...page, items: page.items.filter((known) => known.id !== id) }));
  return { ...data, pages };
}

/** A cursor-paged list. `read` gets the cursor of the page to read, undefined for the first. */
export function usePages<T extends { id: string }>(
  queryKey: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  options: {
    enabled?: boolean;
    refetchInterval?: number | ((query: { state: { data?: InfiniteData<Page<T>> } }) => number | false);
  } = {},
) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    ...options,
  });
  return { ...query, items: query.data ? flatten(query.data.pages) : [] };
}
