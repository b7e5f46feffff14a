import { useMutation, useQueryClient } from "@tanstack/react-query";
import { meQuery } from "./account";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { usePages } from "./pages";
import type { Creator, CreatorSettings, Member, Role, Scope } from "./types";

/** Changes settings on top of the version that was read; a colleague's change in between conflicts. */
export function useChangeSettings(creator: Creator) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<CreatorSettings> & { name?: string }) =>
      body(
        api.PATCH("/api/v1/settings", {
          params: { header: { "If-Match": `"${creator.version}"` } },
          body: change,
        }),
      ),
    onSuccess: (changed) => client.setQueryData(meQuery.queryKey, (me) => me && { ...me, creator: changed }),
  });
}

export function useMembers(options: { enabled?: boolean } = {}) {
  return usePages(
    ["members"],
    (cursor, signal) => body(api.GET("/api/v1/members", { params: { query: { cursor } }, signal })),
    options,
  );
}

export function useAddMember() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: { email: string; name: string; role: Role; password: string }) =>
      body(api.POST("/api/v1/members", { body: form, headers: intent(form) })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["members"] }),
  });
}

export function useChangeMember(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { role?: Role; name?: string; disabled?: boolean }): Promise<Member> =>
      body(api.PATCH("/api/v1/members/{id}", { params: { path: { id } }, body: change })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["members"] }),
        client.invalidateQueries({ queryKey: meQuery.queryKey }),
      ]),
  });
}

export function useRemoveMember(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/members/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["members"] }),
  });
}

export function useKeys() {
  return usePages(["keys"], (cursor, signal) =>
    body(api.GET("/api/v1/api-keys", { params: { query: { cursor } }, signal })),
  );
}

export function useMakeKey() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: { name: string; scopes: Scope[] }) =>
      body(api.POST("/api/v1/api-keys", { body: form, headers: intent(form) })),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
}

export function useRevokeKey(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/api-keys/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
}

export function useAudit(filter: { actor?: string; action?: string }) {
  return usePages(["audit", filter], (cursor, signal) =>
    body(api.GET("/api/v1/audit", { params: { query: { cursor, ...filter } }, signal })),
  );
}
