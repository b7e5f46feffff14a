import {
  type QueryClient,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { flatten, usePages } from "./pages";
import type { InboxDetail, InboxState } from "./types";

export interface InboxFilter {
  state?: InboxState;
  /** Id of a channel account. */
  channel?: string;
  /** Id of a member. */
  assigned_to?: string;
  q?: string;
}

const PAGE = 30;

export function useInbox(filter: InboxFilter, options: { enabled?: boolean } = {}) {
  return usePages(
    ["inbox", "list", filter],
    (cursor, signal) =>
      body(api.GET("/api/v1/inbox", { params: { query: { cursor, limit: PAGE, ...filter } }, signal })),
    options,
  );
}

/** Shared by the navigation's count and the head of the list. */
const COUNTED = 50;

/** Conversations whose clients wait for a person, the first page of them. */
export const waitingQuery = queryOptions({
  queryKey: ["inbox", "waiting"],
  queryFn: ({ signal }) =>
    body(api.GET("/api/v1/inbox", { params: { query: { state: "waiting", limit: COUNTED } }, signal })),
});

/** How many wait for a person; "50+" when there are more than one reads. */
export function useWaitingCount(): string {
  const { data } = useQuery(waitingQuery);
  if (!data?.items.length) return "";
  return data.next_cursor ? `${data.items.length}+` : String(data.items.length);
}

/** A conversation with its client, messages and notes: the latest page first, older ones on request. */
export function useInboxConversation(id: string) {
  const query = useInfiniteQuery({
    queryKey: ["inbox", "conversation", id],
    queryFn: ({ pageParam, signal }) =>
      body(api.GET("/api/v1/inbox/{id}", { params: { path: { id }, query: { cursor: pageParam } }, signal })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.next_cursor ? Number(page.next_cursor) : undefined),
  });
  const pages = query.data?.pages;
  const detail = useMemo(() => pages && together(pages), [pages]);
  return { ...query, detail };
}

/** The pages of one conversation as one, the oldest message first, each once. */
export function together(pages: readonly InboxDetail[]) {
  const [latest] = pages;
  if (!latest) return undefined;
  const messages = pages.toReversed().map((page) => ({ items: page.messages }));
  return { ...latest, messages: flatten(messages) };
}

/** Reads again whatever shows this conversation. */
export function refreshInbox(client: QueryClient, id?: string): Promise<unknown> {
  return Promise.all([
    client.invalidateQueries({ queryKey: ["inbox", "list"] }),
    client.invalidateQueries({ queryKey: waitingQuery.queryKey }),
    client.invalidateQueries({ queryKey: id ? ["inbox", "conversation", id] : ["inbox", "conversation"] }),
  ]);
}

type Act = "take-over" | "hand-back" | "close" | "reopen";

/** Who answers, and whether it is done: each act takes effect before the next message is sent. */
export function useInboxAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (act: Act) => {
      const params = { params: { path: { id } } };
      switch (act) {
        case "take-over":
          return body(api.POST("/api/v1/inbox/{id}/take-over", params));
        case "hand-back":
          return body(api.POST("/api/v1/inbox/{id}/hand-back", params));
        case "close":
          return body(api.POST("/api/v1/inbox/{id}/close", params));
        case "reopen":
          return body(api.POST("/api/v1/inbox/{id}/reopen", params));
      }
    },
    onSettled: () => refreshInbox(client, id),
  });
}

export function useAssign(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (member: string | null) =>
      body(api.PUT("/api/v1/inbox/{id}/assignee", { params: { path: { id } }, body: { member_id: member } })),
    onSettled: () => refreshInbox(client, id),
  });
}

export function useReply(id: string) {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (text: string) =>
      body(
        api.POST("/api/v1/inbox/{id}/replies", {
          params: { path: { id } },
          body: { text },
          headers: intent({ text }),
        }),
      ),
    onSuccess: () => refreshInbox(client, id),
  });
}

export function useAddNote(id: string) {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (text: string) =>
      body(
        api.POST("/api/v1/inbox/{id}/notes", {
          params: { path: { id } },
          body: { text },
          headers: intent({ text }),
        }),
      ),
    onSuccess: () => refreshInbox(client, id),
  });
}

/** What the engine would answer now; nothing is sent. */
export function useSuggestion(id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/inbox/{id}/suggestion", { params: { path: { id } } })),
  });
}
