import { type Api, ApiError } from "./api";
import { timeZone } from "./i18n";
import type { Store } from "./storage";
import type { Session } from "./types";

interface Deps {
  api: Api;
  store: Store;
  storeKey: string;
  locale: () => string;
}

/** The page's own name for the client in a token. Only the server can tell whether it is true. */
export function subjectOf(token: string): string | null {
  try {
    const body = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    return typeof sub === "string" ? sub : null;
  } catch {
    return null;
  }
}

/** Who the client is to the server: one session, shared by all tabs, begun with the first thing they do. */
export class Sessions {
  readonly #deps: Deps;
  #subject: string | null = null;
  #identity: string | null = null;
  #beginning: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#read();
  }

  get exists(): boolean {
    return this.#deps.api.token !== null;
  }

  /** Whether the page has said who the client is. */
  get identified(): boolean {
    return this.#identity !== null;
  }

  /** Begins a session unless there is one, in this tab or in another. */
  ensure(): Promise<void> {
    if (this.exists) return Promise.resolve();
    this.#beginning ??= this.#alone(async () => {
      this.#read();
      if (!this.exists) await this.#begin();
    }).finally(() => {
      this.#beginning = null;
    });
    return this.#beginning;
  }

  /**
   * The page says who the client is. True: the session there was is another one from now on. Throws when the
   * server does not believe it; somebody else's session is not kept then, an anonymous one is.
   */
  async identify(token: string): Promise<boolean> {
    this.#identity = token;
    if (!this.exists || this.#subject === subjectOf(token)) return false;
    try {
      await this.#alone(() => this.#begin());
    } catch (error) {
      if (error instanceof ApiError && error.status === 403 && this.#subject !== null) this.drop();
      throw error;
    }
    return true;
  }

  /** The client has signed out. */
  async logout(): Promise<void> {
    this.#identity = null;
    const ended = this.exists ? this.#deps.api.endSession() : Promise.resolve();
    this.drop();
    await ended;
  }

  /** The server no longer knows the session. */
  drop(): void {
    this.#deps.api.token = null;
    this.#subject = null;
    this.#deps.store.set(this.#deps.storeKey, null);
    this.#deps.store.set(this.#subjectKey, null);
  }

  /** Another tab began or ended the session. True: it is another one now. */
  follow(): boolean {
    const before = this.#deps.api.token;
    this.#read();
    return before !== this.#deps.api.token;
  }

  get #subjectKey(): string {
    return `${this.#deps.storeKey}:subject`;
  }

  #read(): void {
    this.#deps.api.token = this.#deps.store.get(this.#deps.storeKey);
    this.#subject = this.#deps.store.get(this.#subjectKey);
  }

  async #begin(): Promise<void> {
    const { api, store, storeKey, locale } = this.#deps;
    const session: Session = await api.createSession(timeZone(), locale(), this.#identity);
    api.token = session.token;
    this.#subject = session.subject ?? null;
    // The token last: other tabs wake up by it.
    store.set(this.#subjectKey, this.#subject);
    store.set(storeKey, session.token);
  }

  /** While no other tab does the same; where a browser cannot tell, at once. */
  async #alone(act: () => Promise<void>): Promise<void> {
    if (!("locks" in navigator) || !navigator.locks) return act();
    await navigator.locks.request(this.#deps.storeKey, act);
  }
}
