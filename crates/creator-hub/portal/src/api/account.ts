import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { can, type Right } from "@/lib/roles";
import { api, body } from "./client";
import type { Me } from "./types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => body(api.GET("/api/v1/me", { signal })),
  staleTime: 5 * 60_000,
});

/** The member and creator of this session; the route guard has loaded them before any page shows. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

export function useCan(right: Right): boolean {
  return can(useMe().member.role, right);
}

export function useLogIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: { email: string; password: string }) =>
      body(api.POST("/api/v1/auth/login", { body: form })),
    onSuccess: ({ member, creator }) => {
      client.clear();
      client.setQueryData(meQuery.queryKey, { member, creator });
    },
  });
}

export interface SignUpForm {
  email: string;
  password: string;
  name: string;
  creator_name: string;
  time_zone: string;
}

export function useSignUp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: SignUpForm) => body(api.POST("/api/v1/auth/register", { body: form })),
    onSuccess: ({ member, creator }) => {
      client.clear();
      client.setQueryData(meQuery.queryKey, { member, creator });
    },
  });
}

export function useLogOut() {
  return useMutation({ mutationFn: () => body(api.POST("/api/v1/auth/logout")) });
}
