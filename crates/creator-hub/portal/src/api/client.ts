import createClient from "openapi-fetch";
import { uuid } from "@/lib/uuid";
import { failureOf, unreachable } from "./problem";
import type { paths } from "./schema";
import { renewSession, sessionLost } from "./session";

/** Requests whose 401 means "wrong password" rather than "the session ended". */
const OWN_AUTH = /\/auth\/(login|register|refresh|logout)$/;

/**
 * Fetch for the API: marks unsafe requests as ours, gives a POST an idempotency key, and on 401
 * renews the session once before telling the shell that it is lost.
 */
export async function apiFetch(input: Request | string, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  if (request.method !== "GET" && request.method !== "HEAD") {
    request.headers.set("X-Requested-With", "coxswain");
  }
  if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
    request.headers.set("Idempotency-Key", uuid());
  }
  const again = request.clone();
  const response = await send(request);
  if (response.status !== 401 || OWN_AUTH.test(new URL(request.url).pathname)) return response;
  if (await renewSession()) return send(again);
  sessionLost();
  return response;
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw unreachable();
  }
}

export const api = createClient<paths>({
  // openapi-fetch builds a Request, which needs an absolute address outside a browser.
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  fetch: apiFetch,
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws `RequestFailed` otherwise. */
export async function body<T>(request: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok) throw failureOf(response, error);
  return data as T;
}
