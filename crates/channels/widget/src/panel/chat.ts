import { type Api, ApiError } from "./api";
import type { Host } from "./host";
import { timeZone } from "./i18n";
import { append, offsetOf, settle, unreadAfter, upsert } from "./messages";
import { EventStream, type Health, type ServerEvent } from "./sse";
import type { Store } from "./storage";
import type { Message, Pending } from "./types";

/** Everything the panel shows, replaced as a whole on each change. */
export interface ChatState {
  phase: "loading" | "ready" | "failed";
  messages: Message[];
  pending: Pending[];
  before: string | null;
  checkIns: boolean;
  health: Health;
  online: boolean;
  /** A session the server no longer knew was replaced by a new one. */
  expired: boolean;
  /** The newest message that became final while we watched, for the live region. */
  finished: Message | null;
}

export interface ChatDeps {
  api: Api;
  host: Host;
  store: Store;
  storeKey: string;
  locale: () => string;
}

/** What the panel draws and tells to do: the conversation itself, or the preview's stand-in. */
export type Talk = Pick<
  Chat,
  "state" | "subscribe" | "load" | "earlier" | "send" | "resend" | "cancel" | "consent"
>;

const uuid = () => crypto.randomUUID();

/** The conversation: loads it, sends, streams, and keeps what was not sent. */
export class Chat {
  state: ChatState;
  readonly #deps: ChatDeps;
  readonly #listeners = new Set<() => void>();
  #stream: EventStream | null = null;
  #session: Promise<void> | null = null;
  #seen = 0;
  #open = false;

  constructor(deps: ChatDeps) {
    this.#deps = deps;
    this.state = {
      phase: "loading",
      messages: [],
      pending: this.#keptPending(),
      before: null,
      checkIns: false,
      health: "up",
      online: navigator.onLine,
      expired: false,
      finished: null,
    };
    deps.api.token = this.#keptToken();
    window.addEventListener("online", () => this.#online(true));
    window.addEventListener("offline", () => this.#online(false));
    document.addEventListener("visibilitychange", () => this.#watch());
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the conversation of a kept session; without one there is nothing to read yet. */
  async load(): Promise<void> {
    if (this.#deps.api.token === null) return this.#set({ phase: "ready" });
    try {
      const answer = await this.#deps.api.conversation();
      this.#seen = answer.messages.reduce((most, message) => Math.max(most, message.seq), 0);
      if (answer.unread > 0) this.#seen = seenBefore(answer.messages, answer.unread);
      this.#set({
        phase: "ready",
        messages: answer.messages,
        before: answer.before_cursor,
        checkIns: answer.consent.check_ins,
      });
      this.#deps.host.tell({ type: "session", exists: true });
      this.#stream?.stop();
      this.#stream = this.#newStream(answer.last_event_id);
      this.#watch();
      this.#attend();
      // If it fails now, the next load tries again.
      void this.#followZone().catch(() => undefined);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 404)) this.#forget(true);
      else this.#set({ phase: this.state.messages.length > 0 ? "ready" : "failed" });
    }
  }

  async earlier(): Promise<void> {
    if (this.state.before === null) return;
    const answer = await this.#deps.api.conversation(this.state.before);
    this.#set({
      messages: answer.messages.reduce<Message[]>(upsert, this.state.messages),
      before: answer.before_cursor,
    });
  }

  /** Sends a new message; it shows at once and stays until the server has it. */
  async send(text: string): Promise<void> {
    const one: Pending = { client_message_id: uuid(), text, state: "sending" };
    this.#setPending([...this.state.pending, one]);
    await this.#deliver(one);
  }

  /** Sends a failed message again under its own id, so that the server keeps only one. */
  async resend(id: string): Promise<void> {
    const one = this.state.pending.find((pending) => pending.client_message_id === id);
    if (!one || one.state === "sending") return;
    this.#setPending(
      this.state.pending.map((other) => (other === one ? { ...bare(one), state: "sending" } : other)),
    );
    await this.#deliver(one);
  }

  async cancel(): Promise<void> {
    await this.#deps.api.cancel();
  }

  /** Agrees to check-ins or ends them; `shown` is what the client read. Throws when the server has not recorded it. */
  async consent(checkIns: boolean, shown: string): Promise<void> {
    await this.#ensureSession();
    const answer = await this.#deps.api.consent(checkIns, timeZone(), shown);
    this.#deps.store.set(this.#zoneKey, answer.check_ins ? timeZone() : null);
    this.#set({ checkIns: answer.check_ins });
  }

  /** Whoever travels gets check-ins by the clock of where they are. What they agreed to stays as it was. */
  async #followZone(): Promise<void> {
    const zone = timeZone();
    if (!this.state.checkIns || this.#deps.store.get(this.#zoneKey) === zone) return;
    await this.#deps.api.consent(true, zone);
    this.#deps.store.set(this.#zoneKey, zone);
  }

