import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";
import { useIntent } from "./intent";
import { usePages } from "./pages";
import type { CheckIn, Weekday } from "./types";

export interface CheckInForm {
  text: string;
  weekdays: Weekday[];
  local_time: string;
  enabled: boolean;
}

export function useCheckIns() {
  return usePages(["check-ins"], (cursor, signal) =>
    body(api.GET("/api/v1/check-ins", { params: { query: { cursor } }, signal })),
  );
}

export const checkInQuery = (id: string) =>
  queryOptions({
    queryKey: ["check-in", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/check-ins/{id}", { params: { path: { id } }, signal })),
  });

export function useMakeCheckIn() {
  const client = useQueryClient();
  const intent = useIntent();
  return useMutation({
    mutationFn: (form: CheckInForm) =>
      body(api.POST("/api/v1/check-ins", { body: form, headers: intent(form) })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["check-ins"] }),
  });
}

export function useChangeCheckIn(checkIn: CheckIn) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<CheckInForm>) =>
      body(
        api.PATCH("/api/v1/check-ins/{id}", {
          params: { path: { id: checkIn.id }, header: { "If-Match": `"${checkIn.version}"` } },
          body: change,
        }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(checkInQuery(checkIn.id).queryKey, changed);
      return client.invalidateQueries({ queryKey: ["check-ins"] });
    },
  });
}

export function useDeleteCheckIn(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => body(api.DELETE("/api/v1/check-ins/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["check-ins"] }),
  });
}

export function useDecisions(filter: { check_in?: string; outcome?: "sent" | "held" }) {
  return usePages(["decisions", filter], (cursor, signal) =>
    body(
      api.GET("/api/v1/decisions", {
        params: { query: { cursor, check_in_id: filter.check_in, outcome: filter.outcome } },
        signal,
      }),
    ),
  );
}

export function useClients() {
  return usePages(["clients"], (cursor, signal) =>
    body(api.GET("/api/v1/clients", { params: { query: { cursor } }, signal })),
  );
}
