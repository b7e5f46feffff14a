import { type Api, ApiError } from "./api";
import { Files } from "./files";
import type { Host } from "./host";
import { timeZone } from "./i18n";
import type { Keep } from "./keep";
import {
  append,
  carriesUnknown,
  judged,
  offsetOf,
  seenBefore,
  settle,
  unreadAfter,
  upsert,
} from "./messages";
import { afterFailure, bare, keepPending, keptPending } from "./pending";
import { Sessions } from "./sessions";
import { EventStream, type ServerEvent } from "./sse";
import { BEGINNING, type ChatState } from "./state";
import type { Store } from "./storage";
import type { LinkCode, Message, Pending, Presence } from "./types";

/** Nobody writes without a pause for longer than this without saying so again. */
const WRITING_MS = 8_000;

export interface ChatDeps {
  api: Api;
  host: Host;
  store: Store;
  storeKey: string;
  keep: Keep;
  locale: () => string;
}

const uuid = () => crypto.randomUUID();

/** The conversation: loads it, sends, streams, and keeps what was not sent. */
export class Chat {
  state: ChatState;
  readonly files: Files;
  readonly #deps: ChatDeps;
  readonly #listeners = new Set<() => void>();
  readonly #sessions: Sessions;
  #stream: EventStream | null = null;
  #writing: ReturnType<typeof setTimeout> | undefined;
  #seen = 0;
  #open = false;