  get #zoneKey(): string {
    return `${this.#deps.storeKey}:zone`;
  }

  /** The panel was opened or closed on the host page. */
  setOpen(open: boolean): void {
    this.#open = open;
    this.#attend();
  }

  async #deliver(one: Pending): Promise<void> {
    const attempt = async () => {
      await this.#ensureSession();
      return this.#deps.api.send(one.text, one.client_message_id);
    };
    try {
      const answer = await attempt().catch((error) => {
        if (!(error instanceof ApiError && error.status === 401)) throw error;
        this.#forget(true);
        return attempt();
      });
      this.#set({ messages: upsert(this.state.messages, answer.message) });
      this.#setPending(
        this.state.pending.filter((other) => other.client_message_id !== one.client_message_id),
      );
    } catch (error) {
      const wait = error instanceof ApiError ? error.retryAfter : null;
      const failed: Pending = { ...bare(one), state: "failed", ...(wait === null ? {} : { wait }) };
      this.#setPending(
        this.state.pending.map((other) =>
          other.client_message_id === one.client_message_id ? failed : other,
        ),
      );
    }
  }

  /** A session is made with the first thing the client does, not by looking. */
  #ensureSession(): Promise<void> {
    if (this.#deps.api.token !== null) return Promise.resolve();
    this.#session ??= this.#deps.api
      .createSession(timeZone(), this.#deps.locale())
      .then((session) => {
        this.#deps.api.token = session.token;
        this.#deps.store.set(this.#deps.storeKey, session.token);
        this.#deps.host.tell({ type: "session", exists: true });
        this.#stream = this.#newStream(null);
        this.#watch();
      })
      .finally(() => {
        this.#session = null;
      });
    return this.#session;
  }

  #newStream(lastEventId: string | null): EventStream {
    return new EventStream(
      {
        open: (last, signal) => this.#deps.api.events(last, signal),
        onEvent: (event) => this.#hear(event),
        onHealth: (health) => this.#set({ health }),
        onRefused: () => this.#forget(true),
      },
      lastEventId,
    );
  }

  #hear({ id, event, data }: ServerEvent): void {
    if (event === "message") {
      const message = JSON.parse(data) as Message;
      const known = this.state.messages.find((other) => other.id === message.id);
      const arrived =
        message.status !== "streaming" && message.author !== "client" && known?.status !== message.status;
      this.#set({
        messages: upsert(this.state.messages, message),
        ...(arrived ? { finished: message } : {}),
      });
      if (!known) this.#setPending(settle(this.state.pending, message));
      if (arrived) {
        this.#deps.host.tell({ type: "message" });
        this.#attend();
      }
    } else if (event === "delta") {
      const delta = JSON.parse(data) as { message_id: string; text: string };
      const messages = append(this.state.messages, delta.message_id, delta.text, offsetOf(id));
      if (messages) this.#set({ messages });
      else void this.load();
    }
  }

  /** Streams while someone could be looking: a hidden tab gives its connection back and catches up later. */
  #watch(): void {
    if (document.visibilityState === "hidden") this.#stream?.stop();
    else this.#stream?.start();
    if (document.visibilityState !== "hidden") this.#attend();
  }

  /** Counts what is unread, or marks it as seen when the client can see it. */
  #attend(): void {
    const last = this.state.messages.at(-1)?.seq ?? 0;
    if (this.#open && document.visibilityState === "visible") {
      this.#deps.host.tell({ type: "unread", count: 0 });
      if (last > this.#seen && this.#deps.api.token !== null) {
        this.#seen = last;
        void this.#deps.api.seen(last).catch(() => undefined);
      }
    } else this.#deps.host.tell({ type: "unread", count: unreadAfter(this.state.messages, this.#seen) });
  }

  #online(online: boolean): void {
    this.#set({ online });
    if (online && this.#stream) {
      this.#stream.stop();
      this.#watch();
    } else if (online && this.state.phase === "failed") void this.load();
  }

  #forget(expired: boolean): void {
    this.#stream?.stop();
    this.#stream = null;
    this.#deps.api.token = null;
    this.#deps.store.set(this.#deps.storeKey, null);
    this.#deps.host.tell({ type: "session", exists: false });
    this.#seen = 0;
    const lost = expired && this.state.messages.length > 0;
    this.#set({
      phase: "ready",
      messages: [],
      before: null,
      checkIns: false,
      expired: lost || this.state.expired,
    });
  }

  #keptToken(): string | null {
    return this.#deps.store.get(this.#deps.storeKey);
  }

  #keptPending(): Pending[] {
    try {
      const kept = JSON.parse(this.#deps.store.get(`${this.#deps.storeKey}:unsent`) ?? "[]") as Pending[];
      return kept.map((one) => ({ ...bare(one), state: "failed" }));
    } catch {
      return [];
    }
  }

  #setPending(pending: Pending[]): void {
    this.#deps.store.set(
      `${this.#deps.storeKey}:unsent`,
      pending.length > 0 ? JSON.stringify(pending.map(bare)) : null,
    );
    this.#set({ pending });
  }

  #set(change: Partial<ChatState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function bare({ client_message_id, text, state }: Pending): Pending {
  return { client_message_id, text, state };
}

/** The `seq` up to which all but the newest `unread` messages of the coach's side were seen. */
function seenBefore(messages: readonly Message[], unread: number): number {
  const theirs = messages.filter((message) => message.author !== "client" && message.status !== "streaming");
  const first = theirs.at(-unread) ?? theirs[0];
  return first ? first.seq - 1 : 0;
}
