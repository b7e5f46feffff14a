import { type FromPanel, type FromPortal, seal, unseal, type WidgetConfig } from "../shared/protocol";
import { Files } from "./files";
import { ALONE, BEGINNING, type ChatState } from "./state";
import type { Talk } from "./talk";
import type { LinkCode, Message } from "./types";

/** Whether this is the frame beside the portal's form, and not a client's chat. */
export function isPreview(window: Window): boolean {
  return window.parent !== window && new URLSearchParams(window.location.search).has("preview");
}

/** Hands over what stands in the portal's form; only the page around us, on our own origin, is heard. */
export function followForm(window: Window, apply: (config: WidgetConfig) => void): void {
  const { origin } = window.location;
  window.addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    const message = unseal<FromPortal>(event.data);
    // What the form does not hold makes no difference to how the panel looks.
    if (message?.type === "settings") apply({ ...message.config, identity: "off", elsewhere: [] });
  });
  window.parent.postMessage(seal<FromPanel>({ type: "ready" }), origin);
}

/** A conversation that never leaves the page: no session, no client, nothing kept. */
export class PreviewTalk implements Talk {
  state: ChatState = { ...BEGINNING, phase: "ready", known: true };
  readonly #listeners = new Set<() => void>();

  /** Files never leave the page either. */
  readonly files = new Files({
    api: {
      upload: async (id, file, name) => ({ id, name, kind: "other", mime: file.type, bytes: file.size }),
      discard: async () => undefined,
      attachment: async () => new Blob(),
    },
    keep: { put: async () => undefined, get: async () => null, remove: async () => undefined },
    ensure: async () => undefined,
    changed: (files) => this.#set({ files }),
  });

  /** `reply` is what every question gets. */
  constructor(private readonly reply: () => string) {}

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async load(): Promise<void> {}

  async earlier(): Promise<void> {}

  async resend(): Promise<void> {}

  drop(): void {}

  async cancel(): Promise<void> {}

  async send(text: string): Promise<void> {
    const seq = this.state.messages.length + 1;
    const files = this.files.take();
    const attachments = files.map((file) => ({ ...file, mime: "" }));
    this.files.sent(files);
    const sent: Message[] = files.length > 0 ? [{ ...said(seq, "client", ""), attachments }] : [];
    if (text !== "") sent.push(said(seq + sent.length, "client", text));
    const answer = said(seq + sent.length, "engine", this.reply());
    this.#set({ messages: [...this.state.messages, ...sent, answer], finished: answer });
  }

  async consent(checkIns: boolean): Promise<void> {
    this.#set({ checkIns });
  }

  async rate(id: string, helpful: boolean): Promise<void> {
    this.#set({ feedback: { ...this.state.feedback, [id]: helpful } });
  }

  async wantHuman(): Promise<void> {
    this.#set({ presence: { ...ALONE, human_wanted: true } });
  }

  /** What a client would get; this one opens nothing. */
  async linkCode(): Promise<LinkCode> {
    return { code: "link-preview", links: [] };
  }

  async link(): Promise<void> {}

  async transcript(): Promise<{ text: Blob; name: string }> {
    const said = this.state.messages.map(({ text }) => text).join("\n\n");
    return { text: new Blob([said], { type: "text/plain" }), name: "conversation.txt" };
  }

  /** Begins anew, so that the questions to begin with are seen again. */
  clear(): void {
    this.#set({ messages: [], finished: null });
  }

  #set(change: Partial<ChatState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function said(seq: number, author: Message["author"], text: string): Message {
  const now = new Date().toISOString();
  return {
    id: `preview-${seq}`,
    seq,
    author,
    text,
    status: "done",
    abstained: false,
    citations: [],
    problem: null,
    created_at: now,
    completed_at: now,
  };
}
