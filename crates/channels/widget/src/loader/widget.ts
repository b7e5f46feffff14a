import { type FromLoader, type FromPanel, seal, unseal, type WidgetConfig } from "../shared/protocol";
import type { Commands, Events } from "./api";
import { Launcher } from "./launcher";

/** Below this width the panel takes the whole screen. */
const FULL_SCREEN = "(max-width: 667px)";

/** The widget on a host page: launcher, frame, and what they say to each other. */
export class Widget implements Commands {
  readonly #launcher: Launcher;
  readonly #narrow = matchMedia(FULL_SCREEN);
  #frame: HTMLIFrameElement | null = null;
  #ready = false;
  #open = false;
  #waiting: FromLoader[] = [];
  /** Who the client is, until the panel can hear it; the last word counts. */
  #who: FromLoader | null = null;
  #overflow = "";

  constructor(
    private readonly origin: string,
    private readonly key: string,
    config: WidgetConfig,
    private locale: string,
    private readonly events: Events,
  ) {
    this.#launcher = new Launcher(config, locale, config.name);
    this.#launcher.button.addEventListener("click", () => this.toggle());
    this.#launcher.host.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#open) this.close();
    });
    for (const [index, edge] of this.#launcher.edges.entries()) {
      edge.addEventListener("focus", () => {
        this.#frame?.focus();
        this.#tell({ type: "focus", edge: index === 0 ? "last" : "first" });
      });
    }
    this.#narrow.addEventListener("change", () => this.#layout());
    window.visualViewport?.addEventListener("resize", () => this.#fit());
    window.visualViewport?.addEventListener("scroll", () => this.#fit());
    window.addEventListener("message", (event) => this.#hear(event));
    document.body.append(this.#launcher.host);
  }

  /** Loads the panel unopened when a conversation exists, to show what is unread in it. */
  resume(): void {
    if (this.#remembered()) this.#load();
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#load();
    this.#launcher.setOpen(true);
    this.#layout();
    this.#frame?.focus();
    this.#tell({ type: "open", fullScreen: this.#narrow.matches });
    this.events.emit("open");
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#launcher.setOpen(false);
    this.#layout();
    this.#tell({ type: "closed" });
    this.#launcher.button.focus();
    this.events.emit("close");
  }

  toggle(): void {
    if (this.#open) this.close();
    else this.open();
  }

  setLocale(locale: string): void {
    this.locale = locale;
    this.#launcher.setLocale(locale);
    this.#tell({ type: "locale", locale });
  }

  identify(token: string): void {
    this.#introduce({ type: "identify", token });
  }

  logout(): void {
    this.#introduce({ type: "logout" });
    // A panel that nobody opened on this page may hold a session from an earlier one.
    this.resume();
  }

  #introduce(who: FromLoader): void {
    if (this.#ready) this.#tell(who);
    else this.#who = who;
  }

  #load(): void {
    if (this.#frame) return;
    const frame = document.createElement("iframe");
    const query = new URLSearchParams({ host: location.origin, lang: this.locale });
    // The panel then shows nobody's conversation before it has heard whose it is.
    if (this.#who !== null) query.set("identify", "1");
    frame.src = `${this.origin}/w/${encodeURIComponent(this.key)}/panel?${query}`;
    frame.allow = "clipboard-write";
    this.#frame = frame;
    this.#launcher.hold(frame);
  }

  #tell(message: FromLoader): void {
    if (!this.#ready) this.#waiting.push(message);
    else this.#frame?.contentWindow?.postMessage(seal(message), this.origin);
  }

  #hear(event: MessageEvent): void {
    if (event.origin !== this.origin || !this.#frame || event.source !== this.#frame.contentWindow) return;
    const message = unseal<FromPanel>(event.data);
    if (message?.type === "ready") {
      this.#ready = true;
      const waiting = this.#waiting;
      this.#waiting = [];
      if (this.#who !== null) this.#tell(this.#who);
      for (const late of waiting) this.#tell(late);
      this.events.emit("ready");
    } else if (message?.type === "close") this.close();
    else if (message?.type === "message") this.events.emit("message");
    else if (message?.type === "identity") this.events.emit("identity", message.state);
    else if (message?.type === "session") this.#remember(message.exists);
    else if (message?.type === "unread") {
      const count = Math.max(0, Math.floor(Number(message.count) || 0));
      this.#launcher.setUnread(count);
      this.events.emit("unread", count);
    }
  }

  #layout(): void {
    const full = this.#narrow.matches;
    this.#launcher.setFullScreen(full);
    this.#tell({ type: "layout", fullScreen: full });
    const page = document.documentElement.style;
    if (full && this.#open) {
      if (page.overflow !== "hidden") this.#overflow = page.overflow;
      page.overflow = "hidden";
    } else if (page.overflow === "hidden") page.overflow = this.#overflow;
    this.#fit();
  }

  #fit(): void {
    const view = window.visualViewport;
    if (view && this.#open && this.#narrow.matches) this.#launcher.fit(view.offsetTop, view.height);
    else this.#launcher.fit(null, null);
  }

  // Only that a conversation exists is kept on the host page; the session itself stays in our frame.
  #remembered(): boolean {
    try {
      return localStorage.getItem(`coxswain:${this.key}`) === "1";
    } catch {
      return false;
    }
  }

  #remember(exists: boolean): void {
    try {
      if (exists) localStorage.setItem(`coxswain:${this.key}`, "1");
      else localStorage.removeItem(`coxswain:${this.key}`);
    } catch {
      // The page forbids storage: the panel then loads on first open only.
    }
  }
}
