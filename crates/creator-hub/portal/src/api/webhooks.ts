import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { usePages } from "./pages";
import type { EventKind, Webhook, WebhookDelivery, WebhookDeliveryState } from "./types";

export interface WebhookForm {
  url: string;
  description: string;
  /** Empty for all, those to come included. */
  events: EventKind[];
}

/** Milliseconds between two looks at a delivery that is about to be tried. */
const SOON_MS = 2_000;
/** Milliseconds between two looks at everything else that changes by itself. */
const LATER_MS = 15_000;

export function useWebhooks() {
  return usePages(["webhooks"], (cursor, signal) =>
    body(api.GET("/api/v1/webhooks", { params: { query: { cursor } }, signal })),
  );
}

/** One webhook. It is read again by itself, because failing for long pauses it. */
export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhook", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/webhooks/{id}", { params: { path: { id } }, signal })),
    refetchInterval: LATER_MS,
  });

export function useMakeWebhook() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: WebhookForm) =>
      body(api.POST("/api/v1/webhooks", { body: form, headers: intent(form) })),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: ["webhooks"] }),
  });
}

/** Changes, pauses or resumes a webhook on top of the version that was read. */
export function useChangeWebhook({ id, version }: Pick<Webhook, "id" | "version">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<WebhookForm> & { enabled?: boolean }) =>
      body(
        api.PATCH("/api/v1/webhooks/{id}", {
          params: { path: { id }, header: { "If-Match": `"${version}"` } },
          body: change,
        }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(webhookQuery(id).queryKey, changed);
      return Promise.all([
        client.invalidateQueries({ queryKey: ["webhooks"] }),
        client.invalidateQueries({ queryKey: ["webhook-deliveries", id] }),
      ]);
    },
  });
}

export function useDeleteWebhook(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/webhooks/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["webhooks"] }),
  });
}

/** A new secret, shown once; the one before goes on signing for 24 hours. */
export function useNewSecret(id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/webhooks/{id}/secret", { params: { path: { id } } })),
    gcTime: 0,
  });
}

/** Read again soon while something is about to be tried, otherwise now and then. */
function pace(deliveries: readonly WebhookDelivery[]): number {
  const soon = Date.now() + LATER_MS;
  const due = deliveries.some(
    ({ state, next_attempt_at: next }) => state === "waiting" && (!next || Date.parse(next) < soon),
  );
  return due ? SOON_MS : LATER_MS;
}

export function useWebhookDeliveries(id: string, state: WebhookDeliveryState | undefined) {
  return usePages(
    ["webhook-deliveries", id, state ?? "all"],
    (cursor, signal) =>
      body(
        api.GET("/api/v1/webhooks/{id}/deliveries", {
          params: { path: { id }, query: { cursor, state } },
          signal,
        }),
      ),
    { refetchInterval: (query) => pace(query.state.data?.pages[0]?.items ?? []) },
  );
}

export const webhookDeliveryQuery = (id: string, delivery: string) =>
  queryOptions({
    queryKey: ["webhook-delivery", id, delivery],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/webhooks/{id}/deliveries/{delivery}", {
          params: { path: { id, delivery } },
          signal,
        }),
      ),
    refetchInterval: (query) => pace(query.state.data ? [query.state.data.delivery] : []),
  });

/** Lets what shows deliveries of this webhook read them again. */
function useSeeDeliveries(id: string) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["webhook-deliveries", id] }),
      client.invalidateQueries({ queryKey: ["webhook-delivery", id] }),
    ]);
}

export function useSendTestEvent(id: string) {
  return useMutation({
    mutationFn: () => body(api.POST("/api/v1/webhooks/{id}/test", { params: { path: { id } } })),
    onSuccess: useSeeDeliveries(id),
  });
}

export function useReplay(id: string) {
  return useMutation({
    mutationFn: (delivery: string) =>
      body(
        api.POST("/api/v1/webhooks/{id}/deliveries/{delivery}/replay", {
          params: { path: { id, delivery } },
        }),
      ),
    onSuccess: useSeeDeliveries(id),
  });
}

/** Posts everything again that happened since `since` and failed. */
export function useReplayFailed(id: string) {
  return useMutation({
    mutationFn: (since: string) =>
      body(api.POST("/api/v1/webhooks/{id}/replay", { params: { path: { id } }, body: { since } })),
    onSuccess: useSeeDeliveries(id),
  });
}
