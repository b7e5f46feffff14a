/** The page's handle on the widget: `coxswain("open")`, or `coxswain.open()` once the script has run. */

export type EventName = "ready" | "open" | "close" | "unread" | "message" | "identity";
type Listener = (detail: unknown) => void;

/** What a host page may ask of the widget. */
export interface Commands {
  open(): void;
  close(): void;
  toggle(): void;
  setLocale(locale: string): void;
  /** Says, in a token signed by the page's server, who the client is. */
  identify(token: string): void;
  /** The client has signed out: nothing of theirs stays in the panel. */
  logout(): void;
}

export interface Api extends Commands {
  (command: string, ...args: unknown[]): void;
  on(event: EventName, listener: Listener): () => void;
  q?: ArrayLike<unknown>[];
}

/** Listeners of the host page; one that throws does not hurt the widget or the others. */
export class Events {
  readonly #listeners = new Map<string, Set<Listener>>();

  on(event: string, listener: Listener): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  emit(event: EventName, detail?: unknown): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/** Puts the real API where the snippet's queue stub was and runs what was queued. */
export function install(commands: Commands, events: Events): void {
  const handlers: Record<string, (...args: never[]) => unknown> = {
    open: () => commands.open(),
    close: () => commands.close(),
    toggle: () => commands.toggle(),
    setLocale: (locale: string) => commands.setLocale(String(locale)),
    identify: (token: string) => commands.identify(String(token)),
    logout: () => commands.logout(),
    on: (event: EventName, listener: Listener) => events.on(event, listener),
  };
  const call = (command: unknown, ...args: unknown[]) => {
    const handler = Object.hasOwn(handlers, String(command)) ? handlers[String(command)] : undefined;
    if (handler) handler(...(args as never[]));
    else console.warn(`coxswain: there is no command "${String(command)}"`);
  };
  const queued = (window.coxswain as Api | undefined)?.q ?? [];
  window.coxswain = Object.assign(call, handlers) as unknown as Api;
  for (const entry of Array.from(queued)) call(...(Array.from(entry) as [unknown, ...unknown[]]));
}

declare global {
  interface Window {
    coxswain?: Api;
  }
}
