import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "./client";

/** What the signed-in member is told of by mail, and whether the server can send any. */
export const noticesQuery = queryOptions({
  queryKey: ["notices"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/me/notices", { signal })),
});

export function useChangeNotices() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: { human_wanted: boolean }) =>
      body(api.PATCH("/api/v1/me/notices", { body: change })),
    onSuccess: (changed) => client.setQueryData(noticesQuery.queryKey, changed),
  });
}
