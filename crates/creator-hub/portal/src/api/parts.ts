import { type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { findPage, WINDOW } from "./page-search";
import type { Part } from "./types";

interface PartsPage {
  items: Part[];
  next_cursor?: string | null;
}

function read(
  id: string,
  version: string,
  cursor: number | undefined,
  signal?: AbortSignal,
): Promise<PartsPage> {
  return body(
    api.GET("/api/v1/documents/{id}/parts", {
      params: { path: { id }, query: { version_id: version, cursor, limit: WINDOW } },
      signal,
    }),
  );
}

/** A stretch of parts, read once: a version never changes when it is ready. */
function stretch(client: QueryClient, id: string, version: string, cursor: number | undefined) {
  return client.fetchQuery({
    queryKey: ["parts-stretch", id, version, cursor ?? 0],
    queryFn: () => read(id, version, cursor),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The text of a version as the engine sees it, in reading order. */
export function useParts(id: string, version: string) {
  const query = useInfiniteQuery({
    queryKey: ["parts", id, version],
    queryFn: ({ pageParam, signal }) => read(id, version, pageParam, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.next_cursor ? Number(page.next_cursor) : undefined),
  });
  return { ...query, parts: query.data?.pages.flatMap((page) => page.items) ?? [] };
}

/** The parts of one page, wherever in the version it is. */
export function usePageParts(id: string, version: string, page: number) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["page-parts", id, version, page],
    queryFn: () => findPage(page, (cursor) => stretch(client, id, version, cursor)),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The part of a version that a quote stands in: on its page when it has one, else the first that holds it. */
export function useQuotedPart(
  id: string,
  version: string,
  where: { page?: number | null; quote: string },
  holds: (part: Part) => boolean,
) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["quoted-part", id, version, where.page, where.quote],
    queryFn: async () => {
      if (where.page) {
        const parts = await findPage(where.page, (cursor) => stretch(client, id, version, cursor));
        return parts.find(holds) ?? null;
      }
      let cursor: number | undefined;
      do {
        const page = await stretch(client, id, version, cursor);
        const found = page.items.find(holds);
        if (found) return found;
        cursor = page.next_cursor ? Number(page.next_cursor) : undefined;
      } while (cursor !== undefined);
      return null;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}
