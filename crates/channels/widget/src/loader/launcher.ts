import { adjusted, parseHex, readableOn, toHex } from "../shared/color";
import type { WidgetConfig } from "../shared/protocol";
import { STYLE } from "./style";
import { words } from "./words";

const SVG = "http://www.w3.org/2000/svg";
const CHAT = "M4 5.5h16v11H10.5L6 20v-3.5H4z";
const CROSS = "M6 6l12 12M18 6L6 18";

function icon(path: string, name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, name: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

/** The launcher button and the frame's place, in a shadow root that the host's styles cannot reach. */
export class Launcher {
  readonly host = document.createElement("coxswain-widget");
  readonly button = element("button", "launcher");
  readonly panel = element("div", "panel");
  /** Focus stops before and after the frame; in full screen they send the keyboard back in. */
  readonly edges = [element("div", "edge"), element("div", "edge")] as const;
  readonly #root = element("div", "root");
  readonly #badge = element("span", "badge");
  #locale: string;
  #open = false;
  #unread = 0;

  constructor(
    config: WidgetConfig,
    locale: string,
    private readonly name: string,
  ) {
    this.#locale = locale;
    const shadow = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    const accent = parseHex(config.accent);
    this.#root.style.setProperty("--accent", toHex(accent));
    this.#root.style.setProperty("--on-accent", toHex(readableOn(accent)));
    this.#root.style.setProperty("--ring", toHex(adjusted(accent, [255, 255, 255], 3)));
    this.#root.classList.toggle("left", config.position === "left");
    this.button.type = "button";
    this.#badge.hidden = true;
    this.#badge.setAttribute("aria-hidden", "true");
    this.button.append(icon(CHAT, "chat"), icon(CROSS, "cross"), this.#badge);
    this.#root.append(this.button, this.edges[0], this.panel, this.edges[1]);
    shadow.append(this.#root);
    this.#label();
  }

  setLocale(locale: string): void {
    this.#locale = locale;
    this.#label();
  }

  setUnread(count: number): void {
    this.#unread = count;
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count > 9 ? "9+" : String(count);
    this.#label();
  }

  setOpen(open: boolean): void {
    this.#open = open;
    this.#root.classList.toggle("open", open);
    this.#label();
  }

  /** Full screen is modal: it takes the whole viewport, so the page behind is out of reach. */
  setFullScreen(full: boolean): void {
    this.#root.classList.toggle("full", full);
    const modal = full && this.#open;
    for (const edge of this.edges) {
      if (modal) edge.tabIndex = 0;
      else edge.removeAttribute("tabindex");
    }
  }

  /** Where the visible viewport is, so that a phone's keyboard does not cover the composer. */
  fit(top: number | null, height: number | null): void {
    this.panel.style.top = top === null ? "" : `${top}px`;
    this.panel.style.height = height === null ? "" : `${height}px`;
    this.panel.style.bottom = top === null ? "" : "auto";
  }

  #label(): void {
    const [open, close, unread, panel] = words(this.#locale);
    const count = this.#unread > 0 && !this.#open ? `, ${unread.replace("{n}", String(this.#unread))}` : "";
    this.button.setAttribute("aria-label", (this.#open ? close : open) + count);
    this.button.setAttribute("aria-expanded", String(this.#open));
    const frame = this.panel.querySelector("iframe");
    if (frame) frame.title = panel.replace("{name}", this.name);
  }

  /** Puts the frame in place. */
  hold(frame: HTMLIFrameElement): void {
    this.panel.append(frame);
    this.#label();
  }
}
