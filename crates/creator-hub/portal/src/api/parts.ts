import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, body } from "./client";
import type { Part } from "./types";

const AT_ONCE = 100;

function read(id: string, version: string | undefined, cursor: string | undefined, signal: AbortSignal) {
  return body(
    api.GET("/api/v1/documents/{id}/parts", {
      params: { path: { id }, query: { version_id: version, cursor, limit: AT_ONCE } },
      signal,
    }),
  );
}

/** The text of a version as the engine sees it, in reading order. */
export function useParts(id: string, version: string | undefined) {
  const query = useInfiniteQuery({
    queryKey: ["parts", id, version],
    queryFn: ({ pageParam, signal }) => read(id, version, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: Boolean(version),
    // A version never changes once it is ready.
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { ...query, parts: query.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** The parts of one page; reads on until that page has been reached. */
export function usePageParts(id: string, version: string | undefined, page: number) {
  const query = useParts(id, version);
  const last = query.parts.at(-1)?.page ?? 0;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  const short = Boolean(version) && last < page && hasNextPage;
  useEffect(() => {
    if (short && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [short, isFetchingNextPage, isError, fetchNextPage]);
  return {
    ...query,
    waiting: query.isPending || short,
    parts: query.parts.filter((part) => part.page === page),
  };
}

/** The part of a version that holds `quote`: on its page when it has one, else wherever it occurs. */
export function useQuotedPart(
  id: string,
  version: string | undefined,
  where: { page?: number | null; quote: string },
  holds: (part: Part) => boolean,
) {
  return useQuery({
    queryKey: ["quoted-part", id, version, where.page, where.quote],
    queryFn: async ({ signal }) => {
      let cursor: string | undefined;
      do {
        const page = await read(id, version, cursor, signal);
        const found = page.items.find((part) => (!where.page || part.page === where.page) && holds(part));
        if (found) return found;
        const passed = where.page && (page.items.at(-1)?.page ?? 0) > where.page;
        cursor = passed ? undefined : (page.next_cursor ?? undefined);
      } while (cursor);
      return null;
    },
    enabled: Boolean(version),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
