import { QueryClient } from "@tanstack/react-query";
import { RequestFailed } from "@/api/problem";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal will not change by asking again; a lost connection may.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof RequestFailed) || error.unreachable || error.status >= 500),
    },
    mutations: { retry: false, networkMode: "always" },
  },
});
