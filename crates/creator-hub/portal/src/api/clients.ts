import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { refreshInbox } from "./inbox";
import type { ClientDetail } from "./types";

export const clientQuery = (id: string) =>
  queryOptions({
    queryKey: ["client", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/clients/{id}", { params: { path: { id } }, signal })),
  });

/** A single-use code that ties another channel to this client. Shown once. */
export function useMakeLinkCode(id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/clients/{id}/link-codes", { params: { path: { id } } })),
    gcTime: 0,
  });
}

export function useUnlink(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (identity: string) =>
      body(api.DELETE("/api/v1/clients/{id}/identities/{identity}", { params: { path: { id, identity } } })),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["client", id] }),
        client.invalidateQueries({ queryKey: ["clients"] }),
        refreshInbox(client),
      ]),
  });
}

/** Where the client is reached first; `null`: where they last wrote. */
export function usePreferChannel({ id }: Pick<ClientDetail, "id">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (account: string | null) =>
      body(
        api.PUT("/api/v1/clients/{id}/preferred-channel", {
          params: { path: { id } },
          body: { channel_account_id: account },
        }),
      ),
    onSuccess: () =>
      Promise.all([client.invalidateQueries({ queryKey: ["client", id] }), refreshInbox(client)]),
  });
}

/** Erases the client with everything of theirs. There is no way back. */
export function useEraseClient(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/clients/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      client.removeQueries({ queryKey: ["client", id] });
      return Promise.all([client.invalidateQueries({ queryKey: ["clients"] }), refreshInbox(client)]);
    },
  });
}
