import type { Conversation, LinkCode, Message, Presence, Session } from "./types";

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

  send(text: string, client_message_id: string): Promise<{ message: Message; reply_id: string }> {
    return this.#json("POST", "/w/messages", { text, client_message_id });
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
    const wait = Number(response.headers.get("Retry-After"));
    const code = (answer as { code?: unknown } | null)?.code;
    throw new ApiError(
      response.status,
      typeof code === "string" ? code : "unknown",
      Number.isFinite(wait) && wait > 0 ? wait : null,
    );
  }
}
