import type { Attachment, Conversation, LinkCode, Message, Presence, Session } from "./types";

/** An answer that was not a success. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** Seconds the server asked us to wait. */
    readonly retryAfter: number | null,
  ) {
    super(`${status} ${code}`);
  }
}

/** The client API under `/w` of our own origin. */
export class Api {
  token: string | null = null;

  constructor(
    private readonly key: string,
    private readonly base = "",
  ) {}

  /** `identity`: the page's signed token. A session of ours until now ends with it. */
  createSession(time_zone: string, locale: string, identity: string | null): Promise<Session> {
    return this.#json("POST", `/w/${encodeURIComponent(this.key)}/sessions`, {
      time_zone,
      locale,
      ...(identity === null ? {} : { identity_token: identity }),
    });
  }

  endSession(): Promise<void> {
    return this.#json("DELETE", "/w/session");
  }

  conversation(before?: string): Promise<Conversation> {
    const query = before === undefined ? "" : `?before=${encodeURIComponent(before)}`;
    return this.#json("GET", `/w/conversation${query}`);
  }

  /** `files`: the message that carries the files, where there are words too. */
  send(
    text: string,
    client_message_id: string,
    attachments: readonly string[] = [],
  ): Promise<{ message: Message; files: Message | null; reply_id: string | null }> {
    const carried = attachments.length > 0 ? { attachments } : {};
    return this.#json("POST", "/w/messages", { text, client_message_id, ...carried });
  }

  /** Sends a file ahead of its message; `progress` from 0 to 1. Fetch cannot tell how far it has come. */
  upload(
    id: string,
    file: Blob,
    name: string,
    signal: AbortSignal,
    progress: (done: number) => void,
  ): Promise<Attachment> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", `${this.base}/w/attachments/${id}?name=${encodeURIComponent(name)}`);
      if (this.token !== null) request.setRequestHeader("Authorization", `Bearer ${this.token}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
      request.onload = () => {
        const answer = parsed(request.responseText);
        if (request.status >= 200 && request.status < 300 && answer !== null) resolve(answer as Attachment);
        else reject(failure(request.status, answer, request.getResponseHeader("Retry-After")));
      };
      request.onerror = () => reject(new ApiError(0, "unreachable", null));
      request.onabort = () => reject(new ApiError(0, "aborted", null));
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(file);
    });
  }

  discard(id: string): Promise<void> {
    return this.#json("DELETE", `/w/attachments/${id}`);
  }

  /** A file of this conversation. */
  async attachment(id: string): Promise<Blob> {
    const response = await this.#fetch(`/w/attachments/${id}`, { headers: this.#headers() });
    if (!response.ok) throw new ApiError(response.status, "unknown", null);
    return response.blob();
  }

  cancel(): Promise<void> {
    return this.#json("POST", "/w/cancel");
  }

  /** `shown` is the sentence the client agreed to, kept as evidence. */
  consent(check_ins: boolean, time_zone: string, shown?: string): Promise<{ check_ins: boolean }> {
    return this.#json("PUT", "/w/consent", {
      check_ins,
      time_zone,
      ...(shown === undefined ? {} : { shown }),
    });
  }

  seen(seq: number): Promise<void> {
    return this.#json("POST", "/w/seen", { seq });
  }

  rate(id: string, helpful: boolean, reason?: string): Promise<void> {
    return this.#json("POST", `/w/messages/${encodeURIComponent(id)}/feedback`, {
      helpful,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** `text`: what the client pressed, in their language. */
  wantHuman(text: string): Promise<Presence> {
    return this.#json("POST", "/w/human", { text });
  }

  linkCode(): Promise<LinkCode> {
    return this.#json("POST", "/w/link-codes");
  }

  link(code: string): Promise<void> {
    return this.#json("POST", "/w/link", { code });
  }

  /** The conversation as a file, and the name it should have. */
  async transcript(lang: string): Promise<{ text: Blob; name: string }> {
    const response = await this.#fetch(`/w/transcript?lang=${encodeURIComponent(lang)}`, {
      headers: this.#headers(),
    });
    if (!response.ok) throw new ApiError(response.status, "unknown", null);
    const named = /filename="([\w.-]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
    return { text: await response.blob(), name: named?.[1] ?? "conversation.txt" };
  }

  events(lastEventId: string | null, signal: AbortSignal): Promise<Response> {
    const headers = this.#headers();
    headers.set("Accept", "text/event-stream");
    if (lastEventId !== null) headers.set("Last-Event-ID", lastEventId);
    return fetch(`${this.base}/w/events`, { headers, signal, cache: "no-store", credentials: "omit" });
  }

  #headers(): Headers {
    const headers = new Headers();
    if (this.token !== null) headers.set("Authorization", `Bearer ${this.token}`);
    return headers;
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    return fetch(this.base + path, { ...init, credentials: "omit", cache: "no-store" }).catch(() => {
      throw new ApiError(0, "unreachable", null);
    });
  }

  async #json<T>(method: string, path: string, body?: object): Promise<T> {
    const headers = this.#headers();
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(body);
    }
    const response = await this.#fetch(path, init);
    if (response.status === 204) return undefined as T;
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer as T;
    throw failure(response.status, answer, response.headers.get("Retry-After"));
  }
}

function failure(status: number, answer: unknown, retryAfter: string | null): ApiError {
  const wait = Number(retryAfter);
  const code = (answer as { code?: unknown } | null)?.code;
  return new ApiError(
    status,
    typeof code === "string" ? code : "unknown",
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
