import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { putDocument, refreshLists } from "./document-cache";
import { useIntent } from "./intent";
import { usePages } from "./pages";
import type { Document, Stage } from "./types";

export interface DocumentFilter {
  base?: string;
  folder?: string;
  q?: string;
  stage?: Stage;
}

export function useDocuments(filter: DocumentFilter) {
  return usePages(["documents", filter], (cursor, signal) =>
    body(
      api.GET("/api/v1/documents", {
        params: {
          query: {
            cursor,
            knowledge_base_id: filter.base,
            folder_id: filter.folder,
            q: filter.q,
            stage: filter.stage,
          },
        },
        signal,
      }),
    ),
  );
}

export const documentQuery = (id: string) =>
  queryOptions({
    queryKey: ["document", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/documents/{id}", { params: { path: { id } }, signal })),
  });

export function useBases() {
  return useQuery({
    queryKey: ["bases"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/knowledge-bases", { params: { query: { limit: 100 } }, signal })).then(
        (page) => page.items,
      ),
  });
}

export function useFolders(base: string | undefined) {
  return useQuery({
    queryKey: ["folders", base],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/knowledge-bases/{id}/folders", {
          params: { path: { id: base ?? "" }, query: { limit: 100 } },
          signal,
        }),
      ).then((page) => page.items),
    enabled: Boolean(base),
  });
}

export function useVersions(id: string) {
  return usePages(["versions", id], (cursor, signal) =>
    body(api.GET("/api/v1/documents/{id}/versions", { params: { path: { id }, query: { cursor } }, signal })),
  );
}

export type DocumentChange = Partial<
  Pick<Document, "title" | "enabled" | "folder_id" | "published_on" | "citation_url">
>;

export function useChangeDocument(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: DocumentChange) =>
      body(api.PATCH("/api/v1/documents/{id}", { params: { path: { id } }, body: change })),
    onSuccess: (document) => putDocument(client, document),
  });
}

export function useDeleteDocument(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/documents/{id}", { params: { path: { id } } })),
    onSuccess: () => refreshLists(client),
  });
}

export function useRetryDocument(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/documents/{id}/retry", { params: { path: { id } } })),
    onSuccess: (document) => putDocument(client, document),
  });
}

export function useAddFromUrl() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: { url: string; knowledge_base_id: string; folder_id?: string }) =>
      body(api.POST("/api/v1/documents/from-url", { body: form, headers: intent(form) })),
    onSuccess: () => refreshLists(client),
  });
}

export function useSample() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (base: string) =>
      body(api.POST("/api/v1/knowledge-bases/{id}/sample", { params: { path: { id: base } } })),
    onSuccess: () => refreshLists(client),
  });
}

export function useMakeBase() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: { name: string; description?: string }) =>
      body(api.POST("/api/v1/knowledge-bases", { body: form, headers: intent(form) })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["bases"] }),
  });
}

export function useChangeBase(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: { name?: string; description?: string }) =>
      body(api.PATCH("/api/v1/knowledge-bases/{id}", { params: { path: { id } }, body: form })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["bases"] }),
  });
}

export function useDeleteBase(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/knowledge-bases/{id}", { params: { path: { id } } })),
    onSuccess: () => refreshLists(client),
  });
}

export function useMakeFolder(base: string) {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: { name: string; parent_id?: string }) =>
      body(
        api.POST("/api/v1/knowledge-bases/{id}/folders", {
          params: { path: { id: base } },
          body: form,
          headers: intent(form),
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["folders", base] }),
  });
}

export function useChangeFolder(base: string, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: { name: string }) =>
      body(api.PATCH("/api/v1/folders/{id}", { params: { path: { id } }, body: form })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["folders", base] }),
  });
}

export function useDeleteFolder(base: string, id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/folders/{id}", { params: { path: { id } } })),
    onSuccess: () =>
      Promise.all([client.invalidateQueries({ queryKey: ["folders", base] }), refreshLists(client)]),
  });
}
