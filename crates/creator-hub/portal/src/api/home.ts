import { useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { usePages } from "./pages";

const HEALTH_EVERY_MS = 30_000;

export function useHome() {
  return useQuery({
    queryKey: ["home"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/home", { signal })),
    refetchInterval: HEALTH_EVERY_MS,
  });
}

export function useGaps() {
  return usePages(["gaps"], (cursor, signal) =>
    body(api.GET("/api/v1/gaps", { params: { query: { cursor } }, signal })),
  );
}

export function useModels() {
  return useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/models", { signal })),
  });
}
