import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { usePages } from "./pages";

export interface CannedReplyForm {
  title: string;
  text: string;
}

const KEY = ["canned-replies"];

export function useCannedReplies() {
  return usePages(KEY, (cursor, signal) =>
    body(api.GET("/api/v1/canned-replies", { params: { query: { cursor, limit: 100 } }, signal })),
  );
}

/** Makes a canned reply, or changes the one with `id`. */
export function useSaveCannedReply(id?: string) {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: CannedReplyForm) =>
      id
        ? body(api.PATCH("/api/v1/canned-replies/{id}", { params: { path: { id } }, body: form }))
        : body(api.POST("/api/v1/canned-replies", { body: form, headers: intent(form) })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

export function useDeleteCannedReply() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(api.DELETE("/api/v1/canned-replies/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
