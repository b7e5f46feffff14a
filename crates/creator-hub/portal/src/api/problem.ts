import type { Problem } from "./types";

/** What a failed request came to: the server's problem, or that the server was not reached. */
export class RequestFailed extends Error {
  /** HTTP status; 0 when no answer arrived. */
  readonly status: number;
  /** Stable slug such as `version_conflict`; `unreachable` when no answer arrived. */
  readonly code: string;
  readonly requestId: string | null;
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | null;
  /** Field messages by JSON pointer (`/settings/voice`). */
  readonly fields: Readonly<Record<string, string>>;

  constructor(from: {
    status: number;
    code: string;
    message: string;
    requestId?: string | null;
    retryAfter?: number | null;
    fields?: Record<string, string>;
  }) {
    super(from.message);
    this.name = "RequestFailed";
    this.status = from.status;
    this.code = from.code;
    this.requestId = from.requestId ?? null;
    this.retryAfter = from.retryAfter ?? null;
    this.fields = from.fields ?? {};
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
}

export function unreachable(): RequestFailed {
  return new RequestFailed({
    status: 0,
    code: "unreachable",
    message: navigator.onLine
      ? "The server did not answer. Nothing you typed is lost; try again in a moment."
      : "You are offline. Nothing you typed is lost; try again when you are back.",
  });
}

/** Reads the answer to a failed request. `body` is the parsed problem when there was one. */
export function failureOf(response: Response, body: unknown): RequestFailed {
  const problem = isProblem(body) ? body : null;
  const retry = Number(response.headers.get("retry-after"));
  return new RequestFailed({
    status: response.status,
    code: problem?.code ?? String(response.status),
    message: problem?.detail || problem?.title || `The server answered ${response.status}.`,
    requestId: problem?.request_id ?? response.headers.get("x-request-id"),
    retryAfter: Number.isFinite(retry) && retry > 0 ? retry : null,
    fields: fieldMessages(problem?.errors ?? []),
  });
}

/** One message per pointer; several for the same field are joined, so none is hidden. */
export function fieldMessages(errors: { pointer: string; detail: string }[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { pointer, detail } of errors) {
    const known = fields[pointer];
    fields[pointer] = known ? `${known} ${detail}` : detail;
  }
  return fields;
}

/** The messages of `error` that no field in `shown` displays, to be put above the form instead. */
export function unplacedMessages(error: RequestFailed, shown: readonly string[]): string[] {
  return Object.entries(error.fields)
    .filter(([pointer]) => !shown.some((field) => pointer === field || pointer.startsWith(`${field}/`)))
    .map(
      ([pointer, detail]) =>
        `${pointer.split("/").filter(Boolean).join(" ").replaceAll("_", " ")}: ${detail}`,
    );
}

/** The message for `pointer`, or for anything below it (`/weekdays` also shows `/weekdays/0`). */
export function messageFor(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof RequestFailed)) return undefined;
  const exact = error.fields[pointer];
  if (exact) return exact;
  const below = Object.entries(error.fields).filter(([p]) => p.startsWith(`${pointer}/`));
  return below.length ? below.map(([, detail]) => detail).join(" ") : undefined;
}

export function asFailure(error: unknown): RequestFailed {
  if (error instanceof RequestFailed) return error;
  return new RequestFailed({
    status: 0,
    code: "unexpected",
    message: error instanceof Error ? error.message : "Something unexpected happened on this page.",
  });
}

function isProblem(body: unknown): body is Partial<Problem> {
  return typeof body === "object" && body !== null && ("title" in body || "detail" in body || "code" in body);
}
