import { useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { usePages } from "./pages";
import type { Stage } from "./types";

export function useConversations() {
  return usePages(["conversations"], (cursor, signal) =>
    body(
      api.GET("/api/v1/conversations", { params: { query: { kind: "test", cursor, limit: 20 } }, signal }),
    ),
  );
}

export function useWhy(messageId: string) {
  return useQuery({
    queryKey: ["why", messageId],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/messages/{id}/why", { params: { path: { id: messageId } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const UNREAD: readonly Stage[] = ["queued", "parsing", "embedding"];
const NAMED = 3;

/** Documents an answer cannot quote yet, because they are still being read. */
export function useUnread() {
  return useQuery({
    queryKey: ["unread-documents"],
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(
        UNREAD.map((stage) =>
          body(api.GET("/api/v1/documents", { params: { query: { stage, limit: NAMED } }, signal })),
        ),
      );
      const titles = pages.flatMap((page) => page.items.filter((d) => d.enabled).map((d) => d.title));
      return {
        titles: titles.slice(0, NAMED),
        more: titles.length > NAMED || pages.some((page) => page.next_cursor),
      };
    },
  });
}