  constructor(deps: ChatDeps) {
    this.#deps = deps;
    this.#sessions = new Sessions(deps);
    this.files = new Files({
      api: deps.api,
      keep: deps.keep,
      ensure: () => this.#ensureSession(),
      changed: (files) => this.#set({ files }),
    });
    const pending = keptPending(deps.store, deps.storeKey);
    this.state = { ...BEGINNING, pending, online: navigator.onLine, known: this.#sessions.exists };
    window.addEventListener("online", () => this.#online(true));
    window.addEventListener("offline", () => this.#online(false));
    window.addEventListener("storage", (event) => {
      if (event.key === deps.storeKey) this.#follow();
    });
    document.addEventListener("visibilitychange", () => this.#watch());
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the conversation of a kept session; without one there is nothing to read yet. */
  async load(): Promise<void> {
    if (!this.#sessions.exists) return this.#set({ phase: "ready" });
    try {
      const answer = await this.#deps.api.conversation();
      this.#seen = answer.messages.reduce((most, message) => Math.max(most, message.seq), 0);
      if (answer.unread > 0) this.#seen = seenBefore(answer.messages, answer.unread);
      this.#set({
        phase: "ready",
        messages: answer.messages,
        before: answer.before_cursor,
        checkIns: answer.consent.check_ins,
        presence: answer.presence,
        feedback: judged(answer.feedback),
        barred: null,
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
      else if (this.#bar(error)) this.#forget(false);
      else this.#set({ phase: this.state.messages.length > 0 ? "ready" : "failed" });
    }
  }

  async earlier(): Promise<void> {
    if (this.state.before === null) return;
    const answer = await this.#deps.api.conversation(this.state.before);
    this.#set({
      messages: answer.messages.reduce<Message[]>(upsert, this.state.messages),
      before: answer.before_cursor,
      feedback: { ...judged(answer.feedback), ...this.state.feedback },
    });
  }

  /** Sends a new message with the files that were chosen; it shows at once and stays until the server has it. */
  async send(text: string): Promise<void> {
    const files = this.files.take();
    const carried = files.length > 0 ? { files } : {};
    const one: Pending = { client_message_id: uuid(), text, ...carried, state: "sending" };
    this.#setPending([...this.state.pending, one]);
    await this.#deliver(one);
  }

  /** Sends a failed message again under its own id, so that the server keeps only one. */
  async resend(id: string): Promise<void> {
    const one = this.state.pending.find((pending) => pending.client_message_id === id);
    if (!one || one.state === "sending") return;
    const again: Pending = { ...bare(one), state: "sending" };
    this.#replace(again);
    await this.#deliver(again);
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

  /** Says what the client thinks of an answer. What is not recorded is not shown as if it were. */
  async rate(id: string, helpful: boolean, reason?: string): Promise<void> {
    await this.#deps.api.rate(id, helpful, reason);
    this.#set({ feedback: { ...this.state.feedback, [id]: helpful } });
  }

  /** Asks for a person, in the words of the button that was pressed. */
  async wantHuman(words: string): Promise<void> {
    await this.#ensureSession();
    this.#set({ presence: await this.#deps.api.wantHuman(words) });
  }

  /** A code by which the client goes on elsewhere. */
  async linkCode(): Promise<LinkCode> {
    await this.#ensureSession();
    return this.#deps.api.linkCode();
  }

  /** Ties this chat to whoever the code was made for. */
  async link(code: string): Promise<void> {
    await this.#ensureSession();
    await this.#deps.api.link(code);
    await this.load();
  }

  transcript(): Promise<{ text: Blob; name: string }> {
    return this.#deps.api.transcript(this.#deps.locale());
  }

  /** The page says who the client is. */
  async identify(token: string): Promise<void> {
    try {
      const changed = await this.#sessions.identify(token);
      if (changed) this.#reset(false);
      this.#set({ barred: null });
      if (this.#open) await this.#sessions.ensure();
      this.#deps.host.tell({ type: "identity", state: "accepted" });
    } catch (error) {
      if (this.#bar(error) && !this.#sessions.exists) this.#reset(false);
    }
    if (this.#stream === null) await this.load();
  }

  /** The page's client has signed out: nothing of theirs stays here. */
  async logout(): Promise<void> {
    const ended = this.#sessions.logout().catch(() => undefined);
    this.#reset(false);
    this.files.abandon(this.state.pending.flatMap(({ files }) => files ?? []));
    this.files.clear();
    this.#setPending([]);
    this.#set({ barred: null });
    this.#deps.host.tell({ type: "session", exists: false });
    await ended;
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
    if (open) void this.#meet().catch((error) => this.#bar(error));
  }

  /** Whom the page has named has perhaps written before, elsewhere: their conversation is shown at once. */
  async #meet(): Promise<void> {
    if (!this.#sessions.identified || this.#sessions.exists) return;
    await this.#sessions.ensure();
    await this.load();
  }

  /** Notes that the server wants to know who the client is, or does not believe the page. True: that is it. */
  #bar(error: unknown): boolean {
    if (!(error instanceof ApiError) || !error.code.startsWith("identity_")) return false;
    const barred = error.code === "identity_required" ? "required" : "refused";
    this.#set({ barred });
    this.#deps.host.tell({ type: "identity", state: barred });
    return true;
  }

  /** Another tab began or ended the session. */
  #follow(): void {
    if (!this.#sessions.follow()) return;
    this.#reset(false);
    void this.load();
  }

  async #deliver(one: Pending): Promise<void> {
    let files = one.files ?? [];
    const attempt = async () => {
      await this.#ensureSession();
      await Promise.all(files.map((file) => this.files.deliver(file)));
      const ids = files.map(({ id }) => id);
      return this.#deps.api.send(one.text, one.client_message_id, ids);
    };
    try {
      const answer = await attempt().catch((error) => {
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 401) this.#forget(true);
        // Files that waited too long are not there any more.
        else if (error.status !== 422 || files.length === 0) throw error;
        files = this.files.renew(files);
        this.#replace({ ...one, files });
        return attempt();
      });
      this.files.sent(files);
      const said = answer.files ? [answer.files, answer.message] : [answer.message];
      this.#set({ messages: said.reduce<Message[]>(upsert, this.state.messages) });
      this.#setPending(
        this.state.pending.filter((other) => other.client_message_id !== one.client_message_id),
      );
    } catch (error) {
      this.#bar(error);
      const { failed, refused } = afterFailure({ ...bare(one), files }, error);
      this.files.abandon(refused);
      this.#replace(failed);
    }
  }

  /** Drops a message that was not sent. */
  drop(id: string): void {
    const one = this.state.pending.find((pending) => pending.client_message_id === id);
    this.files.abandon(one?.files ?? []);
    this.#setPending(this.state.pending.filter((pending) => pending !== one));
  }

  #replace(one: Pending): void {
    this.#setPending(
      this.state.pending.map((other) => (other.client_message_id === one.client_message_id ? one : other)),
    );
  }

  /** A session is made with the first thing the client does, not by looking. */
  async #ensureSession(): Promise<void> {
    if (!this.#sessions.exists) await this.#sessions.ensure();
    if (this.#stream) return;
    this.#deps.host.tell({ type: "session", exists: true });
    this.#stream = this.#newStream(null);
    this.#watch();
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
      // Ours are told of by the answer to what sent them.
      const ours = this.state.pending.some(({ files, state }) => files && state === "sending");
      if (!known && carriesUnknown(message) && !ours) void this.load();
      if (arrived) {
        this.#deps.host.tell({ type: "message" });
        this.#attend();
        if (message.author === "coach") this.#setPresence({ ...this.state.presence, writing: false });
      }
    } else if (event === "presence") this.#setPresence(JSON.parse(data) as Presence);
    else if (event === "delta") {
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
      if (last > this.#seen && this.#sessions.exists) {
        this.#seen = last;
        void this.#deps.api.seen(last).catch(() => undefined);
      }
    } else this.#deps.host.tell({ type: "unread", count: unreadAfter(this.state.messages, this.#seen) });
  }

  #online(online: boolean): void {
    this.#set({ online });
    if (online) this.files.retry();
    if (online && this.#stream) {
      this.#stream.stop();
      this.#watch();
    } else if (online && this.state.phase === "failed") void this.load();
  }

  #setPresence(presence: Presence): void {
    clearTimeout(this.#writing);
    if (presence.writing) {
      const stopped = () => this.#set({ presence: { ...this.state.presence, writing: false } });
      this.#writing = setTimeout(stopped, WRITING_MS);
    }
    this.#set({ presence });
  }

  #forget(expired: boolean): void {
    this.#sessions.drop();
    this.#deps.host.tell({ type: "session", exists: false });
    this.#reset(expired);
  }

  /** Shows nobody's conversation. */
  #reset(expired: boolean): void {
    this.#stream?.stop();
    this.#stream = null;
    this.#seen = 0;
    const lost = expired && this.state.messages.length > 0;
    const { pending, files, health, online, barred } = this.state;
    const kept = { pending, files, health, online, barred, expired: lost || this.state.expired };
    this.#set({ ...BEGINNING, ...kept, phase: "ready" });
    this.#deps.host.tell({ type: "unread", count: 0 });
  }

  #setPending(pending: Pending[]): void {
    keepPending(this.#deps.store, this.#deps.storeKey, pending);
    this.#set({ pending });
  }

  #set(change: Partial<ChatState>): void {
    const known = this.#sessions.exists || this.#sessions.identified;
    this.state = { ...this.state, known, ...change };
    for (const listener of this.#listeners) listener();
  }
}
