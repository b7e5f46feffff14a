import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { usePages } from "./pages";
import type { ChannelAccount, WidgetSettings } from "./types";

export function useChannels() {
  return usePages(["channels"], (cursor, signal) =>
    body(api.GET("/api/v1/channel-accounts", { params: { query: { cursor } }, signal })),
  );
}

export const channelQuery = (id: string) =>
  queryOptions({
    queryKey: ["channel", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/channel-accounts/{id}", { params: { path: { id } }, signal })),
  });

export function useMakeWidget() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: { name: string }) => {
      const full = { kind: "widget" as const, ...form };
      return body(api.POST("/api/v1/channel-accounts", { body: full, headers: intent(full) }));
    },
    onSuccess: (made) => {
      client.setQueryData(channelQuery(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: ["channels"] });
      void client.invalidateQueries({ queryKey: ["home"] });
    },
  });
}

export interface ChannelChange {
  name?: string;
  enabled?: boolean;
  settings?: WidgetSettings;
}

/** Changes the version that was read; a colleague's change in between is answered with a conflict. */
export function useChangeChannel(account: ChannelAccount) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ChannelChange) =>
      body(
        api.PATCH("/api/v1/channel-accounts/{id}", {
          params: { path: { id: account.id }, header: { "If-Match": `"${account.version}"` } },
          body: change,
        }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(channelQuery(account.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["channels"] });
    },
  });
}

/** A new secret that the host page signs identities with; shown once. The one before ends with it. */
export function useMakeIdentitySecret(id: string) {
  return useMutation({
    mutationFn: () =>
      body(api.POST("/api/v1/channel-accounts/{id}/identity-secret", { params: { path: { id } } })),
    // The secret must not outlive the page that shows it.
    gcTime: 0,
  });
}

export function useDeleteChannel(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/channel-accounts/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["channels"] }),
  });
}
