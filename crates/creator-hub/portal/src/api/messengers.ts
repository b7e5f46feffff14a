import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { usePages } from "./pages";
import type { ArrivalState, Channel, ConnectionSettings } from "./types";

/** Every channel account of every kind. */
export function useAllChannels() {
  return usePages(["channels", "all"], (cursor, signal) =>
    body(api.GET("/api/v1/channels", { params: { query: { cursor } }, signal })),
  );
}

export const messengerQuery = (id: string) =>
  queryOptions({
    queryKey: ["channels", "one", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/channels/{id}", { params: { path: { id } }, signal })),
  });

export interface TelegramForm {
  token: string;
  webhook: boolean;
}

export interface WhatsappForm {
  phone_number_id: string;
  business_account_id: string;
  access_token: string;
}

export type ConnectForm = ({ kind: "telegram" } & TelegramForm) | ({ kind: "whatsapp" } & WhatsappForm);

/**
 * Checks the secrets with the provider and keeps them; nothing is kept when the provider refuses.
 * An account that is connected already gets the new token.
 */
export function useConnect() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: ({ kind, ...form }: ConnectForm): Promise<Channel> =>
      kind === "telegram"
        ? body(api.POST("/api/v1/channels/telegram", { body: form as TelegramForm, headers: intent(form) }))
        : body(api.POST("/api/v1/channels/whatsapp", { body: form as WhatsappForm, headers: intent(form) })),
    // Secrets must not outlive the dialog they were typed into.
    gcTime: 0,
    onSuccess: (made) => {
      client.setQueryData(messengerQuery(made.id).queryKey, made);
      return Promise.all([
        client.invalidateQueries({ queryKey: ["channels"] }),
        client.invalidateQueries({ queryKey: ["home"] }),
      ]);
    },
  });
}

export interface MessengerChange {
  name?: string;
  enabled?: boolean;
  settings?: Partial<ConnectionSettings>;
}

/** Changes the version that was read; a colleague's change in between is answered with a conflict. */
export function useChangeMessenger(channel: Channel) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: MessengerChange) =>
      body(
        api.PATCH("/api/v1/channels/{id}", {
          params: { path: { id: channel.id }, header: { "If-Match": `"${channel.version}"` } },
          body: change,
        }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(messengerQuery(channel.id).queryKey, changed);
      return client.invalidateQueries({ queryKey: ["channels"] });
    },
  });
}

export function useDisconnect(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/channels/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["channels"] }),
  });
}

/** Sends a real message to whoever wrote to the account last, and waits for the messenger's answer. */
export function useSendTest(id: string) {
  return useMutation({
    mutationFn: () =>
      body(api.POST("/api/v1/channels/{id}/test-messages", { params: { path: { id } }, body: {} })),
  });
}

export function useTemplates(id: string) {
  return useQuery({
    queryKey: ["channels", "templates", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/channels/{id}/templates", { params: { path: { id } }, signal })),
    select: (page) => page.items,
  });
}

/** How a number stands with Meta: quality, limit, news. */
export function useStanding(id: string) {
  return useQuery({
    queryKey: ["channels", "standing", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/channels/{id}/standing", { params: { path: { id } }, signal })),
  });
}

export function useSyncTemplates(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/channels/{id}/templates/sync", { params: { path: { id } } })),
    onSuccess: (page) => {
      client.setQueryData(["channels", "templates", id], page);
      return client.invalidateQueries({ queryKey: ["channels", "standing", id] });
    },
  });
}

/** What did not reach its client, the latest first. */
export function useUndelivered(id: string) {
  return usePages(["channels", "deliveries", id], (cursor, signal) =>
    body(
      api.GET("/api/v1/channels/{id}/deliveries", {
        params: { path: { id }, query: { cursor, state: "failed" } },
        signal,
      }),
    ),
  );
}

export function useArrivals(id: string, state: ArrivalState) {
  return usePages(["channels", "arrivals", id, state], (cursor, signal) =>
    body(
      api.GET("/api/v1/channels/{id}/arrivals", {
        params: { path: { id }, query: { cursor, state } },
        signal,
      }),
    ),
  );
}

/** One arrival with all of its bytes; a list has only their beginning. */
export function useArrival(id: string, arrival: string) {
  return useQuery({
    queryKey: ["channels", "arrival", id, arrival],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/channels/{id}/arrivals/{arrival}", { params: { path: { id, arrival } }, signal }),
      ),
  });
}

/** Has the kept bytes read once more. */
export function useReplay(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (arrival: string) =>
      body(
        api.POST("/api/v1/channels/{id}/arrivals/{arrival}/replay", { params: { path: { id, arrival } } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["channels", "arrivals", id] }),
  });
}
